"""From one type to another: which casts are written, and which changes touch no value."""

import pytest

from schemadiff.core.catalog import Column
from schemadiff.core.ddl.conversions import conversion, is_widening
from schemadiff.core.ddl.printed import reads_back, restored


def column(type_: str, collation: str | None = None) -> Column:
    return Column(name="c", position=1, type=type_, collation=collation)


@pytest.mark.parametrize(
    ("start", "end", "expression"),
    [
        ("integer", "bigint", "c::bigint"),
        ("numeric(10,2)", "integer", "c::integer"),
        ("text", "integer", "c::integer"),
        ("integer", "uuid", "c::text::uuid"),
        ("timestamp(3) with time zone", "date", "c::date"),
        ("integer", "jsonb", "pg_catalog.to_jsonb(c)::jsonb"),
        ("text", "jsonb", "c::jsonb"),
        ("public.mood", "public.other", "c::text::public.other"),
    ],
)
def test_a_cast_is_used_where_there_is_one(start: str, end: str, expression: str) -> None:
    assert conversion("c", start, end) == expression


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        ("character varying(20)", "character varying(50)", True),
        ("character varying(20)", "character varying(10)", False),
        ("character varying(20)", "text", True),
        ("text", "character varying", True),
        ("text", "character varying(9)", False),
        ("numeric(10,2)", "numeric(12,2)", True),
        ("numeric(10,2)", "numeric(12,3)", False),
        ("numeric(10,2)", "numeric", True),
        ("numeric", "numeric(10,2)", False),
        ("integer", "bigint", False),
    ],
)
def test_widening(target: str, source: str, expected: bool) -> None:
    assert is_widening(column(source), column(target)) is expected


def test_another_collation_is_no_widening() -> None:
    assert not is_widening(column("text", '"C"'), column("text"))


@pytest.mark.parametrize(
    ("printed", "given"),
    [
        ("a = ANY ((ARRAY['x'::character varying])::text[])", "a = ANY (ARRAY['x'::character varying])"),
        ('f((ARRAY[1, 2])::bigint[], (ARRAY[a])::s."T"[])', "f(ARRAY[1, 2], ARRAY[a])"),
        ("(ARRAY['])::text[]'::text])::name[]", "ARRAY['])::text[]'::text]"),
        ("(ARRAY[1, 2])[1]", "(ARRAY[1, 2])[1]"),
        ("x = 'plain'::text", "x = 'plain'::text"),
    ],
)
def test_a_cast_of_a_whole_array_is_left_out(printed: str, given: str) -> None:
    assert restored(printed) == given
    assert reads_back(given)
    assert reads_back(printed) is (printed == given)
