"""Tables and views, put together from their rows and their parts."""

from typing import Any

from schemadiff.core.catalog import Foreign, Kind, ObjectRef, Table, View
from schemadiff.introspection.addresses import PG_CLASS, PG_REWRITE, PG_TYPE, Addresses, reference
from schemadiff.introspection.fdw_options import fdw_options
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.parts import Parts
from schemadiff.introspection.sequences import PERSISTENCE
from schemadiff.introspection.session import SchemaMoved


class Relations:
    """The rows of tables and views; `refs` says which relation has which name."""

    def __init__(self, fetch: Fetch, known: Addresses) -> None:
        self._tables, self._views = fetch("tables"), fetch("views")
        self.refs = known.relations
        for oid, row_type, array, schema, name, *_ in self._tables:
            self._add(known, ObjectRef(kind=Kind.TABLE, schema=schema, name=name), oid, row_type, array)
        for oid, row_type, array, rule, schema, name, *_ in self._views:
            ref = ObjectRef(kind=Kind.VIEW, schema=schema, name=name)
            self._add(known, ref, oid, row_type, array)
            known.add(reference(ref), (PG_REWRITE, rule, 0))

    def tables(self, parts: Parts, sizes: dict[int, int]) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
        """Those that are the database's own, then the foreign ones. `sizes` are in bytes, by OID."""
        found = sorted((_table(row, parts, sizes) for row in self._tables), key=lambda table: table.qualified)
        own = tuple(table for table in found if table.foreign is None)
        return own, tuple(table for table in found if table.foreign is not None)

    def views(self, parts: Parts) -> tuple[View, ...]:
        found = [_view(row, parts) for row in self._views]
        return tuple(sorted(found, key=lambda view: (view.schema, view.name)))

    def _add(self, known: Addresses, ref: ObjectRef, oid: int, row_type: int, array: int | None) -> None:
        self.refs[oid] = ref
        known.add(reference(ref), (PG_CLASS, oid, 0), (PG_TYPE, row_type, 0), (PG_TYPE, array or 0, 0))


def _table(row: tuple[Any, ...], parts: Parts, sizes: dict[int, int]) -> Table:
    oid, _, _, schema, name, persistence, key, parent_schema, parent, bound, *others = row
    parents, type_schema, type_name, secured, forced, options, identity, comment, rows, *keeper = others
    method, tablespace, server, told = keeper
    return Table(
        schema=schema,
        name=name,
        columns=parts.columns.get(oid, ()),
        constraints=tuple(parts.constraints.get(oid, ())),
        indexes=tuple(parts.indexes.get(oid, ())),
        shares=tuple(parts.shares.get(oid, ())),
        triggers=tuple(parts.triggers.get(oid, ())),
        rules=tuple(parts.rules.get(oid, ())),
        policies=tuple(parts.policies.get(oid, ())),
        statistics=tuple(parts.statistics.get(oid, ())),
        persistence=PERSISTENCE[persistence],
        row_security=secured,
        forced_row_security=forced,
        options=tuple(sorted(options)),
        option_order=_order(options),
        replica_identity=identity,
        partition_key=key,
        partition_of=(parent_schema, parent) if parent else None,
        partition_bound=bound,
        inherits=tuple((above, name) for above, name in parents or ()),
        of_type=(type_schema, type_name) if type_name else None,
        access_method=method,
        tablespace=tablespace,
        foreign=Foreign(server=server, options=fdw_options(told)) if server else None,
        comment=comment,
        estimated_rows=rows,
        size=sizes.get(oid, 0) or 0,
    )


def _view(row: tuple[Any, ...], parts: Parts) -> View:
    oid, _, _, _, schema, name, kind, definition, options, populated, method, *others = row
    tablespace, comment = others
    if definition is None:
        raise SchemaMoved
    return View(
        schema=schema,
        name=name,
        definition=definition.rstrip(";"),
        columns=parts.columns.get(oid, ()),
        materialized=kind == "m",
        access_method=method,
        tablespace=tablespace,
        options=tuple(sorted(options)),
        option_order=_order(options),
        populated=populated,
        indexes=tuple(parts.indexes.get(oid, ())),
        triggers=tuple(parts.triggers.get(oid, ())),
        rules=tuple(parts.rules.get(oid, ())),
        statistics=tuple(parts.statistics.get(oid, ())),
        comment=comment,
    )


def _order(options: list[str]) -> tuple[str, ...]:
    """Of the options' names as they were given, where that is not by name."""
    return () if options == sorted(options) else tuple(option.partition("=")[0] for option in options)
