"""Columns of tables and views."""

from collections import defaultdict
from itertools import groupby
from operator import itemgetter
from typing import Any

from schemadiff.core.catalog import Column, Generated, Identity, Kind, NotNull
from schemadiff.core.identifiers import made_name
from schemadiff.introspection.addresses import PG_ATTRDEF, PG_CLASS, Addresses, Reference, part_of
from schemadiff.introspection.fdw_options import fdw_options
from schemadiff.introspection.fetch import Fetch
from schemadiff.introspection.sequences import OfIdentity, Sequences
from schemadiff.introspection.values import ColumnList, Values

_IDENTITY = {"a": Identity.ALWAYS, "d": Identity.BY_DEFAULT}
_GENERATED = {"s": Generated.STORED, "v": Generated.VIRTUAL}


def read_columns(
    fetch: Fetch, known: Addresses, sequences: Sequences, values: Values
) -> dict[int, tuple[Column, ...]]:
    """By relation, in their order. Their addresses are known afterwards, and their defaults'."""
    rows = fetch("columns")
    found: defaultdict[int, tuple[Column, ...]] = defaultdict(tuple)
    for relation, own in groupby(rows, key=itemgetter(0)):
        listed = _listed(tuple([row[2:] for row in own]), sequences.of_identity.get(relation, ()), values)
        found[relation] = listed.columns
        known.column_names[relation] = listed.names

    def column_at(place: tuple[int, int]) -> Reference:
        relation, number = place
        return part_of(known.relations[relation], Kind.COLUMN, known.column_names[relation][number])

    known.add_later(PG_ATTRDEF, {row[1]: (row[0], row[2]) for row in rows if row[1]}, column_at)
    known.add_later(PG_CLASS, sequences.identity_columns, column_at)
    return found


def _listed(rows: tuple[Any, ...], identities: tuple[OfIdentity, ...], values: Values) -> ColumnList:
    """Many tables have the same columns but for the names of their identities' sequences."""
    plain = values.columns.get(rows)
    if plain is None:
        plain = values.columns[rows] = _plain(rows, values)
    if not identities:
        return plain
    key = (id(plain.columns), identities)
    found = values.columns.get(key)
    if found is None:
        found = values.columns[key] = _with_identities(rows, identities, plain)
    return found


def _plain(rows: tuple[Any, ...], values: Values) -> ColumnList:
    columns = [_column(place, None, *row[1:]) for place, row in enumerate(rows, 1)]  # attnum has gaps
    numbered = tuple([row[:2] for row in rows])
    return ColumnList(columns=tuple(columns), names=values.names.setdefault(numbered, dict(numbered)))


def _with_identities(
    rows: tuple[Any, ...], identities: tuple[OfIdentity, ...], plain: ColumnList
) -> ColumnList:
    columns = list(plain.columns)
    for sequence in identities:
        place = next(place for place, row in enumerate(rows) if row[0] == sequence.number)
        columns[place] = _column(place + 1, sequence, *rows[place][1:])
    return ColumnList(columns=tuple(columns), names=plain.names)


def _column(place: int, sequence: OfIdentity | None, name: str, *row: Any) -> Column:
    kind, not_null, default, collation, identity, generated, *others = row
    storage, compression, statistics, options, is_stored, told, inherited, local, *says, comment = others
    return Column(
        name=name,
        position=place,
        type=kind,
        not_null=not_null,
        not_null_as=_not_null(name, *says) if not_null else None,
        inherited_not_null=_inherited_not_null(name, *says),
        default=default,
        collation=collation,
        identity=_IDENTITY.get(identity) if sequence else None,
        identity_options=sequence.options if sequence else None,
        identity_sequence=sequence.name if sequence else None,
        generated=_GENERATED.get(generated),
        storage=storage if is_stored else None,
        compression=compression if is_stored else None,
        statistics=statistics if is_stored else None,
        options=tuple(sorted(options.split(","))) if is_stored and options else (),
        fdw_options=fdw_options(told),
        inherited=inherited,
        local=local,
        comment=comment,
    )


def _not_null(
    column: str,
    name: str | None,
    table: str | None,
    inherited_by_none: bool | None,
    validated: bool | None,
    repeated: bool | None,
    only_inherited: bool | None,
    comment: str | None,
) -> NotNull | None:
    found = NotNull(
        name=None if only_inherited or (table and name == made_name(table, column, "not_null")) else name,
        inherited_by_none=bool(inherited_by_none),
        validated=validated is not False,
        repeated=bool(repeated),
        comment=comment,
    )
    return None if found == NotNull() else found


def _inherited_not_null(column: str, name: str | None, table: str | None, *others: Any) -> str | None:
    *_, only_inherited, _ = others
    is_usual = table is None or name == made_name(table, column, "not_null")
    return ("" if is_usual else name) if only_inherited else None
