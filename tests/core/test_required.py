"""What NOT NULL columns of a result need of a mapping."""

import pytest

from schemadiff.core.catalog import Catalog, Column, Generated, Identity, Table
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.required import Needs, needs_of

NAME = ("public", "t")
SOURCE = Catalog(
    tables=(
        Table(
            schema="public",
            name="t",
            columns=(
                Column(name="id", type="bigint", position=1, not_null=True),
                Column(name="note", type="text", position=2),
            ),
        ),
    )
)


def needs(column: Column, *pairs: ColumnPair) -> tuple[Needs, ...]:
    result = Catalog(tables=(Table(schema="public", name="t", columns=(column,)),))
    mapping = Mapping(tables=(TableMapping(source=NAME, target=NAME, pairs=pairs),))
    return needs_of(SOURCE, result, mapping)


def pair(
    source: str | None, expression: str | None = None, status: PairStatus = PairStatus.CONFIRMED
) -> ColumnPair:
    return ColumnPair(source=source, target="x", expression=expression, status=status)


REQUIRED = Column(name="x", type="text", position=1, not_null=True)


def test_a_column_that_nothing_fills_refuses_every_row() -> None:
    (found,) = needs(REQUIRED)
    assert found.unfilled == ("x",)
    (found,) = needs(REQUIRED, pair("id", status=PairStatus.SUGGESTED))
    assert found.unfilled == ("x",)


@pytest.mark.parametrize(
    "column",
    [
        Column(name="x", type="text", position=1),
        Column(name="x", type="text", position=1, not_null=True, default="''::text"),
        Column(name="x", type="bigint", position=1, not_null=True, identity=Identity.BY_DEFAULT),
        Column(name="x", type="text", position=1, not_null=True, default="1", generated=Generated.STORED),
    ],
    ids=["nullable", "default", "identity", "generated"],
)
def test_a_column_that_fills_itself_needs_nothing(column: Column) -> None:
    assert needs(column) == ()


def test_what_may_be_null_is_looked_at_even_where_there_is_a_default() -> None:
    with_default = Column(name="x", type="text", position=1, not_null=True, default="''::text")
    for given in (pair("note"), pair(None, "upper(note)"), pair("id", "nullif(id, 1)")):
        (found,) = needs(with_default, given)
        assert (found.unfilled, found.nullable) == ((), (given,))
    assert needs(REQUIRED, pair("id")) == ()
