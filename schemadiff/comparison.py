"""The first half of the journey: two databases are read, compared, and their columns matched."""

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Dictionary
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff import store
from schemadiff.compared import summary_of
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import NotFound
from schemadiff.core.mapping import QualifiedName
from schemadiff.models import Comparison, Connection, Project, Snapshot
from schemadiff.row_matching import suggest_from_rows
from schemadiff.sides import ReadSide, Side, reader_of, with_schemas_called


def compare(
    project: Project,
    source: Side,
    target: Side,
    *,
    tables: Iterable[QualifiedName] | None = None,
    protected: Iterable[QualifiedName] = (),
    schema_map: Dictionary[str, str] | None = None,
    user: User | None,
) -> Comparison:
    """Read both sides at once, keep the snapshots, and suggest which column became which.

    Without `tables` every table of the source is in the scope. `schema_map` gives the source's schemas other names:
    such a side is a snapshot of no connection, and `tables` go by the other names. Raises NotFound for a table that is
    not there.
    """
    left, right = _read_both(source, target)
    left = with_schemas_called(left, schema_map or {})
    scope = tuple(tables) if tables is not None else tuple(t.qualified for t in left.catalog.tables)
    _must_have(left.catalog, scope, left.label)
    protected = tuple(protected)
    _must_have(right.catalog, protected, right.label)
    suggested = suggest_from_rows(left.catalog, right.catalog, scope, _address(left), _address(right))
    with transaction.atomic():
        comparison = store.create_comparison(
            project,
            _keep(project, left, user),
            _keep(project, right, user),
            tables=scope,
            protected=protected,
            user=user,
        )
        store.save_mapping(comparison, suggested)
    summary_of(comparison)  # so that its first reader need not wait
    return comparison


def take_snapshot(connection: Connection, user: User | None) -> Snapshot:
    """Read one database now and keep what its schema is."""
    return _keep(connection.project, reader_of(connection)(), user)


def change_scope(
    comparison: Comparison, *, tables: Iterable[QualifiedName], protected: Iterable[QualifiedName]
) -> None:
    """Carry other tables, protect others: tables new in the scope get suggestions, those out of it lose theirs."""
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    scope, protected = tuple(tables), tuple(protected)
    _must_have(source, scope, comparison.source.label)
    _must_have(target, protected, comparison.target.label)
    suggested = suggest_from_rows(source, target, scope, *_addresses(comparison))
    with transaction.atomic():
        store.set_scope(comparison, tables=scope, protected=protected)
        store.fit_mapping(comparison, suggested)


def match_again(comparison: Comparison) -> store.Rematched:
    """Suggest anew, from the snapshots and the rows as they are now; what was decided stays."""
    source, target = store.catalog_of(comparison.source), store.catalog_of(comparison.target)
    scope = store.scope_of(comparison).tables
    return store.rematch(comparison, suggest_from_rows(source, target, scope, *_addresses(comparison)))


def _addresses(comparison: Comparison) -> tuple[str | None, str | None]:
    here, there = comparison.source.connection, comparison.target.connection
    return dsn_of(here) if here else None, dsn_of(there) if there else None


def _read_both(source: Side, target: Side) -> tuple[ReadSide, ReadSide]:
    readers = [reader_of(source), reader_of(target)]
    with ThreadPoolExecutor(max_workers=2) as pool:
        first, second = pool.map(_call, readers)
    return first, second


def _address(side: ReadSide) -> str | None:
    """Where its rows are; None for what is a schema only."""
    return dsn_of(side.connection) if side.connection else None


def _call(read: Callable[[], ReadSide]) -> ReadSide:
    return read()


def _keep(project: Project, side: ReadSide, user: User | None) -> Snapshot:
    if side.snapshot is not None:
        return side.snapshot
    return store.save_snapshot(project, side.catalog, label=side.label, connection=side.connection, user=user)


def _must_have(catalog: Catalog, tables: Iterable[QualifiedName], database: str) -> None:
    there = {table.qualified for table in catalog.tables}
    missing = sorted(".".join(table) for table in tables if table not in there)
    if missing:
        raise NotFound(
            f"{database} has no table {', '.join(missing)}. Names are schema.table, as the comparison lists them."
        )
