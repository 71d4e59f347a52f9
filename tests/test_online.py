"""Planned online, nothing keeps readers or writers from a table for longer than a moment."""

from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core.hazards import BLOCKS_READS, BLOCKS_WRITES, LEAVES_INVALID_INDEX
from schemadiff.core.plan import Duration, Lock, Mode, Plan, Statement
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import execute, read
from tests.servers import fresh_database
from tests.test_case_online import check

TARGET = """
CREATE TABLE p (id integer NOT NULL, code text, place text);
CREATE TABLE c (id integer NOT NULL, p_id integer, amount integer, note text, CONSTRAINT c_key UNIQUE (id));
CREATE INDEX c_note ON c (note);
CREATE INDEX c_gone ON c (amount);
CREATE TABLE m (at date NOT NULL, n integer) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (n);
CREATE TABLE m21 PARTITION OF m2 FOR VALUES IN (1);
CREATE TABLE m22 PARTITION OF m2 DEFAULT;
INSERT INTO p VALUES (1, 'a', 'x');
INSERT INTO c VALUES (1, 1, 5, 'n');
"""
SOURCE = """
CREATE TABLE p (id integer PRIMARY KEY, code text NOT NULL, place text,
                CONSTRAINT p_code UNIQUE NULLS NOT DISTINCT (code) INCLUDE (place) DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE c (id integer NOT NULL, p_id integer REFERENCES p, amount integer CHECK (amount > 0), note text,
                CONSTRAINT c_key UNIQUE (id, p_id));
CREATE UNIQUE INDEX c_note ON c (lower(note)) WHERE amount > 1;
CREATE TABLE m (at date NOT NULL, n integer) PARTITION BY RANGE (at);
CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE TABLE m2 PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (n);
CREATE TABLE m21 PARTITION OF m2 FOR VALUES IN (1);
CREATE TABLE m22 PARTITION OF m2 DEFAULT;
CREATE INDEX m_n ON m (n);
"""


@pytest.fixture(params=[16, 18])
def server(request: pytest.FixtureRequest) -> EmbeddedServer:
    found: EmbeddedServer = request.getfixturevalue(f"server{request.param}")
    return found


@pytest.fixture
def databases(server: EmbeddedServer) -> Iterator[tuple[str, str]]:
    with fresh_database(server, SOURCE) as model, fresh_database(server, TARGET) as dsn:
        yield model, dsn


def planned(databases: tuple[str, str]) -> Plan:
    return plan_schema(read(databases[0]), read(databases[1]), Mode.ONLINE)


def test_there_and_back(databases: tuple[str, str]) -> None:
    model, dsn = databases
    wanted, present = read(model), read(dsn)

    check(dsn, wanted, present)
    check(model, present, wanted)


def test_no_statement_blocks_readers_or_writers(databases: tuple[str, str]) -> None:
    plan = planned(databases)

    codes = {hazard.code for statement in plan.statements for hazard in statement.hazards}
    slow = [each for each in plan.statements if each.duration is not Duration.INSTANT]
    assert not codes & {BLOCKS_READS, BLOCKS_WRITES}, render(plan)
    assert slow
    assert all(each.lock in (Lock.NONE, Lock.SHARE_UPDATE_EXCLUSIVE) for each in slow), render(plan)


def test_what_is_built_concurrently_stands_alone_and_says_what_it_may_leave(
    databases: tuple[str, str],
) -> None:
    plan = planned(databases)

    built = [each for each in plan.statements if "INDEX CONCURRENTLY" in each.sql]
    assert len(built) == 9  # five for c and p and their drops, three partitions of m
    for statement in built:
        assert not statement.in_transaction and statement.is_concurrent
        leaves = LEAVES_INVALID_INDEX in {hazard.code for hazard in statement.hazards}
        assert leaves == statement.sql.startswith("CREATE")


def test_set_not_null_and_taking_an_index_look_at_no_row(databases: tuple[str, str]) -> None:
    for statement in planned(databases).statements:
        scans = carry_out_and_count(databases[1], statement)
        assert statement.lock is not Lock.ACCESS_EXCLUSIVE or scans == 0, statement.sql


def carry_out_and_count(dsn: str, statement: Statement) -> int:
    """How often its transaction went through a table. Each has a session of its own: what is counted may stay
    in one for a second."""
    with psycopg.connect(dsn, autocommit=True) as session:
        if not statement.in_transaction:
            session.execute(statement.sql.encode())
            return 0
        with session.transaction():
            session.execute(statement.sql.encode())
            row = session.execute("SELECT sum(seq_scan)::integer FROM pg_stat_xact_user_tables").fetchone()
    return row[0] or 0 if row else 0


def test_an_index_that_a_failed_attempt_left_is_removed_and_built(databases: tuple[str, str]) -> None:
    model, dsn = databases
    execute(dsn, "INSERT INTO c VALUES (2, 1, 5, 'N')")
    with pytest.raises(psycopg.errors.UniqueViolation):
        execute(dsn, "CREATE UNIQUE INDEX CONCURRENTLY c_note__building ON c (lower(note))")
    execute(dsn, "DELETE FROM c WHERE id = 2")

    plan = check(dsn, read(model), read(dsn))

    texts = [statement.sql for statement in plan.statements]
    dropped = texts.index("DROP INDEX CONCURRENTLY public.c_note__building")
    assert any(
        text.startswith("CREATE UNIQUE INDEX CONCURRENTLY c_note__building") for text in texts[dropped:]
    )


def test_a_check_that_an_unfinished_plan_left_is_removed_first(databases: tuple[str, str]) -> None:
    model, dsn = databases
    execute(dsn, "ALTER TABLE p ADD CONSTRAINT p_code__not_null CHECK (code IS NOT NULL) NOT VALID")

    check(dsn, read(model), read(dsn))


def test_a_key_takes_anothers_place_in_one_statement(databases: tuple[str, str]) -> None:
    swaps = [each.sql for each in planned(databases).statements if "DROP CONSTRAINT c_key" in each.sql]

    assert swaps == [
        "ALTER TABLE public.c DROP CONSTRAINT c_key, ADD CONSTRAINT c_key UNIQUE USING INDEX c_key__building"
    ]
