"""The second half of a project's journey: the run, the flags, the status. Computed from rows."""

from dataclasses import replace

from django.db.models import Sum
from django.urls import reverse

from migration import flag_board
from migration.core.flags import Backend
from migration.core.phases import Phase
from migration.core.progress import phase_word
from migration.models import Run, RunState
from schemadiff.journey import Step, StepState
from schemadiff.models import Project
from schemadiff.permissions import Permission


def steps_of(project: Project) -> tuple[Step, ...]:
    """What follows the decision."""
    run = project.runs.first()
    return (_run(project, run), _flags(project), _status(project, run))


def _run(project: Project, run: Run | None) -> Step:
    step = Step(
        key="run",
        title="Run",
        state=StepState.OPEN,
        sentence="Carry the data over by the option that was chosen, and verify it.",
        action="Runs",
        url=reverse("migration:runs", kwargs={"project": project.slug}),
    )
    if run is None:
        return _first_run(project, step)
    url = reverse("migration:run", kwargs={"project": project.slug, "number": run.number})
    step = replace(step, action=f"Run #{run.number}", url=url)
    name = f"{run}, {run.option}"
    if run.state != RunState.ENDED:
        paused = ", paused" if run.state == RunState.PAUSED else ""
        sentence = f"{name}: {phase_word(Phase(run.phase)).lower()}{paused}."
        return replace(step, state=StepState.ACTIVE, sentence=sentence)
    if run.phase == Phase.FINISH:
        return replace(step, state=StepState.DONE, sentence=f"{name}: {_carried(run)}.")
    if run.phase == Phase.FAILED:
        return replace(step, state=StepState.FAILED, sentence=f"{name} failed. {run.error}".strip())
    return replace(step, sentence=f"{name} was {run.phase.replace('_', ' ')}; another one can be started.")


def _first_run(project: Project, step: Step) -> Step:
    if not project.decisions.exists():
        return step
    url = reverse("migration:run_start", kwargs={"project": project.slug})
    return replace(step, action="Start a run", url=url, permission=Permission.RUN)


def _carried(run: Run) -> str:
    sums = run.table_rows.aggregate(
        rows=Sum("rows_written"), rejects=Sum("rejects"), differing=Sum("differing")
    )
    said = f"{sums['rows'] or 0:,} rows carried over"
    said += f", {sums['rejects']:,} rejects" if sums["rejects"] else ", no rejects"
    return said + (f", {sums['differing']:,} differing" if sums["differing"] else "")


def _flags(project: Project) -> Step:
    """Done when every module of every application follows the target."""
    step = Step(
        key="flags",
        title="Flags",
        state=StepState.OPEN,
        sentence="Say which application reads its backend here, then switch it over, module by module.",
        action="Flags",
        url=reverse("migration:flags", kwargs={"project": project.slug}),
        permission=Permission.SEE_SCHEMA,
    )
    backends = [
        module.choice.backend
        for board in flag_board.boards(project)
        for module in board.modules
        if module.module
    ]
    if not backends:
        return step
    switched = sum(backend is Backend.TARGET for backend in backends)
    sentence = f"{switched} of {len(backends)} modules use the target."
    done = switched == len(backends)
    return replace(step, state=StepState.DONE if done else StepState.OPEN, sentence=sentence)


def _status(project: Project, run: Run | None) -> Step:
    over = run is not None and run.phase == Phase.FINISH
    return Step(
        key="status",
        title="Status",
        state=StepState.DONE if over else StepState.OPEN,
        sentence="Where things stand and why, for those who follow it.",
        action="Status",
        url=reverse("migration:status", kwargs={"project": project.slug}),
    )
