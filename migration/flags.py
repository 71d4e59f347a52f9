"""The use cases of flags: read, change, roll back, and let an application and its clients in."""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.utils import timezone

from migration.core.errors import FlagRefused, RevisionConflict
from migration.core.flag_effects import differences
from migration.core.flags import Backend, Flags, backend_of, changed, parse, refusals, to_values
from migration.models import Application, FlagClient, Revision
from schemadiff.core.errors import NotFound, Refused
from schemadiff.models import Project

logger = logging.getLogger(__name__)

FORGET_CLIENTS_AFTER = timedelta(days=1)
MOST_CLIENTS = 1000  # an application that names every user a client must not fill the database
FIRST_REASON = "The defaults: everything on the source."


def create_application(
    project: Project, *, name: str, environment: str, modules: tuple[str, ...], user: object
) -> Application:
    """Make an application with revision 1, the defaults. Refused if the project has it already."""
    with transaction.atomic():
        application, created = Application.objects.get_or_create(
            project=project, name=name, environment=environment, defaults={"modules": list(modules)}
        )
        if not created:
            raise Refused(f"{name} in {environment} is there already. Choose another name or environment.")
        _record(application, 1, Flags(), reason=FIRST_REASON, user=user, restores=None)
    return application


def current(application: Application) -> Revision:
    """The revision that holds now. NotFound where the application has none."""
    found = application.revisions.order_by("-number").first()
    if found is None:
        raise NotFound(f"{application} has no revision of its flags. Create the application anew.")
    return found


def flags_of(revision: Revision) -> Flags:
    """A revision's flags as a value."""
    return parse(revision.flags, revision.application.modules)


def change(
    application: Application,
    changes: Mapping[str, object],
    *,
    reason: str,
    user: object,
    expected_revision: int,
) -> Revision:
    """Set these flags (None takes a module's override away) in a new revision.

    Raises FlagRefused for an unknown key, value or combination, for a missing reason and where nothing would
    change; RevisionConflict if the flags are no longer at `expected_revision`.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        after = changed(flags_of(now), changes, application.modules)
        return _follow(application, now, after, reason=reason, user=user, restores=None)


def roll_back(
    application: Application, to_number: int, *, reason: str, user: object, expected_revision: int
) -> Revision:
    """Restore the flags of revision `to_number` in a new revision that names it. Raises as `change` does, and
    NotFound where there is no such revision."""
    with transaction.atomic():
        now = _expect(application, expected_revision)
        after = flags_of(revision(application, to_number))
        return _follow(application, now, after, reason=reason, user=user, restores=to_number)


def hold(project: Project) -> None:
    """Let nobody change the flags of the project's applications until the transaction ends."""
    list(project.applications.select_for_update().order_by("pk"))


def revision(application: Application, number: int) -> Revision:
    """One revision by its number. NotFound where there is none."""
    found = application.revisions.filter(number=number).first()
    if found is None:
        raise NotFound(
            f"{application} has no revision {number}. Its newest is r{current(application).number}."
        )
    return found


def _expect(application: Application, number: int) -> Revision:
    """The current revision, locked against other changes; RevisionConflict if it is another than expected."""
    Application.objects.select_for_update().get(pk=application.pk)
    now = current(application)
    if now.number != number:
        raise RevisionConflict(
            f"The flags of {application} are at r{now.number}, not at r{number} any more: "
            f"{what_changed(now)}. Look at what holds now, and decide again."
        )
    return now


def what_changed(to: Revision) -> str:
    """One revision in words: who changed what, when, and why."""
    before = to.application.revisions.filter(number=to.number - 1).first()
    words = "; ".join(
        entry.words for entry in differences(flags_of(before) if before else Flags(), flags_of(to))
    )
    local = timezone.localtime(to.created_at)
    return f"{to.author_name} changed {words or 'nothing'} at {local:%H:%M on %d %b} (“{to.reason}”)"


def _follow(
    application: Application,
    now: Revision,
    after: Flags,
    *,
    reason: str,
    user: object,
    restores: int | None,
) -> Revision:
    reason = reason.strip()
    if not reason:
        raise FlagRefused("Say why: every change of a flag has a reason.")
    if after == flags_of(now):
        raise FlagRefused(f"Nothing would change: r{now.number} of {application} has these values already.")
    if found := refusals(after):
        raise FlagRefused(" ".join(found))
    return _record(application, now.number + 1, after, reason=reason, user=user, restores=restores)


def _record(
    application: Application, number: int, flags: Flags, *, reason: str, user: object, restores: int | None
) -> Revision:
    return Revision.objects.create(
        project_id=application.project_id,
        application=application,
        number=number,
        flags=to_values(flags),
        reason=reason,
        author_name=_name_of(user),
        restores=restores,
    )


def _name_of(user: object) -> str:
    """The name that history keeps, of a user or of somebody at the command line."""
    if isinstance(user, AbstractBaseUser | AnonymousUser):
        return user.get_username()
    return str(user)


def issue_token(application: Application, *, user: object) -> str:
    """Make a new token and return it. Only its hash is kept; the application's former one stops working."""
    token = secrets.token_urlsafe(32)
    application.token_hash = _hash(token)
    application.save(update_fields=["token_hash"])
    logger.info("%s issued a new flag token for %s", _name_of(user), application)
    return token


def authenticate(token: str) -> Application | None:
    """The application that this token belongs to."""
    if not token:
        return None
    return Application.objects.filter(token_hash=_hash(token)).first()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def record_client(
    application: Application, *, name: str, module: str = "", revision: int | None = None
) -> None:
    """Remember that a process asked, and which revision it says it holds.

    Those not seen for a day, and all but the last thousand, are forgotten when a new one comes.
    """
    now = timezone.now()
    _, created = FlagClient.objects.update_or_create(
        application=application,
        name=name,
        defaults={
            "project_id": application.project_id,
            "module": module,
            "revision": revision,
            "last_seen": now,
        },
    )
    if created:
        _forget_clients(application, before=now - FORGET_CLIENTS_AFTER)


def _forget_clients(application: Application, *, before: datetime) -> None:
    known = FlagClient.objects.filter(application=application)
    known.filter(last_seen__lt=before).delete()
    surplus = known.order_by("-last_seen", "-pk").values_list("pk", flat=True)[MOST_CLIENTS:]
    FlagClient.objects.filter(pk__in=list(surplus)).delete()


__all__ = [
    "Backend",
    "authenticate",
    "backend_of",
    "change",
    "create_application",
    "current",
    "flags_of",
    "issue_token",
    "record_client",
    "revision",
    "roll_back",
    "what_changed",
]
