"""What a run reports, as rows. A batch of events is one transaction that holds the run's lease."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite

from django.db import transaction
from django.utils import timezone

from migration.core.events import (
    BackedUp,
    Carried,
    ChunksOffered,
    Event,
    Fingerprint,
    FollowProgress,
    Log,
    Outlook,
    PhaseFinished,
    PhaseStarted,
    RejectsGrouped,
    TableChecked,
    TableProgress,
    TableState,
    Waiting,
)
from migration.core.lag_samples import LagSample
from migration.core.phases import Phase
from migration.core.positions import text_of
from migration.core.rounds import RoundMade
from migration.models import Run, RunCarrier, RunEvent, RunFingerprint, RunReject, RunState, RunTable
from migration.store.lags import keep
from migration.store.leases import Lease, enter, renew
from schemadiff.core.mapping import QualifiedName
from schemadiff.secrets import redact


def record(lease: Lease, events: Sequence[Event], samples: Sequence[LagSample] = ()) -> RunState:
    """Store the events, renew the lease, answer the run's state. Raises LeaseLost and stores nothing then."""
    with transaction.atomic():
        state = renew(lease)
        phase = Phase(Run.objects.values_list("phase", flat=True).get(pk=lease.run_id)) if events else None
        for event in _latest(events):
            phase = _store(lease, event, phase or Phase.PREPARE)
        keep(lease, samples)
    return state


def _latest(events: Sequence[Event]) -> list[Event]:
    """Without totals of a table, lags and outlooks that later ones in the same batch replace."""
    last = {event.table: event for event in events if isinstance(event, TableProgress)}
    newest = {
        kind: next((event for event in reversed(events) if isinstance(event, kind)), None)
        for kind in (FollowProgress, Outlook)
    }
    return [
        e
        for e in events
        if (not isinstance(e, TableProgress) or last[e.table] is e)
        and (not isinstance(e, FollowProgress | Outlook) or e is newest[type(e)])
    ]


def _store(lease: Lease, event: Event, phase: Phase) -> Phase:
    """Store one event; the answer is the phase that the run is in after it."""
    match event:
        case PhaseStarted():
            enter(lease, event.phase)
            _log(lease, event.phase, "info", "Begun.")
            return event.phase
        case PhaseFinished():
            _log(lease, event.phase, "info", "Done.")
        case TableProgress():
            _store_progress(lease, event)
        case TableChecked():
            _store_check(lease, event)
        case RejectsGrouped():
            _store_rejects(lease, event)
        case Fingerprint():
            RunFingerprint.objects.update_or_create(
                run_id=lease.run_id,
                schema=event.table[0],
                table=event.table[1],
                moment=event.when,
                defaults={"project_id": lease.project_id, "rows": event.rows, "digest": event.digest},
            )
        case Waiting():
            Run.objects.filter(pk=lease.run_id).update(waiting=event.reason)
        case FollowProgress():
            Run.objects.filter(pk=lease.run_id).update(following=_following(event))
        case Outlook():
            Run.objects.filter(pk=lease.run_id).update(outlook=_expected(event))
        case BackedUp():
            Run.objects.filter(pk=lease.run_id).update(backup=asdict(event))
        case ChunksOffered():
            Run.objects.filter(pk=lease.run_id).update(offered=event.snapshot)
        case Carried():
            RunCarrier.objects.update_or_create(
                run_id=lease.run_id,
                name=event.carrier,
                defaults={"project_id": lease.project_id, "chunks": event.chunks, "rows": event.rows},
            )
        case RoundMade():
            Run.objects.filter(pk=lease.run_id).update(following={"round": _round(event)})
            _log(lease, phase, "info", event.sentence)
        case Log():
            _log(lease, phase, event.level.value, "\n".join((event.message, *event.details)))
    return phase


def _store_progress(lease: Lease, event: TableProgress) -> None:
    _update_table(
        lease,
        event.table,
        event.target,
        state=event.state.value,
        rows_total=event.rows_total,
        rows_written=event.rows_written,
        rejects=event.rejects,
        bytes_copied=event.bytes_copied,
        seconds=event.seconds,
    )


def _store_check(lease: Lease, event: TableChecked) -> None:
    state = TableState.DIFFERENT if event.differing else TableState.VERIFIED
    _update_table(
        lease,
        event.table,
        event.target,
        state=state.value,
        rows_total=event.source_rows,
        rejects=event.rejected_rows,
        differing=event.differing,
        method=event.method[:80],
    )
    # Of a run that follows more than the copy wrote is in the target by now.
    carried = max(event.source_rows - event.rejected_rows - event.missing, 0)
    source = {"source_schema": event.table[0], "source_table": event.table[1]}
    RunTable.objects.filter(run_id=lease.run_id, run__live=True, **source).update(rows_written=carried)


def _update_table(lease: Lease, source: QualifiedName, target: QualifiedName, **values: object) -> None:
    known = RunTable.objects.filter(run_id=lease.run_id, source_schema=source[0], source_table=source[1])
    if not known.update(**values):
        RunTable.objects.create(
            project_id=lease.project_id,
            run_id=lease.run_id,
            position=RunTable.objects.filter(run_id=lease.run_id).count(),
            source_schema=source[0],
            source_table=source[1],
            target_schema=target[0],
            target_table=target[1],
            **values,
        )


def _store_rejects(lease: Lease, event: RejectsGrouped) -> None:
    RunReject.objects.update_or_create(
        run_id=lease.run_id,
        source_schema=event.table[0],
        source_table=event.table[1],
        sqlstate=event.sqlstate,
        constraint=event.constraint,
        column=event.column,
        reason=redact(event.reason),
        defaults={"project_id": lease.project_id, "count": event.count},
    )


def _log(lease: Lease, phase: Phase, level: str, message: str) -> None:
    RunEvent.objects.create(
        project_id=lease.project_id,
        run_id=lease.run_id,
        at=timezone.now(),
        phase=phase.value,
        level=level,
        message=redact(message),
    )


def _following(event: FollowProgress) -> dict[str, float | str | None]:
    """As the run's page shows it. A lag that is not known yet is left out: JSON has no infinity."""
    known: dict[str, float | str | None] = {
        "lag_bytes": event.lag_bytes,
        "changes": event.changes,
        "rate": event.rate,
        "held": event.held,
        "limit": event.limit,
        "side": event.side,
        "position": text_of(event.position),
        "last": event.last.isoformat() if event.last else None,
        "at": timezone.now().isoformat(),
    }
    return known | ({"lag_seconds": event.lag_seconds} if isfinite(event.lag_seconds) else {})


def _round(event: RoundMade) -> dict[str, float | str]:
    """As the run's page shows it."""
    return {
        "number": event.number,
        "began_at": event.began_at.isoformat(),
        "seconds": event.seconds,
        "differing": event.differing,
        "repaired": event.repaired,
        "pause": event.pause,
    }


def _expected(event: Outlook) -> dict[str, float | str | None]:
    """As the run's page shows it, with the moment that its seconds count from."""
    return {
        "phase": event.phase.value,
        "least": event.least,
        "most": event.most,
        "why": event.why,
        "at_work": event.at_work,
        "at": timezone.now().isoformat(),
    }
