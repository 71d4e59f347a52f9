"""NOT NULLs of 18 keep their names where a table or column gets another, and what was the usual name is none then."""

from dataclasses import replace

from schemadiff.core.catalog import Catalog, Column, Domain, NotNull, Table
from schemadiff.core.ddl.domains import not_null_name
from schemadiff.core.ddl.references import column_ref
from schemadiff.core.identifiers import made_name
from schemadiff.core.renaming.called import Names

NAMED_SINCE = 180000
DOMAINS_NAMED_SINCE = 170000


def keep_not_null_names(before: Catalog, after: Catalog, names: Names) -> Catalog:
    """`after` is `before` with other names."""
    first = {names.place(table.ref): table for table in before.every_table}

    def kept(tables: tuple[Table, ...]) -> tuple[Table, ...]:
        return tuple(_kept(first[table.qualified], table, names) for table in tables)

    return replace(after, tables=kept(after.tables), foreign_tables=kept(after.foreign_tables))


def keep_domain_not_null_names(before: Catalog, after: Catalog, names: Names) -> Catalog:
    """The same for domains."""
    first = {names.place(domain.ref): domain for domain in before.domains}
    domains = (_of_domain(first[domain.schema, domain.name], domain) for domain in after.domains)
    return replace(after, domains=tuple(domains))


def _of_domain(before: Domain, after: Domain) -> Domain:
    if not after.not_null or before.name == after.name:
        return after
    name, usual = not_null_name(before), not_null_name(replace(after, not_null_name=None))
    return replace(after, not_null_name=None if name == usual else name)


def _kept(before: Table, after: Table, names: Names) -> Table:
    first = {names.part(column_ref(before, column)): column for column in before.columns}
    if before.name == after.name and all(name == column.name for name, column in first.items()):
        return after
    columns = tuple(_column(before, first[column.name], after, column) for column in after.columns)
    return replace(after, columns=columns)


def _column(owner: Table, before: Column, table: Table, after: Column) -> Column:
    if not after.not_null or not after.local:
        return after
    says = after.not_null_as or NotNull()
    name = says.name or made_name(owner.name, before.name, "not_null")
    usual = made_name(table.name, after.name, "not_null")
    says = replace(says, name=None if name == usual else name)
    return replace(after, not_null_as=None if says == NotNull() else says)
