"""The list of projects, and a project's overview."""

from dataclasses import dataclass

from schemadiff.forms.projects import MaskingForm, ProjectForm
from schemadiff.journey import Step, StepState, journey_of, next_step
from schemadiff.models import Project
from schemadiff.permissions import Access
from schemadiff.projects import Membership

_GLYPHS: dict[StepState, tuple[str, str]] = {
    StepState.DONE: ("✓", "done"),
    StepState.ACTIVE: ("●", "next"),
    StepState.OPEN: ("○", "to do"),
    StepState.FAILED: ("✕", "needs attention"),
}
_VERDICTS = {StepState.FAILED: "bad", StepState.ACTIVE: "info"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HomePage:
    memberships: tuple[Membership, ...]
    may_create: bool
    section: str = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectFormPage:
    form: ProjectForm
    section: str = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskingPage:
    form: MaskingForm
    section: str = "overview"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """A step as its line shows it; without `url` the viewer may not go there, or there is nothing yet."""

    title: str
    state: str
    glyph: str
    word: str
    sentence: str
    action: str
    url: str
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectPage:
    project: Project
    steps: tuple[StepRow, ...]
    verdict: str
    verdict_state: str
    section: str = "overview"


def project_page(access: Access) -> ProjectPage:
    """The journey as this member sees it."""
    steps = journey_of(access.project)
    upcoming = next_step(steps)
    return ProjectPage(
        project=access.project,
        steps=tuple(_row(step, access, is_next=step is upcoming) for step in steps),
        verdict=_verdict(upcoming, steps),
        verdict_state=_VERDICTS[upcoming.state] if upcoming else "ok",
    )


def _row(step: Step, access: Access, *, is_next: bool) -> StepRow:
    glyph, word = _GLYPHS[step.state]
    url = step.url if access.allows(step.permission) else ""
    return StepRow(
        title=step.title,
        state=step.state.value,
        glyph=glyph,
        word=word,
        sentence=step.sentence,
        action=step.action,
        url=url,
        is_next=is_next,
    )


def _verdict(upcoming: Step | None, steps: tuple[Step, ...]) -> str:
    done = sum(step.state is StepState.DONE for step in steps)
    if upcoming is None:
        return f"All {len(steps)} steps are done."
    if upcoming.state is StepState.FAILED:
        return f"{upcoming.title} needs attention. {upcoming.sentence}"
    return f"{done} of {len(steps)} steps are done. Next: {upcoming.title.lower()}. {upcoming.sentence}"
