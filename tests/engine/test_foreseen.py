"""What is found before a run begins: other encodings, other orders of text, very wide values."""

import uuid
from collections.abc import Iterator
from itertools import count

import pytest

from migration.core.events import Log
from migration.engine.carrying import Equality
from migration.engine.sessions import open_source, read_snapshot
from migration.engine.verify import verify
from migration.engine.wide_values import PATIENCE, wide_values
from schemadiff.core.mapping import Mapping, TableMapping
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

CLIENTS = "CREATE TABLE public.clients (id int PRIMARY KEY, email text UNIQUE)"


@pytest.fixture
def latin(server16: EmbeddedServer) -> Iterator[str]:
    """A source in LATIN1 that sorts by code points and knows no letters beyond ASCII."""
    name = f"latin_{uuid.uuid4().hex[:8]}"
    ask(server16.dsn(), f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    ask(server16.dsn(), f"ALTER DATABASE {name} SET client_encoding = 'UTF8'")
    yield server16.dsn(name)
    ask(server16.dsn(), f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def plain(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, CLIENTS)


def test_another_encoding_and_another_case_are_told_and_text_arrives(latin: str, plain: str) -> None:
    ask(latin, CLIENTS)
    ask(latin, "INSERT INTO public.clients VALUES (1, 'Zoë'), (2, 'é')")
    result, told = carry(latin, plain, copy_spec(plain, table("clients", "id", "email")))
    assert (result.rows_written, result.rejects) == (2, 0)
    assert ask(plain, "SELECT email FROM public.clients ORDER BY id") == [("Zoë",), ("é",)]
    warned = [event for event in told.of(Log) if "Upper and lower case" in event.message]
    assert [event.details for event in warned] == [
        ("key over text: public.clients: clients_email_key",),
    ]


@pytest.mark.heavy
def test_text_in_another_encoding_is_compared(latin: str, plain: str) -> None:
    columns = "id int, name text, tags text[], note varchar(9), doc jsonb, size numeric"
    for dsn in (latin, plain):
        ask(dsn, f"CREATE TABLE public.words ({columns}, PRIMARY KEY (name, id))")
        ask(dsn, "CREATE TABLE public.bare (name text)")
    ask(
        latin,
        "INSERT INTO public.words SELECT n, 'ä' || n, '{ö,ü}', 'é', '{\"ß\": 1}', n FROM generate_series(1, 50) n",
    )
    ask(latin, "INSERT INTO public.bare VALUES ('ñ')")
    words = table("words", "id", "name", "tags", "note", "doc", "size")
    spec = copy_spec(plain, words, table("bare", "name"))
    result, _ = carry(latin, plain, spec)
    assert (result.rows_written, result.rejects) == (51, 0)
    ask(plain, "UPDATE public.words SET tags = '{o,ü}' WHERE id IN (3, 4)")
    ask(plain, "UPDATE public.words SET size = 7.0 WHERE id = 7")
    for equality, differing in ((Equality.STRICT, 3), (Equality.SEMANTIC, 2)):
        checked = verify(latin, plain, spec.mapping, equality=equality)
        assert {found.table[1]: found.differing for found in checked} == {"words": differing, "bare": 0}


def test_a_dry_run_says_it_too(manage: Manage, latin: str, plain: str) -> None:
    ask(latin, CLIENTS)
    done = manage("copy", latin, plain, "--dry-run")
    assert (done.code, done.error) == (0, "")
    assert "-- warning: Upper and lower case of letters go by C in the source" in done.out
    assert "--   key over text: public.clients: clients_email_key" in done.out
    done = manage("copy", plain, plain, "--dry-run")
    assert done.code == 1 and "same database" in done.error


@pytest.fixture
def files(server16: EmbeddedServer, make_database: MakeDatabase) -> str:
    dsn = make_database(
        server16,
        "CREATE TABLE public.files (id int PRIMARY KEY, body text, data bytea, doc jsonb, tags text[]);"
        "CREATE TABLE public.small (id int PRIMARY KEY, body text);"
        "CREATE TABLE public.years (y int, body text) PARTITION BY LIST (y);"
        "CREATE TABLE public.year_1 PARTITION OF public.years FOR VALUES IN (1);"
        "ALTER TABLE public.year_1 ALTER body SET STORAGE EXTERNAL",
    )
    ask(dsn, "INSERT INTO public.files VALUES (1, repeat('x', 3000000), 'y', NULL, NULL)")
    ask(dsn, "INSERT INTO public.small VALUES (1, repeat('x', 1000000))")
    ask(dsn, "INSERT INTO public.years VALUES (1, repeat('x', 2500000))")
    return dsn


MAPPING = Mapping(
    tables=(
        table("files", "id", "body", "data", "doc", "tags"),
        table("small", "id", "body"),
        table("years", "y", "body"),
    )
)


def found(dsn: str, mapping: Mapping, **more: object) -> list[Log]:
    with open_source(dsn) as source, read_snapshot(source):
        return list(wide_values(source, mapping, wide=2_000_000, **more))  # type: ignore[arg-type]


def test_wide_values_are_named_though_compressed(files: str) -> None:
    assert [warning.message.partition(". ")[0] for warning in found(files, MAPPING)] == [
        "public.files.body holds a value of 3 MB",
        "public.years.body holds a value of 2 MB",
    ]


@pytest.mark.heavy
def test_columns_that_are_not_read_and_tables_that_have_none_are_left_alone(files: str) -> None:
    assert found(files, Mapping(tables=(table("files", "id", "data"), table("small", "id", "body")))) == []
    by_expression: TableMapping = table("files", "id", data="convert_to(body, 'UTF8')")
    assert len(found(files, Mapping(tables=(by_expression,)))) == 1
    with open_source(files) as source, read_snapshot(source):
        assert list(wide_values(source, MAPPING)) == []
        assert one(files, "SHOW statement_timeout") == "0"
        row = source.execute("SHOW statement_timeout").fetchone()
        assert row is not None and row[0] == "2h"


def test_the_look_takes_no_longer_than_it_may(files: str) -> None:
    ticks = count(0, int(PATIENCE) - 1)
    (first, unseen) = found(files, MAPPING, clock=lambda: float(next(ticks)))
    assert first.message.startswith("public.files.body")
    assert unseen.details[0].startswith("public.small: ")


@pytest.mark.heavy
def test_a_value_wider_than_100_mb_is_named_and_arrives(
    server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    files = "CREATE TABLE public.files (id int PRIMARY KEY, body text)"
    source, target = make_database(server16, files), make_database(server18, files)
    ask(source, "INSERT INTO public.files VALUES (1, repeat('0123456789', 11000000)), (2, 'short')")
    result, told = carry(source, target, copy_spec(target, table("files", "id", "body")))
    assert (result.rows_written, result.rejects, result.differing) == (2, 0, 0)
    assert "public.files.body holds a value of 105 MB" in told.text()
    assert ask(target, "SELECT id, length(body) FROM public.files ORDER BY id") == [(1, 110_000_000), (2, 5)]
