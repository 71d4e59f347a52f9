"""The pages of guards: what each watches, how it stands, and what it did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import BaseForm

from migration.core.monitoring.guarding import limit_in_words
from migration.models import Guard, GuardEvent
from migration.pages.flags import Badge

_STATES = {
    Guard.State.ARMED: Badge(glyph="●", word="armed", chip="info"),
    Guard.State.TRIPPED: Badge(glyph="▲", word="tripped", chip="bad"),
    Guard.State.DISARMED: Badge(glyph="−", word="disarmed", chip="neutral"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardRow:
    pk: int
    name: str
    watches: str
    limits: str
    when: str
    action: str
    badge: Badge
    armed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    at: datetime
    guard: str
    what: str
    text: str
    author: str
    revision: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardsPage:
    verdict: str
    tone: str
    guards: tuple[GuardRow, ...]
    events: tuple[EventRow, ...]
    has_applications: bool
    section: str = "monitoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardFormPage:
    title: str
    form: BaseForm
    submit: str
    section: str = "monitoring"


def guards_page(
    guards: Sequence[Guard], events: Sequence[GuardEvent], *, has_applications: bool
) -> GuardsPage:
    tone, verdict = _verdict(guards)
    return GuardsPage(
        verdict=verdict,
        tone=tone,
        guards=tuple(_guard(entry) for entry in guards),
        events=tuple(_event(entry) for entry in events),
        has_applications=has_applications,
    )


def _verdict(guards: Sequence[Guard]) -> tuple[str, str]:
    tripped = [
        f"{guard.name} of {guard.application}" for guard in guards if guard.state == Guard.State.TRIPPED
    ]
    armed = sum(guard.state == Guard.State.ARMED for guard in guards)
    if tripped:
        return "bad", f"Tripped: {', '.join(tripped)}. Look at why, then arm it again."
    if not guards:
        return "info", "No guard watches anything: a flag that was flipped stays as it is, whatever happens."
    return ("ok", f"{armed} of {len(guards)} armed, none tripped.") if armed else ("warn", "None is armed.")


def _guard(entry: Guard) -> GuardRow:
    return GuardRow(
        pk=entry.pk,
        name=entry.name,
        watches=f"{entry.application} · {entry.module or 'no module'} · {entry.backend}",
        limits="; ".join(limit_in_words(name, limit) for name, limit in entry.limits.items()),
        when=f"{entry.evaluations} times in a row over {entry.window_seconds} s, {entry.least_calls} calls",
        action=entry.get_action_display(),
        badge=_STATES[Guard.State(entry.state)],
        armed=entry.state == Guard.State.ARMED,
    )


def _event(entry: GuardEvent) -> EventRow:
    return EventRow(
        at=entry.at,
        guard=f"{entry.guard.name} ({entry.guard.application})",
        what=entry.what,
        text=entry.text,
        author=entry.author_name,
        revision=entry.revision,
    )
