"""When a phase will have ended: a range, from rates that were measured in this very run, or why it is not known yet.

Nothing is taken over from elsewhere: before something of a kind was measured there is no figure for it.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from migration.core.events import (
    BuildsSeen,
    ChecksPlanned,
    Event,
    FollowProgress,
    Outlook,
    PhaseStarted,
    TableChecked,
    TableChecking,
    TableProgress,
    Task,
    TaskBegun,
    TaskDone,
    TasksPlanned,
)
from migration.core.phases import Phase
from migration.core.progress import Share, remaining
from migration.core.rounds import RoundMade
from schemadiff.core.mapping import QualifiedName

ENOUGH_SECONDS = 0.2
"""What took less says little about a rate: such tasks count together, as one."""
FEW = 3
"""Of fewer measurements the spread is not known: the range is then from half to twice."""
_WINDOW = 5.0  # seconds between two looks at how far a copy or a follower is
_LOOKS = 12  # of which so many count

TASKS_IN = {
    Phase.BACK_UP: (Task.HASH, Task.DUMP),
    Phase.SCHEMA: (Task.REWRITE, Task.CHECK, Task.BUILD, Task.QUERY),
    Phase.INDEXES: (Task.BUILD, Task.CHECK, Task.REWRITE, Task.QUERY, Task.ANALYZE),
    Phase.SEQUENCES: (Task.SEQUENCE,),
    Phase.VERIFY: (Task.COMPARE,),
    Phase.FINISH: (Task.HASH,),
}
"""What takes its time in a phase, by the size of a table."""

_UNKNOWN = {
    Task.HASH: "not known before the first table is hashed",
    Task.DUMP: "not known: pg_dump does not say how far it is",
    Task.BUILD: "not known before the first index is built",
    Task.CHECK: "not known before the first foreign key or check is checked",
    Task.REWRITE: "not known before the first table is rewritten",
    Task.QUERY: "not known before the first materialized view is filled",
    Task.ANALYZE: "not known before the first table is analyzed",
    Task.SEQUENCE: "not known before the first sequence is set",
    Task.COMPARE: "not known before the first table is compared",
}
_WAITS = "it goes on until somebody ends it"


@dataclass(slots=True)
class _Kind:
    """Tasks of one kind: what is to be read by each, in bytes, since when it is at work, and what was measured."""

    sizes: dict[str, int] = field(default_factory=dict)
    begun: dict[str, float] = field(default_factory=dict)
    measured: list[tuple[int, float]] = field(default_factory=list)

    def end(self, name: str, now: float) -> None:
        size, since = self.sizes.pop(name, None), self.begun.pop(name, None)
        if size and since is not None and now > since:
            self.measured.append((size, now - since))

    def rates(self) -> tuple[float, float] | None:
        """Bytes a second, the slowest and the fastest; None where nothing was measured."""
        long = [each for each in self.measured if each[1] >= ENOUGH_SECONDS]
        short = [each for each in self.measured if each[1] < ENOUGH_SECONDS]
        together = [(sum(size for size, _ in short), sum(took for _, took in short))] if short else []
        rates = [size / took for size, took in (*long, *(together if not long else ()))]
        if not rates:
            return None
        spread = 2 if len(rates) < FEW else 1
        return min(rates) / spread, max(rates) * spread

    def left(self, streams: int, now: float) -> tuple[float, float] | None:
        """Seconds: at the fastest rate over all streams, at the slowest one after the other."""
        rates = self.rates()
        if rates is None:
            return None
        slow, fast = rates
        best = [max(size / fast - self._since(name, now), 0.0) for name, size in self.sizes.items()]
        worst = [max(size / slow - self._since(name, now), 0.0) for name, size in self.sizes.items()]
        # One task is not divided: the longest is at least as long as it is.
        return max(sum(best) / streams, max(best)), sum(worst)

    def _since(self, name: str, now: float) -> float:
        return now - self.begun.get(name, now)


class Forecast:
    """Takes a run's events with the moment of each, in seconds of a clock that only goes on."""

    def __init__(self, *, streams: int, phase: Phase = Phase.PREPARE) -> None:
        self._streams, self._phase = streams, phase
        self._kinds = {task: _Kind() for task in Task}
        self._shares: dict[QualifiedName, Share] = {}
        self._handled: deque[tuple[float, int]] = deque(maxlen=_LOOKS + 1)  # rows in all
        self._lags: deque[tuple[float, int]] = deque(maxlen=_LOOKS + 1)
        self._rounds: deque[float] = deque(maxlen=_LOOKS)
        self._at_work = ""

    def take(self, event: Event, now: float) -> Outlook | None:
        """What is to be expected now; None where the event changes nothing in that."""
        match event:
            case PhaseStarted(phase=phase):
                self._phase, self._at_work = phase, ""
            case BuildsSeen():
                self._at_work = builds_in_words(event)
            case TableProgress():
                self._shares[event.table] = _share(event)
                if _is_due(self._handled, now):
                    self._handled.append((now, sum(share.handled for share in self._shares.values())))
            case TasksPlanned(task=task, sizes=sizes):
                self._kinds[task].sizes = dict(sizes)
            case TaskBegun(task=task, name=name):
                self._kinds[task].begun[name] = now
            case TaskDone(task=task, name=name):
                self._kinds[task].end(name, now)
            case ChecksPlanned(sizes=tables):
                self._kinds[Task.COMPARE].sizes = {".".join(table): size for table, size in tables}
            case TableChecking(table=table):
                self._kinds[Task.COMPARE].begun[".".join(table)] = now
            case TableChecked(table=table):
                self._kinds[Task.COMPARE].end(".".join(table), now)
            case FollowProgress(lag_bytes=lag):
                if not _is_due(self._lags, now):
                    return None
                self._lags.append((now, lag))
            case RoundMade(seconds=seconds):
                self._rounds.append(seconds)
            case _:
                return None
        return replace(self._outlook(now), at_work=self._at_work)

    def _outlook(self, now: float) -> Outlook:
        phase = self._phase
        if phase is Phase.COPY:
            return self._of_copying()
        if phase is Phase.FOLLOW:
            return self._of_following()
        if phase in (Phase.CUT_OVER, Phase.WATCH):
            return Outlook(phase=phase, why=_WAITS)
        if phase is Phase.VERIFY and self._rounds:
            return Outlook(phase=phase, least=min(self._rounds), most=max(self._rounds))
        return self._of_tasks(phase, TASKS_IN.get(phase, ()), now)

    def _of_copying(self) -> Outlook:
        """By how fast all streams were together, with all that they wait for; before that, by each table's own rate."""
        rows = sum(share.left for share in self._shares.values())
        if not rows:
            return Outlook(phase=Phase.COPY)
        rates = [rate for rate in _gains(self._handled) if rate > 0]
        if rates:
            spread = 2 if len(rates) < FEW else 1
            return Outlook(
                phase=Phase.COPY, least=rows / max(rates) / spread, most=rows / min(rates) * spread
            )
        left = remaining(self._shares.values(), streams=self._streams)
        if left is None:
            return Outlook(phase=Phase.COPY, why="not known before rows were copied for some seconds")
        return Outlook(phase=Phase.COPY, least=left.least, most=left.most)

    def _of_tasks(self, phase: Phase, tasks: Iterable[Task], now: float) -> Outlook:
        """Kinds follow one another, so their times add up. Nothing planned: a matter of moments, nothing is said."""
        waiting = [(task, self._kinds[task]) for task in tasks if any(self._kinds[task].sizes.values())]
        known = [left for _, kind in waiting if (left := kind.left(self._streams, now)) is not None]
        unknown = next((_UNKNOWN[task] for task, kind in waiting if kind.rates() is None), "")
        return Outlook(
            phase=phase,
            least=sum(left[0] for left in known) if known else None,
            most=sum(left[1] for left in known) if known and not unknown else None,
            why=unknown,
        )

    def _of_following(self) -> Outlook:
        """By how fast the follower came nearer; by the rounds, where there is no log to follow."""
        if self._rounds:
            why = "how many more rounds it takes is known when two find as much"
            return Outlook(phase=Phase.FOLLOW, least=min(self._rounds), why=why)
        gains = [-gain for gain in _gains(self._lags)]
        if not gains:
            return Outlook(
                phase=Phase.FOLLOW, why="not known before the follower was at work for some seconds"
            )
        if max(gains) <= 0:
            return Outlook(phase=Phase.FOLLOW, why="the target comes no nearer: the source writes as fast")
        lag, slow = self._lags[-1][1], min(gains)
        return Outlook(
            phase=Phase.FOLLOW,
            least=lag / max(gains),
            most=lag / slow if slow > 0 else None,
            why="" if slow > 0 else "at times the source writes as fast",
        )


def _is_due(looks: deque[tuple[float, int]], now: float) -> bool:
    return not looks or now - looks[-1][0] >= _WINDOW


def _gains(looks: deque[tuple[float, int]]) -> list[float]:
    """How much more it was each second, between each two looks."""
    return [(after[1] - before[1]) / (after[0] - before[0]) for before, after in pairwise(looks)]


def _share(event: TableProgress) -> Share:
    return Share(
        total=event.rows_total, written=event.rows_written, rejects=event.rejects, seconds=event.seconds
    )


def in_words(outlook: Outlook) -> str:
    """“12 s to 40 s left”, “at least 12 s left; not known before …”; empty where there is nothing to say."""
    if outlook.least is None:
        return f"time left: {outlook.why}" if outlook.why else ""
    if outlook.most is None:
        return f"at least {seconds_in_words(outlook.least)} left; {outlook.why}"
    return f"{span_in_words(outlook.least, outlook.most)} left"


def builds_in_words(seen: BuildsSeen) -> str:
    """“index public.orders_city (scanning table, 43 %), …”."""
    return ", ".join(
        f"{each.name} ({each.step}" + (f", {int(each.share * 100)} %" if each.share is not None else "") + ")"
        for each in seen.builds
    )


def span_in_words(least: float, most: float) -> str:
    """“12 s to 2 min”; one figure where both ends are written the same."""
    first, last = seconds_in_words(least), seconds_in_words(most)
    return f"about {first}" if first == last else f"{first} to {last}"


def seconds_in_words(seconds: float) -> str:
    """Two figures at most: 8 s, 3 min, 2.5 h."""
    if seconds < 99.5:
        return f"{max(round(seconds), 1)} s"
    if seconds < 5_970:
        return f"{round(seconds / 60)} min"
    hours = seconds / 3_600
    return f"{hours:.1f} h" if hours < 10 else f"{round(hours)} h"
