"""Queries out of logs, statistics and source code: what is found, what is listed, and that no value stays in them."""

from pathlib import Path

import psycopg
import pytest

from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.query_sources.application_code import queries_in_code
from schemadiff.evidence.query_sources.bare import without_values
from schemadiff.evidence.query_sources.found import Gathering
from schemadiff.evidence.query_sources.python_code import read_python
from schemadiff.evidence.query_sources.server_logs import queries_in_log

STDERR = """\
2026-11-26 07:00:00.001 UTC [12] app@shop LOG:  statement: SELECT * FROM clients WHERE phone = '+7 900'
2026-11-26 07:00:00.002 UTC [12] app@shop LOG:  statement: SELECT * FROM clients WHERE phone = 'x LOG:  y'
2026-11-26 07:00:00.003 UTC [12] app@shop LOG:  duration: 1.204 ms  parse <unnamed>: UPDATE clients SET name = $1
2026-11-26 07:00:00.003 UTC [12] app@shop LOG:  duration: 0.204 ms  bind <unnamed>: UPDATE clients SET name = $1
2026-11-26 07:00:00.004 UTC [12] app@shop LOG:  duration: 3.000 ms  execute <unnamed>: UPDATE clients
\tSET name = $1
\tWHERE id = $2
2026-11-26 07:00:00.004 UTC [12] app@shop DETAIL:  Parameters: $1 = 'Ann', $2 = '5'
2026-11-26 07:00:00.005 UTC [12] app@shop LOG:  execute fetch from s1/c: SELECT 1
2026-11-26 07:00:00.006 UTC [12] app@shop LOG:  statement: COMMIT
2026-11-26 07:00:00.007 UTC [12] app@shop ERROR:  relation "LOG:  statement: SELECT 7" does not exist
2026-11-26 07:00:00.008 UTC [9] LOG:  checkpoint starting: time
"""


def csv_line(message: str, severity: str = "LOG") -> str:
    fields = ["2026-11-26 07:00:00.001 UTC", "app", "shop", "12", "[local]", "6566", "1", "SELECT"]
    fields += ["2026-11-26 07:00:00 UTC", "3/1", "0", severity, "00000", message, *[""] * 12]
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields) + "\n"


def calls(found: object) -> dict[str, int | None]:
    return {query.sql: query.calls for query in found.queries}  # type: ignore[attr-defined]


def roles(found: object) -> set[str]:
    return {role for query in found.queries for role in query.roles}  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("prefix", "role"),
    [
        ("2026-11-26 07:00:00 UTC [12] bot@shop ", "bot"),
        ("[12]: [1-1] user=bot,db=shop,app=psql,client=10.0.0.1 ", "bot"),
        ("2026-11-26 07:00:00 UTC [9] ", ""),
        ("[9] [unknown]@[unknown] ", ""),
    ],
)
def test_who_sent_it_is_in_the_prefix(prefix: str, role: str) -> None:
    found = queries_in_log(f"{prefix}LOG:  statement: SELECT id FROM t WHERE a = 'x@y.org'\n", "a.log")
    assert roles(found) == ({role} if role else set())


def test_a_log_of_plain_lines() -> None:
    found = queries_in_log(STDERR, "server.log")
    assert calls(found) == {
        "SELECT * FROM clients WHERE phone = $1": 2,
        "UPDATE clients\nSET name = $1\nWHERE id = $2": 1,
        "SELECT 1": 1,
    }
    assert roles(found) == {"app"}
    assert found.passed_over == 1
    assert found.queries[0].name == "1: SELECT * FROM clients WHERE phone = $1"


def test_a_log_as_csv_and_as_json() -> None:
    text = csv_line('statement: SELECT "a"\nFROM t') * 3 + csv_line("statement: SELECT 8", "ERROR")
    assert calls(queries_in_log(text, "a.csv")) == {'SELECT "a"\nFROM t': 3}
    assert roles(queries_in_log(text, "a.csv")) == {"app"}
    text = '{"error_severity":"LOG","message":"statement: SELECT 1"}\n{"error_severity":"LOG","mess'
    assert calls(queries_in_log(text, "a.json")) == {"SELECT 1": 1}


def test_a_log_that_a_server_has_written(server18: EmbeddedServer) -> None:
    begun = server18.files.log.stat().st_size
    with psycopg.connect(server18.dsn(), autocommit=True) as session:
        session.execute("SET log_statement = 'all'")
        session.execute("SELECT relname\nFROM pg_class WHERE relname = 'ünï'")
        for _ in range(2):
            session.execute("SELECT relname FROM pg_class WHERE oid = %s", [1])
        session.execute("SET log_statement = 'none'")
    text = server18.files.log.read_bytes()[begun:].decode()
    assert calls(queries_in_log(text, "server.log")) == {
        "SELECT relname\nFROM pg_class WHERE relname = $1": 1,
        "SELECT relname FROM pg_class WHERE oid = $1": 2,
    }


@pytest.mark.parametrize("text", ["", "nothing of that kind\n", "{}", "LOG:  database system is ready"])
def test_a_log_without_statements_is_refused(text: str) -> None:
    with pytest.raises(
        Refused, match=r"^x\.log tells of no statement\. Expected a log of PostgreSQL in English"
    ):
        queries_in_log(text, "x.log")


@pytest.mark.parametrize(
    ("sql", "bare"),
    [
        ("SELECT 'a', $2, E'\\n', $$x$$, B'1' FROM t", "SELECT $3, $2, $4, $5, $6 FROM t"),
        ("SELECT interval '1 day', date '2026-01-01', 'x'::uuid", "SELECT $1::interval, $2::date, $3::uuid"),
        ("SELECT \"it's\" -- 'c'\n FROM /* bob */ t", 'SELECT "it\'s"\nFROM t'),
        ("SELECT 'unclosed", None),
        (
            "SELECT a || 'x' FROM t ORDER BY a || 'x', 1 LIMIT 5",
            "SELECT a || $1 FROM t ORDER BY a || $1, 1 LIMIT 5",
        ),
        (
            "SELECT x::numeric(10, 2) WHERE id = 5551234 AND n IN (1, 2)",
            "SELECT x::numeric(10, 2) WHERE id = $1 AND n IN ($2, $3)",
        ),
        ("INSERT INTO t VALUES (7, 'a'), (8, 'a')", "INSERT INTO t VALUES ($1, $2), ($3, $2)"),
        (
            "SELECT to_char(d, 'YYYY'), date_trunc('day', d)",
            "SELECT to_char(d, 'YYYY'), date_trunc('day', d)",
        ),
        (
            "SELECT json_build_object('id', id, 'who', 'Bob B')",
            "SELECT json_build_object('id', id, 'who', $1)",
        ),
    ],
)
def test_no_value_of_a_call_stays_in_a_query(sql: str, bare: str | None) -> None:
    assert without_values(sql) == bare


def test_what_is_around_a_query_in_a_log_and_what_cannot_be_read() -> None:
    lines = [
        'statement: DECLARE "_django_curs_1" NO SCROLL CURSOR WITH HOLD FOR SELECT id FROM t',
        "statement: COPY (SELECT id FROM t) TO STDOUT",
        "statement: BEGIN; DELETE FROM t; COMMIT",
        "statement: SELECT 'a\u2028b' FROM t",
        "statement: SELECT 'cut off",
    ]
    found = queries_in_log("".join(f"x LOG:  {line}\r\n" for line in lines), "a.log")
    assert calls(found) == {"SELECT id FROM t": 2, "DELETE FROM t": 1, "SELECT $1 FROM t": 1}
    assert found.passed_over == 2
    assert [(each.place, each.why) for each in found.unresolved] == [
        ("a.log", "Statements that could not be read as SQL, cut off perhaps: 1.")
    ]


def test_a_log_whose_first_line_is_cut_off_and_one_of_huge_fields() -> None:
    text = 'ctement: SELECT 0",,\n' + csv_line("statement: SELECT 'x" + "y" * 200_000 + "'")
    assert calls(queries_in_log(text, "a.csv")) == {"SELECT $1": 1}
    text = 'ssage":"x"}\n{"error_severity":"LOG","message":"statement: SELECT 1"}'
    assert calls(queries_in_log(text, "a.json")) == {"SELECT 1": 1}


CODE = """
import psycopg
from sqlalchemy import text, select

ALL = "SELECT * FROM clients"
BY_ID = ALL + " WHERE id = %s"
TABLE = "orders"

def load(cursor, sql, table):
    cursor.execute(ALL)
    cursor.execute(ALL + " WHERE name = %(name)s OR nick = %(name)s AND share = '5%%'", {"name": "x"})
    cursor.execute(f"SELECT count(*) FROM {TABLE}")
    cursor.execute(sql)
    cursor.execute(f"SELECT count(*) FROM {table}")
    cursor.execute("SELECT * FROM %s" % table)
    cursor.execute("DELETE FROM clients "
                   "WHERE id = %s", [1])
    sql = "SELECT 1"

async def others(session, conn):
    await session.execute(text("UPDATE clients SET name = :name::text WHERE id = :id"))
    await session.execute(select(ALL))
    await conn.fetch("SELECT id FROM clients WHERE id = $1", 5)
    requests.fetch("https://example.org/select")
    Client.objects.raw("SELECT id FROM clients")
    query = "SELECT 2"
    query += " LIMIT 1"
    conn.execute(query)
"""


def test_sql_in_python_code() -> None:
    gathering = Gathering()
    unresolved = list(read_python(CODE, "app/db.py", gathering))
    assert {query.sql: query.place for query in gathering.queries()} == {
        "SELECT * FROM clients": "app/db.py:10",
        "SELECT * FROM clients WHERE name = $1 OR nick = $1 AND share = $2": "app/db.py:11",
        "SELECT count(*) FROM orders": "app/db.py:12",
        "DELETE FROM clients WHERE id = $1": "app/db.py:16",
        "UPDATE clients SET name = $1::text WHERE id = $2": "app/db.py:21",
        "SELECT id FROM clients WHERE id = $1": "app/db.py:23",
        "SELECT id FROM clients": "app/db.py:25",
    }
    assert [(each.place, each.why.split(":")[0]) for each in unresolved] == [
        ("app/db.py:13", "execute() is given something that is no literal."),
        ("app/db.py:14", "The SQL is an f-string with a value that is known only when it runs."),
        ("app/db.py:15", "The SQL is put together with %"),
        ("app/db.py:22", "execute() is given something that is no literal."),
        ("app/db.py:28", "execute() is given something that is no literal."),
    ]


def test_a_folder_of_code(tmp_path: Path) -> None:
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "x.sql").write_text("SELECT 9;")
    (tmp_path / "q.sql").write_text("-- name: one\nSELECT 1;\n-- name: two\nCREATE TABLE t ();")
    (tmp_path / "a.py").write_text("cursor.execute('SELECT 1')")
    (tmp_path / "b.py").write_text("cursor.execute('SELECT")
    (tmp_path / "c.py").write_bytes(b"\xff\xfe execute")
    found = queries_in_code(tmp_path)
    assert [(query.sql, query.place) for query in found.queries] == [("SELECT 1", "a.py:1, q.sql")]
    assert [each.place for each in found.unresolved] == ["b.py:1", "c.py:1"]
    assert found.passed_over == 1
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refused, match=r"empty holds nothing to read queries from: expected the source code"):
        queries_in_code(tmp_path / "empty")


MORE = """
import asyncpg
from consts import LOAD
Q = sql.SQL("SELECT name FROM t")

async def others(cur, conn, session):
    cur.execute(query="/* load */ (SELECT 1) UNION SELECT 2")
    cur.execute("VALUES (1)")
    cur.execute("update t as u set a = %b where id = %(id)t")
    await conn.fetch(LOAD)
    await conn.fetchrow(f"{LOAD} WHERE a")
    execute_values(cur, "INSERT INTO t VALUES %s", rows)
    cur.execute(Q)
    cur.execute(sql.SQL("SELECT {} FROM t").format(x))
    window.text("update your profile")
"""


def test_more_ways_of_asking() -> None:
    gathering = Gathering()
    unresolved = list(read_python(MORE, "b.py", gathering))
    assert {query.sql: query.place for query in gathering.queries()} == {
        "SELECT name FROM t": "b.py:4",
        "(SELECT 1) UNION SELECT 2": "b.py:7",
        "VALUES ($1)": "b.py:8",
        "update t as u set a = $1 where id = $2": "b.py:9",
        "INSERT INTO t VALUES $1": "b.py:12",
    }
    assert sorted({each.place for each in unresolved}) == ["b.py:10", "b.py:11", "b.py:14"]


def test_code_that_no_parser_can_take(tmp_path: Path) -> None:
    (tmp_path / "deep.py").write_text("cur.execute(" + "'a' + " * 20_000 + "'b')")
    (tmp_path / "bom.py").write_bytes(b"\xef\xbb\xbfcur.execute('SELECT 1')")
    found = queries_in_code(tmp_path)
    assert [query.sql for query in found.queries] == ["SELECT 1"]
    assert [each.place for each in found.unresolved] == ["deep.py:1"]
