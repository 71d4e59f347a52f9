"""Reads how a database sorts text and which keys of some tables depend on it."""

from collections.abc import Sequence
from typing import Any

from migration.core.collations import Collation, Sorting, TextKey, warnings_of
from migration.core.events import Log
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.mapping import Mapping, QualifiedName

_DATABASE_VERSIONS = 150_000  # server version from which a database's collation has a version


def sorting_warnings(source: Session, target: Session, mapping: Mapping) -> tuple[Log, ...]:
    """What differs in how both sides sort text and tell it apart."""
    here = _sorting(source, [entry.source for entry in mapping.tables])
    there = _sorting(target, [entry.target for entry in mapping.tables])
    names = {collation.name for collation in (*here.named, *there.named)}
    return tuple(
        warnings_of(
            Sorting(default=here.default, named=_named(source, names), keys=here.keys),
            Sorting(default=there.default, named=_named(target, names), keys=there.keys),
        )
    )


def _sorting(session: Session, tables: Sequence[QualifiedName]) -> Sorting:
    rows: list[Any] = session.execute(
        query("text_keys"), {"schemas": [s for s, _ in tables], "names": [name for _, name in tables]}
    ).fetchall()
    default = _default(session)
    keys = tuple(
        TextKey(
            table=(row[0], row[1]),
            index=row[2],
            is_default=row[3],
            collation=default if row[3] else _collation(row[4:]),
        )
        for row in rows
    )
    named = {key.collation.name: key.collation for key in keys if not key.is_default}
    return Sorting(default=default, named=tuple(named.values()), keys=keys)


def _default(session: Session) -> Collation:
    row: Any = session.execute(query("sorting")).fetchone()
    provider, locale, ctype, recorded = row
    return Collation(
        provider=provider, locale=locale, ctype=ctype, recorded=recorded, actual=_actual_version(session)
    )


def _actual_version(session: Session) -> str | None:
    if session.info.server_version < _DATABASE_VERSIONS:
        return None
    row = session.execute(
        "SELECT pg_catalog.pg_database_collation_actual_version(oid) FROM pg_catalog.pg_database "
        "WHERE datname = current_database()"
    ).fetchone()
    return row[0] if row else None


def _named(session: Session, names: set[str]) -> tuple[Collation, ...]:
    rows = session.execute(query("collations"), [sorted(names)]).fetchall() if names else []
    return tuple(_collation(row) for row in rows)


def _collation(row: Sequence[Any]) -> Collation:
    name, provider, locale, ctype, deterministic, recorded, actual = row
    return Collation(
        name=name,
        provider=provider,
        locale=locale or "",
        ctype=ctype or "",
        deterministic=deterministic,
        recorded=recorded,
        actual=actual,
    )
