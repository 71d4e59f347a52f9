"""kill -9 at twenty moments of one live journey: in the copy under the snapshot, while it catches up, while it keeps
up, in the cut-over, and while the target leads. Equal rows at the ends, and every change applied once."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.live import assert_equal, fill, live_spec, wait_for
from tests.engine.running import ask, one
from tests.faults.journey import ROLE, TARGET_WRITES, VICTIMS, Application, Journey, applied, committed
from tests.faults.process import kill

pytestmark = pytest.mark.heavy

_SOLD = 12_000
_CARRIED = "SELECT count(*) >= {} FROM schemadiff.chunks WHERE copied_at IS NOT NULL"
_MAY_WRITE = f"SELECT has_table_privilege('{ROLE}', 'public.sold', 'INSERT')"
_STATE = "SELECT state FROM schemadiff.followers"
_OPEN = "SELECT bool_or(state = 'open') FROM schemadiff.ways_back"


@pytest.fixture
def servers() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    with throwaway(16) as source, throwaway(18) as target:
        for server in (source, target):
            # What was acknowledged is to be there after a crash.
            ask(server.dsn(), "ALTER SYSTEM SET synchronous_commit = on")
            ask(server.dsn(), "SELECT pg_reload_conf()")
        yield source, target


@pytest.fixture
def journey(tmp_path: Path, servers: tuple[EmbeddedServer, EmbeddedServer]) -> Iterator[Journey]:
    source, target = (server.dsn() for server in servers)
    fill(source, target, sold=_SOLD)
    for dsn in (source, target):
        ask(dsn, f"CREATE ROLE {ROLE} LOGIN PASSWORD 'secret'")
        ask(dsn, "CREATE TABLE public.tally (rows bigint); INSERT INTO public.tally VALUES (0)")
        ask(dsn, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {ROLE}")
        ask(dsn, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")
    made = Journey(
        folder=tmp_path,
        source_server=servers[0],
        target_server=servers[1],
        source=source,
        target=target,
        spec=live_spec(target),
    )
    try:
        yield made
    finally:
        made.close()


def application(server: EmbeddedServer) -> str:
    return server.dsn(user=ROLE, password="secret")


class Lots:
    """Seeded: who dies next, each victim as often as the others; and how long before that."""

    def __init__(self) -> None:
        self._lots = random.Random("twenty live moments")
        self._victims = [*VICTIMS] * 5
        self._lots.shuffle(self._victims)

    def victim(self) -> str:
        return self._victims.pop()

    def between(self, low: int, high: int) -> int:
        return self._lots.randrange(low, high)


def test_a_journey_whose_parts_die(journey: Journey) -> None:
    lots = Lots()
    journey.begin()
    journey.until("SELECT bool_or(applied IS NOT NULL) FROM schemadiff.followers", "the slot")
    with Application(application(journey.source_server), "moments") as writer:
        die_in_the_copy(journey, lots)
        die_while_it_catches_up(journey, lots, writer)
        die_while_it_keeps_up(journey, lots, writer)
        die_in_the_cut_over(journey, lots)
    assert_equal(journey.source, journey.target)
    before = committed(journey.source)
    with Application(application(journey.target_server), "moments there", TARGET_WRITES) as writer:
        die_while_the_target_leads(journey, lots, writer)
    journey.catches_up(journey.target, journey.source)
    assert_equal(journey.source, journey.target)
    assert applied(journey.source) == committed(journey.target)
    assert committed(journey.source) == before
    journey.carries_out("--back")
    assert one(journey.source, _MAY_WRITE)
    assert_equal(journey.source, journey.target)


def die_in_the_copy(journey: Journey, lots: Lots) -> None:
    """Four times."""
    carried = 0
    for _ in range(4):
        carried += lots.between(2, 14)
        journey.until(_CARRIED.format(carried), f"{carried} chunks")
        journey.strike(lots.victim())


def die_while_it_catches_up(journey: Journey, lots: Lots, writer: Application) -> None:
    """Four times, each after some changes more. There is enough to catch up with: a transaction that takes a while."""
    ask(journey.source, "UPDATE public.sold SET price = price + 1 WHERE id BETWEEN 1501 AND 9500")
    ask(
        journey.source,
        "UPDATE public.tally SET rows = rows + 8000",
    )
    before = 0
    for _ in range(4):
        before += lots.between(200, 900)
        journey.until(
            f"SELECT sum(inserts + updates + deletes) >= {before} FROM schemadiff.followed", "changes"
        )
        journey.strike(lots.victim())
        writer.has_written(5)


def die_while_it_keeps_up(journey: Journey, lots: Lots, writer: Application) -> None:
    """Four times."""
    for _ in range(4):
        journey.reaches("cut_over")
        writer.has_written(lots.between(10, 120))
        journey.strike(lots.victim())
    journey.reaches("cut_over")


def die_in_the_cut_over(journey: Journey, lots: Lots) -> None:
    """Four times, the command itself among them. What had to be undone is; given again it goes on."""
    conditions: tuple[Callable[[], bool], ...] = (
        lambda: one(journey.target, "SELECT count(*) FROM schemadiff.ways_back") > 0,
        lambda: one(journey.target, _STATE) != "following",
        lambda: not one(journey.source, _MAY_WRITE),
    )
    for _ in range(4):
        victim = lots.victim()
        journey.reaches("cut_over")
        command = journey.command()
        moment = conditions[lots.between(0, len(conditions))]
        wait_for(lambda at=moment, of=command: of.poll() is not None or at(), "that moment")  # type: ignore[misc]
        if victim == "follower":
            kill(command)
        else:
            journey.strike(victim)
            assert command.wait(90) in (0, 1)
        if one(journey.target, _STATE) == "fenced":
            journey.carries_out("--back")
        if one(journey.target, _STATE) in ("ended", "left"):  # it was done before anything died
            journey.until(_OPEN, "the way back")
            journey.carries_out("--back")
    if one(journey.target, _STATE) == "following":
        journey.reaches("cut_over")
        journey.carries_out()
    assert one(journey.target, _STATE) in ("ended", "left")
    assert not one(journey.source, _MAY_WRITE)
    assert applied(journey.target) == committed(journey.source)


def die_while_the_target_leads(journey: Journey, lots: Lots, writer: Application) -> None:
    """Four times."""
    for _ in range(4):
        journey.until(_OPEN, "the way back")
        writer.has_written(lots.between(10, 120))
        journey.strike(lots.victim())
    writer.has_written(20)
