"""Processes and sessions that die while an index is built CONCURRENTLY: between its end and its record, or before."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from migration.runner import RunSpec
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.plan import Duration, Lock, Section, Statement
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.faults.process import kill, start, wait_for
from tests.servers import MakeDatabase

BUILT = Statement(
    sql="CREATE INDEX CONCURRENTLY a_n ON public.a (n)",
    ref=ObjectRef(kind=Kind.INDEX, schema="public", parent="a", name="a_n"),
    section=Section.POST_DATA,
    lock=Lock.SHARE_UPDATE_EXCLUSIVE,
    duration=Duration.BUILDS_INDEX,
    in_transaction=False,
)
DROPPED = replace(
    BUILT,
    sql="DROP INDEX CONCURRENTLY public.old",
    ref=BUILT.ref._replace(name="old"),
    duration=Duration.WAITS,
)
_WORKING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND wait_event_type = 'Lock'"
_RUNNING = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE %s AND state = 'active' AND pid <> pg_backend_pid()"
_END = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE %s AND wait_event_type = 'Lock'"
_INDEX = (
    "SELECT c.oid, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relname = %s"
)
_STATES = "SELECT position, state FROM schemadiff.statements ORDER BY position"


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    dsns = make_database(server16), make_database(server18)
    for dsn in dsns:
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY, n int)")
    ask(dsns[1], "CREATE INDEX old ON public.a (n, id)")
    return dsns


@pytest.fixture
def holder(sides: tuple[str, str]) -> Iterator[psycopg.Connection]:
    """Somebody whose transaction what runs CONCURRENTLY has to wait for."""
    with psycopg.connect(sides[1]) as session:
        session.execute("SELECT FROM public.a")
        session.execute("LOCK TABLE public.a IN ROW EXCLUSIVE MODE")
        yield session


def spec_with(target: str, statement: Statement) -> RunSpec:
    spec = copy_spec(target, table("a", "id", "n"))
    return replace(spec, plan=replace(spec.plan, statements=(statement,)))


def test_what_the_server_finished_all_the_same_is_recorded_and_not_done_again(
    tmp_path: Path, sides: tuple[str, str], holder: psycopg.Connection
) -> None:
    source, target = sides
    spec = spec_with(target, BUILT)
    process = start(tmp_path, source, target, spec, 1000)
    wait_for(lambda: one(target, _WORKING, "CREATE INDEX CONC%") == 1, "the index being built")
    kill(process)
    holder.rollback()
    wait_for(lambda: one(target, _RUNNING, "CREATE INDEX CONC%") == 0, "the index built")
    ((oid, valid),) = ask(target, _INDEX, "a_n")
    assert valid and ask(target, _STATES) == [(0, "begun")]

    carry(source, target, spec, resume=True)

    assert ask(target, _INDEX, "a_n") == [(oid, True)]
    assert ask(target, _STATES) == [(0, "applied")]


def test_what_was_left_unfinished_is_removed_and_built(
    tmp_path: Path, sides: tuple[str, str], holder: psycopg.Connection
) -> None:
    source, target = sides
    spec = spec_with(target, BUILT)
    process = start(tmp_path, source, target, spec, 1000)
    wait_for(lambda: one(target, _WORKING, "CREATE INDEX CONC%") == 1, "the index being built")
    ask(target, _END, "CREATE INDEX CONC%")
    assert process.wait() != 0
    holder.rollback()
    ((oid, valid),) = ask(target, _INDEX, "a_n")
    assert not valid

    carry(source, target, spec, resume=True)

    ((again, valid),) = ask(target, _INDEX, "a_n")
    assert valid and again != oid


def test_an_index_that_was_dropped_unrecorded_is_not_missed(
    tmp_path: Path, sides: tuple[str, str], holder: psycopg.Connection
) -> None:
    source, target = sides
    spec = spec_with(target, DROPPED)
    process = start(tmp_path, source, target, spec, 1000)
    wait_for(lambda: one(target, _WORKING, "DROP INDEX CONC%") == 1, "the index being dropped")
    kill(process)
    holder.rollback()
    wait_for(lambda: one(target, _RUNNING, "DROP INDEX CONC%") == 0, "the index dropped")
    assert ask(target, _INDEX, "old") == [] and ask(target, _STATES) == [(0, "begun")]

    carry(source, target, spec, resume=True)

    assert ask(target, _STATES) == [(0, "applied")]
