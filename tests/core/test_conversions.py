"""From one type to another: which casts are written, and which changes touch no value."""

import pytest

from schemadiff.core.catalog import Column
from schemadiff.core.ddl.conversions import conversion, is_widening, loses_in_silence
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
        ("text", "character varying(5)", "c::character varying"),  # never cut: the assignment refuses
        ("text", "character(5)", "c::bpchar"),
        ("integer", "character varying(5)[]", "c::text::character varying[]"),
        ("bit varying(9)", "bit(3)", 'c::text::"bit"'),
        ("inet", "cidr", "c::text::cidr"),
        ("cidr", "inet", "c::inet"),
        ('"char"', "text", "c::text"),
        ('"char"', "integer", "c::text::integer"),  # not the character's number
        ("integer", '"char"', 'c::text::"char"'),
        ('"char"', '"char"[]', 'c::text::"char"[]'),
    ],
)
def test_a_cast_is_used_where_there_is_one(start: str, end: str, expression: str) -> None:
    assert conversion("c", start, end) == expression


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("numeric(10,3)", "numeric(10,2)", True),
        ("numeric(12,2)", "numeric(10,2)", False),  # an error where it does not fit
        ("numeric(10,2)", "numeric(8)", True),
        ("text", "numeric(10,2)", True),
        ("numeric(10,2)", "integer", True),
        ("text", "integer", False),
        ("bigint", "integer", False),
        ("double precision", "real", True),
        ("double precision", "numeric", True),
        ("timestamp with time zone", "date", True),
        ("timestamp without time zone", "timestamp with time zone", False),
        ("timestamp(6) without time zone", "timestamp(0) without time zone", True),
        ("date", "timestamp with time zone", False),
        ("text", "character varying(5)", False),
        ("text", '"char"', True),
        ('"char"', "name", False),
        ("text", "name", True),
        ("integer", "boolean", True),
        ("inet", "cidr", False),  # an error where bits would be cleared
        ("numeric(10,2)", "money", False),
        ("numeric(10,4)", "money", True),
        ("bigint", "money", False),
        ("text", "timestamp without time zone", True),
        ("text", "timestamp with time zone", False),
        ("time with time zone", "time without time zone", True),
        ("interval", "interval(0)", True),
        ("interval(0)", "interval", False),
        ("tsrange", "daterange", True),
        ("jsonb", "integer", True),
        ("numeric(10,4)[]", "numeric(10,2)[]", True),
        ("integer[]", "bigint[]", False),
        ("timestamp without time zone[]", "date[]", True),
        ("text", "numeric(5,1)[]", True),
        ("interval", "interval year to month", True),
        ("name", "text", False),
    ],
)
def test_what_is_lost_without_an_error(start: str, end: str, expected: bool) -> None:
    assert loses_in_silence(start, end) is expected


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


@pytest.mark.parametrize(
    ("printed", "given"),
    [
        (" SELECT 'a'::text\n", " SELECT 'a'::text AS \"?column?\"\n"),
        (" SELECT 'a'::text AS x\n", " SELECT 'a'::text AS x\n"),
        ("( SELECT 1,\n    NULL::bit varying)", '( SELECT 1,\n    NULL::bit varying AS "?column?")'),
        (
            "( SELECT (-1)::numeric(9,2),\n 'b'::s.\"T\"[]\n",
            '( SELECT (-1)::numeric(9,2) AS "?column?",\n \'b\'::s."T"[] AS "?column?"\n',
        ),
        ("f('SELECT ''a''::text\n', \",\n1::int\n\")", "f('SELECT ''a''::text\n', \",\n1::int\n\")"),
        ("SELECT 'a'::text || 'b'::text\n", "SELECT 'a'::text || 'b'::text\n"),
    ],
)
def test_a_constant_without_a_name_gets_none_from_its_type(printed: str, given: str) -> None:
    assert restored(printed) == given
