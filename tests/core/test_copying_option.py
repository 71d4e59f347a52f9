"""A copy on catalogs made by hand: what it makes, what it refuses, what it says stays behind."""

from dataclasses import replace

import pytest

from schemadiff.core.catalog import Catalog, Generated, Table
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.copying import copy_rows, copy_with_schema
from schemadiff.core.options.option import Scope
from tests.core.test_options import column, key, table

NAMES = ("public", "a"), ("public", "b")
SCOPE = Scope(tables=NAMES)
A = table("a", column("id"), column("note", "text", 2), constraints=(key("a_pkey"),))
B = table("b", column("id"))


def catalog(*tables: Table) -> Catalog:
    return Catalog(tables=tables)


def into(target: str, *pairs: ColumnPair, source: str = "a") -> Mapping:
    return Mapping(tables=(TableMapping(source=("public", source), target=("public", target), pairs=pairs),))


def test_only_what_is_missing_is_made() -> None:
    smaller = replace(A, columns=A.columns[:1], constraints=())
    copy = copy_with_schema(catalog(A, B), catalog(smaller), SCOPE, Mapping())
    assert {statement.ref.name for statement in copy.plan.statements} == {"b"}
    assert [(entry.source, len(entry.accepted())) for entry in copy.mapping.tables] == [
        (NAMES[0], 1),
        (NAMES[1], 1),
    ]
    assert [notice.message for notice in copy.plan.notices] == [
        "Left behind, for no column of public.a takes them: note."
    ]


def test_a_computed_column_is_not_left_behind() -> None:
    computed = replace(A.columns[1], default="'x'::text", generated=Generated.STORED)
    one = replace(A, columns=(A.columns[0], computed))
    copy = copy_rows(catalog(one), catalog(one), Scope(tables=NAMES[:1]), Mapping())
    assert (copy.plan.statements, copy.plan.notices) == ((), ())


def test_a_mapping_takes_the_place_of_equal_names() -> None:
    given = into("b", ColumnPair(target="id", expression="length(note)", status=PairStatus.CONFIRMED))
    with pytest.raises(Refused, match=r"Both public\.a and public\.b would fill public\.b"):
        copy_rows(catalog(A, B), catalog(A, B), SCOPE, given)
    copy = copy_rows(catalog(A, B), catalog(A, B), Scope(tables=NAMES[:1]), given)
    assert [entry.target for entry in copy.mapping.tables] == [NAMES[1]]


def test_what_cannot_be_filled_is_refused() -> None:
    with pytest.raises(Refused, match=r"The target has no table public\.b"):
        copy_rows(catalog(A, B), catalog(A), SCOPE, Mapping())
    with pytest.raises(Refused, match="1 column pair is not confirmed in the mapping yet"):
        copy_rows(catalog(A, B), catalog(A, B), SCOPE, into("a", ColumnPair(target="id", source="id")))
    other = table("a", column("number"))
    with pytest.raises(Refused, match=r"Nothing fills public\.a"):
        copy_rows(catalog(A), catalog(other), Scope(tables=NAMES[:1]), Mapping())


def test_a_table_without_columns_is_left_out() -> None:
    bare = table("b")
    copy = copy_with_schema(catalog(A, bare), catalog(A, bare), SCOPE, Mapping())
    assert [entry.source for entry in copy.mapping.tables] == [NAMES[0]]
    assert [notice.message for notice in copy.plan.notices] == [
        "It has no columns: there is nothing to copy."
    ]
