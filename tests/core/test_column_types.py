"""Which types hold which values, and what they are called for short."""

import pytest

from schemadiff.core.column_types import ColumnType, fits, parse, short


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("text", ColumnType("text")),
        ("character varying(20)", ColumnType("character varying", ("20",))),
        ("numeric(10,2)[]", ColumnType("numeric", ("10", "2"), 1)),
        ("timestamp(3) with time zone", ColumnType("timestamp with time zone", ("3",))),
        ("timestamp without time zone[]", ColumnType("timestamp without time zone", (), 1)),
        ("crm.mood", ColumnType("crm.mood")),
        ("public.vector(3)", ColumnType("public.vector", ("3",))),
        ('"Odd (name)"', ColumnType('"Odd (name)"')),
        ("interval day to second(3)", ColumnType("interval day to second", ("3",))),
    ],
)
def test_a_type_is_taken_apart(name: str, expected: ColumnType) -> None:
    assert parse(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("character varying(20)", "varchar(20)"),
        ("character varying[]", "varchar[]"),
        ("timestamp(0) without time zone", "timestamp(0)"),
        ("timestamp with time zone", "timestamptz"),
        ("numeric(10,2)", "numeric(10,2)"),
        ("crm.mood[]", "crm.mood[]"),
    ],
)
def test_short_names(name: str, expected: str) -> None:
    assert short(name) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("smallint", "bigint"),
        ("integer", "numeric"),
        ("integer", "numeric(12,2)"),
        ("smallint", "real"),
        ("integer", "double precision"),
        ("real", "double precision"),
        ("character varying(20)", "character varying(30)"),
        ("character varying(20)", "text"),
        ("text", "character varying"),
        ("character(3)", "text"),
        ("character(3)", "character varying(3)"),
        ("numeric(10,2)", "numeric(12,3)"),
        ("numeric(10,2)", "numeric"),
        ("date", "timestamp without time zone"),
        ("timestamp(3) with time zone", "timestamp with time zone"),
        ("timestamp with time zone", "timestamp(6) with time zone"),
        ("character varying(5)[]", "text[]"),
        ("crm.mood", "crm.mood"),
    ],
)
def test_every_value_fits(start: str, end: str) -> None:
    assert fits(start, end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("bigint", "integer"),
        ("bigint", "double precision"),
        ("integer", "real"),
        ("integer", "numeric(9,0)"),
        ("numeric(5,2)", "smallint"),
        ("numeric", "numeric(10,2)"),
        ("numeric(10,2)", "numeric(10,3)"),
        ("text", "character varying(20)"),
        ("character varying(20)", "character varying(10)"),
        ("timestamp with time zone", "timestamp(0) with time zone"),
        ("timestamp with time zone", "timestamp without time zone"),
        ("text", "text[]"),
        ("text", "jsonb"),
        ("crm.mood", "text"),
        ("double precision", "numeric"),
        ("public.vector(3)", "public.vector(4)"),
    ],
)
def test_some_value_does_not_fit(start: str, end: str) -> None:
    assert not fits(start, end)
