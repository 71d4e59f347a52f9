"""What may be an expression's inverse, and where the target's value stands in it."""

import pytest

from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.inverses import check_inverse, given_back, with_value
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping


def pair(inverse: str | None, expression: str | None = "f(a)", source: str | None = None) -> ColumnPair:
    return ColumnPair(
        target="b", source=source, expression=expression, inverse=inverse, status=PairStatus.CONFIRMED
    )


REFUSED = [
    (pair("b", expression=None, source="a"), "comes back as it is"),
    (pair("a"), "reads b, by that name, and no other column; found a"),
    (pair("b || c"), "found b, c"),
    (pair("'x'"), "found no column"),
    (pair("t.b"), "by that name"),
    (pair("(SELECT max(b) FROM x)"), "found a SELECT"),
    (pair("b; DROP TABLE x"), "found 2 commands"),
    (pair("sum(b)"), "one row at a time"),
    (pair("pg_read_file(b)"), "not allowed here"),
    (pair("b", expression="a || c"), "the expression reads a, c: name the column"),
]


@pytest.mark.parametrize(("given", "said"), REFUSED)
def test_what_is_no_inverse_is_refused_with_the_reason(given: ColumnPair, said: str) -> None:
    with pytest.raises(Refused, match=said):
        check_inverse(given)


def test_it_gives_the_named_source_column_else_the_one_that_is_read() -> None:
    assert given_back(pair("b")) == "a"
    assert given_back(pair("b", expression="a || c", source="c")) == "c"
    check_inverse(pair("b", expression="a || c", source="c"))
    check_inverse(pair(None, expression="a || c"))


@pytest.mark.parametrize(
    ("inverse", "expected"),
    [
        ("b", "$"),
        ("B || 'b' || \"b\"", "$ || 'b' || $"),
        ("b(b) -- b", "b($) -- b"),
        ("CASE b WHEN 'b' THEN b::text END", "CASE $ WHEN 'b' THEN $::text END"),
    ],
)
def test_the_value_stands_where_the_column_stood_and_nowhere_else(inverse: str, expected: str) -> None:
    assert with_value(inverse, "$") == expected


def test_a_mapping_file_has_inverses() -> None:
    table = TableMapping(source=("public", "x"), target=("public", "x"), pairs=(pair("b || '%'"),))
    assert mapping_file.load(mapping_file.dump(Mapping(tables=(table,)))) == Mapping(tables=(table,))
    bad = '{"tables": [{"source": "x", "columns": [{"target": "b", "expression": "a", "inverse": "c"}]}]}'
    with pytest.raises(Refused, match=r"The inverse for column public.x.b is refused. It reads b"):
        mapping_file.load(bad)
