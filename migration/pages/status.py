"""The status page: the verdict, then everything that it rests on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.forms import BaseForm
from django.utils import timezone

from migration.charts import RowsOfRun, StagesDone, rows_figure, rows_of_runs, stages_done, stages_figure
from migration.core.flags import Backend
from migration.core.phases import Phase
from migration.core.progress import phase_word
from migration.core.spans import span
from migration.core.verdict import Sentence
from migration.flag_board import Board
from migration.models import Lesson, PastDecision, Stage, StageState
from migration.pages.flags import BADGES, Badge
from migration.pages.run_lag import sentence_of
from migration.status import RunLine, Status
from schemadiff.models import Decision

_STAGES = {
    StageState.PENDING: Badge(glyph="○", word="pending", chip="neutral"),
    StageState.ACTIVE: Badge(glyph="●", word="in progress", chip="info"),
    StageState.BLOCKED: Badge(glyph="✕", word="blocked", chip="bad"),
    StageState.DEFERRED: Badge(glyph="↷", word="deferred", chip="warn"),
    StageState.DONE: Badge(glyph="✓", word="done", chip="ok"),
}
_STEPS = {StageState.DONE: "done", StageState.ACTIVE: "active", StageState.BLOCKED: "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StageRow:
    pk: int
    number: str
    title: str
    badge: Badge
    step: str  # the class of its place in the row of steps
    planned: str
    actual: str
    finished_on: date | None
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    number: int
    option: str
    badge: Badge
    started_at: datetime | None
    took: str
    rows_total: str
    rows_written: str
    rows_verified: str
    rejects: str
    differing: str
    checked: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionBlock:
    """The decision in force or a superseded one, with why the others were not chosen."""

    pk: int
    option: str
    reason: str
    author: str
    decided_at: datetime
    comparison: int
    alternatives: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationLine:
    name: str
    revision: int
    modules: tuple[tuple[str, Badge], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPage:
    verdict: Sentence
    copies: tuple[str, ...]  # how far each copy that is kept up is behind
    blockers: tuple[Sentence, ...]
    stages: tuple[StageRow, ...]
    runs: tuple[RunRow, ...]
    decision: DecisionBlock | None
    superseded: tuple[DecisionBlock, ...]
    past_decisions: tuple[PastDecision, ...]
    lessons: tuple[Lesson, ...]
    applications: tuple[ApplicationLine, ...]
    stages_done: tuple[StagesDone, ...]
    stages_chart: dict[str, Any]
    rows: tuple[RowsOfRun, ...]
    rows_chart: dict[str, Any]
    updated_at: datetime | None
    empty: bool
    section: str = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class StagePage:
    """`stage` is None for a new one."""

    form: BaseForm
    stage: Stage | None
    section: str = "status"


def status_page(status: Status) -> StatusPage:
    now = timezone.now()
    days, rows = stages_done(status.stages), rows_of_runs(status.runs)
    return StatusPage(
        verdict=status.verdict,
        copies=tuple(said for line in status.runs if (said := sentence_of(line.run, now))),
        blockers=status.blockers,
        stages=tuple(_stage_row(stage) for stage in status.stages),
        runs=tuple(_run_row(line) for line in status.runs),
        decision=_decision(status.decision) if status.decision else None,
        superseded=tuple(_decision(entry) for entry in status.superseded),
        past_decisions=status.past_decisions,
        lessons=status.lessons,
        applications=tuple(_application(board) for board in status.boards),
        stages_done=days,
        stages_chart=stages_figure(days, len(status.stages)),
        rows=rows,
        rows_chart=rows_figure(rows),
        updated_at=status.updated_at,
        empty=status.is_empty,
    )


def _stage_row(stage: Stage) -> StageRow:
    state = StageState(stage.state)
    return StageRow(
        pk=stage.pk,
        number=stage.number,
        title=stage.title,
        badge=_STAGES[state],
        step=_STEPS.get(state, "todo"),
        planned=stage.planned,
        actual=stage.actual,
        finished_on=stage.finished_on,
        result=stage.result,
    )


def _run_row(line: RunLine) -> RunRow:
    run, fact = line.run, line.fact
    return RunRow(
        number=run.number,
        option=run.option,
        badge=run_badge(line),
        started_at=run.started_at,
        took="—" if line.seconds is None else span(timedelta(seconds=max(1.0, line.seconds))),
        rows_total=f"{fact.rows_total:,}",
        rows_written=f"{fact.rows_written:,}",
        rows_verified=f"{fact.rows_verified:,}",
        rejects=f"{fact.rejects:,}",
        differing=f"{fact.differing:,}",
        checked=f"{fact.tables_checked} of {fact.tables}",
        by=run.created_by.get_username() if run.created_by else "—",
    )


def run_badge(line: RunLine) -> Badge:
    """A run's state as colour, glyph and word."""
    fact = line.fact
    if fact.paused:
        return Badge(glyph="‖", word=f"paused at {phase_word(fact.phase).lower()}", chip="warn")
    if not fact.over:
        return Badge(glyph="●", word=phase_word(fact.phase).lower(), chip="info")
    if fact.phase is Phase.FAILED:
        return Badge(glyph="✕", word=f"stopped at {phase_word(fact.reached).lower()}", chip="bad")
    if fact.phase is Phase.FINISH and fact.differing:
        return Badge(glyph="▲", word="finished, rows differ", chip="bad")
    if fact.phase is Phase.FINISH and fact.rejects:
        return Badge(glyph="▲", word="finished with rejects", chip="warn")
    if fact.phase is Phase.FINISH:
        return Badge(glyph="✓", word="finished", chip="ok")
    return Badge(glyph="−", word=phase_word(fact.phase).lower(), chip="neutral")


def _decision(decision: Decision) -> DecisionBlock:
    return DecisionBlock(
        pk=decision.pk,
        option=decision.option,
        reason=decision.reason,
        author=decision.signed_by,
        decided_at=decision.decided_at,
        comparison=decision.comparison.number,
        alternatives=tuple((entry["option"], entry["why_not"]) for entry in decision.alternatives),
    )


def _application(board: Board) -> ApplicationLine:
    rows = [row for row in board.modules if row.module] or list(board.modules)
    return ApplicationLine(
        name=str(board.application),
        revision=board.revision.number,
        modules=tuple((row.module or "everything", BADGES[Backend(row.choice.backend)]) for row in rows),
    )
