"""The page of one run: what stands at the top of it, how far each table is, and what may be done now."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils import timezone

from migration.core.events import Level, TableState
from migration.core.limits import limits_from_json
from migration.core.phases import STOPPED, Phase, phases_of
from migration.core.progress import Share, percent, phase_word
from migration.models import AT_WORK, Run, RunEvent, RunFingerprint, RunReject, RunState, RunTable
from migration.pages.run_lag import figures_of
from migration.pages.run_outlook import at_work_in, expected_of
from migration.pages.run_parts import (
    Actions,
    CarrierLine,
    Expected,
    LevelChip,
    Log,
    LogLine,
    ProtectedLine,
    RejectLine,
    Step,
    TableLine,
    Totals,
)
from migration.pages.run_verdict import Verdict, verdict_of
from migration.pages.words import duration, number, rate, size
from schemadiff.core.counted import counted
from schemadiff.core.options.option import OptionName
from schemadiff.permissions import Access, Permission

LOG_LINES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage:
    section: str = "runs"
    run: Run
    option: str
    verdict: Verdict
    steps: tuple[Step, ...]
    totals: Totals
    tables: tuple[TableLine, ...]
    rejects: tuple[RejectLine, ...]
    carriers: tuple[CarrierLine, ...]
    protected: tuple[ProtectedLine, ...]
    log: Log
    actions: Actions
    expected: Expected | None
    at_work: str  # what is being built, and how far it is
    took: str
    live: bool
    waiting: str  # what the copy waits for just now
    following: tuple[tuple[str, str], ...]  # how far the target is behind its source
    held_back: str  # its limits, in words
    backup: str  # the file, in words


def run_page(run: Run, access: Access, *, level: str = "") -> RunPage:
    """Eight queries, whatever the run's size. `run` comes with its relations selected."""
    now = timezone.now()
    rows = list(run.table_rows.all())
    totals = _totals(rows)
    protected = _protected(run, list(run.fingerprints.all()))
    ended = run.state == RunState.ENDED
    return RunPage(
        run=run,
        option=run.option.capitalize(),
        verdict=verdict_of(
            run,
            now=now,
            tables=totals.tables,
            rows=totals.rows,
            written=totals.written,
            rejects=totals.rejects,
            verified=totals.verified,
            protected_moved=tuple(line.table for line in protected if line.same is False),
        ),
        steps=_steps(run),
        totals=totals,
        tables=tuple(_table_line(row, at_work=run.state in AT_WORK) for row in rows),
        rejects=tuple(_reject_line(row) for row in run.reject_groups.all()),
        carriers=tuple(
            CarrierLine(name=each.name, chunks=number(each.chunks), rows=number(each.rows))
            for each in run.carriers.all()
        ),
        protected=protected,
        log=_log(run, level),
        actions=_actions(run, access),
        expected=expected_of(run, now),
        at_work=at_work_in(run, now),
        took=duration(
            ((run.ended_at if ended else None) or now) - run.started_at if run.started_at else None
        ),
        live=run.state not in (RunState.PAUSED, RunState.ENDED),
        following=figures_of(run),
        waiting=run.waiting if run.state == RunState.RUNNING and run.phase == Phase.COPY else "",
        backup=_backup(run.backup) if run.backup else "",
        held_back=limits_from_json(getattr(run, "held_back_by", None)).label,
    )


def _steps(run: Run) -> tuple[Step, ...]:
    order = phases_of(live=run.live)
    phase = Phase(run.phase)
    reached = Phase(run.reached) if phase in STOPPED else phase
    at = order.index(reached) if reached in order else 0
    return tuple(
        Step(word=phase_word(step), state=_step_state(run, index, at)) for index, step in enumerate(order)
    )


def _step_state(run: Run, index: int, at: int) -> str:
    if index < at or run.phase == Phase.FINISH:
        return "done"
    if index > at or run.started_at is None:
        return "todo"
    return "failed" if Phase(run.phase) in STOPPED else "active"


def _totals(rows: Sequence[RunTable]) -> Totals:
    total, written = sum(row.rows_total for row in rows), sum(row.rows_written for row in rows)
    rejects, seconds = sum(row.rejects for row in rows), sum(row.seconds for row in rows)
    verified = sum(row.differing == 0 for row in rows)
    speed = Share(total=total, written=written, rejects=rejects, seconds=seconds).rate
    return Totals(
        tables=len(rows),
        verified=verified,
        rows=total,
        written=written,
        rejects=rejects,
        percent=percent(written + rejects, total) if total else 0,
        facts=(
            ("Rows in the target", f"{written:,} of {total:,}"),
            ("Rejects", number(rejects)),
            ("Copied", size(sum(row.bytes_copied for row in rows))),
            ("Rate per stream", rate(speed)),
            ("Tables verified", f"{verified} of {len(rows)}"),
        ),
    )


_LOOKS = {
    TableState.NOT_STARTED: ("neutral", "○"),
    TableState.COPYING: ("info", "●"),
    TableState.COPIED: ("neutral", "◐"),
    TableState.VERIFIED: ("ok", "✓"),
    TableState.DIFFERENT: ("bad", "✕"),
}
_PARTLY_COPIED = ("neutral", "◔", "partly copied")  # and nobody goes on with it just now


def _table_line(row: RunTable, *, at_work: bool) -> TableLine:
    tone, glyph = _LOOKS[TableState(row.state)]
    state = row.state
    if state == TableState.COPYING and not at_work:
        tone, glyph, state = _PARTLY_COPIED
    share = _share(row)
    source, target = f"{row.source_schema}.{row.source_table}", f"{row.target_schema}.{row.target_table}"
    counted = row.state != TableState.NOT_STARTED or row.rows_total > 0
    return TableLine(
        source=source,
        target=target if target != source else "",
        state=state,
        tone=tone,
        glyph=glyph,
        total=number(row.rows_total) if counted else "",
        written=number(row.rows_written),
        percent=percent(share.handled, share.total) if counted else None,
        rate=rate(share.rate),
        rejects=number(row.rejects),
        verified=_verified(row),
        method=row.method,
    )


def _verified(row: RunTable) -> str:
    if row.differing is None:
        return "—"
    return f"✕ {row.differing:,} differ" if row.differing else "✓ equal"


def _share(row: RunTable) -> Share:
    return Share(total=row.rows_total, written=row.rows_written, rejects=row.rejects, seconds=row.seconds)


def _reject_line(row: RunReject) -> RejectLine:
    return RejectLine(
        schema=row.source_schema,
        table=row.source_table,
        column=row.column,
        constraint=row.constraint,
        sqlstate=row.sqlstate,
        reason=row.reason,
        count=number(row.count),
    )


def _protected(run: Run, prints: Sequence[RunFingerprint]) -> tuple[ProtectedLine, ...]:
    found = {(entry.schema, entry.table, entry.moment): entry for entry in prints}
    return tuple(
        _protected_line(
            schema, table, found.get((schema, table, "before")), found.get((schema, table, "after"))
        )
        for schema, table in run.protected
    )


def _protected_line(
    schema: str, table: str, before: RunFingerprint | None, after: RunFingerprint | None
) -> ProtectedLine:
    return ProtectedLine(
        table=f"{schema}.{table}",
        rows_before=number(before.rows) if before else "—",
        rows_after=number(after.rows) if after else "—",
        digest_before=before.digest[:12] if before else "—",
        digest_after=after.digest[:12] if after else "—",
        same=(before.rows, before.digest) == (after.rows, after.digest) if before and after else None,
    )


def _log(run: Run, level: str) -> Log:
    counts = dict(run.events.order_by().values_list("level").annotate(Count("pk")))
    total = sum(counts.values())
    lines = run.events.filter(level=level) if level in counts else run.events.all()
    newest = list(lines.order_by("-pk")[:LOG_LINES])
    return Log(
        lines=tuple(_log_line(event) for event in reversed(newest)),
        levels=(
            LevelChip(key="", word="All", count=total, chosen=level not in counts),
            *(
                LevelChip(key=each, word=_LEVEL_WORDS[each], count=counts.get(each, 0), chosen=level == each)
                for each in (Level.ERROR, Level.WARNING, Level.INFO)
                if counts.get(each)
            ),
        ),
        level=level if level in counts else "",
        left_out=counts.get(level, total) - len(newest),
    )


_LEVEL_WORDS = {Level.ERROR: "✕ Errors", Level.WARNING: "▲ Warnings", Level.INFO: "Information"}


def _log_line(event: RunEvent) -> LogLine:
    return LogLine(
        at=event.at, phase=phase_word(Phase(event.phase)), level=event.level, message=event.message
    )


def _backup(made: dict[str, Any]) -> str:
    return f"{counted(made['tables'], 'table')}, {size(made['size'])}, on {made['host']}: {made['path']}"


def _actions(run: Run, access: Access) -> Actions:
    may = access.allows(Permission.RUN)
    ended = run.state == RunState.ENDED
    put_back = run.phase == Phase.ROLLED_BACK
    touched = run.started_at is not None
    failed_to_compare = run.phase == Phase.FAILED and run.reached == Phase.VERIFY
    carried = ended and (run.phase == Phase.FINISH or failed_to_compare)
    return Actions(
        pause=may and run.state in (RunState.QUEUED, RunState.RUNNING),
        cancel=may and run.state in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSING, RunState.PAUSED),
        resume=may and (run.state == RunState.PAUSED or (ended and run.phase == Phase.FAILED)),
        limits=may and (run.state == RunState.PAUSED or (ended and run.phase == Phase.FAILED)),
        restore=may and ended and touched and not put_back and run.option == OptionName.RECREATE,
        restore_backup=may and ended and bool(run.backup),
        clean=may and ended and touched,
        see_rows=access.allows(Permission.SEE_ROWS),
        verify=carried,
        retry=may and carried,
        bring_back=may and carried and bool(getattr(run, "overwrote", False)),
        cut_over=may and run.live and touched,
    )
