"""A pool's limits, its figures, its transactions, and what it says when something is wrong."""

import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from migration.access.errors import AccessError, ErrorKind
from migration.access.pool import Pool, PoolSettings, Tls, TlsMode
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.servers import MakeDatabase
from tests.test_server_tls import listening, make_certificate

SMALL = PoolSettings(min_size=1, max_size=2, wait=0.2, statement=0.2, lock=0.1)


@pytest.fixture
def dsn(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, "create table t (id int primary key, name varchar(3) not null)")


def opened(dsn: str, settings: PoolSettings = SMALL) -> Pool:
    pool = Pool(dsn, settings, "source")
    pool.open()
    return pool


def refused(pool: Pool, statement: str, *values: object) -> AccessError:
    with pytest.raises(AccessError) as caught:
        pool.fetch(statement, values)
    return caught.value


def test_rows_are_dicts_and_times_are_in_utc(dsn: str) -> None:
    pool = opened(dsn)
    rows = pool.fetch("SELECT 1 AS a, timestamptz '2025-11-11 05:00+03' AS at, %s::text AS b", ("ы",))
    assert rows[0]["a"] == 1 and rows[0]["b"] == "ы"
    assert rows[0]["at"].isoformat() == "2025-11-11T02:00:00+00:00"
    assert pool.fetch("INSERT INTO t VALUES (1, 'a')") == []
    pool.close()


def test_the_pool_says_how_full_it_is(dsn: str) -> None:
    pool = opened(dsn)
    one, two = pool.take(), pool.take()
    assert (pool.stats().total, pool.stats().idle, pool.stats().utilisation) == (2, 0, 1.0)
    error = refused(pool, "SELECT 1")
    assert error.kind is ErrorKind.TIMEOUT
    assert str(error) == "The source's pool had no connection free in time: all of them are busy."
    pool.give_back(one)
    pool.give_back(two)
    assert pool.fetch("SELECT 1 AS a") == [{"a": 1}]
    assert (pool.stats().waiting, pool.stats().most) == (0, 2)
    pool.close()


def test_a_waiting_caller_is_counted(dsn: str) -> None:
    pool = opened(dsn, replace(SMALL, max_size=1, wait=10))
    held = pool.take()
    caller = threading.Thread(target=pool.fetch, args=("SELECT 1",))
    caller.start()
    while caller.is_alive() and not pool.stats().waiting:
        caller.join(0.01)
    assert pool.stats().waiting == 1
    pool.give_back(held)
    caller.join(60)
    assert not caller.is_alive() and pool.stats().waiting == 0
    pool.close()


@pytest.mark.heavy
def test_a_closed_pool_has_nothing_under_way(dsn: str) -> None:
    pool = opened(dsn, replace(SMALL, statement=60, lock=60))
    met: list[AccessError] = []
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE t")
        statement = "INSERT INTO t VALUES (1, 'a')"
        writer = threading.Thread(target=lambda: met.append(refused(pool, statement)))
        writer.start()
        waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 't'::regclass"
        while writer.is_alive() and not other.execute(waiting).fetchall():
            writer.join(0.01)
        pool.close()
    writer.join(60)
    assert [each.kind for each in met] == [ErrorKind.TIMEOUT]
    with psycopg.connect(dsn) as other:
        assert other.execute("SELECT FROM t").fetchall() == []


def test_a_transaction_is_all_or_nothing(dsn: str) -> None:
    pool = opened(dsn)
    with pytest.raises(AccessError) as caught, pool.transaction() as session:
        session.execute("INSERT INTO t VALUES (1, 'a')")
        session.execute("INSERT INTO t VALUES (2, NULL)")
    assert str(caught.value) == (
        "The source refused the values: “name” must have a value (NOT NULL) and the row has none."
    )
    assert pool.fetch("SELECT * FROM t") == []
    with pool.transaction() as session:
        session.execute("INSERT INTO t VALUES (1, 'a')")
    assert pool.fetch("SELECT id FROM t") == [{"id": 1}]
    pool.close()


ERRORS = [
    ("SELECT pg_sleep(5)", ErrorKind.TIMEOUT, "took too long"),
    ("SELECT nothing FROM t", ErrorKind.SYNTAX, 'column "nothing" does not exist'),
    ("INSERT INTO t VALUES (1, 'secret')", ErrorKind.CONSTRAINT, "longer than"),
    ("SELECT 'secret'::int", ErrorKind.CONSTRAINT, "cannot be read as the type"),
    ("INSERT INTO t SELECT 1, 'a' FROM generate_series(1, 2)", ErrorKind.CONSTRAINT, "t_pkey"),
    (
        "SELECT pg_terminate_backend(pg_backend_pid())",
        ErrorKind.CONNECTION,
        "connection to the source was lost",
    ),
]


def test_errors_are_sentences_without_values(dsn: str) -> None:
    pool = opened(dsn)
    for statement, kind, says in ERRORS:
        error = refused(pool, statement)
        assert error.kind is kind, statement
        assert says in str(error) and "secret" not in str(error)
        assert str(error).endswith(".")
    pool.close()


def test_values_that_cannot_be_sent_or_taken_over_are_told_without_being_shown(dsn: str) -> None:
    pool = opened(dsn)
    for value in ("secret\0", {"secret": 1}):
        with pytest.raises(AccessError, match="A value cannot be sent to the source") as caught:
            pool.fetch("SELECT %s::text", (value,))
        assert caught.value.kind is ErrorKind.INVALID and not caught.value.unknown
    with pytest.raises(AccessError, match="a write has taken effect all the same") as caught:
        pool.fetch("INSERT INTO t VALUES (7, 'a') RETURNING 'infinity'::timestamptz")
    assert caught.value.unknown
    assert len(pool.fetch("SELECT FROM t")) == 1
    pool.close()


def test_nothing_shows_the_password(dsn: str) -> None:
    pool = opened(dsn)
    assert dsn.partition("@")[0].rpartition(":")[2] not in repr(pool)
    pool.close()


def test_another_ones_lock_is_waited_for_only_so_long(dsn: str) -> None:
    pool = opened(dsn)
    with psycopg.connect(dsn) as other:
        other.execute("LOCK TABLE t")
        assert refused(pool, "SELECT * FROM t").kind is ErrorKind.TIMEOUT
    assert pool.fetch("SELECT * FROM t") == []
    pool.close()


def test_a_pool_that_only_reads_writes_nothing(dsn: str) -> None:
    pool = opened(dsn, replace(SMALL, read_only=True))
    error = refused(pool, "INSERT INTO t VALUES (1, 'a')")
    assert (error.kind, str(error)) == (
        ErrorKind.READ_ONLY,
        "The source takes no writes just now; nothing was written.",
    )
    pool.close()


def test_what_cannot_be_reached_is_said_without_the_password(dsn: str) -> None:
    for wrong in ({"password": "hunter2"}, {"port": "1", "password": "hunter2"}):
        with pytest.raises(AccessError) as caught:
            opened(make_conninfo(dsn, **wrong))
        assert caught.value.kind is ErrorKind.CONNECTION
        assert "hunter2" not in str(caught.value) and str(caught.value).endswith(".")
    with pytest.raises(AccessError, match="is no connection URI"):
        opened("hunter2 is my secret")


def test_a_pool_that_is_not_open_says_so() -> None:
    assert str(refused(Pool("dbname=x", label="target"), "SELECT 1")) == (
        "The target's pool is not open: open it first."
    )


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="makes no sense"):
        PoolSettings(min_size=3, max_size=2)
    with pytest.raises(Refused, match="needs a file with the authority's certificate"):
        Tls(mode=TlsMode.VERIFY_FULL)
    with pytest.raises(Refused, match="no certificate file"):
        Tls(mode=TlsMode.VERIFY_CA, ca_file=tmp_path / "absent.pem")


def tls_error(port: int, tls: Tls) -> tuple[str, str]:
    """What the user reads, and what libpq said."""
    with pytest.raises(AccessError) as caught:
        opened(f"postgresql://u:hunter2@127.0.0.1:{port}/d", replace(SMALL, tls=tls))
    assert "hunter2" not in str(caught.value)
    return str(caught.value), str(caught.value.__cause__)


def test_a_server_is_held_to_the_tls_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    trusted, other = make_certificate(tmp_path, 30), make_certificate(tmp_path / "other", 30)
    with listening(None) as port:
        assert "does not offer TLS" in tls_error(port, Tls(mode=TlsMode.REQUIRE))[0]
    with listening(trusted) as port:
        _, after_the_handshake = tls_error(port, Tls(mode=TlsMode.VERIFY_CA, ca_file=trusted))
        assert "certificate" not in after_the_handshake
        told, said = tls_error(port, Tls(mode=TlsMode.VERIFY_CA, ca_file=other))
        assert "certificate of 127.0.0.1" in told and "certificate verify failed" in said
        named_otherwise = Tls(mode=TlsMode.VERIFY_FULL, ca_file=trusted)
        assert "does not match host name" in tls_error(port, named_otherwise)[1], "it is for db.test"
