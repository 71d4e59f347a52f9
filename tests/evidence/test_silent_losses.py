"""What PostgreSQL itself does to values that change their type: none of them is another value without a word."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql

from schemadiff.core.ddl.conversions import conversion, loses_in_silence
from schemadiff.core.planner import plan_schema
from schemadiff.embedded import EmbeddedServer
from tests.convergence import execute, read
from tests.servers import fresh_database, two_databases

VALUES = {
    "text": ("abcdefgh" * 9, "2001-01-01 10:30:00.123456", "10:30:00.123456", "1.26", "9007199254740993"),
    "character varying(80)": ("abcdefgh" * 9,),
    "integer": ("5", "70000", "0"),
    "bigint": ("9007199254740993",),
    "numeric": ("1.26", "123456.789", "0.1234567890123456789"),
    "numeric(8,4)": ("1.2634",),
    "double precision": ("1.23456789012345", "1e300"),
    "real": ("1.1",),
    "date": ("2001-01-01",),
    "timestamp without time zone": ("2001-01-01 10:30:00.123456",),
    "timestamp with time zone": ("2001-01-01 10:30:00.123456+00",),
    "time without time zone": ("10:30:00.123456",),
    "time with time zone": ("10:30:00.123456+05",),
    "interval": ("1 year 2 mons 3 days 04:05:06.789",),
    "interval(3)": ("1 year 2 mons 3 days 04:05:06.789",),
    "inet": ("10.0.0.5/8",),
    "cidr": ("10.0.0.0/8",),
    "bit(8)": ("10101011",),
    "numeric[]": ("{1.26,5}",),
    "double precision[]": ("{1.23456789012345}",),
    "timestamp without time zone[]": ("{2001-01-01 10:30:00.5}",),
    "time with time zone[]": ("{10:30:00.5+05}",),
    "inet[]": ("{10.0.0.5/8}",),
}
ENDS = (
    *VALUES,
    *(
        "character varying(5)",
        "character(4)",
        "name",
        '"char"',
        "smallint",
        "boolean",
        "numeric(5,1)",
        "numeric(3,0)",
    ),
    *("timestamp(0) without time zone", "time(0) without time zone", "bit(4)", "bit varying(4)"),
    *("interval(0)", "interval year to month", "interval day to second(0)", "interval day"),
    *("date[]", "numeric(5,1)[]", "real[]", "time without time zone[]", "cidr[]", "smallint[]"),
    *("timestamp(0) without time zone[]", "name[]", "character varying(3)[]"),
)
# The same value as this type writes it, which is another text.
ONLY_WRITTEN_OTHERWISE = {
    *(("text", end) for end in ("interval", "interval(3)", "cidr", "timestamp with time zone")),
}


@pytest.fixture
def connection(server18: EmbeddedServer) -> Iterator[psycopg.Connection]:
    with (
        fresh_database(server18) as dsn,
        psycopg.connect(dsn, autocommit=True, prepare_threshold=None) as opened,
    ):
        opened.execute("SET timezone = 'UTC'")
        yield opened


def test_whatever_is_lost_was_said(connection: psycopg.Connection) -> None:
    silent = {
        (start, end)
        for start, values in VALUES.items()
        for end in ENDS
        if start != end
        for value in values
        if loses(connection, start, end, value) and not loses_in_silence(start, end)
    }
    assert silent - ONLY_WRITTEN_OTHERWISE == set()


BECOMES = {
    "a column that becomes a domain's": (
        "CREATE DOMAIN d AS numeric(4,1); CREATE TABLE t (c d, a d[])",
        "CREATE TABLE t (c numeric, a numeric[])",
    ),
    "a domain of another type": (
        "CREATE DOMAIN d AS numeric(4,1); CREATE TABLE t (c d, a d[])",
        "CREATE DOMAIN d AS numeric; CREATE TABLE t (c d, a d[])",
    ),
}


@pytest.mark.parametrize(("source", "target"), BECOMES.values(), ids=BECOMES)
def test_a_plan_looks_below_domains(server18: EmbeddedServer, source: str, target: str) -> None:
    with two_databases(server18) as databases:
        for dsn, script in zip(databases, (source, target), strict=True):
            execute(dsn, script)
        model, present = map(read, databases)
    lossy = {one.ref.name for one in plan_schema(model, present).statements if one.is_destructive}
    assert {"c", "a"} <= lossy


def loses(connection: psycopg.Connection, start: str, end: str, value: str) -> bool:
    """Whether the column takes the type and what it was does not come back. An error loses nothing."""
    insert = sql.SQL("INSERT INTO t VALUES ({})").format(value)
    connection.execute(f"DROP TABLE IF EXISTS t; CREATE TABLE t (c {start})")
    connection.execute(insert)
    was = as_text(connection, "c::text")
    try:
        connection.execute(f"ALTER TABLE t ALTER c TYPE {end} USING {conversion('c', start, end)}")
        back = as_text(connection, f"({conversion('c', end, start)})::{start}::text")
    except psycopg.Error:
        return False
    return as_text(connection, "c::text") != was != back


def as_text(connection: psycopg.Connection, expression: str) -> str:
    ((found,),) = connection.execute(f"SELECT {expression} FROM t").fetchall()
    return str(found)
