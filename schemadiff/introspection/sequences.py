"""Sequences: some are objects of their own, others are the works of an identity column."""

from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Sequences:
    independent: tuple[SequenceRow, ...]
    of_identity: dict[tuple[int, int], SequenceRow]

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
    independent, of_identity = [], {}
    for values in fetch("sequences"):
        row, owned = _row(values)
        if owned == "i" and row.column:
            of_identity[row.column] = row
        else:
            independent.append(row)
    return Sequences(tuple(independent), of_identity)


def _row(values: tuple[Any, ...]) -> tuple[SequenceRow, str | None]:
    oid, schema, name, *settings, persistence, owned, table, column, comment = values
    kind, start, increment, minimum, maximum, cache, cycle = settings
    options = SequenceOptions(
        type=kind,
        start=start,
        increment=increment,
        minimum=minimum,
        maximum=maximum,
        cache=cache,
        cycle=cycle,
    )
    place = (table, column) if owned else None
    return SequenceRow(oid, schema, name, options, PERSISTENCE[persistence], place, comment), owned
