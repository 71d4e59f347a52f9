"""Where the review of a comparison stands: what people said of it, and whether it still is what they spoke of."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"


class State(StrEnum):
    OPEN = "not approved"  # nobody has said anything
    APPROVED = "approved"  # somebody has, and nobody's last word is against it
    CHANGES_REQUESTED = "changes requested"  # somebody's last word
    VOID = "approval void"  # what was said was said of something else


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A comparison as something to be approved. `digest` names what differs, renames and all."""

    number: int
    made_at: datetime
    source_fingerprint: str
    target_fingerprint: str
    digest: str

    @property
    def fingerprints(self) -> tuple[str, str]:
        return self.source_fingerprint, self.target_fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What one person said, of the comparison as it was then."""

    subject: Subject
    outcome: Outcome
    author: str
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`counting` are the last words of each person that hold; `void` those that do not, `why` in one sentence.

    `newer` is the number of the comparison that took this one's place, if one did.
    """

    state: State
    counting: tuple[Given, ...] = ()
    void: tuple[Given, ...] = ()
    why: str = ""
    since: datetime | None = None
    newer: int | None = None


def standing_of(subject: Subject, others: Iterable[Subject], given: Iterable[Given]) -> Standing:
    """Of one comparison; `others` are those of the same two databases, `given` all that was said of any of them."""
    said = _last_words(given)
    newer = min(
        (one for one in others if one.number > subject.number and one.fingerprints != subject.fingerprints),
        key=lambda one: one.number,
        default=None,
    )
    same = tuple(one for one in said if _is_of(one, subject))
    if newer is not None:
        why = f"comparison #{newer.number} found {_what_moved(subject, newer)} changed"
        return _void(same, why, newer.made_at, newer.number)
    if same:
        states = {one.outcome for one in same}
        is_refused = Outcome.CHANGES_REQUESTED in states
        return Standing(state=State.CHANGES_REQUESTED if is_refused else State.APPROVED, counting=same)
    earlier = tuple(one for one in said if one.subject.number <= subject.number)
    if not earlier:
        return Standing(state=State.OPEN)
    last = max(one.subject.number for one in earlier)
    latest = tuple(one for one in earlier if one.subject.number == last)
    if last == subject.number:
        return _void(latest, "a confirmed rename or a rule has changed what differs", None, None)
    why = f"this comparison found {_what_moved(latest[0].subject, subject)} changed"
    return _void(latest, why, subject.made_at, None)


def _void(given: tuple[Given, ...], why: str, since: datetime | None, newer: int | None) -> Standing:
    if not given:
        return Standing(state=State.OPEN, newer=newer, since=since, why=why)
    return Standing(state=State.VOID, void=given, why=why, since=since, newer=newer)


def _last_words(given: Iterable[Given]) -> tuple[Given, ...]:
    """Each person's last one about each state of the comparison, the newest first."""
    found: dict[tuple[str, tuple[str, str], str], Given] = {}
    for one in sorted(given, key=lambda one: one.given_at):
        found[one.author, one.subject.fingerprints, one.subject.digest] = one
    return tuple(sorted(found.values(), key=lambda one: one.given_at, reverse=True))


def _is_of(given: Given, subject: Subject) -> bool:
    return given.subject.fingerprints == subject.fingerprints and given.subject.digest == subject.digest


def _what_moved(before: Subject, after: Subject) -> str:
    source = before.source_fingerprint != after.source_fingerprint
    target = before.target_fingerprint != after.target_fingerprint
    if source and target:
        return "both schemas"
    if source or target:
        return "the source’s schema" if source else "the target’s schema"
    return "what differs"
