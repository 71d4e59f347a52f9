"""The use cases of flags: read, change, hold for a cut-over, roll back, and let an application and its clients in."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from migration import flag_evidence
from migration.authors import name_of
from migration.core.errors import FlagRefused, Overridable, RevisionConflict
from migration.core.flag_rules import Objections, Override, objections
from migration.core.flags import (
    BACKEND,
    MODULE_PREFIX,
    Backend,
    CutOver,
    Flags,
    backend_of,
    changed,
    read,
    refusals,
    to_values,
)
from migration.core.ofrep import PREPARED_POLL, Standing
from migration.flag_clients import asking, not_drained, not_yet_on, record_client
from migration.flag_tokens import authenticate, issue_token, was_replaced
from migration.flag_words import what_changed
from migration.models import Application, Revision
from schemadiff.core.errors import NotFound, Refused
from schemadiff.models import Project

FIRST_REASON = "The defaults: everything on the source."
POLLS_A_SECOND = 300  # of all clients of an application together, while they are asked to hold their writes

Phase = Revision.Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """What a revision says beside the flags' values."""

    phase: str = Phase.NORMAL
    cut_over: str = CutOver.BEFORE.value
    restores: int | None = None
    overridden: tuple[str, ...] = ()
    override_reason: str = ""
    approved_by: str = ""
    notes: tuple[str, ...] = ()


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
        _record(application, 1, Flags(), _State(), back_to=None, reason=FIRST_REASON, user=user)
    return application


def current(application: Application) -> Revision:
    """The revision that holds now. NotFound where the application has none."""
    found = application.revisions.order_by("-number").first()
    if found is None:
        raise NotFound(f"{application} has no revision of its flags. Create the application anew.")
    return found


def latest(application: Application) -> Revision:
    """The revision that holds now with its application, both as they are at one moment: `current` for who has an
    application that was read earlier."""
    newest = Revision.objects.filter(application_id=application.pk).order_by("-number")
    found = newest.select_related("application").first()
    return found or current(application)


def newest_number(application: Application) -> int:
    """The number of the revision that holds now, without the rest of it."""
    numbers = Revision.objects.filter(application_id=application.pk).order_by("-number")
    return numbers.values_list("number", flat=True)[:1].get()


def flags_of(revision: Revision) -> Flags:
    """A revision's flags as a value, as far as the application still has them."""
    return read(revision.flags, revision.application.modules, revision.application.own)


def change(
    application: Application,
    changes: Mapping[str, object],
    *,
    reason: str,
    user: object,
    expected_revision: int,
    override: Override | None = None,
    approved_by: str = "",
) -> Revision:
    """Set these flags (None takes a module's override away) in a new revision.

    Raises FlagRefused for an unknown key, value or combination, for a missing reason, where nothing would change, a
    dependency between modules would break, a cut-over is prepared or a second person is missing; Overridable where
    `override` does not answer an objection; RevisionConflict if the flags are no longer at `expected_revision`.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        application = now.application
        if application.second_person and not approved_by:
            raise FlagRefused(
                f"A change of the flags of {application} needs the approval of a second person."
            )
        after = changed(flags_of(now), changes, application.modules, application.own)
        against = judged(now, after)
        _refuse_unanswered(against, override)
        state = _State(
            cut_over=now.cut_over,
            overridden=against.overridable,
            override_reason=override.reason.strip() if override and against.overridable else "",
            approved_by=approved_by,
        )
        return _follow(now, after, state, reason=reason, user=user)


def judged(now: Revision, after: Flags) -> Objections:
    """What stands against these flags after `now`. Raises FlagRefused while a cut-over is prepared."""
    if now.phase == Phase.PREPARE:
        raise FlagRefused(
            f"A cut-over of {now.application} is being prepared since r{now.number}, and clients hold their writes. "
            "Wait until it is done, or roll back."
        )
    surroundings = flag_evidence.surroundings(now.application)
    modules, cut_over = now.application.modules, CutOver(now.cut_over)
    return objections(flags_of(now), after, modules, surroundings, cut_over)


def _refuse_unanswered(against: Objections, override: Override | None) -> None:
    if against.final:
        raise FlagRefused(" ".join(against.final))
    unanswered = [each for each in against.overridable if override is None or not override.answers(each)]
    if unanswered:
        raise Overridable(" ".join(unanswered))


def note(
    application: Application,
    notes: tuple[str, ...],
    *,
    reason: str,
    user: object,
    expected_revision: int,
    approved_by: str = "",
) -> Revision:
    """What changed of an application beside its flags' values, as a revision: clients ask anew, history knows of it.

    The values are those of now, with the flags that the application has by now. Raises as `change` does.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        state = _State(phase=now.phase, cut_over=now.cut_over, notes=notes, approved_by=approved_by)
        after = changed(flags_of(now), {}, now.application.modules, now.application.own)
        return _follow(now, after, state, reason=reason, user=user)


def roll_back(
    application: Application, to_number: int, *, reason: str, user: object, expected_revision: int
) -> Revision:
    """Restore revision `to_number` in a new revision that names it: its flags, and whether it was before or after
    cut-over. It ends the preparation of a cut-over. The way back needs no second person; what would bring a module
    to the target is no way back, and is refused where a change would be.

    Raises as `change` does, and NotFound where there is no such revision."""
    with transaction.atomic():
        now = _expect(application, expected_revision)
        to = revision(application, to_number)
        _refuse_forward(now, to)
        state = _State(cut_over=to.cut_over, restores=to_number)
        return _follow(now, flags_of(to), state, reason=reason, user=user)


def _refuse_forward(now: Revision, to: Revision) -> None:
    if to.cut_over == Revision.CutOver.AFTER and now.cut_over == Revision.CutOver.BEFORE:
        raise FlagRefused(
            f"r{to.number} is after a cut-over, and r{now.number} is before it: to go over again is a cut-over of its "
            "own, with a fence and a check of what was written meanwhile."
        )
    forward = on_target(now.application, to) - on_target(now.application, now)
    if not forward:
        return
    names = ", ".join(sorted(name or "what belongs to no module" for name in forward))
    if now.application.second_person:
        raise FlagRefused(
            f"r{to.number} would bring {names} to the target: that is no way back, and needs a second person. "
            "Ask for it as a change."
        )
    against = judged(now, flags_of(to))
    found = [*against.final, *against.overridable]
    if found:
        raise FlagRefused(
            f"r{to.number} would bring {names} to the target: that is no way back. {' '.join(found)} "
            "Ask for it as a change, where this can be answered with a reason."
        )


def on_target(application: Application, entry: Revision) -> frozenset[str]:
    """The modules that a revision has on the target; the empty one is whatever belongs to no module."""
    entry.application = application
    flags = flags_of(entry)
    modules = ("", *application.modules)
    return frozenset(name for name in modules if backend_of(flags, name).backend is Backend.TARGET)


def take_off_target(
    application: Application, module: str, *, to: Revision, reason: str, user: object, expected_revision: int
) -> Revision:
    """Bring one module (empty: whatever belongs to none) back to the source, and leave all else as it is.

    `to` is the revision before it went to the target; the new one names it where it is the same again. Raises as
    `change` does; needs no second person.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        key = f"{MODULE_PREFIX}{module}" if module else BACKEND
        modules, own = now.application.modules, now.application.own
        after = changed(flags_of(now), {key: Backend.SOURCE.value}, modules, own)
        choice = backend_of(after, module)
        if choice.backend is not Backend.SOURCE:
            raise FlagRefused(f"There is no source to go back to: {choice.reason}")
        restores = to.number if flags_of(to) == after else None
        state = _State(cut_over=now.cut_over, restores=restores)
        return _follow(now, after, state, reason=reason, user=user)


def prepare(application: Application, *, reason: str, user: object, expected_revision: int) -> Revision:
    """Have the clients hold their writes and ask often, in a new revision with the same flags. `release` ends it.

    Raises FlagRefused where that is so already, RevisionConflict as `change` does.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        if now.phase == Phase.PREPARE:
            raise FlagRefused(f"{application} is prepared for a cut-over already, since r{now.number}.")
        state = _State(phase=Phase.PREPARE, cut_over=now.cut_over)
        return _follow(now, flags_of(now), state, reason=reason, user=user)


def release(
    application: Application,
    changes: Mapping[str, object],
    *,
    cut_over: CutOver,
    reason: str,
    user: object,
    expected_revision: int,
) -> Revision:
    """End what `prepare` began, in a new revision: with these changes, and writes living where `cut_over` says. No
    changes, and the state that held before, take the preparation back.

    Raises FlagRefused where nothing is prepared or the combination makes no sense, RevisionConflict as `change` does.
    """
    with transaction.atomic():
        now = _expect(application, expected_revision)
        if now.phase != Phase.PREPARE:
            raise FlagRefused(f"{application} is not prepared for a cut-over: it is at r{now.number}.")
        after = changed(flags_of(now), changes, application.modules, application.own)
        return _follow(now, after, _State(cut_over=cut_over.value), reason=reason, user=user)


def standing(revision: Revision) -> Standing:
    """How clients are to behave at this revision: how often they ask, how long they may write, whether they hold."""
    application = revision.application
    prepared = revision.phase == Phase.PREPARE
    return Standing(
        revision=revision.number,
        poll_milliseconds=_prepared_poll(application) if prepared else application.poll_milliseconds,
        lease_seconds=application.lease_seconds,
        hold_writes=prepared,
        cut_over=CutOver(revision.cut_over),
    )


def _prepared_poll(application: Application) -> int:
    """As often as all of its clients together may ask."""
    clients = len(asking(application))
    return max(PREPARED_POLL, min(application.poll_milliseconds, clients * 1000 // POLLS_A_SECOND))


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


def reread(application: Application, expected_revision: int) -> Revision:
    """The current revision, as `expected_revision`, with the application itself read anew, and both locked: for who
    then keeps more of it than flags. Raises RevisionConflict."""
    application.refresh_from_db(from_queryset=Application.objects.select_for_update())
    return _expect(application, expected_revision)


def _expect(application: Application, number: int) -> Revision:
    """The current revision, locked against other changes; RevisionConflict if it is another than expected."""
    now = current(Application.objects.select_for_update().get(pk=application.pk))
    if now.number != number:
        raise RevisionConflict(
            f"The flags of {application} are at r{now.number}, not at r{number} any more: "
            f"{what_changed(now)}. Look at what holds now, and decide again."
        )
    return now


def _follow(now: Revision, after: Flags, state: _State, *, reason: str, user: object) -> Revision:
    application, reason = now.application, reason.strip()
    if not reason:
        raise FlagRefused("Say why: every change of a flag has a reason.")
    same = (after, state.cut_over) == (flags_of(now), now.cut_over)
    if same and state.phase == now.phase and not state.notes:
        raise FlagRefused(f"Nothing would change: r{now.number} of {application} has these values already.")
    if found := refusals(after):
        raise FlagRefused(" ".join(found))
    back_to = now.back_to if same else now.number
    return _record(application, now.number + 1, after, state, back_to=back_to, reason=reason, user=user)


def _record(
    application: Application,
    number: int,
    flags: Flags,
    state: _State,
    *,
    back_to: int | None,
    reason: str,
    user: object,
) -> Revision:
    return Revision.objects.create(
        project_id=application.project_id,
        application=application,
        number=number,
        flags=to_values(flags),
        reason=reason,
        author_name=name_of(user),
        phase=state.phase,
        cut_over=state.cut_over,
        restores=state.restores,
        back_to=back_to,
        overridden=list(state.overridden),
        override_reason=state.override_reason,
        approved_by=state.approved_by,
        notes=list(state.notes),
    )


__all__ = [
    "Backend",
    "asking",
    "authenticate",
    "backend_of",
    "change",
    "create_application",
    "current",
    "flags_of",
    "issue_token",
    "judged",
    "latest",
    "name_of",
    "newest_number",
    "not_drained",
    "not_yet_on",
    "note",
    "on_target",
    "prepare",
    "record_client",
    "release",
    "reread",
    "revision",
    "roll_back",
    "standing",
    "take_off_target",
    "was_replaced",
    "what_changed",
]
