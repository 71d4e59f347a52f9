"""A copy that is held back: by its rate over all who copy, and by what goes on at the source."""

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from migration.core.chunks import Chunk, KeyRange
from migration.core.events import Event, Log, TableProgress, Waiting
from migration.core.limits import Limits
from migration.engine import copying
from migration.engine.carrying import carriage_of
from migration.engine.chunk_copy import ChunkJob
from migration.engine.chunking import cut_table
from migration.engine.sessions import Session, open_source, open_target
from migration.engine.throttle import Gate
from migration.runner import RunSpec, run
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase, roles_on

ROWS = 600
WORDS = table("words", "id", "word")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(dsn, "CREATE TABLE public.words (id int PRIMARY KEY, word text)")
    ask(source, f"INSERT INTO public.words SELECT n, 'w' || n FROM generate_series(1, {ROWS}) AS n")
    return source, target


@pytest.fixture
def copied(sides: tuple[str, str]) -> RunSpec:
    """A run that ended: its ledger has six chunks of 100 rows."""
    spec = copy_spec(sides[1], WORDS)
    carry(*sides, spec, chunk_rows=100)
    return spec


def jobs(sides: tuple[str, str], spec: RunSpec) -> list[ChunkJob]:
    with open_source(sides[0]) as source, open_target(sides[1]) as target:
        carriage = carriage_of(target, WORDS)
        cut = cut_table(source, target, spec.ledger_id, carriage, 100)
    chunks = (Chunk(number=number, keys=KeyRange(after=None, upto=None)) for number in range(6))
    return [ChunkJob(ledger_id=spec.ledger_id, carriage=carriage, key=cut.key, chunk=each) for each in chunks]


@contextlib.contextmanager
def gate(
    sides: tuple[str, str], target: Session, spec: RunSpec, limits: Limits, clock: Clock, told: Told
) -> Iterator[Gate]:
    with contextlib.closing(Gate(sides[0], target, spec.ledger_id, limits, told.report, clock)) as opened:
        yield opened


def test_two_who_copy_keep_one_rate_between_them(sides: tuple[str, str], copied: RunSpec) -> None:
    slow, clock, told = Limits(rows_per_second=1), Clock(), Told()
    work = jobs(sides, copied)
    with (
        open_target(sides[1]) as one_target,
        open_target(sides[1]) as other_target,
        gate(sides, one_target, copied, slow, clock, told) as here,
        gate(sides, other_target, copied, slow, clock, told) as there,
    ):
        mine, theirs = here.paced(iter(work[:3])), there.paced(iter(work[3:]))
        assert next(mine) == work[0]
        assert next(theirs) is None  # 100 rows are 100 s at this rate
        clock.now = 101
        assert next(theirs) == work[3]
        assert next(mine) is None
        clock.now = 302
        assert next(mine) == work[1]
    left = "SELECT extract(epoch FROM until - clock_timestamp()) FROM schemadiff.pace WHERE run = %s"
    reserved = one(sides[1], left, copied.ledger_id)
    assert 260 < reserved <= 300
    assert [event.message for event in told.of(Log)] == [
        "The copy is held back: at most 1 rows a second."
    ] * 2


@pytest.mark.heavy
def test_no_limit_holds_nothing_back(sides: tuple[str, str], copied: RunSpec) -> None:
    told, work = Told(), jobs(sides, copied)
    with (
        open_target(sides[1]) as target,
        gate(sides, target, copied, Limits(), Clock(), told) as opened,
    ):
        assert list(opened.paced(iter(work))) == work
    assert told.events == []


@pytest.mark.heavy
def test_a_run_keeps_its_rate(sides: tuple[str, str]) -> None:
    spec = replace(copy_spec(sides[1], WORDS), limits=Limits(rows_per_second=400))
    result, told = carry(*sides, spec, chunk_rows=100)
    assert result.rows_written == ROWS
    assert "The copy is held back: at most 400 rows a second." in told.text()
    assert last_waited_for_its_turn(sides[1])


@pytest.mark.heavy
def test_processes_wait_for_their_turn_and_leave_nothing_out(
    sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 400 rows a second a chunk has a turn each quarter of a second: the processes are idle meanwhile."""
    monkeypatch.setattr(copying, "PARALLEL_ROWS", 100)
    spec = replace(copy_spec(sides[1], WORDS, jobs=2), limits=Limits(rows_per_second=400))
    result, _ = carry(*sides, spec, chunk_rows=100)
    assert (result.rows_written, result.rejects) == (ROWS, 0)
    assert last_waited_for_its_turn(sides[1])


def last_waited_for_its_turn(target: str) -> bool:
    """The last of the chunks, each a quarter of a second's rows, was not there before its time had begun."""
    waited = (
        "SELECT max(copied_at) > p.until - interval '0.3 s' FROM schemadiff.chunks JOIN schemadiff.pace p"
    )
    return bool(one(target, f"{waited} USING (run) GROUP BY p.until"))


@contextlib.contextmanager
def busy(dsn: str) -> Iterator[psycopg.Connection]:
    """Somebody's session that is active until the block ends."""
    with psycopg.connect(dsn, autocommit=True) as session, psycopg.connect(dsn, autocommit=True) as other:
        worker = threading.Thread(target=_sleep, args=(session,))
        worker.start()
        active = "SELECT count(*) FROM pg_stat_activity WHERE pid = %s AND state = 'active'"
        while not one(dsn, active, session.info.backend_pid):
            pass
        try:
            yield other
        finally:
            other.execute("SELECT pg_cancel_backend(%s)", [session.info.backend_pid])
            worker.join(60)
            assert not worker.is_alive()


def _sleep(session: psycopg.Connection) -> None:
    with contextlib.suppress(psycopg.errors.QueryCanceled):
        session.execute("SELECT pg_sleep(600)")


def test_a_busy_source_is_waited_for(sides: tuple[str, str], copied: RunSpec) -> None:
    calm, clock, told = Limits(source_sessions=0), Clock(), Told()
    work = jobs(sides, copied)
    with (
        open_target(sides[1]) as target,
        gate(sides, target, copied, calm, clock, told) as opened,
    ):
        paced = opened.paced(iter(work))
        with busy(sides[0]):
            assert next(paced) is None
            assert next(paced) is None
            clock.now = 30
            assert next(paced) is None
        assert next(paced) is None  # it looks once a second
        clock.now = 32
        assert next(paced) == work[0]
    assert [event.reason for event in told.of(Waiting)] == [
        "1 other session is active on the source, 0 are allowed",
        "",
    ]
    assert told.text().splitlines()[1:] == [
        "The copy waits, and goes on by itself: 1 other session is active on the source, 0 are allowed.",
        "The copy waited once for the source, 32 s in all.",
    ]


@pytest.mark.heavy
def test_a_run_waits_and_goes_on(sides: tuple[str, str]) -> None:
    source, target = sides
    spec = replace(copy_spec(target, WORDS), limits=Limits(source_sessions=0, source_lag=60))
    told = Told()
    written_while_busy = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(busy(source))

        def report(event: Event) -> None:
            told.report(event)
            if isinstance(event, Waiting) and event.reason:
                written_while_busy.append(told.last_progress()["words"].rows_written)
                stack.close()

        result = run(source, target, spec, report=report)
    assert (result.rows_written, written_while_busy) == (ROWS, [0])
    assert told.of(TableProgress)[-1].rows_written == ROWS


@pytest.mark.heavy
def test_who_may_not_look_is_told_before_the_start(
    manage: Manage, sides: tuple[str, str], server16: EmbeddedServer
) -> None:
    source, target = sides
    with roles_on(server16, ["looker"]):
        ask(source, "ALTER ROLE looker LOGIN PASSWORD 'looker'")
        ask(source, "GRANT SELECT ON public.words TO looker")
        reader = server16.dsn(one(source, "SELECT current_database()"), "looker", "looker")
        done = manage("copy", reader, target, "--max-source-lag", "5")
        assert done.code == 1 and "GRANT pg_monitor TO looker" in done.error
        done = manage("copy", reader, target, "--max-source-sessions", "5", "--dry-run")
        assert done.code == 1 and "GRANT pg_monitor TO looker" in done.error
        ask(source, "GRANT pg_monitor TO looker")
        done = manage("copy", reader, target, "--max-source-lag", "5", "--max-rows-per-second", "100000")
        assert (done.code, done.error) == (0, "")
        assert "The copy is held back: at most 100,000 rows a second; no more while a replica" in done.out
        ask(source, "REVOKE ALL ON public.words FROM looker")
    done = manage("copy", source, target, "--max-rows-per-second", "0")
    assert done.code == 1 and "at least 1 row a second" in done.error
