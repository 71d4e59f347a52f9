"""The way back of an expression as a person wrote it: one expression over the target's column that it fills."""

import sqlglot
from sqlglot import exp

from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair
from schemadiff.core.sql_guard import check_expression, columns_of


def check_inverse(pair: ColumnPair) -> None:
    """Raises Refused unless the pair's inverse, where it has one, is an expression over its target column alone."""
    if pair.inverse is None:
        return
    if pair.expression is None:
        raise Refused("A column that is taken as it is comes back as it is: without an expression remove it.")
    given_back(pair)
    check_expression(pair.inverse)
    found = sqlglot.parse_one(pair.inverse, read="postgres")
    if found.find(exp.Query) is not None:
        raise Refused("It is worked out from one value; found a SELECT.")
    if columns_of(pair.inverse) != {pair.target} or any(each.table for each in found.find_all(exp.Column)):
        raise Refused(
            f"It reads {pair.target}, by that name, and no other column; "
            f"found {', '.join(sorted(columns_of(pair.inverse))) or 'no column'}."
        )


def given_back(pair: ColumnPair) -> str:
    """The source column that the pair's inverse gives. Refused where it cannot be told which one."""
    if pair.source is not None:
        return pair.source
    read = sorted(columns_of(pair.expression or ""))
    if len(read) != 1:
        raise Refused(
            f"It gives back one source column, and the expression reads {', '.join(read) or 'none'}: "
            "name the column as the pair's source."
        )
    return read[0]


def with_value(inverse: str, value: str) -> str:
    """A checked inverse, letter by letter, with `value` wherever the column stands."""
    found = sqlglot.parse_one(inverse, read="postgres")
    spots = sorted((each.this.meta["start"], each.this.meta["end"]) for each in found.find_all(exp.Column))
    parts, at = [], 0
    for start, end in spots:
        parts += [inverse[at:start], value]
        at = end + 1
    return "".join([*parts, inverse[at:]])
