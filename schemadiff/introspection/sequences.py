"""Sequences: some are objects of their own, others are the works of an identity column."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from schemadiff.core.catalog import Persistence, Sequence, SequenceOptions
from schemadiff.introspection.addresses import PG_CLASS, Addresses, reference
from schemadiff.introspection.fetch import Fetch

PERSISTENCE = {"p": Persistence.PERMANENT, "u": Persistence.UNLOGGED}


@dataclass(frozen=True, slots=True)
class SequenceRow:
    """A sequence before it is known whose it is. `column` is the owning column's (relation, attnum)."""

    oid: int
    schema: str
    name: str
    options: SequenceOptions
    persistence: Persistence
    column: tuple[int, int] | None
    comment: str | None


class OfIdentity(NamedTuple):
    """An identity column's sequence."""

    name: str
    options: SequenceOptions
    persistence: Persistence | None  # where it is not its table's


@dataclass(frozen=True, slots=True)
class Sequences:
    """Identity columns' by relation and number; `identity_columns` says by OID which column a sequence numbers."""

    independent: tuple[SequenceRow, ...]
    of_identity: dict[int, dict[int, OfIdentity]]
    identity_columns: dict[int, tuple[int, int]]

    def own(self, known: Addresses) -> tuple[Sequence, ...]:
        """Those of their own, sorted. Needs the columns' names to be known."""
        found = []
        for row in self.independent:
            owner = known.find((PG_CLASS, *row.column)) if row.column else None
            sequence = Sequence(
                schema=row.schema,
                name=row.name,
                options=row.options,
                persistence=row.persistence,
                owned_by=(owner[1], owner[3], owner[2]) if owner else None,
                comment=row.comment,
            )
            known.add(reference(sequence.ref), (PG_CLASS, row.oid, 0))
            found.append(sequence)
        return tuple(sorted(found, key=lambda sequence: (sequence.schema, sequence.name)))


def read_sequences(fetch: Fetch) -> Sequences:
    independent: list[SequenceRow] = []
    of_identity: defaultdict[int, dict[int, OfIdentity]] = defaultdict(dict)
    identity_columns: dict[int, tuple[int, int]] = {}
    options = cache(_options)
    for oid, schema, name, *settings, persistence, is_other, owned, table, column, comment in fetch(
        "sequences"
    ):
        given = options(*settings)
        if owned == "i":
            of_identity[table][column] = OfIdentity(
                name, given, PERSISTENCE[persistence] if is_other else None
            )
            identity_columns[oid] = (table, column)
        else:
            place = (table, column) if owned else None
            row = SequenceRow(oid, schema, name, given, PERSISTENCE[persistence], place, comment)
            independent.append(row)
    return Sequences(tuple(independent), of_identity, identity_columns)


def _options(
    kind: str, start: int, increment: int, minimum: int, maximum: int, kept: int, cycle: bool
) -> SequenceOptions:
    return SequenceOptions(
        type=kind,
        start=start,
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cache=kept,
        cycle=cycle,
    )
