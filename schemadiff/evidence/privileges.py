"""What a role lacks to run a query: the GRANTs that would let it, read in the database's own catalog."""

from collections.abc import Iterator
from typing import Any

import psycopg
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schemadiff.core.identifiers import qualified, quote
from schemadiff.evidence.reading import run_one

_LACKING = """
SELECT n.nspname, c.relname, has_schema_privilege($1, n.oid, 'USAGE')::text,
       (SELECT string_agg(p, ', ' ORDER BY p) FROM unnest(string_to_array($4, ', ')) p
         WHERE NOT has_table_privilege($1, c.oid, p))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = $3 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND CASE WHEN $2 = '' THEN n.nspname = ANY (current_schemas(false)) ELSE n.nspname = $2 END
 ORDER BY array_position(current_schemas(false), n.nspname) LIMIT 1
"""


def lacking_grants(connection: psycopg.Connection[Any], sql: str, role: str) -> tuple[str, ...]:
    """Statements that give `role` what it lacks on the tables that the query names; none where they are not to blame.

    Functions, sequences and what a view's owner lacks are not looked at. `connection` is in a transaction.
    """
    found: dict[str, None] = {}
    for (schema, name), wanted in sorted(_wanted(sql).items()):
        rows = run_one(connection, _LACKING, [role, schema, name, ", ".join(sorted(wanted))])
        for there, table, may_use, lacking in rows:
            assert there is not None and table is not None
            if may_use != "true":
                found[f"GRANT USAGE ON SCHEMA {quote(there)} TO {quote(role)};"] = None
            if lacking:
                found[f"GRANT {lacking} ON {qualified(there, table)} TO {quote(role)};"] = None
    return tuple(found)


def _wanted(sql: str) -> dict[tuple[str, str], set[str]]:
    """What the query does with which table, by schema (empty: by the search path) and name."""
    try:
        tree = sqlglot.parse_one(sql, read="postgres")
    except (SqlglotError, RecursionError):
        return {}
    found: dict[tuple[str, str], set[str]] = {}
    written = dict(_written(tree))
    inner = {cte.alias for cte in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if not isinstance(table.this, exp.Identifier) or (not table.db and table.name in inner):
            continue
        privileges = written.get(id(table), "SELECT").split(", ")
        name = (_folded(table.args.get("db")), _folded(table.this))
        found.setdefault(name, set()).update(privileges)
    return found


def _written(tree: exp.Expr) -> Iterator[tuple[int, str]]:
    """The tables that are written, each with what that takes: rows that are looked for or given back are read, too."""
    for node in tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge):
        target = node.this if isinstance(node.this, exp.Table) else node.this and node.this.find(exp.Table)
        if target is not None:
            yield id(target), ", ".join(_privileges(node))


def _privileges(node: exp.Expr) -> Iterator[str]:
    match node:
        case exp.Insert():
            yield "INSERT"
            if conflict := node.args.get("conflict"):
                yield "SELECT"
                if conflict.expressions:
                    yield "UPDATE"
        case exp.Update():
            yield "UPDATE"
        case exp.Delete():
            yield "DELETE"
        case _:
            yield from ("SELECT", "INSERT", "UPDATE", "DELETE")
    if node.args.get("where") or node.args.get("returning"):
        yield "SELECT"


def _folded(name: object) -> str:
    if not isinstance(name, exp.Identifier):
        return ""
    return name.name if name.quoted else name.name.lower()
