"""Changes of flags that wait, as the pages show them."""

from dataclasses import dataclass

from django.forms import Form
from django.utils import timezone

from migration.core.flag_effects import in_words
from migration.core.flags import FlagValue
from migration.core.own_flags import OwnFlag
from migration.models import Application, FlagChange

State = FlagChange.State
_STATES = {
    State.WAITING: ("◐", "warn"),
    State.SCHEDULED: ("◷", "info"),
    State.SUSPENDED: ("▲", "bad"),
    State.APPLIED: ("✓", "ok"),
    State.CANCELLED: ("○", "neutral"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A change that waits. `stale`: the flags are at another revision by now."""

    change: FlagChange
    glyph: str
    chip: str
    words: tuple[str, ...]
    when: str
    stale: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagChangePage:
    """One change that was asked for, and what its reader may do about it. `outlook`: of pages/flags.py, as long as it
    waits."""

    application: Application
    row: WaitingRow
    verdict: str
    tone: str
    outlook: object
    override: Form | None  # only where it can be resumed
    may_approve: bool
    own: bool  # its reader asked for it
    revision: int
    conflict: str = ""
    section: str = "flags"


def waiting_row(change: FlagChange, newest: int) -> WaitingRow:
    glyph, chip = _STATES[State(change.state)]
    return WaitingRow(
        change=change,
        glyph=glyph,
        chip=chip,
        words=_words(change),
        when=_when(change),
        stale=change.is_pending and change.base != newest,
    )


def _words(change: FlagChange) -> tuple[str, ...]:
    words = [f"{key} → {in_words(value)}" for key, value in _values(change).items()]
    if change.definition:
        words.append(_defined(change.definition))
    if change.ends_second_person:
        words.append("changes no longer need a second person")
    return tuple(words)


def _defined(flag: OwnFlag) -> str:
    if flag.archived:
        return f"{flag.key} is archived"
    choices = ", ".join(in_words(value) for value in flag.choices)
    return f"{flag.key} is one of {choices}; {in_words(flag.default)} by default"


def _values(change: FlagChange) -> dict[str, FlagValue | None]:
    return dict(change.changes)


def _when(change: FlagChange) -> str:
    if change.at is None:
        return "as soon as it is approved"
    return f"{timezone.localtime(change.at):%d %b %Y %H:%M} UTC"


def verdict_of(change: FlagChange) -> tuple[str, str]:
    """Where a change stands, in a sentence, and its tone."""
    match State(change.state):
        case State.WAITING:
            return f"Waits for another admin than {change.asked_by_name} to approve it.", "warn"
        case State.SCHEDULED:
            return f"Will be applied at {_when(change)}, if the flags and tables are as they are now.", "info"
        case State.SUSPENDED:
            return f"Suspended: {change.suspended_because}", "bad"
        case State.APPLIED:
            return f"Applied as r{change.revision}.", "ok"
        case State.CANCELLED:
            return f"Cancelled by {change.ended_by_name}. Nothing of it was applied.", "info"
