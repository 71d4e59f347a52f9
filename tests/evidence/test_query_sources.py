"""Queries out of logs, statistics and source code: what is found, what is listed, and that no value stays in them."""

from pathlib import Path

import psycopg
import pytest

from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.query_sources.application_code import queries_in_code
from schemadiff.evidence.query_sources.found import Gathering, without_values
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


def test_a_log_of_plain_lines() -> None:
    found = queries_in_log(STDERR, "server.log")
    assert calls(found) == {
        "SELECT * FROM clients WHERE phone = $1": 2,
        "UPDATE clients\nSET name = $1\nWHERE id = $2": 1,
        "SELECT 1": 1,
    }
    assert found.passed_over == 1
    assert found.queries[0].name == "1: SELECT * FROM clients WHERE phone = $1"


def test_a_log_as_csv_and_as_json() -> None:
    text = csv_line('statement: SELECT "a"\nFROM t') * 3 + csv_line("statement: SELECT 8", "ERROR")
    assert calls(queries_in_log(text, "a.csv")) == {'SELECT "a"\nFROM t': 3}
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
        ("SELECT 'a', $2, E'\\n', $$x$$ FROM t", "SELECT $3, $2, $4, $5 FROM t"),
        (
            "SELECT interval '1 day', date '2026-01-01', 'x'::uuid",
            "SELECT interval '1 day', date '2026-01-01', $1::uuid",
        ),
        ("SELECT \"it's\" FROM t -- 'c'", "SELECT \"it's\" FROM t -- 'c'"),
        ("SELECT 'unclosed", "SELECT 'unclosed"),
    ],
)
def test_no_text_of_a_call_stays_in_a_query(sql: str, bare: str) -> None:
    assert without_values(sql) == bare


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
    with pytest.raises(Refused, match=r"empty has no Python and no \.sql file"):
        queries_in_code(tmp_path / "empty")
