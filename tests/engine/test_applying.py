"""Statements with limits of their own, tried again where they do not get their locks; what runs CONCURRENTLY."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log
from migration.engine import attempts
from migration.runner import run
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.plan import Duration, Lock, Section, Statement
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

TABLE = ObjectRef(kind=Kind.TABLE, schema="public", name="a")
INDEX = ObjectRef(kind=Kind.INDEX, schema="public", parent="a", name="twice")
ADDED = Statement(
    sql="ALTER TABLE public.a ADD COLUMN note text",
    ref=TABLE,
    section=Section.PRE_DATA,
    lock=Lock.ACCESS_EXCLUSIVE,
)
BUILT = Statement(
    sql="CREATE UNIQUE INDEX CONCURRENTLY twice ON public.a (n)",
    ref=INDEX,
    section=Section.POST_DATA,
    lock=Lock.SHARE_UPDATE_EXCLUSIVE,
    duration=Duration.BUILDS_INDEX,
    in_transaction=False,
)
_ATTEMPTS = "SELECT position, number, sqlstate FROM schemadiff.attempts ORDER BY at"


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    dsns = make_database(server16), make_database(server18)
    for dsn in dsns:
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY, n int)")
    return dsns


@pytest.fixture
def holder(sides: tuple[str, str]) -> Iterator[psycopg.Connection]:
    """Somebody who reads the target's table in a transaction that stays open."""
    with psycopg.connect(sides[1]) as session:
        session.execute("SELECT FROM public.a")
        yield session


def carry_out(sides: tuple[str, str], *statements: Statement, report: Callable[[Event], None]) -> None:
    spec = copy_spec(sides[1], table("a", "id", "n"))
    run(*sides, replace(spec, plan=replace(spec.plan, statements=statements)), report=report)


@pytest.mark.heavy
def test_a_lock_that_is_not_given_is_asked_for_again(
    sides: tuple[str, str], holder: psycopg.Connection
) -> None:
    told = Told()

    def report(event: Event) -> None:
        told.report(event)
        if isinstance(event, Log) and event.level is Level.WARNING:
            holder.rollback()

    carry_out(sides, ADDED, report=report)

    assert "not given its lock within 3s (attempt 1 of 5). Tried again in 1 s." in told.text()
    assert ask(sides[1], _ATTEMPTS) == [(0, 1, "55P03")]
    assert one(sides[1], "SELECT count(*) FROM pg_attribute WHERE attname = 'note'") == 1


@pytest.mark.heavy
def test_it_gives_up_after_some_attempts_and_nothing_is_left_behind(
    sides: tuple[str, str], holder: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PAUSES", (0.01,))

    with pytest.raises(RunFailed, match="other sessions held locks on it"):
        carry_out(sides, ADDED, report=Told().report)

    assert ask(sides[1], _ATTEMPTS) == [(0, 1, "55P03")]
    assert ask(sides[1], "SELECT position FROM schemadiff.statements") == []
    assert holder.info.transaction_status is psycopg.pq.TransactionStatus.INTRANS


def test_each_statement_has_its_own_limits(sides: tuple[str, str]) -> None:
    reads = (
        "SELECT current_setting('lock_timeout') AS lock, current_setting('statement_timeout') AS statement"
    )
    made = ObjectRef(kind=Kind.TABLE, schema="public", name="made")
    strong = Statement(
        sql=f"CREATE TABLE public.made AS {reads}",
        ref=made,
        section=Section.PRE_DATA,
        lock=Lock.ACCESS_EXCLUSIVE,
        duration=Duration.READS_ROWS,
    )
    weak = replace(strong, sql=f"INSERT INTO public.made {reads}", lock=Lock.NONE)

    carry_out(sides, strong, weak, report=Told().report)

    assert ask(sides[1], "TABLE public.made") == [("3s", "1h"), ("30s", "0")]


def test_an_index_that_cannot_be_built_is_not_left_behind(sides: tuple[str, str]) -> None:
    ask(sides[0], "INSERT INTO public.a VALUES (1, 1), (2, 1)")
    spec = copy_spec(sides[1], table("a", "id", "n"))
    spec = replace(spec, plan=replace(spec.plan, statements=(BUILT,)))

    with pytest.raises(RunFailed, match="because of rows"):
        carry(*sides, spec)
    assert one(sides[1], "SELECT to_regclass('public.twice')") is None
    assert ask(sides[1], "SELECT state FROM schemadiff.statements") == [("begun",)]

    ask(sides[1], "UPDATE public.a SET n = id")
    ask(sides[0], "UPDATE public.a SET n = id")
    carry(*sides, spec, resume=True)
    assert one(sides[1], "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.twice'::regclass")
