"""Carrying one chunk: a single target transaction copies its rows and writes its ledger row.

So a chunk is there once, or not at all, whenever and however the process or a server dies.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.chunks import Chunk, range_of
from migration.core.errors import RunFailed, RunStopped
from migration.engine.carrying import Carriage
from migration.engine.failures import failure
from migration.engine.keys import Key
from migration.engine.merging import merge
from migration.engine.null_values import find_null_rows
from migration.engine.rejects import keep
from migration.engine.sessions import Session, run_one
from migration.engine.sorting_out import Loading, attempt, loading_of, sort_out
from migration.engine.table_copy import Copied

PAUSES = (0.2, 1.0, 4.0)
"""Seconds between two attempts at a chunk that was in a deadlock: four in all. Who was in its way goes on."""

_PATIENCE = 0.2  # seconds after which a pause looks whether the run is to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkJob:
    """What a worker needs to carry one chunk."""

    ledger_id: UUID
    carriage: Carriage
    key: Key
    chunk: Chunk
    carrier: str = ""  # who carries it, for the ledger
    offer: str = ""  # the snapshot by whose offer it is carried; empty for those whose run it is


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkDone:
    """Rows read from the source, written to the target, refused by it; how often a deadlock undid it before."""

    rows: int
    written: int
    rejects: int
    bytes: int
    seconds: float
    deadlocks: int = 0


def carry_chunk(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool]
) -> ChunkDone | None:
    """Carry it, unless that has been done: the ledger's figures then. None: somebody else is at it just now.

    The source is in its snapshot. A deadlock with others is waited out. Raises RunFailed, or RunStopped; the chunk is
    undone then.
    """
    doing = f"Rows of “{'.'.join(job.carriage.name)}” could not be copied"
    try:
        for deadlocks, pause in enumerate(PAUSES):
            with contextlib.suppress(psycopg.errors.DeadlockDetected):
                done = _carry_once(source, target, job, should_stop, deadlocks)
                if done is not None or not deadlocks:
                    return done  # after a deadlock the other session may still hold the chunk for a moment
            _wait(pause, should_stop)
        return _carry_once(source, target, job, should_stop, len(PAUSES))
    except psycopg.Error as exc:
        raise failure(exc, doing) from exc


def _carry_once(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool], deadlocks: int
) -> ChunkDone | None:
    with target.transaction():
        _look_at_offer(target, job)
        claim = _claim(target, job)
        if claim is not _OURS:
            return claim
        started = time.monotonic()
        done = replace(_carry(source, target, job, should_stop, started), deadlocks=deadlocks)
        _record(target, job, done)
        return done


def _wait(pause: float, should_stop: Callable[[], bool]) -> None:
    end = time.monotonic() + pause
    while (left := end - time.monotonic()) > 0:
        if should_stop():
            raise RunStopped("The run was stopped while it waited to try a chunk again.")
        time.sleep(min(_PATIENCE, left))


def _look_at_offer(target: Session, job: ChunkJob) -> None:
    """Whoever helps does so only as long as the offer stands, and it stands until what was begun is committed."""
    if not job.offer:
        return
    found = target.execute(
        "SELECT FROM schemadiff.offers WHERE run = %s AND snapshot = %s FOR SHARE", [job.ledger_id, job.offer]
    ).fetchone()
    if found is None:
        raise RunFailed("The run needs no more help: its copy has ended, or another worker leads it now.")


_OURS = ChunkDone(rows=0, written=0, rejects=0, bytes=0, seconds=0)


def _claim(target: Session, job: ChunkJob) -> ChunkDone | None:
    """Lock the chunk's ledger row and return _OURS, or the figures of a chunk that is carried.

    None: somebody has it, a helper or a worker of a killed run.
    """
    row = target.execute(
        "SELECT copied_at IS NULL, rows, written, rejects, bytes, seconds FROM schemadiff.chunks "
        "WHERE run = %s AND source_schema = %s AND source_table = %s AND number = %s FOR UPDATE SKIP LOCKED",
        [job.ledger_id, *job.carriage.name, job.chunk.number],
    ).fetchone()
    if row is None:
        return None
    if row[0]:
        return _OURS
    return ChunkDone(rows=row[1], written=row[2], rejects=row[3], bytes=row[4], seconds=row[5])


def _record(target: Session, job: ChunkJob, done: ChunkDone) -> None:
    target.execute(
        "UPDATE schemadiff.chunks SET rows = %s, written = %s, rejects = %s, bytes = %s, seconds = %s, "
        "carried_by = %s, copied_at = clock_timestamp() WHERE run = %s AND source_schema = %s AND source_table = %s "
        "AND number = %s",
        [
            done.rows,
            done.written,
            done.rejects,
            done.bytes,
            done.seconds,
            job.carrier or None,
            job.ledger_id,
            *job.carriage.name,
            job.chunk.number,
        ],
    )


def _carry(
    source: Session, target: Session, job: ChunkJob, should_stop: Callable[[], bool], started: float
) -> ChunkDone:
    loading = loading_of(source, target, job.carriage, job.key, should_stop)
    chosen = job.key.within(job.chunk.keys)
    at_once = attempt(loading, chosen, ordered=False)
    if isinstance(at_once, Copied):
        keep(source, target, job.ledger_id, job.carriage, job.key, at_once.refusals)
        rows, rejects, size = at_once.rows, len(at_once.refusals), at_once.bytes
    elif (merged := merge(loading, chosen, at_once)) is not None:
        keep(source, target, job.ledger_id, job.carriage, job.key, merged.refusals)
        rows, rejects, size = merged.rows, len(merged.refusals), merged.bytes
    else:
        rows, rejects, size = _carry_good_rows(loading, job)
    seconds = time.monotonic() - started
    return ChunkDone(rows=rows, written=rows - rejects, rejects=rejects, bytes=size, seconds=seconds)


def _carry_good_rows(loading: Loading, job: ChunkJob) -> tuple[int, int, int]:
    """Of a chunk that failed, carry what the target takes and keep the rest as rejects.

    Returns rows, rejects and bytes.
    """
    whole = job.chunk.keys
    lacking = find_null_rows(loading.source, loading.target, job.carriage, job.key, whole)
    keys = _keys_in(loading.source, job, lacking.rest)
    refusals, size = sort_out(
        loading,
        keys,
        lambda piece: sql.SQL("{} AND {}").format(job.key.within(range_of(piece, keys, whole)), lacking.rest),
    )
    refused = (*lacking.refusals, *refusals)
    keep(loading.source, loading.target, job.ledger_id, job.carriage, job.key, refused)
    return len(keys) + len(lacking.refusals), len(refused), size


def _keys_in(source: Session, job: ChunkJob, chosen: sql.Composable) -> list[tuple[str, ...]]:
    query = sql.SQL(
        "SELECT {texts} FROM {table} WHERE {where} AND {range} AND {chosen} ORDER BY {keys}"
    ).format(
        texts=job.key.as_texts(),
        table=sql.Identifier(*job.key.table),
        where=job.carriage.where,
        range=job.key.within(job.chunk.keys),
        chosen=chosen,
        keys=job.key.listed(),
    )
    return [tuple(row[0]) for row in run_one(source, query)]
