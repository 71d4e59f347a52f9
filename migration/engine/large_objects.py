"""Large objects: a run carries rows, so a column that refers to large objects must find them in the target."""

from collections.abc import Iterator

from psycopg import sql

from migration.core.spec import RunSpec
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import TableMapping


def check_large_objects(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused, naming the columns whose large objects the target does not have."""
    lacking = [sentence for entry in spec.mapping.tables for sentence in _lacking(source, target, entry)]
    if lacking:
        raise Refused(
            f"Large objects are not carried by a run, and the target lacks some: {'; '.join(lacking)}. Carry "
            "them first (pg_dump --large-objects --data-only keeps their numbers), put them into columns of the "
            "type bytea, or leave these columns out of the mapping. Nothing was written."
        )


def _lacking(source: Session, target: Session, entry: TableMapping) -> Iterator[str]:
    name = sql.Identifier(*entry.source)
    carried = {pair.source for pair in entry.accepted()}
    for (column,) in source.execute(query("oid_columns"), [name.as_string(source)]).fetchall():
        if column in carried and (count := _lacking_of(source, target, name, column)):
            yield f"{count:,} that {'.'.join(entry.source)}.{column} refers to"


def _lacking_of(source: Session, target: Session, table: sql.Identifier, column: str) -> int:
    referred = source.execute(
        sql.SQL(
            "SELECT array_agg(m.oid) FROM pg_catalog.pg_largeobject_metadata m "
            "WHERE EXISTS (SELECT FROM {table} t WHERE t.{column} = m.oid)"
        ).format(table=table, column=sql.Identifier(column))
    ).fetchone()
    if referred is None or not referred[0]:
        return 0
    found = target.execute(
        "SELECT count(*) FROM unnest(%s::oid[]) AS r (oid) "
        "WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid = r.oid)",
        [referred[0]],
    ).fetchone()
    return int(found[0]) if found else 0
