"""A mapping turned round: how rows of the target's tables come back into the source's, and what cannot.

A source column that is filled as it is comes back as it is. One that only an expression reads comes back where the
expression can be read backwards. Of what an expression has lost the source's own value tells: as long as the
expression makes of it what the target has, it is kept.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from migration.core.reversing import HERE, Reversed, reads_tables, way_back
from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.sql_guard import columns_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Returning:
    """A source column that comes back. `forward` is how the target's column is filled, `back` how that is read.

    `loses` is what cannot be told any more, in words; empty where nothing is lost. `is_alone`: the target's column is
    made of no other.
    """

    column: str
    forward: ColumnPair
    back: ColumnPair
    loses: str = ""
    is_alone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """A source column that the target cannot give back, and why."""

    column: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverse:
    """One table's way back."""

    source: QualifiedName
    target: QualifiedName
    returning: tuple[Returning, ...]
    lost: tuple[Lost, ...] = ()

    @property
    def entry(self) -> TableMapping:
        """From the target's table to the source's."""
        return TableMapping(
            source=self.target, target=self.source, pairs=tuple(each.back for each in self.returning)
        )

    @property
    def certain(self) -> TableMapping:
        """So much of the mapping as holds again for rows that have come back."""
        pairs = tuple(each.forward for each in self.returning if each.is_alone and not each.loses)
        return TableMapping(source=self.source, target=self.target, pairs=pairs)

    def limits(self) -> Iterator[str]:
        """What does not come back as it is, in sentences."""
        name = ".".join(self.source)
        for each in self.returning:
            if each.loses:
                yield f"{name}.{each.column} is read back out of {each.forward.target}: {each.loses}."
        for lost in self.lost:
            yield (
                f"{name}.{lost.column} does not come back ({lost.why}): rows keep what the source has, new ones get "
                "its default."
            )


def inverse_of(entry: TableMapping, columns: Sequence[str], there: Collection[str]) -> Inverse:
    """`columns` are those of the source's table, `there` those of the target's, but for generated ones."""
    pairs = tuple(pair for pair in entry.accepted() if pair.target in there)
    returning: list[Returning] = []
    lost: list[Lost] = []
    for column in columns:
        found = _plain(pairs, column) or _read_back(pairs, column)
        if found is None:
            lost.append(Lost(column=column, why=_why_lost(pairs, column)))
        else:
            returning.append(found)
    return Inverse(source=entry.source, target=entry.target, returning=tuple(returning), lost=tuple(lost))


def merged_tables(mapping: Mapping) -> tuple[QualifiedName, ...]:
    """The target's tables that take the rows of several: whose a row is the source alone tells, by its key."""
    return tuple(mapping.merged())


def _plain(pairs: Sequence[ColumnPair], column: str) -> Returning | None:
    """What takes it as it is; of several the one of the same name."""
    found = [pair for pair in pairs if pair.source == column and pair.expression is None]
    if not found:
        return None
    pair = min(found, key=lambda each: each.target != column)
    return Returning(column=column, forward=pair, back=_back(column, source=pair.target))


def _read_back(pairs: Sequence[ColumnPair], column: str) -> Returning | None:
    """Where several expressions read it, the one that loses least."""
    found = []
    for pair in pairs:
        if pair.expression is None or reads_tables(pair.expression):
            continue
        read = columns_of(pair.expression)
        if column not in read and pair.source != column:
            continue
        back = way_back(pair, column)
        if back is not None:
            found.append(
                Returning(
                    column=column,
                    forward=pair,
                    back=_back(column, expression=_written(back, pair.target)),
                    loses=back.changed or back.rounds,
                    is_alone=read == {column},
                )
            )
    return min(found, key=lambda each: (_place(each), bool(each.loses)), default=None)


def _place(returning: Returning) -> int:
    """What a person wrote comes first."""
    return 0 if returning.forward.inverse is not None else 1


def _written(back: Reversed, column: str) -> str:
    # Whole numbers would be cut off by a quotient; what the source's column cannot hold is rounded there.
    here = f"({quote(column)} * 1.0)" if back.rounds else quote(column)
    return back.value.replace(HERE, here)


def _why_lost(pairs: Sequence[ColumnPair], column: str) -> str:
    readers = [
        pair.target for pair in pairs if pair.expression is not None and column in columns_of(pair.expression)
    ]
    if not readers:
        return "no column of the target takes it"
    return f"{', '.join(readers)} is made of it in a way that cannot be read back"


def _back(column: str, *, source: str | None = None, expression: str | None = None) -> ColumnPair:
    return ColumnPair(target=column, source=source, expression=expression, status=PairStatus.CONFIRMED)
