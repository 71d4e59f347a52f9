"""INSERTs that leave out a NOT NULL column without default: parsed and planned without complaint."""

from collections.abc import Iterator
from typing import Any

import psycopg
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schemadiff.evidence.reading import run_one

# A BEFORE INSERT trigger may fill the column, so tables with one are passed over.
_NOT_NULL = """
SELECT a.attname
  FROM pg_attribute a
 WHERE a.attrelid = to_regclass($1)
   AND a.attnum > 0 AND NOT a.attisdropped
   AND a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
   AND NOT EXISTS (SELECT FROM pg_trigger t  -- 1 row, 2 before, 4 insert
                    WHERE t.tgrelid = a.attrelid AND t.tgtype & 7 = 7
                      AND t.tgconstrrelid = 0 AND t.tgconstrindid = 0)  -- not one of a constraint's own
 ORDER BY a.attnum
"""
_COLUMNS = """
SELECT a.attname
  FROM pg_attribute a
 WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""


def left_out_not_null(connection: psycopg.Connection[Any], sql: str) -> str:
    """A sentence about the first INSERT that leaves out a column it must fill; empty if there is none."""
    for table, given in _inserts(sql):
        every = [name for (name,) in run_one(connection, _COLUMNS, [table])]
        filled = set(every[:given]) if isinstance(given, int) else given
        left_out = [name for (name,) in run_one(connection, _NOT_NULL, [table]) if name not in filled]
        if left_out:
            listed = ", ".join(str(name) for name in left_out)
            noun = "column" if len(left_out) == 1 else "columns"
            return (
                f"The INSERT leaves out {noun} {listed} of {table}, which must not be null and"
                f" {'has' if len(left_out) == 1 else 'have'} no default."
            )
    return ""


def _inserts(sql: str) -> Iterator[tuple[str, set[str] | int]]:
    """The table of each INSERT, and the columns it names, or how many it fills where it names none."""
    try:
        parsed = sqlglot.parse_one(sql, read="postgres")
    except (SqlglotError, RecursionError):
        return
    for insert in parsed.find_all(exp.Insert):
        target = insert.this
        table = target.this if isinstance(target, exp.Schema) else target
        if not isinstance(table, exp.Table):
            continue
        bare = exp.Table(this=table.this, db=table.args.get("db"))
        name = bare.sql(dialect="postgres")
        if isinstance(target, exp.Schema):
            yield name, {_folded(column) for column in target.expressions}
        elif insert.args.get("default"):
            yield name, 0
        elif isinstance(insert.expression, exp.Values) and insert.expression.expressions:
            yield name, len(insert.expression.expressions[0].expressions)


def _folded(column: exp.Expr) -> str:
    identifier = column.this if isinstance(column, exp.Column) else column
    quoted = isinstance(identifier, exp.Identifier) and identifier.quoted
    return column.name if quoted else column.name.lower()
