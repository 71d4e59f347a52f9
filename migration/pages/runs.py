"""The list of runs, and the pages around one: confirming its start, its rejects, what it left behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet, Sum
from django.utils import timezone

from migration.core.phases import STOPPED, Phase
from migration.core.progress import phase_word
from migration.forms.runs import StartForm
from migration.models import Run, RunState
from migration.pages.words import duration, number
from migration.runs import Start
from schemadiff.core.catalog import Kind
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Section
from schemadiff.models import Comparison
from schemadiff.store import catalog_of


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
    rows: str  # the planner's estimate; empty where it has none


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
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPage:
    """A question before something that cannot be taken back with one click."""

    section: str = "runs"
    run: Run
    title: str
    explanation: tuple[str, ...]
    action: str
    danger: bool


def runs_page(runs: QuerySet[Run], plan: tuple[int, str] | None) -> RunsPage:
    """Two queries for the list, whatever its length."""
    found = (
        runs.select_related("source", "target", "created_by")
        .defer("spec")
        .annotate(
            rows=Sum("table_rows__rows_total"),
            written=Sum("table_rows__rows_written"),
            rejected=Sum("table_rows__rejects"),
        )
    )
    return RunsPage(runs=tuple(_run_line(run) for run in found), plan=plan)


def start_page(
    comparison: Comparison, option: str, form: StartForm, *, start: Start | None, refusal: str
) -> StartPage:
    """What will happen, from the plan itself."""
    if start is None:
        return StartPage(comparison=comparison, option=option, form=form, refusal=refusal, start=None)
    plan, scope = start.option.plan, start.option.scope
    parking = plan.section(Section.PARK)
    tables = _to_carry(comparison, start)
    return StartPage(
        comparison=comparison,
        option=option,
        form=form,
        refusal="",
        start=start,
        parked=tuple(sorted({s.ref.label for s in parking if s.ref.kind is Kind.TABLE})),
        parked_keys=sum(s.ref.kind is Kind.CONSTRAINT for s in parking),
        tables=tables,
        protected=_names(scope.protected),
        statements=len(plan.statements),
        notices=tuple(notice.message for notice in plan.notices),
    )


def _to_carry(comparison: Comparison, start: Start) -> tuple[TableToCarry, ...]:
    catalog = catalog_of(comparison.source)
    found = []
    for entry in start.option.mapping.restricted_to(start.option.scope.tables).tables:
        table = catalog.table(*entry.source)
        estimate = table.estimated_rows if table is not None else -1
        found.append(
            TableToCarry(
                name=".".join(entry.source),
                target=".".join(entry.target),
                rows=number(estimate) if estimate >= 0 else "",
            )
        )
    return tuple(found)


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
    if run.state == RunState.RUNNING:
        return f"Running: {phase_word(phase)}", "info", "●"
    if phase is Phase.FINISH:
        return "Finished", "ok", "✓"
    if phase is Phase.FAILED:
        return f"Failed in {phase_word(Phase(run.reached))}", "bad", "✕"
    assert phase in STOPPED
    return ("Cancelled", "warn", "▲") if phase is Phase.CANCELLED else ("Restored", "neutral", "↶")
