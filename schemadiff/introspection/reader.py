"""Reads a database's catalog in one transaction, with one query per family of objects."""

from collections.abc import Callable
from typing import TypeAlias

from schemadiff.core.catalog import Catalog, Extension, Kind, Schema
from schemadiff.introspection.access import read_access, read_default_privileges, read_roles
from schemadiff.introspection.addresses import PG_EXTENSION, PG_NAMESPACE, Addresses
from schemadiff.introspection.defined import DefinedObjects
from schemadiff.introspection.dependencies import read_dependencies, read_uncompared
from schemadiff.introspection.fetch import Fetch, asking
from schemadiff.introspection.parts import ASKED_BESIDE, read_parts
from schemadiff.introspection.programs import read_functions
from schemadiff.introspection.relations import Relations
from schemadiff.introspection.sequences import read_sequences
from schemadiff.introspection.session import Connection, SchemaMoved, reading
from schemadiff.introspection.types import read_composites, read_domains, read_enums, read_ranges
from schemadiff.introspection.values import Values

_ATTEMPTS = 3

_Schemas: TypeAlias = list[tuple[int, str, str | None, bool]]
_Sizes: TypeAlias = Callable[[Fetch], dict[int, int]]  # of tables, by OID


def read_catalog(connection: Connection) -> Catalog:
    """The catalog of the connected database. `connection` must be in no transaction (autocommit is expected).

    Definitions are printed from the newest state, catalog rows from the transaction's snapshot: where
    somebody drops objects meanwhile, or renames columns of a table that others are printed as, reading starts
    anew, three times at most. Raises CannotRead.
    """
    return _read(connection, Values(), _sizes)


def read_to_compare(connection: Connection, values: Values) -> Catalog:
    """The same without tables' sizes, which no comparison counts and for which the server opens every table.

    With the same `values` for two databases, what they hold alike is made once.
    """
    return _read(connection, values, lambda fetch: {})


def _read(connection: Connection, values: Values, sizes: _Sizes) -> Catalog:
    for _ in range(_ATTEMPTS - 1):
        try:
            return _read_once(connection, values, sizes)
        except SchemaMoved:
            continue
    return _read_once(connection, values, sizes)


def _read_once(connection: Connection, values: Values, sizes: _Sizes) -> Catalog:
    with reading(connection), asking(connection) as fetch:
        schemas: _Schemas = fetch("schemas")
        fetch = fetch.within(schemas=[row[0] for row in schemas])
        return _assemble(fetch, schemas, values, sizes)


def _sizes(fetch: Fetch) -> dict[int, int]:
    return dict(fetch("sizes"))


def _assemble(fetch: Fetch, schemas: _Schemas, values: Values, sizes: _Sizes) -> Catalog:
    known = Addresses()
    # The largest answers come first: there is most to do with them, while the server looks for the others.
    fetch.ahead("tables", "views")
    relations = Relations(fetch, known)
    fetch = fetch.within(relations=list(relations.refs))
    fetch.ahead("sequences", "columns", "unusual_columns", "keywords", *ASKED_BESIDE)
    sequences = read_sequences(fetch)
    parts = read_parts(fetch, known, sequences, relations.refs, values)
    own_sequences = sequences.own(known)
    own_schemas = _schemas(schemas, known)
    extensions = _read_extensions(fetch, known)
    enums = read_enums(fetch, known)
    domains = read_domains(fetch, known)
    composites = read_composites(fetch, known)
    ranges = read_ranges(fetch, known)
    defined = DefinedObjects(fetch, known)
    functions = read_functions(fetch, known)
    roles = read_roles(fetch)
    access, strangers = read_access(fetch, known, roles, parts.column_access)
    own_tables, foreign_tables = relations.tables(parts, sizes(fetch))
    return Catalog(
        server_version=fetch.connection.info.server_version,
        database=fetch.connection.info.dbname,
        owner=roles.owner,
        user=roles.user,
        roles=roles.names,
        tablespaces=roles.tablespaces,
        tablespace=roles.tablespace,
        schemas=own_schemas,
        extensions=extensions,
        enums=enums,
        domains=domains,
        composites=composites,
        ranges=ranges,
        sequences=own_sequences,
        tables=own_tables,
        foreign_tables=foreign_tables,
        views=relations.views(parts),
        functions=functions,
        defined=defined.all,
        default_privileges=read_default_privileges(fetch, roles),
        access=access,
        dependencies=read_dependencies(fetch, known, defined.needs),
        uncompared=read_uncompared(fetch, strangers),
    )


def _schemas(rows: _Schemas, known: Addresses) -> tuple[Schema, ...]:
    found = []
    for oid, name, comment, of_extension in rows:
        known.add((Kind.SCHEMA, "", name, ""), (PG_NAMESPACE, oid, 0))
        if not of_extension:
            found.append(Schema(name=name, comment=comment))
    return tuple(sorted(found, key=lambda schema: schema.name))


def _read_extensions(fetch: Fetch, known: Addresses) -> tuple[Extension, ...]:
    found = []
    for oid, name, schema, version in fetch("extensions"):
        found.append(Extension(name=name, schema=schema, version=version))
        known.add((Kind.EXTENSION, "", name, ""), (PG_EXTENSION, oid, 0))
    return tuple(sorted(found, key=lambda extension: extension.name))
