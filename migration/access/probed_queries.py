"""A user's SELECTs on both backends. On the target they see the application's tables through the mapping."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlglot
from psycopg import sql
from sqlglot import exp

from migration.access.conditions import MOST_ROWS
from migration.access.explaining import explained
from migration.access.layout import Layout, name
from migration.access.pool import Pool
from migration.access.statements import everything
from schemadiff.core.errors import Refused
from schemadiff.core.sql_guard import check_select

_VALUES = re.compile(r"^[ \t]*--[ \t]*values:[ \t]*(\[.*\])[ \t]*$", re.MULTILINE)
_MOST_PARAMETERS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One SELECT over the source's tables. `values` fill $1, $2 and so on."""

    name: str
    text: str
    values: tuple[Any, ...] = ()

    @property
    def is_ordered(self) -> bool:
        return "order by" in " ".join(self.text.lower().split())


def as_query(name: str, text: str) -> Query | str:
    """The query, or a sentence why it is not probed. A line `-- values: [1, "x"]` gives its parameters."""
    bare = text.strip().removesuffix(";").strip()
    try:
        check_select(bare, parameters=True)  # the very text that is sent
        values = _values_of(bare)
        wanted = _parameters(bare)
    except Refused as exc:
        return f"{name} is not probed: {exc}"
    if wanted > len(values):
        return (
            f"{name} is not probed: it has {wanted} parameters and {len(values)} values."
            ' Give them in a line of its own: -- values: [962302, "text"].'
        )
    return Query(name=name, text=bare, values=values[:wanted])


def _parameters(text: str) -> int:
    """The highest $1, $2… of a SELECT that `check_select` took."""
    found = [node.name for node in sqlglot.parse_one(text, read="postgres").find_all(exp.Parameter)]
    if not all(name.isascii() and name.isdigit() and 0 < int(name) < _MOST_PARAMETERS for name in found):
        raise Refused(f"its parameters are $1, $2 and so on, and one of them is ${found[0]}.")
    return max(map(int, found), default=0)


def _values_of(text: str) -> tuple[Any, ...]:
    found = _VALUES.search(text)
    if found is None:
        return ()
    try:
        return tuple(json.loads(found[1]))
    except ValueError as exc:
        raise Refused("its values are no JSON list.") from exc


def answer(pool: Pool, query: Query, layouts: Mapping[str, Layout] | None = None) -> list[dict[str, Any]]:
    """At most 1,001 rows, in a READ ONLY transaction that is rolled back. With `layouts`, unqualified names of the
    application's tables mean these tables as the mapping presents them.

    A value, the limit of rows at least, has psycopg take the extended protocol: a second command is an error there.
    """
    session = pool.take()
    values = (*query.values, MOST_ROWS + 1)
    try:
        with (
            session.transaction(force_rollback=True),
            psycopg.RawCursor(session, row_factory=psycopg.rows.dict_row) as cursor,
        ):
            cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(_statement(query, layouts, len(values)).encode(), values, prepare=True)
            return cursor.fetchall()
    except psycopg.Error as exc:
        raise explained(exc, pool.label) from exc
    finally:
        pool.give_back(session)


def _statement(query: Query, layouts: Mapping[str, Layout] | None, limit: int) -> str:
    # The line break ends a comment at the query's end.
    asked = f"SELECT * FROM ({query.text}\n) AS probed LIMIT ${limit}"
    return asked if layouts is None else f"{_presented(layouts)} {asked}"


def _presented(layouts: Mapping[str, Layout]) -> str:
    """The application's tables by their own names; those that the query does not read cost nothing."""
    tables = [
        sql.SQL("{} AS ({})").format(name(key), everything(layout))
        for key, layout in layouts.items()
        if layout.places
    ]
    # Nothing here has parameters, so a doubled % is a single one again.
    return sql.SQL("WITH {}").format(sql.SQL(", ").join(tables)).as_string(None).replace("%%", "%")


def differing(
    query: Query, first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]
) -> tuple[tuple[str, ...], str]:
    """The fields that differ, and a sentence. Where the query says no order, the rows' order counts for nothing."""
    if len(first) != len(second):
        return ("rows",), f"Source and target give {len(first):,} and {len(second):,} rows."
    names = sorted({field for row in (*first[:1], *second[:1]) for field in row})
    if not query.is_ordered:
        first, second = (
            sorted(rows, key=lambda row: [repr(row.get(n)) for n in names]) for rows in (first, second)
        )
    fields = tuple(
        field
        for field in names
        if any(
            field not in one or field not in other or one[field] != other[field]
            for one, other in zip(first, second, strict=True)
        )
    )
    return fields, f"{', '.join(fields)}: other values." if fields else ""
