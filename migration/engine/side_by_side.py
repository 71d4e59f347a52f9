"""Differing rows column by column, the source's value beside the target's. People's data: for those who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from migration.core.checksums import Difference, DifferingRow
from migration.core.record_text import fields_of
from migration.engine import compared
from migration.engine.carrying import Equality, carriage_of
from migration.engine.compared import Face, ShownRow
from migration.engine.failures import close_quietly, explained
from migration.engine.sessions import beside, open_source, open_target_to_read
from migration.engine.table_check import Sides
from schemadiff.core.mapping import TableMapping

LONGEST = 200
"""Characters of a value that are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One column's values as texts; None is NULL, or a row that is not there."""

    column: str
    source: str | None
    target: str | None
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPair:
    """A row on both sides, as they are now. `difference` is None where it no longer differs."""

    key: tuple[tuple[str, str | None], ...]
    difference: Difference | None
    pairs: tuple[Pair, ...]


def side_by_side(
    source_dsn: str,
    target_dsn: str,
    entry: TableMapping,
    rows: Sequence[DifferingRow],
    equality: Equality = Equality.STRICT,
    longest: int = LONGEST,
) -> tuple[RowPair, ...]:
    """Look these rows up again: one query a side, whatever their number. Values are cut off. Raises RunFailed."""
    keys = tuple(dict.fromkeys(row.key for row in rows))
    if not keys:
        return ()
    source, target = beside(open_source(source_dsn), open_target_to_read, target_dsn)
    try:
        with explained(f"The rows of “{'.'.join(entry.target)}” could not be read", "Try again"):
            carriage = carriage_of(target, entry)
            key = compared.shared_key(source, target, carriage)
            sides = Sides(source=source, target=target, ledger_id=None, equality=equality)
            faces = sides.faces(carriage, key, ())
            here, there = sides.ask(partial(compared.shown_rows, keys=keys, longest=longest), faces)
    finally:
        close_quietly(source, target)
    names = tuple(column.name for column in carriage.columns)
    return tuple(_pair(each, faces[1], names, here.get(each), there.get(each)) for each in keys)


def row_document(row: RowPair) -> dict[str, Any]:
    """A row as JSON has it: its key, and the columns that differ."""
    return {
        "key": dict(row.key),
        "difference": row.difference.value if row.difference else None,
        "columns": {
            pair.column: {"source": pair.source, "target": pair.target} for pair in row.pairs if pair.differs
        },
    }


def _pair(
    key: str, face: Face, names: Sequence[str], here: ShownRow | None, there: ShownRow | None
) -> RowPair:
    pairs = tuple(
        Pair(
            column=name,
            source=here.values[place] if here else None,
            target=there.values[place] if there else None,
            differs=here is None or there is None or here.hashes[place] != there.hashes[place],
        )
        for place, name in enumerate(names)
    )
    return RowPair(
        key=tuple(zip(face.key_names, fields_of(key), strict=True)),
        difference=_difference(here, there),
        pairs=pairs,
    )


def _difference(here: ShownRow | None, there: ShownRow | None) -> Difference | None:
    if here is None or there is None:
        if here is there:
            return None
        return Difference.SURPLUS if here is None else Difference.MISSING
    return Difference.DIFFERENT if here.hashes != there.hashes else None
