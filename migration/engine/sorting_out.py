"""Which rows of a batch does the target take? The good ones are carried, the others come back as refusals."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from migration.core.chunks import Piece, split
from migration.core.reasons import is_about_a_row
from migration.engine.adding import Adding, add_rows
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.overwriting import Overwriting, make_room, overwriting_of, put_in
from migration.engine.rejects import Refusal, Refusals
from migration.engine.sessions import Session
from migration.engine.table_copy import Copied, SourceRefused, TargetRefused, copy_range

_CONTEXT_LINE = re.compile(r"COPY .*?, line (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Loading:
    """Rows of one table on their way. Both sessions are in a transaction."""

    source: Session
    target: Session
    carriage: Carriage
    key: Key
    should_stop: Callable[[], bool]
    over: Overwriting | Adding | None = None  # how they get past the rows that are there; None: straight in


def loading_of(
    source: Session, target: Session, carriage: Carriage, key: Key, should_stop: Callable[[], bool]
) -> Loading:
    """Get ready to carry rows. Raises RunFailed."""
    over = overwriting_of(target, carriage, key)
    return Loading(
        source=source, target=target, carriage=carriage, key=key, should_stop=should_stop, over=over
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A batch that was refused as a whole. `suspect` is the row that seems to be at fault, counted from its first."""

    error: psycopg.Error
    suspect: int | None
    on_source: bool


def attempt(loading: Loading, chosen: sql.Composable, *, ordered: bool) -> Copied | Failed:
    """Carry the chosen rows, all or none. Errors that are not about a row are raised."""
    try:
        with loading.source.transaction(), loading.target.transaction():
            if loading.over is None:
                return _copy(loading, loading.carriage, chosen, ordered=ordered)
            return _past_others(loading, loading.over, chosen, ordered=ordered)
    except SourceRefused as exc:
        # A sort may evaluate every row before the first is sent: then nothing is known of where it failed.
        return _failed(exc.error, exc.rows_sent or None, on_source=True)
    except TargetRefused as exc:
        return _failed(exc.error, _line_of(exc.error), on_source=False)
    except psycopg.Error as exc:
        if loading.over is None:
            raise
        return _failed(exc, None, on_source=False)


def _copy(loading: Loading, carriage: Carriage, chosen: sql.Composable, *, ordered: bool) -> Copied:
    return copy_range(
        loading.source,
        loading.target,
        carriage,
        loading.key,
        chosen,
        ordered=ordered,
        should_stop=loading.should_stop,
    )


def _past_others(
    loading: Loading, over: Overwriting | Adding, chosen: sql.Composable, *, ordered: bool
) -> Copied:
    make_room(loading.target)
    copied = _copy(loading, over.incoming(loading.carriage), chosen, ordered=ordered)
    match over:
        case Overwriting():
            return put_in(loading.target, over, copied)
        case Adding():
            return add_rows(loading.target, over, copied)


def _failed(error: psycopg.Error, suspect: int | None, *, on_source: bool) -> Failed:
    if not is_about_a_row(error.sqlstate or ""):
        raise error
    return Failed(error=error, suspect=suspect, on_source=on_source)


def _line_of(error: psycopg.Error) -> int | None:
    """PostgreSQL names the line of a COPY for everything but foreign keys, which it checks at the end."""
    found = _CONTEXT_LINE.search(error.diag.context or "")
    return int(found.group(1)) - 1 if found else None


def sort_out(
    loading: Loading, keys: Sequence[tuple[str, ...]], chosen: Callable[[Piece], sql.Composable]
) -> tuple[list[Refusal], int]:
    """Carry the rows with these keys (in key order) as far as they are taken; returns refusals and bytes.

    `chosen` gives the condition for a piece of the keys.
    """
    refuse = Refusals(loading.target, loading.carriage.target)
    refusals: list[Refusal] = []
    size = 0
    pieces = [Piece(start=0, stop=len(keys))] if keys else []
    while pieces:
        piece = pieces.pop()
        outcome = attempt(loading, chosen(piece), ordered=True)
        if isinstance(outcome, Copied):
            size += outcome.bytes
            refusals += outcome.refusals
        elif piece.size == 1:
            refusals.append(refuse.of(keys[piece.start], outcome.error, unreadable=outcome.on_source))
        else:
            pieces += reversed(split(piece, outcome.suspect))
    return refusals, size
