"""What a read asks for: conditions on fields, order, and how many rows."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, NamedTuple

from migration.access.errors import AccessError, ErrorKind

MOST_ROWS = 1_000
"""That a read gives."""

MOST_IN_A_BATCH = 500
"""That a bulk upsert takes."""


class Operator(StrEnum):
    """How a field is compared. The text is SQL's."""

    EQ = "="
    NEQ = "<>"
    GT = ">"
    GTE = ">="
    LT = "<"
    LTE = "<="
    LIKE = "LIKE"
    ILIKE = "ILIKE"
    IN = "= ANY"
    IS_NULL = "IS NULL"
    IS_NOT_NULL = "IS NOT NULL"


WITHOUT_VALUE = frozenset({Operator.IS_NULL, Operator.IS_NOT_NULL})


class Condition(NamedTuple):
    """One comparison: a tuple, for every call makes some."""

    field: str
    operator: Operator
    value: Any = None


def _compared(field: str, operator: Operator, value: Any) -> Condition:
    """A NULL is asked for by `is_null`: `= NULL` is never true, so it is refused."""
    if value is None:
        raise AccessError(
            f"{field} {operator} NULL is never true: ask for is_null instead.", ErrorKind.INVALID
        )
    return Condition(field, operator, value)


def eq(field: str, value: Any) -> Condition:
    return _compared(field, Operator.EQ, value)


def neq(field: str, value: Any) -> Condition:
    return _compared(field, Operator.NEQ, value)


def gt(field: str, value: Any) -> Condition:
    return _compared(field, Operator.GT, value)


def gte(field: str, value: Any) -> Condition:
    return _compared(field, Operator.GTE, value)


def lt(field: str, value: Any) -> Condition:
    return _compared(field, Operator.LT, value)


def lte(field: str, value: Any) -> Condition:
    return _compared(field, Operator.LTE, value)


def like(field: str, pattern: str) -> Condition:
    return _compared(field, Operator.LIKE, pattern)


def ilike(field: str, pattern: str) -> Condition:
    return _compared(field, Operator.ILIKE, pattern)


def in_(field: str, values: Iterable[Any]) -> Condition:
    """One of these; of none, no row is found."""
    return Condition(field, Operator.IN, list(values))


def is_null(field: str) -> Condition:
    return Condition(field, Operator.IS_NULL)


def is_not_null(field: str) -> Condition:
    return Condition(field, Operator.IS_NOT_NULL)


def containing(text: str) -> str:
    """The LIKE pattern of what contains `text` itself: its %, _ and \\ stand for themselves."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


class Direction(StrEnum):
    """NULLs come last in either."""

    ASCENDING = "ASC NULLS LAST"
    DESCENDING = "DESC NULLS LAST"


class Order(NamedTuple):
    field: str
    direction: Direction = Direction.ASCENDING


def ascending(field: str) -> Order:
    return Order(field)


def descending(field: str) -> Order:
    return Order(field, Direction.DESCENDING)


def checked_limit(limit: int | None) -> int | None:
    """AccessError unless it is a number of rows that a read gives."""
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int):
        raise AccessError("A limit is a whole number.", ErrorKind.INVALID)
    if not 1 <= limit <= MOST_ROWS:
        raise AccessError(
            f"A read gives 1 to {MOST_ROWS:,} rows; asked for were {limit:,}.", ErrorKind.INVALID
        )
    return limit
