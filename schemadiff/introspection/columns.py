"""Columns of tables and views."""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from schemadiff.core.catalog import Column, Generated, Identity, Kind, NotNull
from schemadiff.core.identifiers import made_name
from schemadiff.introspection.addresses import PG_ATTRDEF, PG_CLASS, Addresses, Reference, part_of
from schemadiff.introspection.fdw_options import fdw_options
from schemadiff.introspection.sequences import OfIdentity, Sequences
from schemadiff.introspection.values import ColumnList, Values

_IDENTITY = {"a": Identity.ALWAYS, "d": Identity.BY_DEFAULT}
_GENERATED = {"s": Generated.STORED, "v": Generated.VIRTUAL}

_Row: TypeAlias = tuple[Any, ...]


class _Unusual(NamedTuple):
    """Of unusual_columns.sql, as most columns have it."""

    collation: str | None = None
    storage: str | None = None
    compression: str | None = None
    statistics: int | None = None
    options: str | None = None
    fdw_options: str | None = None
    inherited: bool = False
    local: bool = True


_USUAL = _Unusual()


class _Own(NamedTuple):
    """What makes a column unlike the one of that row in another table."""

    number: int
    sequence: OfIdentity | None
    not_null: str | None  # the name of its NOT NULL, where it may be not the one that PostgreSQL gives
    unusual: _Unusual


class ColumnAccess(NamedTuple):
    """A column's access list, as PostgreSQL prints it."""

    relation: int
    number: int
    owner: str  # the relation's
    acl: list[str]


def column_access(rows: Iterable[_Row]) -> tuple[ColumnAccess, ...]:
    """Of the rows of unusual_columns.sql."""
    return tuple([ColumnAccess(row[0], row[1], *row[-2:]) for row in rows if row[-1] is not None])


def read_columns(
    rows: list[_Row], unusual_rows: list[_Row], known: Addresses, sequences: Sequences, values: Values
) -> dict[int, tuple[Column, ...]]:
    """By relation, in their order, of the rows of both queries. Their addresses are known afterwards, and
    their defaults'."""
    unusual = _unusual(unusual_rows)
    found: dict[int, tuple[Column, ...]] = {}
    for relation, group in groupby(rows, key=itemgetter(0)):
        own, table = list(group), known.relations[relation].name
        names = {
            row[3]: row[2] for row in own if row[2] is not None and row[2] != f"{table}_{row[4]}_not_null"
        }
        identities = sequences.of_identity.get(relation, {})
        owns = _owns(identities, names, unusual.get(relation, {}))
        listed = _listed(table, tuple([row[3:] for row in own]), owns, values)
        found[relation] = listed.columns
        known.column_names[relation] = listed.names
        if not any(own.unusual.collation for own in owns):
            known.column_types[relation] = listed.types

    def column_at(place: tuple[int, int]) -> Reference:
        relation, number = place
        return part_of(known.relations[relation], Kind.COLUMN, known.column_names[relation][number])

    known.add_later(PG_ATTRDEF, {row[1]: (row[0], row[3]) for row in rows if row[1]}, column_at)
    known.add_later(PG_CLASS, sequences.identity_columns, column_at)
    return found


def _unusual(rows: Iterable[_Row]) -> dict[int, dict[int, _Unusual]]:
    found: defaultdict[int, dict[int, _Unusual]] = defaultdict(dict)
    for relation, number, *said, _, _ in rows:
        # a partition's columns are inherited, and that is all; a system column has an access list, and that is all
        if number > 0 and (unusual := _Unusual(*said)) != _USUAL:
            found[relation][number] = unusual
    return found


def _owns(
    identities: dict[int, OfIdentity], names: dict[int, str], unusual: dict[int, _Unusual]
) -> tuple[_Own, ...]:
    numbers = sorted({*identities, *names, *unusual}) if names or unusual else identities
    return tuple(
        [
            _Own(number, identities.get(number), names.get(number), unusual.get(number, _USUAL))
            for number in numbers
        ]
    )


def _listed(table: str, rows: tuple[_Row, ...], owns: tuple[_Own, ...], values: Values) -> ColumnList:
    """Many tables have the same columns but for the names of their identities' sequences."""
    plain = values.columns.get(rows)
    if plain is None:  # another thread may have been quicker: what is kept is told apart by its identity
        plain = values.columns.setdefault(rows, _plain(rows, values))
    if not owns:
        return plain
    key = (id(plain.columns), table if any(own.not_null for own in owns) else None, owns)
    found = values.columns.get(key)
    if found is None:
        found = values.columns[key] = _with_their_own(table, rows, owns, plain)
    return found


def _plain(rows: tuple[_Row, ...], values: Values) -> ColumnList:
    columns = [
        _column("", place, _Own(row[0], None, None, _USUAL), *row[1:])
        for place, row in enumerate(rows, 1)  # attnum has gaps
    ]
    numbered = tuple([row[:2] for row in rows])
    return ColumnList(
        columns=tuple(columns),
        names=values.names.setdefault(numbered, dict(numbered)),
        types={row[0]: row[2] for row in rows},
    )


def _with_their_own(
    table: str, rows: tuple[_Row, ...], owns: tuple[_Own, ...], plain: ColumnList
) -> ColumnList:
    columns = list(plain.columns)
    places = {row[0]: place for place, row in enumerate(rows)}
    for own in owns:
        place = places[own.number]
        columns[place] = _column(table, place + 1, own, *rows[place][1:])
    return plain._replace(columns=tuple(columns))


def _column(
    table: str,
    place: int,
    own: _Own,
    name: str,
    kind: str,
    not_null: bool,
    default: str | None,
    identity: str,
    generated: str,
    says: str | None,
    comment: str | None,
) -> Column:
    sequence, unusual = own.sequence, own.unusual
    not_null_as, inherited_not_null = _not_null(table, name, own.not_null, says) if not_null else (None, None)
    return Column(
        name=name,
        position=place,
        type=kind,
        not_null=not_null,
        not_null_as=not_null_as,
        inherited_not_null=inherited_not_null,
        default=default,
        collation=unusual.collation,
        identity=_IDENTITY.get(identity) if sequence else None,
        identity_options=sequence.options if sequence else None,
        identity_sequence=sequence.name if sequence else None,
        identity_persistence=sequence.persistence if sequence else None,
        generated=_GENERATED.get(generated),
        storage=unusual.storage,
        compression=unusual.compression,
        statistics=unusual.statistics,
        options=tuple(sorted(unusual.options.split(","))) if unusual.options else (),
        fdw_options=fdw_options(unusual.fdw_options),
        inherited=unusual.inherited,
        local=unusual.local,
        comment=comment,
    )


def _not_null(
    table: str, column: str, name: str | None, says: str | None
) -> tuple[NotNull | None, str | None]:
    """What it says of its own, and its name where it is its parent's alone."""
    inherited_by_none, validated, repeated, only_inherited, comment = (
        json.loads(says) if says else (False, True, False, False, None)
    )
    told = None if name is None or name == made_name(table, column, "not_null") else name
    found = NotNull(
        name=None if only_inherited else told,
        inherited_by_none=inherited_by_none,
        validated=validated,
        repeated=repeated,
        comment=comment,
    )
    return None if found == NotNull() else found, (told or "") if only_inherited else None
