"""The list of runs, and the pages around one: confirming its start, its rejects, what it left behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils import timezone

from migration.core.limits import limits_from_json, limits_to_json
from migration.core.phases import STOPPED, Phase
from migration.core.progress import phase_word
from migration.engine.clean import SLOT, Leftover
from migration.engine.restore_backup import BackupRestoration
from migration.engine.rows_since import RowsOfTable
from migration.forms.runs import LimitsForm, StartForm
from migration.leftovers import Left, LeftByRun, Prospect
from migration.models import Run, RunState
from migration.pages.words import duration, number, size
from migration.runs import Start
from schemadiff.core.catalog import Kind
from schemadiff.core.counted import counted as in_number
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.measures import ddl
from schemadiff.core.plan import Mode, Section
from schemadiff.models import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run in the list."""

    number: int
    option: str
    word: str
    tone: str
    glyph: str
    source: str
    target: str
    rows: str
    written: str
    rejects: str
    started_at: datetime | None
    took: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsPage:
    section: str = "runs"
    runs: tuple[RunLine, ...]
    plan: tuple[int, str] | None  # comparison and option that the decision in force would run


@dataclass(frozen=True, slots=True, kw_only=True)
class TableToCarry:
    name: str
    target: str
    rows: str  # empty: not counted


@dataclass(frozen=True, slots=True, kw_only=True)
class StartPage:
    section: str = "runs"
    comparison: Comparison
    option: str
    form: StartForm
    refusal: str
    start: Start | None
    parked: tuple[str, ...] = ()
    parked_keys: int = 0
    tables: tuple[TableToCarry, ...] = ()
    protected: tuple[str, ...] = ()
    statements: int = 0
    is_online: bool = False
    rows: str = ""  # empty where a table was not counted
    notices: tuple[str, ...] = ()
    unsaved: str = ""  # why no backup can be made here


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """A question before what cannot be taken back with one click. `lists` name what is concerned."""

    section: str = "runs"
    run: Run
    title: str
    explanation: tuple[str, ...]
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    action: str
    refusal: str = ""
    remedy: str = ""  # "flags": where that helps against the refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverLine:
    kind: str
    name: str
    size: str
    what: str
    alone: bool  # has it a button of its own?


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverGroup:
    """What one run left, removed together with one button."""

    ledger_id: str
    title: str
    number: int | None
    lines: tuple[LeftoverLine, ...]
    rows_at_stake: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoversPage:
    section: str = "runs"
    run: Run
    groups: tuple[LeftoverGroup, ...]
    shared: tuple[LeftoverLine, ...]  # of all runs
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsPage:
    section: str = "runs"
    run: Run
    form: LimitsForm


def limits_of(run: Run) -> dict[str, Any]:
    """The limits that a run was read with, for a form."""
    return limits_to_json(limits_from_json(getattr(run, "held_back_by", None)))


def limits_page(run: Run, form: LimitsForm) -> LimitsPage:
    return LimitsPage(run=run, form=form)


def cancel_page(run: Run) -> ConfirmPage:
    return ConfirmPage(
        run=run,
        title=f"Cancel run #{run.number}?",
        explanation=(
            "It stops after the rows at hand. What was copied so far stays in the target, and what was "
            "parked can be restored afterwards.",
            "A cancelled run cannot be resumed: a new one starts from the beginning.",
        ),
        action="Cancel the run",
    )


def restore_page(run: Run, prospect: Prospect) -> ConfirmPage:
    restoration = prospect.restoration
    return ConfirmPage(
        run=run,
        title=_restore_title(run),
        explanation=(
            "In one transaction, the target gets back what this run put aside, with its rows and foreign keys. "
            f"What the run made is not removed: it moves into the schema {restoration.aside}, with the rows "
            "copied into it. The source is not touched.",
            f"Rows that applications wrote into these tables after the run move to {restoration.aside} too: they "
            "are not in the tables that come back.",
        ),
        lists=(
            ("Rows of what is moved aside", tuple(_rows_words(rows) for rows in prospect.rows)),
            ("Put back", tuple(f"{each.from_schema}.{each.from_name}" for each in restoration.put_back)),
            ("Foreign keys as they were", tuple(f"{k.schema}.{k.table}: {k.name}" for k in restoration.keys)),
            ("Moved aside", tuple(f"{each.schema}.{each.name}" for each in restoration.put_aside)),
        ),
        action="Restore",
    )


def restore_refused_page(run: Run, refusal: str, *, remedy: str = "") -> ConfirmPage:
    return ConfirmPage(
        run=run, title=_restore_title(run), explanation=(), action="", refusal=refusal, remedy=remedy
    )


def restore_backup_page(run: Run, restoration: BackupRestoration) -> ConfirmPage:
    backup = restoration.backup
    return ConfirmPage(
        run=run,
        title=_backup_title(run),
        explanation=(
            f"In one transaction, the target gets back these tables as pg_dump found them at {backup.taken_at}, and "
            "they are hashed: where the rows are not the same, nothing is changed. The source is not touched.",
            f"What lies in their places now is not removed: it moves into the schema {restoration.aside}. Rows that "
            "were written after the backup are there, not in the tables that come back.",
        ),
        lists=(
            (
                "Brought back",
                tuple(f"{'.'.join(t.table)}: {in_number(t.rows, 'row')}" for t in backup.tables),
            ),
            ("Foreign keys added anew", tuple(f"{k.schema}.{k.table}: {k.name}" for k in restoration.keys)),
            ("Moved aside", tuple(".".join(table) for table in restoration.put_aside)),
        ),
        action="Bring back",
    )


def restore_backup_refused_page(run: Run, refusal: str, *, remedy: str = "") -> ConfirmPage:
    return ConfirmPage(
        run=run, title=_backup_title(run), explanation=(), action="", refusal=refusal, remedy=remedy
    )


def _backup_title(run: Run) -> str:
    return f"Bring back what run #{run.number} backed up?"


def _restore_title(run: Run) -> str:
    return f"Restore what run #{run.number} parked?"


def _rows_words(rows: RowsOfTable) -> str:
    written = f"{rows.table}: {number(rows.written)} written by the run"
    if rows.now is None:
        return f"{written}, too large to be counted now"
    return f"{written}, {number(rows.now)} there now"


def leftovers_page(run: Run, found: Left, *, problem: str = "") -> LeftoversPage:
    return LeftoversPage(
        run=run,
        groups=tuple(_group(left) for left in found.runs),
        shared=tuple(_leftover_line(item) for item in found.shared),
        problem=problem,
    )


def _group(left: LeftByRun) -> LeftoverGroup:
    return LeftoverGroup(
        ledger_id=str(left.ledger_id),
        title=f"Run #{left.run.number}" if left.run else "A run of the command line",
        number=left.run.number if left.run else None,
        lines=tuple(_leftover_line(item, is_known=left.run is not None) for item in left.leftovers),
        rows_at_stake=any(item.kind != "run" for item in left.leftovers),
    )


def _leftover_line(item: Leftover, *, is_known: bool = True) -> LeftoverLine:
    """A slot goes only where the source is known that it is on."""
    return LeftoverLine(
        kind=item.kind,
        name=item.name,
        size=size(item.size) if item.size else "—",
        what=item.what,
        alone=item.alone and (is_known or item.kind != SLOT),
    )


def runs_page(runs: QuerySet[Run], plan: tuple[int, str] | None) -> RunsPage:
    """Two queries for the list, whatever its length."""
    found = (
        runs.select_related("source", "target", "created_by")
        .order_by("-number")
        .defer("spec")
        .annotate(
            rows=Sum("table_rows__rows_total"),
            written=Sum("table_rows__rows_written"),
            rejected=Sum("table_rows__rejects"),
        )
    )
    return RunsPage(runs=tuple(_run_line(run) for run in found), plan=plan)


def start_page(
    comparison: Comparison,
    option: str,
    form: StartForm,
    *,
    start: Start | None = None,
    counted: dict[QualifiedName, int] | None = None,
    refusal: str = "",
    unsaved: str = "",
) -> StartPage:
    """What will happen, from the plan itself. `counted` says how many rows the source's tables hold."""
    if start is None:
        return StartPage(comparison=comparison, option=option, form=form, refusal=refusal, start=None)
    plan, scope, counted = start.option.plan, start.option.scope, counted or {}
    parking = plan.section(Section.PARK)
    carried = start.option.mapping.restricted_to(scope.tables).tables
    whole = all(table.source in counted for table in carried)
    return StartPage(
        comparison=comparison,
        option=option,
        form=form,
        refusal="",
        start=start,
        parked=tuple(sorted({s.ref.label for s in parking if s.ref.kind is Kind.TABLE})),
        parked_keys=sum(s.ref.kind is Kind.CONSTRAINT for s in parking),
        tables=tuple(
            TableToCarry(
                name=".".join(table.source),
                target=".".join(table.target),
                rows=number(counted[table.source]) if table.source in counted else "",
            )
            for table in carried
        ),
        rows=number(sum(counted[table.source] for table in carried)) if whole else "",
        protected=_names(scope.protected),
        statements=len(ddl(plan)),
        is_online=plan.mode is Mode.ONLINE,
        notices=tuple(notice.message for notice in plan.notices),
        unsaved=unsaved,
    )


def _names(tables: Iterable[QualifiedName]) -> tuple[str, ...]:
    return tuple(".".join(table) for table in tables)


def _run_line(run: Run) -> RunLine:
    word, tone, glyph = run_state(run)
    end = run.ended_at if run.state == RunState.ENDED else timezone.now()
    return RunLine(
        number=run.number,
        option=run.option.capitalize(),
        word=word,
        tone=tone,
        glyph=glyph,
        source=run.source.name,
        target=run.target.name,
        rows=number(getattr(run, "rows", None) or 0),
        written=number(getattr(run, "written", None) or 0),
        rejects=number(getattr(run, "rejected", None) or 0),
        started_at=run.started_at,
        took=duration(end - run.started_at if end and run.started_at else None),
        by=str(run.created_by or "somebody since removed"),
        reason=run.reason,
    )


def run_state(run: Run) -> tuple[str, str, str]:
    """A run's state as word, tone and glyph."""
    phase = Phase(run.phase)
    if run.state == RunState.QUEUED:
        return "Queued", "neutral", "○"
    if run.state == RunState.CANCELLING:
        return "Cancelling", "warn", "▲"
    if run.state == RunState.PAUSING:
        return "Pausing", "warn", "▲"
    if run.state == RunState.PAUSED:
        return f"Paused in {phase_word(phase)}", "warn", "‖"
    if run.state == RunState.RUNNING:
        return f"Running: {phase_word(phase)}", "info", "●"
    if phase is Phase.FINISH:
        return "Finished", "ok", "✓"
    if phase is Phase.FAILED:
        return f"Failed in {phase_word(Phase(run.reached))}", "bad", "✕"
    assert phase in STOPPED
    return ("Cancelled", "warn", "▲") if phase is Phase.CANCELLED else ("Restored", "neutral", "↶")
