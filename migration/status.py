"""Where the project stands, computed from its rows: verdict, stages, runs, decisions, blockers, lessons."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum

from migration import flag_board
from migration.core.flags import Backend
from migration.core.phases import Phase
from migration.core.verdict import (
    Facts,
    RunFact,
    Sentence,
    StageFact,
    StageStanding,
    Tone,
    alert_text,
    blockers,
    verdict,
)
from migration.flag_board import Board
from migration.models import Lesson, PastDecision, Run, RunState, Stage, Verification
from migration.store.verifications import alerts
from schemadiff.models import Decision, Project
from schemadiff.store import movements

RUNS_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run and its figures."""

    run: Run
    fact: RunFact
    seconds: float | None  # None: not started, or not over


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """All that a status page or the context document says. Holds no row values of the databases."""

    project: Project
    verdict: Sentence
    blockers: tuple[Sentence, ...]
    stages: tuple[Stage, ...]
    runs: tuple[RunLine, ...]  # the newest first
    decision: Decision | None  # the one in force
    superseded: tuple[Decision, ...]
    past_decisions: tuple[PastDecision, ...]
    lessons: tuple[Lesson, ...]
    boards: tuple[Board, ...]
    updated_at: datetime | None  # the newest thing that any of it rests on

    @property
    def is_empty(self) -> bool:
        """Nothing has happened that could be shown."""
        return not (self.stages or self.runs or self.decision or self.past_decisions)


def status_of(project: Project) -> Status:
    """Read the project's rows and say where it stands. The number of queries does not depend on them."""
    stages = tuple(project.stages.all())
    runs = tuple(_line(run) for run in _runs(project))
    decisions = tuple(_decisions(project))
    boards = flag_board.boards(project)
    facts = _facts(project, stages, runs, decisions, boards)
    return Status(
        project=project,
        verdict=verdict(facts),
        blockers=(*blockers(facts), *_alerts(project), *_firing(project)),
        stages=stages,
        runs=runs,
        decision=next((entry for entry in decisions if entry.superseded_by_id is None), None),
        superseded=tuple(entry for entry in decisions if entry.superseded_by_id is not None),
        past_decisions=tuple(project.past_decisions.all()),
        lessons=tuple(project.lessons.all()),
        boards=boards,
        updated_at=_updated_at(runs, decisions, boards),
    )


def _alerts(project: Project) -> list[Sentence]:
    """What scheduled verifications found. Two queries."""
    return [
        Sentence(
            text=alert_text(
                number=alert.schedule.run.number,
                at=alert.verification.ended_at or alert.verification.requested_at,
                differing=alert.verification.differing,
                tolerated=alert.schedule.tolerated,
            ),
            tone=Tone.WARN,
        )
        for alert in alerts(project)
    ]


def _firing(project: Project) -> list[Sentence]:
    """How many alerts fire, as the project knows it. No query."""
    count = project.firing_alerts
    if not count:
        return []
    words = "1 alert of the monitoring fires" if count == 1 else f"{count} alerts of the monitoring fire"
    return [Sentence(text=f"{words}: see Monitoring.", tone=Tone.WARN)]


def _runs(project: Project) -> QuerySet[Run]:
    """Runs with their tables' totals, in one query."""
    verified = Q(table_rows__differing=0)
    return (
        project.runs.select_related("created_by")
        .annotate(
            tables_count=Count("table_rows"),
            tables_checked=Count("table_rows", filter=Q(table_rows__differing__isnull=False)),
            tables_differing=Count("table_rows", filter=Q(table_rows__differing__gt=0)),
            sum_total=Sum("table_rows__rows_total", default=0),
            sum_written=Sum("table_rows__rows_written", default=0),
            sum_verified=Sum("table_rows__rows_written", filter=verified, default=0),
            sum_rejects=Sum("table_rows__rejects", default=0),
            sum_differing=Sum("table_rows__differing", default=0),
            last_differing=Subquery(_verified_again().values("differing")[:1]),
            tolerated=F("schedule__tolerated"),
            took=F("ended_at") - F("started_at"),
        )
        .order_by("-number")[:RUNS_SHOWN]
    )


def _decisions(project: Project) -> QuerySet[Decision]:
    return (
        project.decisions.select_related("comparison__source", "comparison__target")
        .defer("comparison__source__catalog", "comparison__target__catalog", "figures")
        .order_by("-decided_at")
    )


def _verified_again() -> QuerySet[Verification]:
    """Since the run itself compared; the newest first. A sample that found nothing says nothing of the rest."""
    done = Verification.objects.filter(run=OuterRef("pk"), state=Verification.State.DONE)
    return done.exclude(sample__isnull=False, differing=0).order_by("-number")


def _differing(found: dict[str, Any]) -> int:
    """Rows that differ as far as is known: as the latest verification found, where there was one."""
    latest = found["last_differing"]
    if latest is None:
        return int(found["sum_differing"])
    return 0 if latest <= (found["tolerated"] or 0) else int(latest)


def _line(run: Run) -> RunLine:
    found = vars(run)
    fact = RunFact(
        number=run.number,
        option=run.option,
        phase=Phase(run.phase),
        reached=Phase(run.reached),
        over=run.state == RunState.ENDED,
        paused=run.state == RunState.PAUSED,
        tables=found["tables_count"],
        tables_checked=found["tables_checked"],
        tables_differing=found["tables_differing"],
        rows_total=found["sum_total"],
        rows_written=found["sum_written"],
        rows_verified=found["sum_verified"],
        rejects=found["sum_rejects"],
        differing=_differing(found),
    )
    return RunLine(run=run, fact=fact, seconds=found["took"].total_seconds() if found["took"] else None)


def _facts(
    project: Project,
    stages: tuple[Stage, ...],
    runs: tuple[RunLine, ...],
    decisions: tuple[Decision, ...],
    boards: tuple[Board, ...],
) -> Facts:
    current = next((entry for entry in decisions if entry.superseded_by_id is None), None)
    newest = project.comparisons.order_by("-number").values_list("number", flat=True).first()
    return Facts(
        stages=tuple(
            StageFact(
                number=stage.number,
                title=stage.title,
                state=StageStanding(stage.state),
                result=stage.result,
                since=stage.finished_on,
            )
            for stage in stages
        ),
        run=next((line.fact for line in runs if line.fact.counts), None),
        decided=current.option if current else "",
        decision_moved=_moved(current),
        connections=project.connections.count(),
        comparison=newest,
        without_backend=_without_backend(boards),
    )


def _moved(decision: Decision | None) -> tuple[str, ...]:
    """Why a run would no longer carry out what was decided, as sentences."""
    return tuple(each.sentence for each in movements(decision) if each.is_serious) if decision else ()


def _without_backend(boards: tuple[Board, ...]) -> tuple[str, ...]:
    return tuple(
        f"{board.application}: {row.module or 'whatever belongs to no module'}"
        for board in boards
        for row in board.modules
        if row.choice.backend is Backend.NONE
    )


def _updated_at(
    runs: tuple[RunLine, ...], decisions: tuple[Decision, ...], boards: tuple[Board, ...]
) -> datetime | None:
    moments = [line.run.ended_at or line.run.started_at or line.run.created_at for line in runs]
    moments += [entry.decided_at for entry in decisions]
    moments += [board.revision.created_at for board in boards]
    return max(moments, default=None)
