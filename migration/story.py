"""Tells the example's story into a project: its stages, decisions, lessons, and the application with its flags."""

from migration import flags
from migration.models import Lesson, PastDecision, Stage
from migration.seedcase import story
from migration.seedcase.story import StageState, StoryDecision, StoryOption
from schemadiff.models import Project

TELLER = "demo"


def tell(project: Project) -> None:
    """Write what is missing, each part once; what people changed since stays as they left it."""
    if not project.stages.exists():
        Stage.objects.bulk_create(_stages(project))
    if not project.past_decisions.exists():
        PastDecision.objects.bulk_create(_decisions(project))
    if not project.lessons.exists():
        Lesson.objects.bulk_create(
            Lesson(project=project, position=position, text=text)
            for position, text in enumerate((f"Why it happened: {story.CAUSE}", *story.LESSONS))
        )
    if not project.applications.filter(name=story.APPLICATION, environment=story.ENVIRONMENT).exists():
        flags.create_application(
            project,
            name=story.APPLICATION,
            environment=story.ENVIRONMENT,
            modules=story.MODULES,
            user=TELLER,
        )


def _stages(project: Project) -> list[Stage]:
    return [
        Stage(
            project=project,
            position=position,
            number=stage.key,
            title=stage.name,
            state=stage.state.value,
            planned=stage.planned,
            actual=stage.actual,
            finished_on=stage.finished,
            result=_in_full(stage.result) if stage.state is StageState.BLOCKED else stage.result,
        )
        for position, stage in enumerate(story.STAGES)
    ]


def _in_full(result: str) -> str:
    """Why the blocked stage is blocked, and how that left the application."""
    return f"{result} ({story.FAILURE.seconds} s). {story.SITUATION}"


def _decisions(project: Project) -> list[PastDecision]:
    told = [_judged(story.OPTIONS), *(_told(decision) for decision in story.DECISIONS)]
    return [
        PastDecision(project=project, position=position, subject=subject, chosen=chosen, rejected=rejected)
        for position, (subject, chosen, rejected) in enumerate(told)
    ]


def _told(decision: StoryDecision) -> tuple[str, str, str]:
    rejected = "; ".join(f"{what}: {why}" for what, why in decision.rejected)
    return decision.question, decision.chosen, rejected


def _judged(options: tuple[StoryOption, ...]) -> tuple[str, str, str]:
    """The three ways out as the team judged them by hand, before anything was measured."""
    best = next(option for option in options if option.recommended)
    reasons = ", ".join(reason[:1].lower() + reason[1:] for reason in story.REASONS)
    chosen = f"{best.key}, recommended: {best.time}, risk {best.risk}; {reasons}. {story.TRADE_OFF}"
    rejected = "; ".join(
        f"{option.key}: {option.time}, risk {option.risk}: {', '.join(option.drawbacks)}"
        for option in options
        if option is not best
    )
    return "The way out, judged by hand", chosen, rejected
