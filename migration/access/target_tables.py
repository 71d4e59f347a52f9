"""What the data layer has to know of the tables that it writes to: columns, types, unique indexes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from migration.access.pool import Pool
from schemadiff.core.mapping import QualifiedName

_COLUMNS = """
SELECT n.nspname AS schema, c.relname AS "table", a.attname AS name,
       pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS not_null, a.attgenerated <> '' OR a.attidentity = 'a' AS generated,
       a.atthasdef OR a.attidentity <> '' AS has_default
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'f')
  AND n.nspname = ANY (%s) AND c.relname = ANY (%s)
ORDER BY n.nspname, c.relname, a.attnum
"""
# Only these can be named by ON CONFLICT (columns).
_UNIQUE = """
SELECT n.nspname AS schema, c.relname AS "table",
       array_agg(a.attname::text ORDER BY a.attnum) AS columns
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[])
WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL
  AND n.nspname = ANY (%s) AND c.relname = ANY (%s)
GROUP BY i.indexrelid, n.nspname, c.relname
ORDER BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetColumn:
    """`generated`: the database fills it itself, and takes no value for it."""

    name: str
    type: str
    not_null: bool = False
    generated: bool = False
    has_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetTable:
    name: QualifiedName
    columns: tuple[TargetColumn, ...]
    unique: tuple[frozenset[str], ...] = ()

    def column(self, name: str) -> TargetColumn | None:
        return next((each for each in self.columns if each.name == name), None)


def read_tables(pool: Pool, names: Iterable[QualifiedName]) -> Mapping[QualifiedName, TargetTable]:
    """Those of these tables that are there."""
    wanted = set(names)
    schemas, tables = sorted({each[0] for each in wanted}), sorted({each[1] for each in wanted})
    columns = _by_table(pool.fetch(_COLUMNS, (schemas, tables)))
    unique = _by_table(pool.fetch(_UNIQUE, (schemas, tables)))
    return {
        name: TargetTable(
            name=name,
            columns=tuple(TargetColumn(**row) for row in rows),
            unique=tuple(frozenset(row["columns"]) for row in unique.get(name, ())),
        )
        for name, rows in columns.items()
        if name in wanted
    }


def _by_table(rows: Iterable[dict[str, Any]]) -> dict[QualifiedName, list[dict[str, Any]]]:
    found: dict[QualifiedName, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault((row.pop("schema"), row.pop("table")), []).append(row)
    return found
