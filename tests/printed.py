"""Definitions that were made, held against those that PostgreSQL prints."""

from typing import Any

import psycopg

from schemadiff.core.catalog import Catalog, Constraint, Index, IndexShare, Table, View

_KEYS = """
SELECT n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid)
FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
"""
_INDEXES = """
SELECT n.nspname, t.relname, c.relname, pg_get_indexdef(c.oid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
"""


def assert_as_printed(connection: psycopg.Connection[Any], catalog: Catalog) -> None:
    """Every constraint's and every index's definition is what PostgreSQL prints."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path = ''")
        keys = _by_place(connection.execute(_KEYS).fetchall())
        indexes = _by_place(connection.execute(_INDEXES).fetchall())
    relations: tuple[Table | View, ...] = (*catalog.tables, *catalog.foreign_tables, *catalog.views)
    for table in relations:
        for part in table.parts:
            whole = (part.constraint or part.index) if isinstance(part, IndexShare) else part
            if isinstance(whole, Constraint):
                assert whole.definition == keys[table.schema, table.name, whole.name]
            elif isinstance(whole, Index):
                assert whole.definition == indexes[table.schema, table.name, whole.name]


def _by_place(rows: list[tuple[Any, ...]]) -> dict[tuple[str, ...], str]:
    return {row[:3]: row[3] for row in rows}
