"""Whether values fit where they are mapped to: counted on a real server, said in sentences, with what would mend it."""

import psycopg
import pytest

from migration import seedcase
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import NotFound
from schemadiff.core.fitting import Kind, allowed_words, questions
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.value_fit import Fit, value_fit
from schemadiff.introspection import read_catalog
from tests.servers import fresh_database

SOURCE = """
CREATE TABLE "o q""t" ("k ""ey" int, price numeric, big bigint, word text, list text, tags text[], code varchar(3),
    takes int, minutes int, team int, part double precision);
INSERT INTO "o q""t" VALUES
    (1, 7.5, 5000000000, ' Red', 'a, bcdefghij', '{a}', 'abc', 120, 7, 1, 'NaN'),
    (2, 8, 5, 'RED', 'abcdefghijkl', null, 'ab', 60, 7, 2, 1.25),
    (null, 8, 5, 'green', null, null, null, 0, 7, null, 1e300);
CREATE TABLE teams (id int);
INSERT INTO teams VALUES (1);
"""
TARGET = """
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE groups (id int PRIMARY KEY);
CREATE TABLE t (k int NOT NULL DEFAULT 7, price numeric(8, 0), big int, word colour, list varchar(10), tags text[],
    code varchar(3), duration_minutes int, minutes int, team_id int NOT NULL REFERENCES groups, part int,
    made int GENERATED ALWAYS AS (1) STORED);
"""
PAIRS = {
    'k "ey': "k",
    "price": "price",
    "big": "big",
    "word": "word",
    "list": "list",
    "tags": "tags",
    "code": "code",
    "takes": "duration_minutes",
    "minutes": "minutes",
    "team": "team_id",
    "part": "part",
}
TABLE = ("public", 'o q"t')


def mapping(expression: str | None = None) -> Mapping:
    pairs = tuple(
        ColumnPair(source=source, target=target, status=PairStatus.CONFIRMED, expression=expression)
        for source, target in PAIRS.items()
    )
    key = ColumnPair(source="id", target="id", status=PairStatus.CONFIRMED)
    return Mapping(
        tables=(
            TableMapping(source=TABLE, target=("public", "t"), pairs=pairs),
            TableMapping(source=("public", "teams"), target=("public", "groups"), pairs=(key,)),
        )
    )


@pytest.fixture(scope="module")
def places(server16: EmbeddedServer):  # type: ignore[no-untyped-def]
    with fresh_database(server16, SOURCE) as source, fresh_database(server16, TARGET) as target:
        yield source, target


def catalogs(places: tuple[str, str]) -> tuple[Catalog, Catalog]:
    with psycopg.connect(places[0]) as source, psycopg.connect(places[1]) as target:
        return read_catalog(source), read_catalog(target)


def fit(places: tuple[str, str], given: Mapping, **more: object) -> Fit:
    asked = questions(*catalogs(places), given, given.tables[0])
    with psycopg.connect(places[0]) as connection:
        return value_fit(connection, given.tables[0].source, asked, **more)  # type: ignore[arg-type]


def test_everything_that_would_go_wrong_is_counted(places: tuple[str, str]) -> None:
    found = {(f.kind, f.target): f for f in fit(places, mapping()).findings}
    assert {place: (f.rows, f.expression) for place, f in found.items()} == {
        (Kind.OTHER_UNIT, "duration_minutes"): (2, "takes / 60"),
        (Kind.ROUNDED, "price"): (1, ""),
        (Kind.ROUNDED, "part"): (1, ""),
        (Kind.EMPTY, "k"): (1, 'coalesce("k ""ey", 7)'),
        (Kind.TOO_LARGE, "big"): (1, ""),
        (Kind.TOO_LARGE, "part"): (2, ""),
        (Kind.OTHER_WORDS, "word"): (2, "lower(btrim(word))"),
        (Kind.TOO_LONG, "list"): (2, "left(list, 10)"),
        (Kind.NO_SUCH_ROW, "team_id"): (1, ""),
        (Kind.ONLY_ROW, "team_id"): (
            1,
            "coalesce(team, (SELECT (array_agg(teams.id))[1] FROM public.teams HAVING count(*) = 1))",
        ),
    }
    words = found[Kind.OTHER_WORDS, "word"].sentence
    assert words == "2 rows have a word that word does not know: “ Red” (1), “RED” (1). It knows red, green."
    silent = [f.kind for f in fit(places, mapping()).findings if f.is_silent]
    assert silent == [Kind.OTHER_UNIT, Kind.ROUNDED, Kind.ROUNDED]


def test_hidden_columns_show_no_word(places: tuple[str, str]) -> None:
    found = fit(places, mapping(), hidden=frozenset({"word"})).findings
    assert not any("Red" in f.sentence for f in found)
    assert any(f.kind is Kind.OTHER_WORDS and f.rows == 2 for f in found)


def test_expressions_and_rejected_pairs_are_left_alone(places: tuple[str, str]) -> None:
    assert fit(places, mapping(expression="1")).findings == ()


def test_a_big_table_is_sampled_and_says_so(places: tuple[str, str]) -> None:
    found = fit(places, mapping(), exact_up_to=100)
    assert found.percent is not None
    assert found.percent < 100


def test_what_is_gone_is_one_sentence(places: tuple[str, str]) -> None:
    asked = questions(*catalogs(places), mapping(), mapping().tables[0])
    with psycopg.connect(places[1]) as connection, pytest.raises(NotFound, match="does not exist"):
        value_fit(connection, TABLE, asked)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("CHECK (w IN ('a', 'b''c'))", ("a", "b'c")),
        ("CHECK (w = 'a')", ("a",)),
        ("CHECK (w IS NULL OR w IN ('a', 'b'))", ("a", "b")),
        ("CHECK (w IN ('a') OR w LIKE 'x%')", ()),
        ("CHECK (w <> 'a')", ()),
        ("CHECK (length(w) IN (1, 2))", ()),
        ("", ()),
    ],
)
def test_the_words_of_a_check(check: str, words: tuple[str, ...], server18: EmbeddedServer) -> None:
    script = f"CREATE TABLE t (w varchar(20) {check})"
    with fresh_database(server18, script) as dsn, psycopg.connect(dsn) as connection:
        catalog = read_catalog(connection)
    table = catalog.tables[0]
    assert allowed_words(catalog, table, table.columns[0]) == words


def test_the_example_is_told_what_its_data_was_made_to_hit(
    server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    """The numbers of the demo case: what the target refuses, and what no error shows."""
    with fresh_database(server16) as source, fresh_database(server18, seedcase.TARGET_SQL) as target:
        seedcase.load_source(source)
        left, right = catalogs((source, target))
        given = mapping_file.load(seedcase.MAPPING_JSON.read_text(encoding="utf-8"))
        found = {}
        with psycopg.connect(source) as connection:
            for table in given.tables:
                asked = questions(left, right, given, table)
                for f in value_fit(connection, table.source, asked).findings:
                    found[table.source[1], f.target, f.kind] = f.rows
    assert {
        ("clients", "phone", Kind.EMPTY): 8,
        ("clients", "phone", Kind.TOO_LONG): 3,
        ("clients", "gender", Kind.OTHER_WORDS): 13,
        ("clients", "discount_percent", Kind.ROUNDED): 25,
        ("services", "duration_minutes", Kind.OTHER_UNIT): 63,
        ("services", "service_category_id", Kind.NO_SUCH_ROW): 63,
        ("staff_schedules", "absence_kind", Kind.OTHER_WORDS): 8,
        ("bookings", "client_id", Kind.EMPTY): 2,
        ("bookings", "paid_amount", Kind.EMPTY): 38,
        ("bookings", "duration_minutes", Kind.OTHER_UNIT): 38,
        ("dialog_contexts", "company_id", Kind.ONLY_ROW): 2,
        ("companies", "id", Kind.OWN_NUMBER): 1,
        ("dialog_contexts", "status", Kind.OTHER_WORDS): 18,
    }.items() <= found.items()
