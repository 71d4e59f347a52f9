"""What the same schema cannot say alike on an older and a newer server.

PostgreSQL 16 stopped printing the table's name before each column of a view that reads one relation: 15 says
`SELECT c.id FROM crm.clients c`, 16 says `SELECT id FROM crm.clients c`. Up to 14 no sequence could be unlogged:
from 15 on that of an unlogged table is. Up to 17 a NOT NULL has no name and says nothing else; a domain's has one from
17 on. Everybody may create in `public` by initdb's leave up to 14. ICU's locales are language
tags since 16. Nothing more is taken for equal.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import replace
from operator import attrgetter

from schemadiff.core import public_schema
from schemadiff.core.catalog import Access, Catalog, Column, Function, Persistence, Table, View
from schemadiff.core.ddl.domains import not_null_name
from schemadiff.core.icu_locales import TAGS_SINCE, with_language_tags

_SINCE = 160000
UNLOGGED_SEQUENCES_SINCE = 150000
_NOT_NULL_NAMES_SINCE = 180000
_NAMES_IN_DOMAINS_SINCE = 170000

_NAME = r'(?:"(?:[^"]|"")+"|[^\W\d][\w$]*)'
_TOKEN = re.compile(rf"[Ee]?'(?:[^']|'')*'|{_NAME}|\s+|.", re.DOTALL)
_NOT_NULL = attrgetter("not_null_as")
_IS_NAME = re.compile(rf"{_NAME}\Z")


def aligned(source: Catalog, target: Catalog) -> tuple[Catalog, Catalog]:
    """The two, where the older server's texts that differ in nothing else are the newer server's."""
    if 0 in (source.server_version, target.server_version):
        return source, target
    if min(source.server_version, target.server_version) < _NOT_NULL_NAMES_SINCE:
        source, target = _plainly_not_null(source), _plainly_not_null(target)
    if target.server_version < _NOT_NULL_NAMES_SINCE <= source.server_version:
        source = _not_nulls_of_their_own(source)
    if min(source.server_version, target.server_version) < _NAMES_IN_DOMAINS_SINCE:
        source, target = _plain_domains(source), _plain_domains(target)
    if min(source.server_version, target.server_version) < UNLOGGED_SEQUENCES_SINCE:
        source, target = _all_logged(source), _all_logged(target)
    if source.server_version < public_schema.SINCE <= target.server_version:
        source = public_schema.in_newer_terms(source, target)
    if target.server_version < public_schema.SINCE <= source.server_version:
        target = public_schema.in_newer_terms(target, source)
    if min(source.server_version, target.server_version) < TAGS_SINCE:
        source, target = with_language_tags(source), with_language_tags(target)
    is_older = source.server_version < _SINCE, target.server_version < _SINCE
    if is_older[0] == is_older[1]:
        return source, target
    if is_older[0]:
        return _as_newer(source, target), target
    return source, _as_newer(target, source)


def _all_logged(catalog: Catalog) -> Catalog:

    def as_its_table(column: Column) -> Column:
        return column if column.identity_persistence is None else replace(column, identity_persistence=None)

    catalog = _with_columns(catalog, as_its_table)
    sequences = (replace(sequence, persistence=Persistence.PERMANENT) for sequence in catalog.sequences)
    return replace(catalog, sequences=tuple(sequences))


def _plainly_not_null(catalog: Catalog) -> Catalog:
    are_plain: dict[int, bool] = {}  # many tables have the same columns

    def plain(table: Table) -> Table:
        known = are_plain.get(id(table.columns))
        if known is None:
            says_something = any(map(_NOT_NULL, table.columns))
            known = are_plain[id(table.columns)] = not says_something
        if known:
            return table
        return replace(table, columns=tuple(replace(column, not_null_as=None) for column in table.columns))

    return replace(
        catalog,
        tables=tuple(map(plain, catalog.tables)),
        foreign_tables=tuple(map(plain, catalog.foreign_tables)),
    )


def _not_nulls_of_their_own(catalog: Catalog) -> Catalog:
    """As up to 17, where a NOT NULL that a child has from its parent has no name that it could keep."""

    def own(column: Column) -> Column:
        return column if column.inherited_not_null is None else replace(column, inherited_not_null=None)

    return _with_columns(catalog, own)


def _with_columns(catalog: Catalog, changed: Callable[[Column], Column]) -> Catalog:
    """`changed` gives the column itself where nothing changes."""

    def with_them(table: Table) -> Table:
        columns = tuple(map(changed, table.columns))
        same = all(column is before for column, before in zip(columns, table.columns, strict=True))
        return table if same else replace(table, columns=columns)

    return replace(
        catalog,
        tables=tuple(map(with_them, catalog.tables)),
        foreign_tables=tuple(map(with_them, catalog.foreign_tables)),
    )


def _plain_domains(catalog: Catalog) -> Catalog:
    """Without the names of their NOT NULLs and the comments on these."""
    names = {domain.ref: not_null_name(domain) for domain in catalog.domains if domain.not_null}
    return replace(
        catalog,
        domains=tuple(replace(domain, not_null_name=None) for domain in catalog.domains),
        access=tuple(_without_comment_on(names.get(entry.ref), entry) for entry in catalog.access),
    )


def _without_comment_on(constraint: str | None, entry: Access) -> Access:
    if constraint is None:
        return entry
    return replace(entry, comments=tuple(c for c in entry.comments if c.name != constraint))


def _as_newer(older: Catalog, newer: Catalog) -> Catalog:
    schemas = {schema.name for schema in (*older.schemas, *newer.schemas)} | {"pg_catalog"}
    entries: tuple[View | Function, ...] = (*newer.views, *newer.functions)
    texts = {entry.ref: entry.definition for entry in entries}

    def definition(entry: View | Function) -> str:
        text = texts.get(entry.ref)
        same = text is not None and is_same_but_qualified(entry.definition, text, schemas)
        return text if text is not None and same else entry.definition

    return replace(
        older,
        views=tuple(replace(view, definition=definition(view)) for view in older.views),
        functions=tuple(replace(function, definition=definition(function)) for function in older.functions),
    )


def is_same_but_qualified(longer: str, shorter: str, schemas: Collection[str]) -> bool:
    """Whether `longer` has nothing more than `shorter` but names of relations before columns."""
    left, right = _TOKEN.findall(longer), _TOKEN.findall(shorter)
    place = 0
    for token, following in zip(right, [*right[1:], ""], strict=True):
        if following != "." and _is_qualifier(left, place, schemas):
            place += 2
        if left[place : place + 1] != [token]:
            return False
        place += 1
    return place == len(left)


def _is_qualifier(tokens: list[str], place: int, schemas: Collection[str]) -> bool:
    if tokens[place + 1 : place + 2] != ["."] or not _IS_NAME.match(tokens[place]):
        return False
    return tokens[place].strip('"').replace('""', '"') not in schemas
