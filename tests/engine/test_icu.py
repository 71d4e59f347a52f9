"""Text keys that ICU sorts, on Debian's PostgreSQL 15 (the wheel's servers have no ICU): cut, carried, compared."""

import uuid
from collections.abc import Iterator

import pytest

from migration.engine.verify import verify
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.introspection.conftest import server15_dsn as server15_dsn  # a fixture
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

ROWS = 600
_TABLES = """
CREATE TABLE public.words (name text PRIMARY KEY, n int);
CREATE TABLE public.pairs (name text {english}, n int, note text, PRIMARY KEY (name, n));
CREATE TABLE public.loose (name text {loose} PRIMARY KEY, n int);
"""
_COLLATION = (
    "CREATE COLLATION public.loosely (provider = icu, locale = 'und-u-ks-level2', deterministic = false)"
)
# Upper and lower case, umlauts and signs, which ICU sorts otherwise than their bytes.
_WORD = "(ARRAY['ä', 'Z', 'a', 'Å', '-', 'é', 'z', 'ß', '_', '10'])[1 + n % 10] || n"
_FILL = f"""
INSERT INTO public.words SELECT {_WORD}, n FROM generate_series(1, {ROWS}) AS n;
INSERT INTO public.pairs SELECT {_WORD}, n % 7, md5(n::text) FROM generate_series(1, {ROWS}) AS n;
INSERT INTO public.loose SELECT {_WORD}, n FROM generate_series(1, {ROWS}) AS n;
"""


@pytest.fixture
def source(server15_dsn: str) -> Iterator[str]:
    """A database that ICU sorts, with one key under another of its collations, and one that takes case for equal."""
    name = f"icu_{uuid.uuid4().hex[:8]}"
    ask(
        server15_dsn,
        f"CREATE DATABASE {name} LOCALE_PROVIDER icu ICU_LOCALE 'de-DE' LOCALE 'C.UTF-8' ENCODING 'UTF8' "
        "TEMPLATE template0",
    )
    dsn = server15_dsn.replace("dbname=postgres", f"dbname={name}")
    ask(dsn, _COLLATION)
    ask(dsn, _TABLES.format(english='COLLATE "en-x-icu"', loose="COLLATE public.loosely"))
    ask(dsn, _FILL)
    yield dsn
    ask(server15_dsn, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18, _TABLES.format(english="", loose=""))


def test_whatever_the_order_every_row_comes_once_and_differences_are_found(source: str, target: str) -> None:
    tables = (
        table("words", "name", "n"),
        table("pairs", "name", "n", "note"),
        table("loose", "name", "n"),
    )
    spec = copy_spec(target, *tables)
    result, told = carry(source, target, spec, chunk_rows=50)
    assert (result.rows_read, result.rows_written, result.rejects) == (3 * ROWS, 3 * ROWS, 0)
    assert (
        one(target, "SELECT min(c) FROM (SELECT count(*) c FROM schemadiff.chunks GROUP BY source_table) s")
        > 5
    )
    assert "Text is sorted by de-DE of ICU" in told.text()

    assert [found.differing for found in verify(source, target, spec.mapping)] == [0, 0, 0]
    ask(target, "UPDATE public.words SET n = 0 WHERE n IN (3, 4); DELETE FROM public.words WHERE n = 5")
    ask(target, "UPDATE public.pairs SET note = upper(note) WHERE n = 1 AND name LIKE '-%'")
    ask(target, "UPDATE public.loose SET name = upper(name) WHERE name = 'a2'")
    changed = one(target, "SELECT count(*) FROM public.pairs WHERE note <> lower(note)")
    found = {each.table[1]: each for each in verify(source, target, spec.mapping)}
    assert (found["words"].different, found["words"].missing) == (2, 1)
    assert found["pairs"].differing == found["pairs"].different == changed > 5
    assert (found["loose"].missing, found["loose"].surplus) == (1, 1)
