"""USE CASE: guards watch a module on a backend and roll its flags back, or tell, when it breaks.

A guard acts once; a person arms it again. It never carries writes back over a cut-over: what was written on the
target since then would be lost to sight, so from there on it only tells.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from migration import flags
from migration.core.errors import RevisionConflict
from migration.core.flags import backend_of
from migration.core.monitoring.guarding import GUARDED, Figure, Outcome, figures, limit_in_words, outcome
from migration.models import Application, Guard, GuardEvent, Revision
from migration.monitoring.notifying import tell
from migration.monitoring.reading import seen_since
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.models import Project

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=10)
"""A guard is not evaluated more often: the finest buckets are as wide."""

FORGOTTEN_AFTER = timedelta(minutes=5)
"""A breach that long ago is not in a row with one of now, however few calls there were in between."""

HISTORY = 500
"""Revisions looked through for the one before the module went to its backend."""

State, Action = Guard.State, Guard.Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A guard as a person wants it."""

    name: str
    module: str
    limits: Mapping[str, float]
    backend: str = "target"
    evaluations: int = 3
    least_calls: int = 20
    window_seconds: int = 60
    action: str = Action.ROLL_BACK


def add(application: Application, wanted: Wanted, by: str) -> Guard:
    """A new guard, armed at once. Refused where it makes no sense."""
    guard = Guard(project_id=application.project_id, application=application)
    return _set(guard, wanted, by)


def change(guard: Guard, wanted: Wanted, by: str) -> Guard:
    """Other limits. It stays armed, tripped or disarmed, as it is; what it counted is forgotten."""
    return _set(guard, wanted, by)


def arm(guard: Guard, by: str) -> None:
    guard.state, guard.breaches, guard.evaluated_at = State.ARMED, 0, None
    guard.save(update_fields=["state", "breaches", "evaluated_at"])
    _note(guard, "armed", f"Armed: {_in_words(guard)}", by)


def disarm(guard: Guard, by: str) -> None:
    guard.state, guard.breaches = State.DISARMED, 0
    guard.save(update_fields=["state", "breaches"])
    _note(guard, "disarmed", "Disarmed: it watches nothing.", by)


def watch(application: Application, now: datetime) -> None:
    """Evaluate the application's guards that are due: called when a report has come. One query where none is."""
    _evaluate_all(Guard.objects.filter(application=application), now)


def watch_all(now: datetime) -> None:
    """Evaluate every guard that is due: where no report comes, lag may still be beyond its limit."""
    _evaluate_all(Guard.objects.all(), now)


def of_project(project: Project) -> list[Guard]:
    return list(Guard.objects.filter(project=project).select_related("application"))


def history(project: Project, shown: int = 50) -> list[GuardEvent]:
    rows = GuardEvent.objects.filter(project=project).select_related("guard__application")
    return list(rows[:shown])


def _set(guard: Guard, wanted: Wanted, by: str) -> Guard:
    _refuse_nonsense(guard.application, wanted)
    guard.name, guard.module, guard.backend = wanted.name, wanted.module, wanted.backend
    guard.limits = dict(sorted(wanted.limits.items()))
    guard.evaluations, guard.least_calls = wanted.evaluations, wanted.least_calls
    guard.window_seconds, guard.action = wanted.window_seconds, wanted.action
    guard.breaches, guard.set_by, guard.set_at = 0, by, timezone.now()
    same = Guard.objects.filter(application=guard.application, name=guard.name).exclude(pk=guard.pk)
    if same.exists():
        raise Refused(f"{guard.application} has a guard “{guard.name}” already. Choose another name.")
    guard.save()
    _note(guard, "set", f"Set: {_in_words(guard)}", by)
    return guard


def _refuse_nonsense(application: Application, wanted: Wanted) -> None:
    if not wanted.limits:
        raise Refused("Give at least one limit: a guard without one watches nothing.")
    if unknown := sorted(set(wanted.limits) - set(GUARDED)):
        raise Refused(f"A guard has no limit for {unknown[0]}. It has for {', '.join(GUARDED)}.")
    if wanted.module and wanted.module not in application.modules:
        raise Refused(f"{application} has no module {wanted.module}.")
    if wanted.action == Action.ROLL_BACK and wanted.backend != "target":
        raise Refused(
            "A flag is rolled back from the target to the source only. Have this guard tell instead."
        )


def _in_words(guard: Guard) -> str:
    limits = "; ".join(limit_in_words(name, limit) for name, limit in guard.limits.items())
    act = "the flag is rolled back" if guard.action == Action.ROLL_BACK else "people are told"
    return (
        f"{guard.module or 'whatever belongs to no module'} on the {guard.backend}: {limits}; beyond one of them "
        f"{guard.evaluations} times in a row over {guard.window_seconds} s with {guard.least_calls} calls, {act}."
    )


def _evaluate_all(chosen: QuerySet[Guard], now: datetime) -> None:
    due = Q(evaluated_at=None) | Q(evaluated_at__lte=now - EVERY)
    for pk in chosen.filter(due, state=State.ARMED).order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                guards = Guard.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
                guard = (
                    guards.select_related("application", "project")
                    .filter(due, state=State.ARMED, pk=pk)
                    .first()
                )
                if guard is not None:
                    _evaluate(guard, now)
        except Exception:
            log.exception("Guard %s could not be evaluated.", pk)


def _evaluate(guard: Guard, now: datetime) -> None:
    held = _held(guard)
    former, guard.evaluated_at = guard.evaluated_at, now
    if held is None:
        guard.breaches = 0
        guard.save(update_fields=["breaches", "evaluated_at"])
        return
    began, before, revision = held
    found = _figures(guard, max(began, now - timedelta(seconds=guard.window_seconds)), now, guard.least_calls)
    said = _said(found, _figures(guard, max(began, former or began), now, 1))
    match said:
        case Outcome.FINE:
            guard.breaches = 0
        case Outcome.BEYOND:
            in_a_row = guard.breached_at is not None and now - guard.breached_at <= FORGOTTEN_AFTER
            guard.breaches = guard.breaches + 1 if in_a_row else 1
            guard.breached_at = now
        case Outcome.NOTHING:
            pass
    if guard.breaches >= guard.evaluations and said is Outcome.BEYOND:
        _act(guard, found, revision, before)
    guard.save(update_fields=["breaches", "breached_at", "evaluated_at", "state"])


def _said(window: tuple[Figure, ...], newest: tuple[Figure, ...]) -> Outcome:
    """One burst is not beyond its limit again and again: what has come since the last evaluation has to be, too.

    Too few calls say nothing either way.
    """
    whole = outcome(window)
    return outcome(newest) if whole is Outcome.BEYOND else whole


def _held(guard: Guard) -> tuple[datetime, Revision | None, Revision] | None:
    """Since when the module is on the guard's backend, the last revision before that, and the one that holds now.

    None where it is not there, or where a cut-over is being prepared: then writes are held on purpose.
    """
    trail = list(guard.application.revisions.order_by("-number")[:HISTORY])
    if not trail or trail[0].phase == Revision.Phase.PREPARE or not _is_on(guard, trail[0]):
        return None
    since = trail[0]
    for entry in trail:
        if not _is_on(guard, entry):
            return since.created_at, entry, trail[0]
        since = entry
    return since.created_at, None, trail[0]


def _is_on(guard: Guard, revision: Revision) -> bool:
    revision.application = guard.application
    return backend_of(flags.flags_of(revision), guard.module).backend.value == guard.backend


def _figures(guard: Guard, since: datetime, now: datetime, least_calls: int) -> tuple[Figure, ...]:
    ours = str(guard.application)
    seen = [entry for entry in seen_since(guard.project, since) if entry.subject.application in ("", ours)]
    return figures(
        seen,
        guard.limits,
        module=guard.module,
        backend=guard.backend,
        least_calls=least_calls,
        window_seconds=max(1.0, (now - since).total_seconds()),
    )


def _act(guard: Guard, found: tuple[Figure, ...], now: Revision, before: Revision | None) -> None:
    told = "; ".join(figure.words for figure in found if figure.beyond)
    reason = f"Guard {guard.name}: {told}; {guard.breaches} times in a row over {guard.window_seconds} s."
    if guard.action == Action.ALERT:
        _trip(guard, "tripped", reason, None)
        return
    try:
        made = _roll_back(guard, reason, now, before)
    except RevisionConflict:
        return  # somebody changed the flags just now: what holds then is evaluated the next time
    except SchemadiffError as refusal:
        _trip(guard, "could not", f"{reason} It could not roll back: {refusal}", None)
        return
    where = guard.module or "what belongs to no module"
    done = f"restores r{made.restores}" if made.restores else f"has {where} on the source again"
    _trip(guard, "tripped", f"{reason} r{made.number} {done}.", made.number)


def _roll_back(guard: Guard, reason: str, now: Revision, before: Revision | None) -> Revision:
    """The last change is undone as a whole; of an earlier one the guard's module alone goes back, for other modules
    and flags have been decided on since."""
    if before is None:
        raise Refused(f"There is no revision in which {guard.module or 'it'} was not on the {guard.backend}.")
    if now.cut_over == Revision.CutOver.AFTER:
        raise Refused(
            "Writes live on the target since the cut-over: a flag alone would lose sight of them. Decide whether to "
            "cut back over."
        )
    application = guard.application
    was_the_last = before.number == now.number - 1
    if was_the_last and flags.on_target(application, before) < flags.on_target(application, now):
        return flags.roll_back(
            application, before.number, reason=reason, user=author(guard), expected_revision=now.number
        )
    return flags.take_off_target(
        application,
        guard.module,
        to=before,
        reason=reason,
        user=author(guard),
        expected_revision=now.number,
    )


def author(guard: Guard) -> str:
    """The name that the flags' history keeps."""
    return f"guard {guard.name}"


def _trip(guard: Guard, what: str, text: str, revision: int | None) -> None:
    guard.state = State.TRIPPED
    _note(guard, what, text, author(guard), revision)
    tell(guard.project, [f"[{guard.project.name}] {guard.application}: {text}"])
    log.warning("%s: %s", guard.application, text)


def _note(guard: Guard, what: str, text: str, by: str, revision: int | None = None) -> None:
    GuardEvent.objects.create(
        project_id=guard.project_id, guard=guard, what=what, text=text, author_name=by, revision=revision
    )
