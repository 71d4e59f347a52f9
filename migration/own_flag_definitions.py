"""USE CASE: the definition of an application's own flag: looked at, held against what is served now, and kept."""

from migration import flags
from migration.core import own_flags
from migration.core.errors import FlagRefused
from migration.core.flags import Flags, keys, read
from migration.core.own_flags import OwnFlag
from migration.models import Application, Revision


def own_flag(application: Application, key: str) -> OwnFlag:
    """One of the application's own flags, archived or not. FlagRefused where there is none."""
    found = _known(application, key)
    if found is None:
        raise FlagRefused(f"{application} has no flag {key!r} of its own.")
    return found


def _known(application: Application, key: str) -> OwnFlag | None:
    return next((each for each in application.own if each.key == key), None)


def told_of(application: Application, flag: OwnFlag) -> str:
    """What becomes of the application's flag by this definition, in a sentence. FlagRefused where it cannot be."""
    before = _known(application, flag.key)
    if before is None:
        own_flags.check(flag, keys(application.modules))
        return f"New flag {flag.key}."
    if flag.archived:
        if before.archived:
            raise FlagRefused(f"{flag.key} is archived already.")
        return f"{flag.key} is archived: who asks for it is told that there is no such flag."
    own_flags.check(flag, keys(application.modules))
    if flag.kind is not before.kind:
        raise FlagRefused(
            f"{flag.key} is a {before.kind} for whoever reads it. Make another flag for a {flag.kind}."
        )
    if flag == before:
        raise FlagRefused(f"Nothing would change: {flag.key} is defined so already.")
    return f"{flag.key} is available again." if before.archived else f"{flag.key} is defined anew."


def served(now: Revision, flag: OwnFlag) -> tuple[Flags, Flags]:
    """What is served at this revision, and what would be with this definition."""
    application = now.application
    own = own_flags.with_flag(application.own, flag)
    return flags.flags_of(now), read(now.flags, application.modules, own)


def serves_otherwise(now: Revision, flag: OwnFlag) -> bool:
    """Whether who asks for the flag would get another answer by this definition."""
    before, after = served(now, flag)
    return dict(before.own).get(flag.key) != dict(after.own).get(flag.key)


def define(
    application: Application,
    flag: OwnFlag,
    *,
    reason: str,
    user: object,
    expected_revision: int,
    approved_by: str = "",
) -> Revision:
    """Another definition of a flag, or a new flag's first one. Raises FlagRefused and RevisionConflict; within a
    transaction."""
    flags.reread(application, expected_revision)
    note = told_of(application, flag)
    return keep(
        application,
        flag,
        note,
        reason=reason,
        user=user,
        expected_revision=expected_revision,
        approved_by=approved_by,
    )


def keep(
    application: Application,
    flag: OwnFlag,
    note: str,
    *,
    reason: str,
    user: object,
    expected_revision: int,
    approved_by: str = "",
) -> Revision:
    """Keep a definition that was looked at, in a revision with this note."""
    application.own_flags = own_flags.to_rows(own_flags.with_flag(application.own, flag))
    application.save(update_fields=["own_flags"])
    return flags.note(
        application,
        (note,),
        reason=reason,
        user=user,
        expected_revision=expected_revision,
        approved_by=approved_by,
    )
