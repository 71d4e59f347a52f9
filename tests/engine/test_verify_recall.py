"""Every difference is found and nothing else: random corruptions, seeded, over every kind of key."""

import random
from collections.abc import Iterator

import pytest

from migration.core.checksums import DifferingRow
from migration.engine.verify import verify
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, one, table
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_ROWS = 5_000
_KINDS = {  # columns and key on the source, on the target; the key's value
    "integer": ("id int", "id bigint", "PRIMARY KEY (id)", "n * 3"),
    "sparse bigint": ("id bigint", "id bigint", "PRIMARY KEY (id)", "(n - 2500) * 1000000007::bigint"),
    "uuid": ("id uuid", "id uuid", "PRIMARY KEY (id)", "md5(n::text)::uuid"),
    "text under a collation of its own": (
        'id text COLLATE "C.utf8"',
        'id text COLLATE "pg_unicode_fast"',
        "PRIMARY KEY (id)",
        "(ARRAY['a', 'B', 'ä', 'Z', 'z', '_', '1', '\"', 'ß', '🙂'])[1 + n % 10] || n",
    ),
    "composite": ("id int, two text", "two text, id int", "PRIMARY KEY (id, two)", "n % 50, 'x' || n / 50"),
}
_COLUMNS = ("v text", "f float8", "d numeric", "at timestamptz")
_VALUES = "'v' || n % 7, n / 3.0, n / 8.0, '2025-01-01'::timestamptz + n * interval '1 hour'"
_CHANGES = (
    "UPDATE public.a SET v = v || ' ' WHERE {one}",
    "UPDATE public.a SET v = NULL WHERE {one}",
    "UPDATE public.a SET f = f + 1e-12 WHERE {one}",
    "UPDATE public.a SET d = round(d, 20) WHERE {one}",
    "UPDATE public.a SET at = at + interval '1 microsecond' WHERE {one}",
    "DELETE FROM public.a WHERE {one}",
    "UPDATE public.a SET v = v WHERE {one}",  # no difference
)


@pytest.mark.parametrize("kind", sorted(_KINDS))
def test_what_differs_is_found_and_nothing_else(
    kind: str, make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    here, there, key, value = _KINDS[kind]
    names = sorted(column.split()[0] for column in here.split(", "))
    sides = make_database(server16), make_database(server18)
    for dsn, columns in zip(sides, (here, there), strict=True):
        ask(dsn, f"CREATE TABLE public.a ({columns}, {', '.join(_COLUMNS)}, {key})")
        into = ", ".join([*([c.split()[0] for c in here.split(", ")]), *(c.split()[0] for c in _COLUMNS)])
        ask(
            dsn, f"INSERT INTO public.a ({into}) SELECT {value}, {_VALUES} FROM generate_series(1, {_ROWS}) n"
        )
    mapping = Mapping(tables=(table("a", *names, *(column.split()[0] for column in _COLUMNS)),))
    assert verify(*sides, mapping)[0].differing == 0
    chance = random.Random(f"corrupt {kind}")
    for count in (1, 2, 40):
        for change in _corruptions(chance, count):
            ask(chance.choice(sides), change)
        noted: list[DifferingRow] = []
        (found,) = verify(*sides, mapping, note=lambda _, rows, into=noted: into.extend(rows))  # type: ignore[misc]
        expected = _expected(*sides, names)
        assert len(noted) == found.differing
        assert {(row.difference.value, row.key) for row in noted} == expected


def test_without_a_key_a_difference_is_seen_whatever_it_is(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    sides = make_database(server16), make_database(server18)
    mapping = Mapping(tables=(table("a", "v", "f", "d", "at"),))
    for dsn in sides:
        ask(dsn, f"CREATE TABLE public.a ({', '.join(_COLUMNS)})")
    for change in _CHANGES:
        for dsn in sides:
            ask(dsn, "TRUNCATE public.a")
            ask(dsn, f"INSERT INTO public.a SELECT {_VALUES} FROM generate_series(1, 100) n")
        ask(sides[1], change.format(one="f = 11"))
        assert verify(*sides, mapping)[0].differing == int("v = v WHERE" not in change)


def _corruptions(chance: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        place = chance.randrange(_ROWS - 200)
        one_row = f"ctid = (SELECT ctid FROM public.a ORDER BY f, ctid OFFSET {place} LIMIT 1)"
        yield chance.choice(_CHANGES).format(one=one_row)


def _expected(source: str, target: str, names: list[str]) -> set[tuple[str, str]]:
    """By comparing all rows here, value by value as PostgreSQL writes them."""
    key = names if "two" not in names else ["id", "two"]
    texts = f"SELECT ROW({', '.join(key)})::text, ROW(v, f, d, at AT TIME ZONE 'UTC')::text FROM public.a"
    here, there = dict(ask(source, texts)), dict(ask(target, texts))
    assert one(source, "SELECT count(*) FROM public.a") == len(here)
    return {
        *(("missing", key) for key in here.keys() - there.keys()),
        *(("surplus", key) for key in there.keys() - here.keys()),
        *(("different", key) for key in here.keys() & there.keys() if here[key] != there[key]),
    }
