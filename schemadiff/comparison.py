"""The first half of the journey: two databases are read, compared, and their columns matched."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff import store
from schemadiff.compared import summary_of
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import NotFound
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching import suggest
from schemadiff.databases import connect
from schemadiff.introspection import read_catalog
from schemadiff.models import Comparison, Connection, Project, Snapshot


def compare(
    project: Project,
    source: Connection,
    target: Connection,
    *,
    tables: Iterable[QualifiedName] | None = None,
    protected: Iterable[QualifiedName] = (),
    user: User | None,
) -> Comparison:
    """Read both databases at once, keep the snapshots, and suggest which column became which.

    Without `tables` every table of the source is in the scope. Raises NotFound for a table that is not there.
    """
    source_catalog, target_catalog = _read_both(source, target)
    scope = tuple(tables) if tables is not None else tuple(t.qualified for t in source_catalog.tables)
    _must_have(source_catalog, scope, source.name)
    protected = tuple(protected)
    _must_have(target_catalog, protected, target.name)
    with transaction.atomic():
        comparison = store.create_comparison(
            project,
            _keep(project, source, source_catalog, user),
            _keep(project, target, target_catalog, user),
            tables=scope,
            protected=protected,
            user=user,
        )
        store.save_mapping(comparison, suggest(source_catalog, target_catalog, scope))
    summary_of(comparison)  # so that its first reader need not wait
    return comparison


def take_snapshot(connection: Connection, user: User | None) -> Snapshot:
    """Read one database now and keep what its schema is."""
    return _keep(connection.project, connection, _read(dsn_of(connection)), user)


def change_scope(
    comparison: Comparison, *, tables: Iterable[QualifiedName], protected: Iterable[QualifiedName]
) -> None:
    """Carry other tables, protect others: tables new in the scope get suggestions, those out of it lose theirs."""
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    scope, protected = tuple(tables), tuple(protected)
    _must_have(source, scope, comparison.source.label)
    _must_have(target, protected, comparison.target.label)
    with transaction.atomic():
        store.set_scope(comparison, tables=scope, protected=protected)
        store.fit_mapping(comparison, suggest(source, target, scope))


def _read_both(source: Connection, target: Connection) -> tuple[Catalog, Catalog]:
    # Rows are read here, not in the threads: Django's connections belong to one thread each.
    addresses = (dsn_of(source), dsn_of(target))
    with ThreadPoolExecutor(max_workers=2) as pool:
        first, second = pool.map(_read, addresses)
    return first, second


def _read(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


def _keep(project: Project, connection: Connection, catalog: Catalog, user: User | None) -> Snapshot:
    return store.save_snapshot(project, catalog, label=connection.name, connection=connection, user=user)


def _must_have(catalog: Catalog, tables: Iterable[QualifiedName], database: str) -> None:
    there = {table.qualified for table in catalog.tables}
    missing = sorted(".".join(table) for table in tables if table not in there)
    if missing:
        raise NotFound(
            f"{database} has no table {', '.join(missing)}. Names are schema.table, as the comparison lists them."
        )
