"""What the data layer tells about its calls: to the log, the flag client and the monitoring.

Values of rows and of parameters are in none of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from migration.access.errors import ErrorKind
from migration.core.flags import Access, Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One call of one method on one backend, as it ended. `statement` is SQL with placeholders, empty where
    none was sent; `seconds` are the database's, and of a write that a fence stopped to its end all that it waited for;
    `revision` the flags' revision that decided, None where the reader has none; `fell_back`: it
    was meant for the target, which is down."""

    method: str
    module: str
    backend: Backend
    access: Access
    seconds: float
    rows: int = 0
    error: ErrorKind | None = None
    statement: str = ""
    revision: int | None = None
    fell_back: bool = False


class Copying(StrEnum):
    """Why a call was made on the second backend too."""

    DUAL_WRITE = "dual-write"
    SHADOW_READ = "shadow read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """Both backends were asked the same and answered differently. `fields` names what differs, sorted;
    `reason` says it in a sentence, without any value."""

    method: str
    module: str
    copying: Copying
    fields: tuple[str, ...]
    reason: str


class EventKind(StrEnum):
    """What happens beside the calls."""

    FELL_BACK = "fell back"  # the target is down, the source answers
    RECOVERED = "recovered"  # the target answers again
    DROPPED = "dropped"  # a second call was left out: too many were waiting
    COMPARED = "compared"  # a second call was made and agreed


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessEvent:
    kind: EventKind
    module: str
    method: str
    reason: str


class Observer(Protocol):
    """Who is told. Called from the callers' threads and from the background thread, so it must be quick and
    safe for threads; what it raises is swallowed, a call never fails because of it."""

    def called(self, record: CallRecord) -> None: ...

    def mismatched(self, mismatch: Mismatch) -> None: ...

    def happened(self, event: AccessEvent) -> None: ...


@dataclass(frozen=True, slots=True)
class Observers:
    """Several as one. None of them can fail a call, or keep the others from being told."""

    members: tuple[Observer, ...] = ()

    @classmethod
    def of(cls, members: Iterable[Observer]) -> "Observers":
        return cls(tuple(members))

    def called(self, record: CallRecord) -> None:
        for member in self.members:
            try:
                member.called(record)
            except Exception:  # an observer is a guest
                continue

    def mismatched(self, mismatch: Mismatch) -> None:
        for member in self.members:
            try:
                member.mismatched(mismatch)
            except Exception:
                continue

    def happened(self, event: AccessEvent) -> None:
        for member in self.members:
            try:
                member.happened(event)
            except Exception:
                continue
