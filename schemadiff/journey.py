"""The journey of a project as steps: what is done, what is next. Computed from rows.

The second half (run, flags, status) is added by the app that carries it out: its AppConfig names a function
of a project that returns steps, as `journey_steps`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.apps import apps
from django.urls import reverse
from django.utils.module_loading import import_string

from schemadiff import store
from schemadiff.models import Comparison, Decision, Project
from schemadiff.permissions import Permission
from schemadiff.server_checks import CheckState


class StepState(StrEnum):
    DONE = "done"
    ACTIVE = "active"  # the one thing to do next, or under way
    OPEN = "todo"
    FAILED = "failed"  # something stands in the way, the sentence says what


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`sentence` says where the step stands; `action` is what to do about it, allowed by `permission`."""

    key: str
    title: str
    state: StepState
    sentence: str
    action: str = ""
    url: str = ""
    permission: Permission = Permission.SEE_STATUS


def journey_of(project: Project) -> tuple[Step, ...]:
    """Every step in order; the first that is neither done nor failed is the active one."""
    comparison = (
        project.comparisons.select_related("source", "target")
        .defer("source__catalog", "target__catalog")
        .first()
    )
    decision = store.current_decision(project)
    steps = [
        _connections(project),
        _comparison(project, comparison),
        _mapping(comparison, decision),
        _options(comparison, decision),
        _decision(comparison, decision),
    ]
    for config in apps.get_app_configs():
        if provider := getattr(config, "journey_steps", ""):
            steps.extend(import_string(provider)(project))
    return _with_active(steps)


def next_step(steps: Sequence[Step]) -> Step | None:
    """What to do now: what failed first, else the active step."""
    failed = next((step for step in steps if step.state is StepState.FAILED), None)
    return failed or next((step for step in steps if step.state is StepState.ACTIVE), None)


def _with_active(steps: list[Step]) -> tuple[Step, ...]:
    if any(step.state in (StepState.FAILED, StepState.ACTIVE) for step in steps):
        return tuple(steps)
    for position, step in enumerate(steps):
        if step.state is StepState.OPEN:
            steps[position] = replace(step, state=StepState.ACTIVE)
            break
    return tuple(steps)


def _connections(project: Project) -> Step:
    connections = list(project.connections.all())
    failing = [one.name for one in connections if any(c["state"] == CheckState.BAD for c in one.checks)]
    url = reverse("schemadiff:connections", kwargs={"project": project.slug})
    new = reverse("schemadiff:connection_new", kwargs={"project": project.slug})
    step = Step(
        key="connections",
        title="Connections",
        state=StepState.DONE,
        sentence=f"{len(connections)} databases: {', '.join(one.name for one in connections)}.",
        action="Connections",
        url=url,
        permission=Permission.SEE_SCHEMA,
    )
    if failing:
        sentence = f"The last test of {', '.join(failing)} failed."
        return replace(step, state=StepState.FAILED, sentence=sentence, action="See the checks")
    if len(connections) < 2:
        missing = "the target as well" if connections else "the source and the target"
        return replace(
            step,
            state=StepState.OPEN,
            sentence=f"Add {missing}.",
            action="Add a connection",
            url=new,
            permission=Permission.CONNECT,
        )
    return step


def _comparison(project: Project, comparison: Comparison | None) -> Step:
    if comparison is None:
        return Step(
            key="comparison",
            title="Comparison",
            state=StepState.OPEN,
            sentence="Read both schemas and see what differs.",
            action="Compare",
            url=reverse("schemadiff:comparison_new", kwargs={"project": project.slug}),
            permission=Permission.COMPARE,
        )
    return Step(
        key="comparison",
        title="Comparison",
        state=StepState.DONE,
        sentence=f"{comparison}, {len(comparison.tables)} tables in scope.",
        action="Differences",
        url=_of(comparison, "comparison"),
        permission=Permission.SEE_SCHEMA,
    )


def _mapping(comparison: Comparison | None, decision: Decision | None) -> Step:
    step = Step(
        key="mapping",
        title="Mapping",
        state=StepState.OPEN,
        sentence="Say which source column fills which target column.",
        permission=Permission.SEE_SCHEMA,
    )
    if comparison is None:
        return step
    counts = store.mapping_counts(comparison)
    step = replace(step, action="Mapping", url=_of(comparison, "mapping"))
    settled = f"{counts.confirmed} columns confirmed"
    if not counts.suggested:
        return replace(step, state=StepState.DONE, sentence=f"{settled}, none left to look at.")
    if decision is not None:
        sentence = f"{settled}, {counts.suggested} left open; {decision.option} was chosen."
        return replace(step, state=StepState.DONE, sentence=sentence)
    sentence = f"{settled}, {counts.suggested} suggested and waiting for a person."
    return replace(step, sentence=sentence, action="Confirm the mapping", permission=Permission.MAP)


def _options(comparison: Comparison | None, decision: Decision | None) -> Step:
    step = Step(
        key="options",
        title="Options",
        state=StepState.OPEN,
        sentence="Weigh recreate, transform and hybrid by what each of them would do.",
        permission=Permission.SEE_SCHEMA,
    )
    if comparison is None:
        return step
    step = replace(step, action="Options", url=_of(comparison, "options"))
    measured = store.measures_of(comparison)
    if measured:
        facts = sum(len(measures) for measures in measured.values())
        return replace(
            step, state=StepState.DONE, sentence=f"{facts} facts measured on {len(measured)} options."
        )
    if decision is not None:
        return replace(
            step,
            state=StepState.DONE,
            sentence="Decided; not measured again since the scope or mapping changed.",
        )
    return replace(step, action="Weigh the options")


def _decision(comparison: Comparison | None, decision: Decision | None) -> Step:
    step = Step(
        key="decision",
        title="Decision",
        state=StepState.OPEN,
        sentence="Choose one option and say why.",
        permission=Permission.SEE_SCHEMA,
    )
    if decision is None:
        if comparison is None:
            return step
        return replace(step, action="Decide", url=_of(comparison, "options"), permission=Permission.DECIDE)
    chosen = f"{decision.option.capitalize()}, by {decision.signed_by} on {decision.decided_at:%-d %b %Y}"
    step = replace(
        step,
        action="Decisions",
        url=reverse("schemadiff:decisions", kwargs={"project": decision.comparison.project.slug}),
        permission=Permission.SEE_STATUS,
    )
    moved = store.movements(decision)
    if not moved:
        return replace(step, state=StepState.DONE, sentence=f"{chosen}.")
    told = " ".join(each.sentence for each in moved)
    if any(each.is_serious for each in moved):
        sentence = f"{chosen}. {told} Look at the options again and decide again."
        return replace(step, state=StepState.FAILED, sentence=sentence)
    return replace(step, state=StepState.DONE, sentence=f"{chosen}. {told}")


def _of(comparison: Comparison, name: str) -> str:
    kwargs = {"project": comparison.project.slug, "number": comparison.number}
    return reverse(f"schemadiff:{name}", kwargs=kwargs)
