"""Indexes and keys that are built beside the copy: killed in the middle, disturbed by others, refused by rows."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.core.events import Log
from migration.core.phases import Phase
from migration.engine import ledger
from migration.engine.sessions import open_target
from migration.runner import RunSpec, run
from schemadiff.core.errors import TargetMoved
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, catalog, one, spec_of
from tests.faults.process import kill, start, wait_for
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

CHUNK = 20_000
SHOP = """
CREATE TABLE public.goods (id int PRIMARY KEY, code text UNIQUE, note text);
CREATE TABLE public.sold (id bigint PRIMARY KEY, good int NOT NULL REFERENCES public.goods, at timestamptz);
CREATE INDEX goods_note ON public.goods (note);
CREATE INDEX sold_at ON public.sold (at, good);
INSERT INTO public.goods SELECT n, 'c' || n, md5(n::text) FROM generate_series(1, 40000) AS n;
INSERT INTO public.sold SELECT n, 1 + n % 40000, timestamptz '2025-01-01' + n * interval '1 s'
    FROM generate_series(1, 240000) AS n
"""
_CARRIED = (
    "SELECT source_table, number, copied_at, xmin::text FROM schemadiff.chunks WHERE copied_at IS NOT NULL"
)
_APPLIED = "SELECT position, applied_at, xmin::text FROM schemadiff.statements WHERE state = 'applied'"
_BUILDING = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schemadiff' AND state = 'active' "
    "AND wait_event_type = 'Lock' AND query LIKE %s"
)
_CANCEL = (
    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND wait_event_type = 'Lock' "
    "AND datname = current_database() AND query LIKE %s"
)
_HASHES = (
    "SELECT (SELECT md5(string_agg(g::text, '|' ORDER BY id)) FROM public.goods g), "
    "(SELECT md5(string_agg(s::text, '|' ORDER BY id)) FROM public.sold s)"
)


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    dsn = make_database(server16)
    ask(dsn, SHOP)
    return dsn


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


@pytest.fixture
def barrier(target: str) -> Iterator[psycopg.Connection]:
    """Somebody who holds a lock that the key of public.sold needs, as soon as the table is there."""
    with psycopg.connect(target) as session:
        yield session


def shop(source: str, target: str) -> RunSpec:
    tables = (("public", "goods"), ("public", "sold"))
    return spec_of(recreate(catalog(source), catalog(target), Scope(tables=tables)))


def built_of(target: str, table: str) -> int:
    return int(
        one(target, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s", table)
    )


def phase_of(target: str, spec: RunSpec) -> Phase:
    with open_target(target) as session:
        return ledger.find(session, spec.ledger_id).phase


def assert_same(source: str, target: str, spec: RunSpec) -> None:
    assert ask(source, _HASHES) == ask(target, _HASHES)
    assert one(target, "SELECT count(*) FROM schemadiff.statements WHERE state = 'applied'") == len(
        spec.plan.statements
    )
    assert catalog(source).tables == catalog(target).tables


def in_turn(is_to_stop: Callable[[], bool]) -> Callable[[], bool]:
    """Two threads of a run ask. What one has looked at the other must not change before it does something about it."""
    turn = threading.Lock()

    def asked() -> bool:
        with turn:
            return is_to_stop()

    return asked


def test_built_beside_the_copy_and_each_recorded(
    source: str, target: str, barrier: psycopg.Connection
) -> None:
    """The rows of one table are kept waiting until the other one's key and index are there."""
    spec = shop(source, target)
    status = psycopg.pq.TransactionStatus

    def keep_waiting() -> bool:
        if barrier.info.transaction_status is status.INTRANS and built_of(target, "sold") == 2:
            barrier.rollback()
        elif not built_of(target, "sold") and one(target, "SELECT to_regclass('public.goods') IS NOT NULL"):
            barrier.execute("LOCK TABLE public.goods IN SHARE MODE")
        return False

    result, told = carry(source, target, spec, chunk_rows=CHUNK, should_stop=in_turn(keep_waiting))
    assert (result.rows_written, result.rejects, result.differing) == (280_000, 0, 0)
    assert "Keys and indexes built beside the copy: " in told.text()
    assert_same(source, target, spec)
    assert one(target, "SELECT count(*) FROM pg_statistic WHERE starelid = 'public.sold'::regclass") == 3


def test_killed_in_the_middle_of_a_build_and_resumed(
    tmp_path: Path, source: str, target: str, barrier: psycopg.Connection
) -> None:
    spec = shop(source, target)
    process = start(tmp_path, source, target, spec, CHUNK)
    wait_for(lambda: one(target, "SELECT to_regclass('public.sold') IS NOT NULL"), "the table")
    barrier.execute("LOCK TABLE public.sold IN ROW EXCLUSIVE MODE")  # rows may come, a key may not
    barrier.execute("LOCK TABLE public.goods IN SHARE MODE")  # no row may come: the copy does not end
    wait_for(lambda: one(target, _BUILDING, "CREATE UNIQUE INDEX sold_pkey%") == 1, "the key being built")
    kill(process)
    carried, applied = set(ask(target, _CARRIED)), set(ask(target, _APPLIED))
    assert carried and phase_of(target, spec) is Phase.COPY
    barrier.rollback()

    carry(source, target, spec, resume=True, chunk_rows=CHUNK)

    assert carried <= set(ask(target, _CARRIED))
    assert applied <= set(ask(target, _APPLIED))
    assert_same(source, target, spec)


def test_what_is_cancelled_beside_the_copy_is_made_in_its_turn(
    source: str, target: str, barrier: psycopg.Connection
) -> None:
    spec = shop(source, target)
    told = Told()

    def get_in_the_way() -> bool:
        """Hold the key up as long as it takes to cancel it."""
        if "tried again in its turn" in told.text():
            barrier.rollback()
        elif one(target, "SELECT to_regclass('public.sold') IS NOT NULL"):
            barrier.execute("LOCK TABLE public.sold IN ROW EXCLUSIVE MODE")
            ask(target, _CANCEL, "CREATE UNIQUE INDEX sold_pkey%")
        return False

    run(source, target, spec, report=told.report, should_stop=in_turn(get_in_the_way), chunk_rows=CHUNK)
    assert "sold_pkey” could not be made beside others (SQLSTATE 57014)" in told.text()
    assert_same(source, target, spec)


def test_somebody_elses_change_is_noticed_before_a_build_is_kept(source: str, target: str) -> None:
    spec = shop(source, target)

    def meddle() -> bool:
        if one(target, "SELECT to_regclass('schemadiff.chunks') IS NOT NULL") and ask(target, _CARRIED):
            ask(target, "CREATE TABLE IF NOT EXISTS public.meddled (id int)")
        return False

    with pytest.raises(TargetMoved, match="changed by somebody else"):
        carry(source, target, spec, chunk_rows=CHUNK, should_stop=meddle)
    carried = set(ask(target, _CARRIED))
    assert one(target, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'") == 0
    ask(target, "DROP TABLE public.meddled")

    carry(source, target, spec, resume=True, chunk_rows=CHUNK)

    assert carried <= set(ask(target, _CARRIED))
    assert_same(source, target, spec)


def test_rows_that_break_a_key_fail_the_run_and_it_goes_on_when_they_are_corrected(
    source: str, target: str
) -> None:
    spec = shop(source, target)
    ask(source, "ALTER TABLE public.goods DROP CONSTRAINT goods_code_key")
    ask(source, "UPDATE public.goods SET code = 'c1' WHERE id = 2")
    with pytest.raises(RunFailed, match=r"goods_code_key.*could not be made because of rows"):
        carry(source, target, spec, chunk_rows=CHUNK)
    carried = set(ask(target, _CARRIED))
    for dsn in (source, target):
        ask(dsn, "UPDATE public.goods SET code = 'c2' WHERE id = 2")

    _, told = carry(source, target, spec, resume=True, chunk_rows=CHUNK)

    assert carried == set(ask(target, _CARRIED))
    assert not [log for log in told.of(Log) if "refused" in log.message]
    assert ask(source, _HASHES) == ask(target, _HASHES)
