"""Rows for people, without the values of columns that a project masks."""

import json
from collections.abc import Iterable
from dataclasses import replace

from migration.engine.rejects import RejectedRow
from migration.engine.side_by_side import RowPair
from schemadiff.core.mapping import TableMapping
from schemadiff.core.masking import MASK, Masked


def masked_reject(row: RejectedRow, entry: TableMapping | None, masked: Masked) -> RejectedRow:
    """PostgreSQL's message may quote any column of the row. A key is known by its values only: those of masked
    columns are left out, and all of them where the row is not known."""
    if not masked.of(row.table, row.target):
        return row
    values = json.loads(row.row)
    hidden = masked.of(row.table) | (_fill_masked(entry, values, masked) if entry else set())
    kept = {name: MASK if name in hidden else value for name, value in values.items()}
    secret = {str(values[name]) for name in hidden if name in values}
    return replace(
        row,
        row=json.dumps(kept, ensure_ascii=False),
        message=MASK,
        key=tuple(MASK if part in secret or not values else part for part in row.key),
    )


def _fill_masked(entry: TableMapping, names: Iterable[str], masked: Masked) -> set[str]:
    """The source columns of which a masked column of the target is made."""
    filling = [pair for pair in entry.accepted() if masked.hides(entry.target, pair.target)]
    sources = {pair.source for pair in filling if pair.source is not None}
    expressions = " ".join(pair.expression for pair in filling if pair.expression)
    return sources | {name for name in names if name in expressions}


def masked_pair(row: RowPair, entry: TableMapping, masked: Masked) -> RowPair:
    """A target column is masked as itself, by the source column that fills it, or by what its expression names."""
    hidden = {
        pair.target
        for pair in entry.accepted()
        if masked.hides(entry.target, pair.target)
        or (pair.source is not None and masked.hides(entry.source, pair.source))
        or (pair.expression is not None and masked.mentioned_in(pair.expression))
    }
    return replace(
        row,
        key=tuple((name, MASK if name in hidden else value) for name, value in row.key),
        pairs=tuple(
            replace(pair, source=_hidden(pair.source), target=_hidden(pair.target))
            if pair.column in hidden
            else pair
            for pair in row.pairs
        ),
    )


def _hidden(value: str | None) -> str | None:
    """Whether there is one stays to be seen."""
    return None if value is None else MASK
