"""Calls added up in memory, until they are reported: bounded, whatever the application does."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from migration.core.monitoring.metrics import SLOW_MS
from migration.core.monitoring.report import MAX_CALLS, MAX_STATEMENTS, CallFigures, SlowFigures
from migration.core.monitoring.sketches import key_of, sketch_of
from migration.core.monitoring.statements import normalised

OTHERS = "others"
"""The name that calls get when there are too many names."""

Key = tuple[str, str, str]  # module, method, backend


@dataclass(slots=True)
class _Tally:
    """The calls of one method on one backend."""

    count: int = 0
    total: float = 0.0
    lowest: float = 0.0
    highest: float = 0.0
    slow: int = 0
    compared: int = 0
    mismatches: int = 0
    fallbacks: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    bins: Counter[int] = field(default_factory=Counter)

    def add(self, milliseconds: float, error: str) -> None:
        self.lowest = min(self.lowest, milliseconds) if self.count else milliseconds
        self.highest = max(self.highest, milliseconds)
        self.count += 1
        self.total += milliseconds
        self.bins[key_of(milliseconds)] += 1
        if milliseconds > SLOW_MS:
            self.slow += 1
        if error:
            self.errors[error] += 1

    def merge(self, other: "_Tally") -> None:
        if other.count:
            self.lowest = min(self.lowest, other.lowest) if self.count else other.lowest
        self.highest = max(self.highest, other.highest)
        self.count += other.count
        self.total += other.total
        self.slow += other.slow
        self.compared += other.compared
        self.mismatches += other.mismatches
        self.fallbacks += other.fallbacks
        self.errors.update(other.errors)
        self.bins.update(other.bins)


@dataclass(slots=True)
class _Heavy:
    """A slow statement."""

    count: int = 0
    total: float = 0.0
    highest: float = 0.0


@dataclass(slots=True)
class Aggregate:
    """What happened since the last report. Not safe for threads: whoever uses it has a lock."""

    _tallies: dict[Key, _Tally] = field(default_factory=dict)
    _heavy: dict[tuple[str, str], _Heavy] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self._tallies

    def called(
        self, module: str, method: str, backend: str, *, milliseconds: float, error: str, statement: str
    ) -> None:
        self._tally((module, method, backend)).add(milliseconds, error)
        if statement and milliseconds > SLOW_MS:
            self._add_heavy((backend, normalised(statement)), 1, milliseconds, milliseconds)

    def compared(self, module: str, method: str, backend: str, *, agreed: bool) -> None:
        tally = self._tally((module, method, backend))
        tally.compared += 1
        tally.mismatches += not agreed

    def fell_back(self, module: str, method: str, backend: str) -> None:
        self._tally((module, method, backend)).fallbacks += 1

    def take_back(self, other: "Aggregate") -> None:
        """Add what happened at another time."""
        for key, tally in other._tallies.items():
            self._tally(key).merge(tally)
        for place, heavy in other._heavy.items():
            self._add_heavy(place, heavy.count, heavy.total, heavy.highest)

    def calls(self) -> Iterator[CallFigures]:
        for (module, method, backend), tally in sorted(self._tallies.items()):
            yield CallFigures(
                module=module,
                method=method,
                backend=backend,
                count=tally.count,
                total=tally.total,
                lowest=tally.lowest,
                highest=tally.highest,
                sketch=sketch_of(tally.bins),
                slow=tally.slow,
                errors=tuple(sorted(tally.errors.items())),
                compared=tally.compared,
                mismatches=tally.mismatches,
                fallbacks=tally.fallbacks,
            )

    def slow(self) -> Iterator[SlowFigures]:
        for (backend, statement), heavy in sorted(self._heavy.items()):
            yield SlowFigures(
                backend=backend,
                statement=statement,
                count=heavy.count,
                total=heavy.total,
                highest=heavy.highest,
            )

    def _tally(self, key: Key) -> _Tally:
        found = self._tallies.get(key)
        if found is not None:
            return found
        module, _, backend = key
        if len(self._tallies) >= MAX_CALLS - 100:
            return self._tallies.setdefault((module, OTHERS, backend), _Tally())
        return self._tallies.setdefault(key, _Tally())

    def _add_heavy(self, place: tuple[str, str], count: int, total: float, highest: float) -> None:
        if place not in self._heavy and len(self._heavy) >= MAX_STATEMENTS:
            lightest = min(self._heavy, key=lambda key: self._heavy[key].total)
            if self._heavy[lightest].total >= total:
                return
            del self._heavy[lightest]
        heavy = self._heavy.setdefault(place, _Heavy())
        heavy.count += count
        heavy.total += total
        heavy.highest = max(heavy.highest, highest)
