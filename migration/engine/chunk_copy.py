"""Carrying one chunk: a single target transaction copies its rows and writes its ledger row.

So a chunk is there once, or not at all, whenever and however the process or a server dies.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.chunks import Chunk, KeyRange, Piece, range_of, split
from migration.core.reasons import is_about_a_row
from migration.engine.carrying import Carriage
from migration.engine.failures import failure
from migration.engine.keys import Key
from migration.engine.rejects import Refusal, Refusals, keep
from migration.engine.sessions import Session
from migration.engine.table_copy import Copied, SourceRefused, TargetRefused, copy_range

_CONTEXT_LINE = re.compile(r"COPY .*?, line (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkJob:
    """What a worker needs to carry one chunk."""

    ledger_id: UUID
    carriage: Carriage
    key: Key
    chunk: Chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkDone:
    """Rows read from the source, written to the target, refused by it."""

    rows: int
    written: int
    rejects: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failed:
    error: psycopg.Error
    suspect: int | None  # the row that seems to be at fault, counted from the range's first


def carry_chunk(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool]
) -> ChunkDone | None:
    """Carry it, or return None if the ledger says that it has been carried. The source is in its snapshot.

    Raises RunFailed, or RunStopped; the chunk is undone then.
    """
    doing = f"Rows of “{'.'.join(job.carriage.source)}” could not be copied"
    try:
        with target.transaction():
            if not _claim(target, job):
                return None
            started = time.monotonic()
            done = _carry(source, target, job, should_stop, started)
            _record(target, job, done)
            return done
    except psycopg.Error as exc:
        raise failure(exc, doing) from exc


def _claim(target: Session, job: ChunkJob) -> bool:
    """Lock the chunk's ledger row; a worker of a killed run that is still at it finishes first."""
    row = target.execute(
        "SELECT copied_at IS NULL FROM schemadiff.chunks "
        "WHERE run = %s AND source_schema = %s AND source_table = %s AND number = %s FOR UPDATE",
        [job.ledger_id, *job.carriage.source, job.chunk.number],
    ).fetchone()
    return bool(row and row[0])


def _record(target: Session, job: ChunkJob, done: ChunkDone) -> None:
    target.execute(
        "UPDATE schemadiff.chunks SET rows = %s, written = %s, rejects = %s, bytes = %s, seconds = %s, "
        "copied_at = clock_timestamp() WHERE run = %s AND source_schema = %s AND source_table = %s AND "
        "number = %s",
        [
            done.rows,
            done.written,
            done.rejects,
            done.bytes,
            done.seconds,
            job.ledger_id,
            *job.carriage.source,
            job.chunk.number,
        ],
    )


def _carry(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool], started: float
) -> ChunkDone:
    at_once = _try(source, target, job, job.chunk.keys, should_stop, ordered=False)
    if isinstance(at_once, Copied):
        rows, rejects, size = at_once.rows, 0, at_once.bytes
    else:
        rows, rejects, size = _sort_out(source, target, job, should_stop)
    seconds = time.monotonic() - started
    return ChunkDone(rows=rows, written=rows - rejects, rejects=rejects, bytes=size, seconds=seconds)


def _sort_out(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool]
) -> tuple[int, int, int]:
    """Carry the good rows of a chunk that failed in pieces, and keep the others as rejects.

    Returns rows, rejects and bytes.
    """
    keys = _keys_in(source, job)
    refuse = Refusals(target, job.carriage.target)
    refusals: list[Refusal] = []
    size = 0
    pieces = [Piece(start=0, stop=len(keys))] if keys else []
    while pieces:
        piece = pieces.pop()
        outcome = _try(source, target, job, range_of(piece, keys, job.chunk.keys), should_stop, ordered=True)
        if isinstance(outcome, Copied):
            size += outcome.bytes
        elif piece.size == 1:
            refusals.append(refuse.of(keys[piece.start], outcome.error))
        else:
            pieces += reversed(split(piece, outcome.suspect))
    keep(source, target, job.ledger_id, job.carriage, job.key, refusals)
    return len(keys), len(refusals), size


def _keys_in(source: Session, job: ChunkJob) -> list[tuple[str, ...]]:
    query = sql.SQL("SELECT {texts} FROM {table} WHERE {range} ORDER BY {keys}").format(
        texts=job.key.as_texts(),
        table=sql.Identifier(*job.key.table),
        range=job.key.within(job.chunk.keys),
        keys=job.key.listed(),
    )
    return [tuple(row[0]) for row in source.execute(query)]


def _try(
    source: Session,
    target: Session,
    job: ChunkJob,
    keys: KeyRange,
    should_stop: Callable[[], bool],
    *,
    ordered: bool,
) -> Copied | _Failed:
    """Copy a range under savepoints on both sides. Errors that are not about a row are raised."""
    try:
        with source.transaction(), target.transaction():
            return copy_range(
                source, target, job.carriage, job.key, keys, ordered=ordered, should_stop=should_stop
            )
    except SourceRefused as exc:
        if not is_about_a_row(exc.error.sqlstate or ""):
            raise exc.error from exc
        return _Failed(error=exc.error, suspect=exc.rows_sent or None)
    except TargetRefused as exc:
        if not is_about_a_row(exc.error.sqlstate or ""):
            raise exc.error from exc
        return _Failed(error=exc.error, suspect=_line_of(exc.error))


def _line_of(error: psycopg.Error) -> int | None:
    found = _CONTEXT_LINE.search(error.diag.context or "")
    return int(found.group(1)) - 1 if found else None
