"""Which source table, column or expression fills which target column, each pair suggested or confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from schemadiff.core.objects import Kind, ObjectRef

QualifiedName: TypeAlias = tuple[str, str]  # schema, name

RENAMABLE = (
    Kind.SCHEMA,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.TABLE,
    Kind.COLUMN,
    Kind.CONSTRAINT,
    Kind.INDEX,
    Kind.TRIGGER,
    Kind.RULE,
    Kind.POLICY,
    Kind.STATISTICS,
    Kind.VIEW,
    Kind.FUNCTION,
    Kind.LABEL,
    Kind.ATTRIBUTE,
)
"""Kinds of objects that may have another name on the other side, and be the same all the same."""


class PairStatus(Enum):
    SUGGESTED = "suggested"  # proposed by the matcher, nobody has looked yet
    CONFIRMED = "confirmed"  # a person said so, or both names are equal and the types fit
    REJECTED = "rejected"  # a person said no


class Certainty(Enum):
    """How a suggestion stands against everything else that its two columns could be. A person confirms either."""

    UNAMBIGUOUS = "unambiguous"  # likely, and well ahead of every other candidate
    AMBIGUOUS = "ambiguous"  # another candidate is nearly as likely
    NEAR_MISS = "near miss"  # without a rival, and short of what would be taken for sure


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPair:
    """One target column and what fills it.

    `source` is a source column, or None where only an expression or nothing fills the target column.
    `expression` is exactly one SQL expression over the source table's columns; without it the source column is
    taken as it is (cast to the target's type). `inverse` is one over the target column, which gives back `source`, or
    the one column that `expression` reads (see `core.inverses`). `score` is a probability between 0 and 1, `reasons`
    say in words why the pair was suggested.
    """

    target: str
    source: str | None = None
    expression: str | None = None
    status: PairStatus = PairStatus.SUGGESTED
    score: float = 1.0
    reasons: tuple[str, ...] = ()
    inverse: str | None = None
    certainty: Certainty | None = None  # None: nobody suggested it, a person or a file said so


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """A source table and a target table that takes its rows. Columns without a pair stay out:
    the source's are *left behind*, the target's get their default.

    `where` is one SQL expression over the source table's columns: only rows for which it is true are carried; None:
    all of them. `part` is empty but where the table is split: there each target table but the first has one
    (see `in_parts`).
    """

    source: QualifiedName
    target: QualifiedName
    pairs: tuple[ColumnPair, ...] = ()
    where: str | None = None
    part: str = ""

    @property
    def name(self) -> QualifiedName:
        """What the entry is called where tables are counted: the source table, or its part as
        `clients → client_contacts`."""
        schema, table = self.source
        return (schema, f"{table} → {self.part}") if self.part else self.source

    def accepted(self) -> tuple[ColumnPair, ...]:
        """Pairs that carry data: confirmed ones."""
        return tuple(pair for pair in self.pairs if pair.status is PairStatus.CONFIRMED)

    def unconfirmed(self) -> tuple[ColumnPair, ...]:
        return tuple(pair for pair in self.pairs if pair.status is PairStatus.SUGGESTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectRename:
    """One object under two names: a type, a function, a constraint, a whole schema…; each as its own side has it."""

    source: ObjectRef
    target: ObjectRef
    status: PairStatus = PairStatus.CONFIRMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """All table mappings of a comparison, sorted by source table, and the renames of other objects.

    A source table that is split has an entry for each target table; its first one is what the table became. A target
    table that takes the rows of several has an entry for each of those.
    """

    tables: tuple[TableMapping, ...] = ()
    renames: tuple[ObjectRename, ...] = ()

    def for_source(self, table: QualifiedName) -> TableMapping | None:
        """What the table became; of one that is split the first entry."""
        return next((entry for entry in self.tables if entry.source == table), None)

    def all_for_source(self, table: QualifiedName) -> tuple[TableMapping, ...]:
        return tuple(entry for entry in self.tables if entry.source == table)

    def named(self, name: QualifiedName) -> TableMapping | None:
        """The entry that is called so (see `TableMapping.name`)."""
        return next((entry for entry in self.tables if entry.name == name), None)

    def merged(self) -> dict[QualifiedName, tuple[TableMapping, ...]]:
        """The entries of each target table that takes the rows of several source tables, in their order."""
        takers: dict[QualifiedName, tuple[TableMapping, ...]] = {}
        for entry in self.tables:
            takers[entry.target] = (*takers.get(entry.target, ()), entry)
        return {target: entries for target, entries in sorted(takers.items()) if len(entries) > 1}

    def beside(self, entry: TableMapping) -> tuple[TableMapping, ...]:
        """Other source tables' entries that go into its target table, but for those that were rejected as a whole."""
        return tuple(
            each
            for each in self.tables
            if each.target == entry.target
            and each.source != entry.source
            and (each.accepted() or each.unconfirmed())
        )

    def is_added(self, entry: TableMapping) -> bool:
        """Does it go where another source table goes, which is called like the target table or comes first by name?"""
        others = self.beside(entry)
        return any(_precedence(each) < _precedence(entry) for each in others)

    def with_merged(self, tables: Iterable[QualifiedName]) -> tuple[QualifiedName, ...]:
        """These source tables and those whose rows go into the same target tables: one is not compared alone."""
        wanted = set(tables)
        for entries in self.merged().values():
            sources = {entry.source for entry in entries}
            if sources & wanted:
                wanted |= sources
        return tuple(sorted(wanted))

    def for_target(self, table: QualifiedName) -> TableMapping | None:
        return next((entry for entry in self.tables if entry.target == table), None)

    def restricted_to(self, tables: Iterable[QualifiedName]) -> "Mapping":
        """Only the mappings of these source tables."""
        wanted = set(tables)
        return Mapping(tables=tuple(entry for entry in self.tables if entry.source in wanted))

    def as_if_confirmed(self) -> "Mapping":
        """Every suggestion taken for confirmed: for counting what would follow, never for carrying rows."""
        return replace(
            self, tables=tuple(replace(table, pairs=_confirmed(table.pairs)) for table in self.tables)
        )

    @property
    def computes(self) -> bool:
        """Is there anything that the source has to work out?"""
        return any(entry.where or pair.expression for entry in self.tables for pair in entry.pairs)

    @property
    def unconfirmed_count(self) -> int:
        return sum(len(entry.unconfirmed()) for entry in self.tables)


def in_parts(tables: Iterable[TableMapping]) -> tuple[TableMapping, ...]:
    """The entries sorted, and each target table of a split source table but the first named as its part.

    The first is the one of the source table's name, else the first by name.
    """
    ordered = sorted(tables, key=lambda each: (each.source, each.target != each.source, each.target))
    seen: set[QualifiedName] = set()
    found = []
    for entry in ordered:
        part = _part_of(entry) if entry.source in seen else ""
        seen.add(entry.source)
        found.append(replace(entry, part=part))
    return tuple(found)


def _precedence(entry: TableMapping) -> tuple[bool, QualifiedName]:
    return (entry.source != entry.target, entry.source)


def _part_of(entry: TableMapping) -> str:
    schema, table = entry.target
    return table if schema == entry.source[0] else f"{schema}.{table}"


def _confirmed(pairs: Iterable[ColumnPair]) -> tuple[ColumnPair, ...]:
    return tuple(
        replace(pair, status=PairStatus.CONFIRMED) if pair.status is PairStatus.SUGGESTED else pair
        for pair in pairs
    )
