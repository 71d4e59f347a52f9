"""USE CASE: what an application is beside its flags' values: modules and what they need, its own flags, its habits."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.db import transaction

from migration import flag_changes, flags
from migration.core import own_flags
from migration.core.env_file import check_names, env_file, names_of
from migration.core.errors import FlagRefused
from migration.core.flag_rules import Dependency
from migration.core.flags import backend_of, keys
from migration.core.own_flags import OwnFlag
from migration.models import Application, FlagChange, Revision
from migration.own_flag_definitions import define, own_flag, serves_otherwise, told_of

POLL_MILLISECONDS = (100, 60_000)
LEASE_SECONDS = (1, 600)
_KEPT = (
    "modules",
    "module_tables",
    "dependencies",
    "second_person",
    "poll_milliseconds",
    "lease_seconds",
    "env_names",
)
POLLS_A_LEASE = 3  # so that one answer that is late takes nobody's permission to write


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`tables`: those that a module uses; a module that is not in it uses all. `env_names`: those that were chosen."""

    modules: tuple[str, ...] = ()
    tables: dict[str, tuple[str, ...]] = field(default_factory=dict)
    dependencies: tuple[Dependency, ...] = ()
    second_person: bool = False
    poll_milliseconds: int = 1000
    lease_seconds: int = 10
    env_names: dict[str, str] = field(default_factory=dict)


def settings_of(application: Application) -> Settings:
    return Settings(
        modules=tuple(application.modules),
        tables={module: tuple(names) for module, names in application.module_tables.items()},
        dependencies=application.needs,
        second_person=application.second_person,
        poll_milliseconds=application.poll_milliseconds,
        lease_seconds=application.lease_seconds,
        env_names=dict(application.env_names),
    )


def change_settings(
    application: Application, wanted: Settings, *, reason: str, user: object, expected_revision: int
) -> Revision | FlagChange:
    """Keep these settings, in a revision that says what changed. That changes no longer need a second person is
    itself a change that needs one: then what waits for it is returned. Raises FlagRefused and RevisionConflict."""
    with transaction.atomic():
        flags.reread(application, expected_revision)
        before = settings_of(application)
        _check(application, wanted)
        told = _told(before, wanted)
        ends = before.second_person and not wanted.second_person
        made: Revision | FlagChange | None = None
        if told:
            _save(application, wanted)
            made = flags.note(
                application, told, reason=reason, user=user, expected_revision=expected_revision
            )
            expected_revision = made.number
        if ends:
            asked = flag_changes.Wanted(
                changes={}, reason=reason, expected_revision=expected_revision, ends_second_person=True
            )
            made = flag_changes.ask(application, asked, user)
    if made is None:
        raise FlagRefused("Nothing would change: these are the settings already.")
    return made


def _check(application: Application, wanted: Settings) -> None:
    gone = [module for module in application.modules if module not in wanted.modules]
    if gone:
        raise FlagRefused(f"The module {gone[0]} is in use: modules are added, not taken away.")
    _check_dependencies(application, wanted)
    _check_habits(wanted)
    chosen = {key: name for key, name in wanted.env_names.items() if name}
    check_names(names_of(keys(wanted.modules, application.own), chosen))


def _check_dependencies(application: Application, wanted: Settings) -> None:
    now = flags.flags_of(flags.current(application))
    for each in wanted.dependencies:
        for name in (each.module, each.needs):
            if name not in wanted.modules:
                raise FlagRefused(
                    f"There is no module {name!r}. The modules are {', '.join(wanted.modules)}."
                )
        if each.module == each.needs:
            raise FlagRefused(f"{each.module} cannot need itself.")
        one, other = (backend_of(now, name).backend for name in (each.module, each.needs))
        if each not in application.needs and one is not other:
            raise FlagRefused(
                f"{each.module} uses the {one} just now, and {each.needs} the {other}. Bring them to the same backend "
                "first, then say that one needs the other."
            )


def _check_habits(wanted: Settings) -> None:
    least, most = POLL_MILLISECONDS
    if not least <= wanted.poll_milliseconds <= most:
        raise FlagRefused(
            f"Clients ask every {least} to {most:,} ms, not every {wanted.poll_milliseconds:,}."
        )
    least, most = LEASE_SECONDS
    if not least <= wanted.lease_seconds <= most:
        raise FlagRefused(f"A permission to write lasts {least} to {most} s, not {wanted.lease_seconds:,}.")
    if wanted.lease_seconds * 1000 < POLLS_A_LEASE * wanted.poll_milliseconds:
        raise FlagRefused(
            f"A permission to write of {wanted.lease_seconds} s is too short for clients that ask every "
            f"{wanted.poll_milliseconds:,} ms: it has to last {POLLS_A_LEASE} times as long."
        )


def _told(before: Settings, after: Settings) -> tuple[str, ...]:
    """What changes, in sentences; not the end of the second person, which has its own way."""
    return (
        *(f"New module: {module}." for module in after.modules if module not in before.modules),
        *_told_of_tables(before, after),
        *(f"{d.module} needs {d.needs}." for d in after.dependencies if d not in before.dependencies),
        *(
            f"{d.module} no longer needs {d.needs}."
            for d in before.dependencies
            if d not in after.dependencies
        ),
        *_told_of_habits(before, after),
    )


def _told_of_tables(before: Settings, after: Settings) -> Iterable[str]:
    for module in ("", *after.modules):
        tables = after.tables.get(module, ())
        if tables != before.tables.get(module, ()):
            name = module or "What belongs to no module"
            yield f"{name} uses {', '.join(tables) if tables else 'all tables'}."


def _told_of_habits(before: Settings, after: Settings) -> Iterable[str]:
    if after.second_person and not before.second_person:
        yield "Changes need the approval of a second person."
    if before.poll_milliseconds != after.poll_milliseconds:
        yield f"Clients ask every {after.poll_milliseconds:,} ms instead of {before.poll_milliseconds:,}."
    if before.lease_seconds != after.lease_seconds:
        yield f"A permission to write lasts {after.lease_seconds} s instead of {before.lease_seconds}."
    if before.env_names != after.env_names:
        yield "Flags have other names in the environment file."


def _save(application: Application, wanted: Settings) -> None:
    application.modules = list(wanted.modules)
    application.module_tables = {
        module: list(names) for module, names in sorted(wanted.tables.items()) if names
    }
    application.dependencies = [[each.module, each.needs] for each in wanted.dependencies]
    application.second_person = application.second_person or wanted.second_person
    application.poll_milliseconds = wanted.poll_milliseconds
    application.lease_seconds = wanted.lease_seconds
    application.env_names = {key: name for key, name in sorted(wanted.env_names.items()) if name}
    application.save(update_fields=_KEPT)


def add_flag(
    application: Application, flag: OwnFlag, *, reason: str, user: object, expected_revision: int
) -> Revision | FlagChange:
    """A new flag of the application's own, with its default as its value. Who asks for it already gets another answer
    by that, so it waits where changes need a second person. Raises FlagRefused, RevisionConflict."""
    with transaction.atomic():
        now = flags.reread(application, expected_revision)
        own_flags.check(flag, [*keys(application.modules), *(each.key for each in application.own)])
        return _kept(application, now, flag, reason=reason, user=user)


def edit_flag(
    application: Application, flag: OwnFlag, *, reason: str, user: object, expected_revision: int
) -> Revision | FlagChange:
    """Other variants, another default or description; a value that may no longer be becomes the default. Where that
    is another value than the one that is served and changes need a second person, it is kept as what waits for one."""
    with transaction.atomic():
        now = flags.reread(application, expected_revision)
        own_flag(application, flag.key)
        told_of(application, flag)
        return _kept(application, now, flag, reason=reason, user=user)


def _kept(
    application: Application, now: Revision, flag: OwnFlag, *, reason: str, user: object
) -> Revision | FlagChange:
    if application.second_person and serves_otherwise(now, flag):
        asked = flag_changes.Wanted(changes={}, reason=reason, expected_revision=now.number, own_flag=flag)
        return flag_changes.ask(application, asked, user)
    return define(application, flag, reason=reason, user=user, expected_revision=now.number)


def archive_flag(
    application: Application, key: str, *, reason: str, user: object, expected_revision: int
) -> Revision | FlagChange:
    """No longer serve it; its definition and history stay. As `edit_flag`."""
    gone = replace(own_flag(application, key), archived=True)
    return edit_flag(application, gone, reason=reason, user=user, expected_revision=expected_revision)


def environment_file(application: Application) -> str:
    """The flags as they hold now, as a `.env` file."""
    now = flags.current(application)
    names = environment_names(application)
    return env_file(flags.flags_of(now), names, title=str(application), revision=now.number)


def environment_names(application: Application) -> dict[str, str]:
    """The name of each flag in the environment."""
    return names_of(keys(application.modules, application.own), application.env_names)
