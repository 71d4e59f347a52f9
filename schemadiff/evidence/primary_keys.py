"""`upsert()` without `onConflict`: PostgREST takes the table's primary key, which only the source's schema tells."""

from collections.abc import Iterable
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from schemadiff.core.catalog import Catalog, ConstraintKind, Table
from schemadiff.core.identifiers import column_list
from schemadiff.evidence.query_files import NamedQuery

PRIMARY_KEY = "ON CONFLICT (PRIMARY KEY)"
"""How such a query is written down until its table is known. It is no SQL: nobody's own query says so."""

_STANDS_FOR_IT = "ON CONFLICT (the_key)"


def with_primary_keys(queries: Iterable[NamedQuery], source: Catalog) -> tuple[NamedQuery, ...]:
    """The queries with the columns of the source's primary keys in them.

    On a result whose key is another one such a query finds no unique key, and fails as the application would: it would
    no longer meet the row that it means. Where the source has no such table, or one without a key, PostgREST inserts.
    """
    return tuple(
        replace(query, sql=_resolved(query.sql, source)) if PRIMARY_KEY in query.sql else query
        for query in queries
    )


def _resolved(sql: str, source: Catalog) -> str:
    table = _written(sql, source)
    key = (
        next((c for c in table.constraints if c.kind is ConstraintKind.PRIMARY_KEY), None) if table else None
    )
    if key is not None:
        return sql.replace(PRIMARY_KEY, f"ON CONFLICT ({column_list(key.columns)})")
    try:
        insert = sqlglot.parse_one(sql.replace(PRIMARY_KEY, _STANDS_FOR_IT), read="postgres")
    except SqlglotError:
        return sql
    insert.set("conflict", None)
    return insert.sql(dialect="postgres")


def _written(sql: str, source: Catalog) -> Table | None:
    """The table that the INSERT writes: by schema and name, else the one of that name, `public` before others."""
    try:
        parsed = sqlglot.parse_one(sql.replace(PRIMARY_KEY, _STANDS_FOR_IT), read="postgres")
    except SqlglotError:
        return None
    insert = parsed.find(exp.Insert)
    found = insert.find(exp.Table) if insert else None
    if found is None:
        return None
    if found.db:
        return source.table(found.db, found.name)
    named = [table for table in source.tables if table.name == found.name]
    public = source.table("public", found.name)
    return public or (named[0] if len(named) == 1 else None)
