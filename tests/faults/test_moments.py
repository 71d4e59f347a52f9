"""Whatever dies, in whatever phase and at whatever packet of it: the run is resumed and ends as if nothing had been."""

import random
import select
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from migration.core.phases import Phase, phases_of
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.running import ask, carry
from tests.faults.process import Stepwise, crash, wait_for
from tests.faults.proxy import Gate, Proxy
from tests.faults.shop import CHUNK, assert_moved, carried, fill_source, fill_target, kept, shop_spec

pytestmark = pytest.mark.heavy

PHASES = phases_of(live=False)
VICTIMS = ("worker", "every process", "source's backend", "target's server")
_BACKENDS = (
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'schemadiff' AND datname = current_database() "
    "ORDER BY pid"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """How far into a phase, from 0 to 1, and who dies then."""

    phase: Phase
    share: float
    victim: str
    lot: int

    def __str__(self) -> str:
        return f"{self.phase.value} at {self.share:.0%}, {self.victim}"


def moments() -> list[Moment]:
    """Twenty: two in each phase, four anywhere; five of each victim."""
    lots = random.Random("twenty moments")
    phases = [*PHASES, *PHASES, *lots.choices(PHASES, k=20 - 2 * len(PHASES))]
    victims = [*VICTIMS] * 5
    lots.shuffle(victims)
    return [
        Moment(phase=phase, share=lots.random(), victim=victim, lot=lots.randrange(1000))
        for phase, victim in zip(phases, victims, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Two servers that may die, and how many pieces of data each phase sends when nothing does."""

    source_server: EmbeddedServer
    target_server: EmbeddedServer
    source: str
    lengths: dict[Phase, int]


class Attempt:
    """A run by way of proxies with one gate."""

    def __init__(self, folder: Path, source: str, target: str) -> None:
        self.gate = Gate()
        self.spec = shop_spec(source, target)
        self._opened = ExitStack()
        ways = [self._opened.enter_context(Proxy(dsn, self.gate)) for dsn in (source, target)]
        self.run = Stepwise(folder, ways[0].dsn, ways[1].dsn, self.spec, CHUNK)

    def __enter__(self) -> "Attempt":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def hold_within(self, phase: Phase, pieces: int) -> None:
        """Stop all that is sent after that many pieces of the phase, or at its end if that comes before."""
        self.run.begins(phase)
        self.gate.close_after(pieces)
        self.run.go_on()
        wait_for(lambda: self.gate.held.is_set() or self._says_something(), f"{pieces} pieces of {phase}")

    def _says_something(self) -> bool:
        return bool(select.select([self.run.told], [], [], 0)[0])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with throwaway(16) as source_server, throwaway(18) as target_server:
        source, target = fill_source(source_server), fill_target(target_server, "measured")
        with Attempt(tmp_path_factory.mktemp("measured"), source, target) as attempt:
            lengths = measured(attempt)
        assert_moved(source, target, attempt.spec)
        yield Place(source_server=source_server, target_server=target_server, source=source, lengths=lengths)


def measured(attempt: Attempt) -> dict[Phase, int]:
    lengths = {}
    for phase in PHASES:
        attempt.run.begins(phase)
        attempt.gate.count()
        attempt.run.go_on()
        assert attempt.run.next() == {"ended": phase.value}
        lengths[phase] = attempt.gate.count()
        attempt.run.go_on()
    assert attempt.run.wait() == 0
    return lengths


@pytest.mark.parametrize("moment", moments(), ids=str)
def test_killed_at(tmp_path: Path, place: Place, moment: Moment) -> None:
    target = fill_target(place.target_server, f"t{moment.lot}_{moment.phase.value}")
    before = kept(target)
    with Attempt(tmp_path, place.source, target) as attempt:
        attempt.hold_within(moment.phase, 1 + int(moment.share * place.lengths[moment.phase]))
        KILL[moment.victim](attempt, place, moment)
    done = carried(target)
    result, _ = carry(place.source, target, attempt.spec, resume=True, chunk_rows=CHUNK)
    assert (result.phase, result.rejects, result.differing) == (Phase.FINISH, 0, 0)
    assert done <= carried(target)
    assert kept(target) == before
    assert_moved(place.source, target, attempt.spec)


def kill_worker(attempt: Attempt, place: Place, moment: Moment) -> None:
    attempt.run.kill()


def kill_every_process(attempt: Attempt, place: Place, moment: Moment) -> None:
    attempt.run.kill_all()


def kill_backend_of_source(attempt: Attempt, place: Place, moment: Moment) -> None:
    """With it PostgreSQL ends all the others, and recovers."""
    backends = ask(place.source, _BACKENDS)
    crash(place.source, lambda: int(backends[moment.lot % len(backends)][0]))
    attempt.gate.open()
    assert_stopped_with_a_sentence(attempt)


def kill_server_of_target(attempt: Attempt, place: Place, moment: Moment) -> None:
    place.target_server.kill()
    attempt.gate.open()
    try:
        assert_stopped_with_a_sentence(attempt)
    finally:
        place.target_server.restart()


KILL: dict[str, Callable[[Attempt, Place, Moment], None]] = {
    "worker": kill_worker,
    "every process": kill_every_process,
    "source's backend": kill_backend_of_source,
    "target's server": kill_server_of_target,
}


def assert_stopped_with_a_sentence(attempt: Attempt) -> None:
    """Unless it needed the dead no more: then it ended well."""
    said = attempt.run.last_words()
    if attempt.run.wait():
        assert "connection" in said and "esume the run" in said, said
