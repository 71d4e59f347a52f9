"""USE CASE: a change of flags that is asked for: applied at once, or kept for somebody's approval and its time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from migration import flags, jobs
from migration.core import own_flags
from migration.core.errors import FlagRefused, Overridable
from migration.core.flag_rules import Override
from migration.core.flags import changed
from migration.core.own_flags import OwnFlag
from migration.models import Application, FlagChange, Revision
from migration.own_flag_definitions import define
from schemadiff.core.errors import NotFound, Refused
from schemadiff.models import Member, Role

State = FlagChange.State
NO_SECOND_PERSON = "Changes no longer need the approval of a second person."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. `at`: when; None: as soon as may be. `ends_second_person`: that setting goes as well;
    `own_flag`: another definition of a flag of the user's own, instead of changes."""

    changes: Mapping[str, object]
    reason: str
    expected_revision: int
    override: Override | None = None
    at: datetime | None = None
    ends_second_person: bool = False
    own_flag: OwnFlag | None = None


def ask(application: Application, wanted: Wanted, user: object) -> Revision | FlagChange:
    """Apply the change, or keep it: where it has a time, or needs a second person. Raises as `flags.change` does."""
    if wanted.at is None and not application.second_person:
        return flags.change(
            application,
            wanted.changes,
            reason=wanted.reason,
            user=user,
            expected_revision=wanted.expected_revision,
            override=wanted.override,
        )
    if wanted.at is not None and wanted.at <= timezone.now():
        raise FlagRefused("That time is past. Choose a later one, or now.")
    with transaction.atomic():
        application = _locked(application)
        return _keep(application, wanted, user)


def _keep(application: Application, wanted: Wanted, user: object) -> FlagChange:
    asker = _asker(application, user)
    overridden = _judge(application, wanted)
    last = application.changes.aggregate(last=Max("number"))["last"] or 0
    kept = FlagChange.objects.create(
        project_id=application.project_id,
        application=application,
        number=last + 1,
        state=State.WAITING if application.second_person else State.SCHEDULED,
        changes=dict(wanted.changes),
        base=wanted.expected_revision,
        ends_second_person=wanted.ends_second_person,
        own_flag=own_flags.to_rows([wanted.own_flag])[0] if wanted.own_flag else None,
        overridden=list(overridden),
        override_reason=wanted.override.reason.strip() if wanted.override and overridden else "",
        reason=wanted.reason.strip(),
        at=wanted.at,
        asked_by=asker,
        asked_by_name=asker.get_username(),
    )
    _put_on_the_queue(kept)
    return kept


def _asker(application: Application, user: object) -> User:
    """Who asks, as one of the project's admins: what waits has to have somebody who answers for it when it comes,
    and who is not the second person as well. The command line gives a name."""
    found = user if isinstance(user, User) else User.objects.filter(username=flags.name_of(user)).first()
    if found is None or not _is_admin(application.project_id, found.get_username()):
        raise FlagRefused(
            f"{flags.name_of(user)} is no admin of this project, and cannot ask for a change that waits. "
            "Say who of its admins asks for it."
        )
    return found


def _judge(application: Application, wanted: Wanted) -> tuple[str, ...]:
    """The objections that the change is wanted against. Raises what applying it would raise now."""
    now = flags.current(application)
    if not wanted.ends_second_person:
        with transaction.atomic():
            made = _apply_as(application, wanted, "nobody", approved_by="somebody")
            transaction.set_rollback(True)
        return tuple(made.overridden)
    if not wanted.reason.strip():
        raise FlagRefused("Say why: every change of a flag has a reason.")
    if now.number != wanted.expected_revision:
        raise FlagRefused(f"{application} is at r{now.number} by now. Look at it, and decide again.")
    return ()


def _apply_as(application: Application, wanted: Wanted, user: object, *, approved_by: str) -> Revision:
    if wanted.own_flag is not None:
        return define(
            application,
            wanted.own_flag,
            reason=wanted.reason,
            user=user,
            expected_revision=wanted.expected_revision,
            approved_by=approved_by,
        )
    if not wanted.ends_second_person:
        return flags.change(
            application,
            wanted.changes,
            reason=wanted.reason,
            user=user,
            expected_revision=wanted.expected_revision,
            override=wanted.override,
            approved_by=approved_by,
        )
    application.second_person = False
    application.save(update_fields=["second_person"])
    return flags.note(
        application,
        (NO_SECOND_PERSON,),
        reason=wanted.reason,
        user=user,
        expected_revision=wanted.expected_revision,
    )


def approve(change: FlagChange, user: User) -> FlagChange:
    """Say yes to what another admin asked for: it is applied now, or when its time comes. Raises FlagRefused."""
    with transaction.atomic():
        change = _taken(change, State.WAITING)
        _refuse_unfit_approver(change, user)
        change.approved_by_name = user.get_username()
        if change.at is not None and change.at > timezone.now():
            change.state = State.SCHEDULED
            change.save()
            _put_on_the_queue(change)
        else:
            _apply(change)
    return change


def _refuse_unfit_approver(change: FlagChange, user: User) -> None:
    if user.pk == change.asked_by_id or user.get_username() == change.asked_by_name:
        raise FlagRefused("You asked for this change, so somebody else has to approve it.")
    if not _is_admin(change.project_id, user.get_username()):
        raise FlagRefused(f"{user.get_username()} is no admin of this project, and cannot approve a change.")


def _is_admin(project_id: int, name: str) -> bool:
    members = Member.objects.filter(project_id=project_id, user__username=name, role=Role.ADMIN)
    return members.filter(user__is_active=True).exists()


def cancel(change: FlagChange, user: object) -> FlagChange:
    """Do not do it. Raises FlagRefused where it has ended already."""
    with transaction.atomic():
        change = _taken(change, *FlagChange.PENDING)
        change.state = State.CANCELLED
        _end(change, flags.name_of(user))
    return change


def resume(
    change: FlagChange, user: object, *, expected_revision: int, override: Override | None
) -> FlagChange:
    """Have a suspended change done all the same, from what holds by now; whoever says so is who asks for it from
    now on, and an approval has to be given anew. Raises as `flags.change` does."""
    with transaction.atomic():
        change = _taken(change, State.SUSPENDED)
        application = change.application
        asker = _asker(application, user)
        wanted = Wanted(
            changes=change.changes,
            reason=change.reason,
            expected_revision=expected_revision,
            override=override,
            ends_second_person=change.ends_second_person,
            own_flag=change.definition,
        )
        change.overridden = list(_judge(application, wanted))
        change.override_reason = override.reason.strip() if override and change.overridden else ""
        change.base = expected_revision
        change.asked_by = asker
        change.asked_by_name, change.approved_by_name = asker.get_username(), ""
        change.suspended_because = ""
        _go_on(change)
    return change


def _go_on(change: FlagChange) -> None:
    if change.application.second_person:
        change.state = State.WAITING
    elif change.at is not None and change.at > timezone.now():
        change.state = State.SCHEDULED
    else:
        _apply(change)
        return
    change.save()
    _put_on_the_queue(change)


def apply_due() -> None:
    """Apply what is scheduled and due; what no longer rests on what it was decided on is suspended."""
    due = FlagChange.objects.filter(state=State.SCHEDULED, at__lte=timezone.now()).order_by("at", "pk")
    due = due.select_related("application")
    for found in due:
        with transaction.atomic():
            _locked(found.application)
            rows = FlagChange.objects.select_for_update(of=("self",)).select_related("application")
            change = rows.filter(pk=found.pk, state=State.SCHEDULED).first()
            if change is not None:
                _apply(change)


def _apply(change: FlagChange) -> None:
    """Make it a revision, or suspend it with the sentence why not."""
    wanted = Wanted(
        changes=change.changes,
        reason=change.reason,
        expected_revision=change.base,
        override=Override(reason=change.override_reason, of=tuple(change.overridden)),
        ends_second_person=change.ends_second_person,
        own_flag=change.definition,
    )
    try:
        _refuse_who_is_unfit_by_now(change)
        with transaction.atomic():
            made = _apply_as(
                change.application, wanted, change.asked_by_name, approved_by=change.approved_by_name
            )
    except Refused as refusal:
        change.state, change.suspended_because = State.SUSPENDED, str(refusal)
        change.save()
        return
    change.state, change.revision = State.APPLIED, made.number
    _end(change, change.approved_by_name or change.asked_by_name)


def _refuse_who_is_unfit_by_now(change: FlagChange) -> None:
    asker, approver = change.asked_by, change.approved_by_name
    if asker is None or not _is_admin(change.project_id, asker.get_username()):
        raise FlagRefused(f"{change.asked_by_name}, who asked for it, is no admin of this project any more.")
    if approver and not _is_admin(change.project_id, approver):
        raise FlagRefused(f"{approver}, who approved it, is no admin of this project any more.")


def _end(change: FlagChange, by: str) -> None:
    change.ended_by_name, change.ended_at = by, timezone.now()
    change.save()


def pending(application: Application) -> tuple[FlagChange, ...]:
    """What waits, in the order of its asking."""
    return tuple(application.changes.filter(state__in=FlagChange.PENDING).order_by("number"))


def change_of(application: Application, number: int) -> FlagChange:
    """One by its number. NotFound where there is none."""
    found = application.changes.select_related("application").filter(number=number).first()
    if found is None:
        raise NotFound(f"{application} has no change {number} that was asked for.")
    return found


def objections_now(change: FlagChange) -> tuple[str, ...]:
    """What stands against a suspended change by now, and could be overridden. Raises FlagRefused for the rest."""
    now = flags.current(change.application)
    application = change.application
    if change.own_flag:
        return ()
    after = changed(flags.flags_of(now), change.changes, application.modules, application.own)
    return flags.judged(now, after).overridable


def _taken(change: FlagChange, *states: str) -> FlagChange:
    """The row, locked, if it is in one of these states."""
    _locked(change.application)
    found = FlagChange.objects.select_for_update(of=("self",)).select_related("application").get(pk=change.pk)
    if found.state not in states:
        raise FlagRefused(f"Change {found.number} is {found.get_state_display().lower()} by now.")
    return found


def _locked(application: Application) -> Application:
    return Application.objects.select_for_update().get(pk=application.pk)


def _put_on_the_queue(change: FlagChange) -> None:
    if change.state == State.SCHEDULED and change.at is not None:
        jobs.defer_flag_change(change.pk, at=change.at)


__all__ = ["Overridable", "Wanted", "apply_due", "approve", "ask", "cancel", "change_of", "pending", "resume"]
