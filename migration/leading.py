"""USE CASE: which side of a live run leads: the checklist asked for, and gone through by a worker."""

import logging
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.db import Error, connection, transaction
from django.utils import timezone

from migration import flags, jobs
from migration.core.events import CutOverStep, Event
from migration.cutting_over import FlagSwitch, FlagSwitchBack
from migration.engine import followers, ways_back
from migration.engine.checklist import TakenOver, Terms, find_live_run, sides
from migration.engine.cutover import CutOver
from migration.engine.followers import Following
from migration.engine.going_back import GoingBack, is_possible
from migration.engine.sessions import Session
from migration.engine.ways_back import Leading
from migration.models import Application, CutOverAttempt, Revision, Run
from migration.store import cutovers
from schemadiff.connections import dsn_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

Kind = CutOverAttempt.Kind

_INSIST = 60.0  # seconds for which the ending is tried to be written down
_RETRY = 0.5
_HOLDING = ("prepare", "fence")  # the steps that hold the application back
_LED_BY_TARGET = (Following.ENDED, Following.LEFT)  # then the fence on the source is to stay


def request(
    run: Run,
    kind: CutOverAttempt.Kind,
    *,
    user: User,
    reason: str = "",
    application: Application | None = None,
    roles: Sequence[str] = (),
    patience: float = 1.0,
    no_way_back: str = "",
) -> CutOverAttempt:
    """Have a worker do it. Raises Refused for a run that follows nothing, or while another is under way."""
    if not run.live:
        raise Refused(f"Run #{run.number} does not follow its source, so there is nothing to be cut over.")
    with transaction.atomic():
        made = cutovers.begin(
            run,
            kind,
            application=application,
            roles=list(roles),
            patience=patience,
            no_way_back=no_way_back,
            reason=reason,
            requested_by=user,
        )
        jobs.defer_cut_over(made.pk)
    return made


def carry_out(pk: int) -> None:
    """Go through the checklist and record each step. What a worker that died had begun is not gone on with here."""
    row = CutOverAttempt.objects.select_related(
        "run__source", "run__target", "application", "requested_by"
    ).get(pk=pk)
    if not cutovers.start(pk):
        if row.is_under_way:
            held = _is_held(row, row.steps)
            cutovers.end(pk, row.steps, error=_left(row, held=held), held=held)
        return
    record = Record(row)
    try:
        done = _go(row, record.report)
        record.end(pause=done.pause if done else None, rejects=done.rejects if done else 0)
    except SchemadiffError as error:
        record.end(error=redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        # The frames only: a driver's message may quote rows.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("Cut-over %s: %s\n%s", pk, type(error).__name__, frames)
        record.end(
            error=f"It was stopped by an unexpected error ({type(error).__name__}). The worker's log has more."
        )


def _left(row: CutOverAttempt, *, held: bool) -> str:
    after = f" after the step “{row.steps[-1]['name']}”" if row.steps else ""
    rest = "Do it once more, which goes on where it was, or undo it." if held else "Do it once more."
    return f"The worker that did this has died{after}. {rest}"


def _is_held(row: CutOverAttempt, steps: Sequence[dict[str, Any]]) -> bool:
    """After a failure: may the application be held back still, as the target knows it, and the flags?"""
    if row.is_look or row.kind == Kind.END:
        return False
    run = row.run.ledger_id
    try:
        with sides(dsn_of(row.run.source), dsn_of(row.run.target)) as (_, target):
            fenced = (
                followers.kept_fence(target, run) and find_live_run(target)[1].state not in _LED_BY_TARGET
            )
            turning = ways_back.leading(target, run) in (Leading.RETURNING, Leading.RETURNED)
            return bool(fenced) or turning or _is_prepared(row.application)
    except (SchemadiffError, Error):
        return any(step["name"] in _HOLDING for step in steps)


def _is_prepared(application: Application | None) -> bool:
    return application is not None and flags.current(application).phase == Revision.Phase.PREPARE


class Record:
    """The steps, written down as they are done. Nothing of that may stop what is under way: writes are held."""

    def __init__(self, row: CutOverAttempt) -> None:
        self._row = row
        self._steps: list[dict[str, Any]] = []

    def report(self, event: Event) -> None:
        if not isinstance(event, CutOverStep):
            return
        self._steps.append(
            {
                "name": event.name,
                "did": redact(event.did),
                "undo": redact(event.undo),
                "seconds": round(event.seconds, 3),
                "at": timezone.now().isoformat(),
            }
        )
        try:
            cutovers.note(self._row.pk, self._steps)
        except Error:
            connection.close()

    def end(self, *, pause: float | None = None, rejects: int = 0, error: str = "") -> None:
        held = bool(error) and _is_held(self._row, self._steps)
        pk, steps = self._row.pk, self._steps
        _insist(lambda: cutovers.end(pk, steps, pause=pause, rejects=rejects, error=error, held=held))


def _insist(write: Callable[[], None]) -> None:
    """Also where the application's database is away for a moment."""
    deadline = time.monotonic() + _INSIST
    while True:
        try:
            return write()
        except Error:
            connection.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(_RETRY)


def _go(row: CutOverAttempt, report: Callable[[Event], None]) -> TakenOver | None:
    dsns = dsn_of(row.run.source), dsn_of(row.run.target)
    with sides(*dsns) as (source, target):
        followed = find_live_run(target)[0].ledger_id
        if followed != row.run.ledger_id:
            raise Refused(
                f"It is another run that follows into this target, {followed}: run #{row.run.number} does not."
            )
        if _is_back(row, source, target):
            return _go_back(
                row, GoingBack(*dsns, source, target, _terms(row), _switch(row, FlagSwitchBack), report)
            )
        return _go_over(row, CutOver(*dsns, source, target, _terms(row), _switch(row, FlagSwitch), report))


def _is_back(row: CutOverAttempt, source: Session, target: Session) -> bool:
    if row.kind in (Kind.LOOK_BACK, Kind.BACK, Kind.END):
        return True
    run = row.run.ledger_id
    if row.kind == Kind.UNDO:
        return ways_back.leading(target, run) is Leading.RETURNING
    return row.kind == Kind.LEAVE and is_possible(source, target, run)


def _go_over(row: CutOverAttempt, attempt: CutOver) -> TakenOver | None:
    match row.kind:
        case Kind.LOOK:
            attempt.look()
        case Kind.OVER:
            return attempt.go()
        case Kind.UNDO if attempt.has_taken_over:
            raise Refused("The target has taken over: there is nothing left to be undone. Go back instead.")
        case _:
            attempt.go_back()
    return None


def _go_back(row: CutOverAttempt, attempt: GoingBack) -> TakenOver | None:
    match row.kind:
        case Kind.LOOK_BACK:
            attempt.look()
        case Kind.END:
            attempt.end()
        case Kind.UNDO:
            attempt.undo()
        case _:
            return attempt.go()
    return None


def _terms(row: CutOverAttempt) -> Terms:
    return Terms(
        roles=tuple(row.roles),
        patience=row.patience,
        no_way_back=row.no_way_back,
        leaves_writes=row.kind == Kind.LEAVE,
    )


def _switch(row: CutOverAttempt, kind: type[FlagSwitch]) -> FlagSwitch | None:
    if row.application is None:
        return None
    return kind(row.application, reason=row.reason or row.get_kind_display(), user=row.requested_by)
