"""What the server's bulk answer says (OFREP 0.3.0), as values."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, TypeAlias

from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.switching import FlagState
from migration.core.errors import FlagRefused
from migration.core.flags import BACKEND, MODULE_PREFIX, SWITCHES, CutOver, Flags, parse

Metadata: TypeAlias = Mapping[str, bool | int | float | str]
_NOTHING: Metadata = MappingProxyType({})
_LONGEST_POLL = 3600.0
_SHORTEST_POLL = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One flag as the server evaluated it, or why it could not (`error`, with a sentence in `details`)."""

    key: str
    value: bool | int | float | str | None = None
    variant: str | None = None
    reason: str = "UNKNOWN"
    metadata: Metadata = field(default_factory=lambda: _NOTHING)
    error: str = ""
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """All flags at one revision, and how the client is to behave at it.

    `lease` is how long, in seconds, an answer permits to write; 0 where the server grants nothing.
    """

    revision: int
    answers: Mapping[str, Answer]
    state: FlagState
    lease: float = 0.0
    poll: float | None = None
    hold_writes: bool = False
    at: datetime
    document: Mapping[str, Any]  # as it came, to be kept

    def differing(self, other: "Held") -> tuple[str, ...]:
        """The keys that have another value, or are in one of both only; sorted."""
        ours, theirs = _values(self), _values(other)
        return tuple(sorted({key for key, _ in ours ^ theirs}))


def _values(held: Held) -> set[tuple[str, str]]:
    return {(key, f"{answer.value!r} {answer.error}") for key, answer in held.answers.items()}


def read_answer(document: object, *, at: datetime | None = None) -> Held:
    """A bulk answer as a value. FlagsUnavailable, saying what is wrong with it, where it is none."""
    if not isinstance(document, dict) or not isinstance(document.get("flags"), list):
        raise FlagsUnavailable('The answer is no list of flags: an object with "flags" was expected.')
    said = document.get("metadata")
    metadata: dict[str, Any] = said if isinstance(said, dict) else {}
    answers = {answer.key: answer for answer in map(_answer, document["flags"])}
    revision = _revision(metadata.get("revision"))
    return Held(
        revision=revision,
        answers=MappingProxyType(answers),
        state=FlagState(
            flags=_flags(answers), cut_over=_cut_over(metadata.get("cut_over")), revision=revision
        ),
        lease=_number(metadata.get("lease_seconds")) or 0.0,
        poll=_poll(_number(metadata.get("poll_milliseconds"))),
        hold_writes=metadata.get("hold_writes", False) is not False,  # what is unclear holds
        at=at or datetime.now(UTC),
        document=document,
    )


def _answer(entry: object) -> Answer:
    if not isinstance(entry, dict) or not isinstance(entry.get("key"), str):
        raise FlagsUnavailable("The answer has a flag without a key.")
    if error := entry.get("errorCode"):
        return Answer(key=entry["key"], error=str(error), details=str(entry.get("errorDetails", "")))
    value, variant = entry.get("value"), entry.get("variant")
    if not isinstance(value, bool | int | float | str):
        raise FlagsUnavailable(
            f"The flag {entry['key']!r} has neither a value (true, false, a number or a text) nor an error."
        )
    return Answer(
        key=entry["key"],
        value=value,
        variant=variant if isinstance(variant, str) else None,
        reason=str(entry.get("reason", "UNKNOWN")),
        metadata=_plain(entry.get("metadata")),
    )


def _plain(metadata: object) -> Metadata:
    if not isinstance(metadata, dict):
        return _NOTHING
    return MappingProxyType(
        {key: value for key, value in metadata.items() if isinstance(value, bool | int | float | str)}
    )


def _flags(answers: Mapping[str, Answer]) -> Flags:
    """The flags that decide on the backend; the application's own are left out."""
    values = {
        key: answer.value
        for key, answer in answers.items()
        if not answer.error and (key in (*SWITCHES, BACKEND) or key.startswith(MODULE_PREFIX))
    }
    missing = [key for key in (*SWITCHES, BACKEND) if key not in values]
    if missing:
        raise FlagsUnavailable(f"The answer lacks the flag {missing[0]}.")
    modules = [key.removeprefix(MODULE_PREFIX) for key in values if key.startswith(MODULE_PREFIX)]
    try:
        return parse(values, modules)
    except FlagRefused as exc:
        raise FlagsUnavailable(f"The answer cannot be used: {exc}") from exc


def _revision(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise FlagsUnavailable(f"The answer's revision is a number from 1 on, not {value!r}.")
    return value


def _cut_over(value: object) -> CutOver:
    """Before, where the server does not say."""
    if value is None:
        return CutOver.BEFORE
    if value not in [member.value for member in CutOver]:
        raise FlagsUnavailable(f"The answer's cut_over is before or after, not {value!r}.")
    return CutOver(value)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if value > 0 else None


def _poll(milliseconds: float | None) -> float | None:
    if milliseconds is None:
        return None
    return min(max(milliseconds / 1000, _SHORTEST_POLL), _LONGEST_POLL)
