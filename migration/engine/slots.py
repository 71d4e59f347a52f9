"""What following leaves on the source: a publication of the run's tables, and a slot that holds the log back.

Both are named after the run, listed with what they hold, and removed with it.
"""

import select
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.positions import Lsn, lsn_of
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_PREFIX = "schemadiff_"
PREFIX = "schemadiff"
"""Of our words in the source's log."""
NOTE = b"note"
"""The word after which the place that is reached is written down at once."""
SETTLE = b"settle"
"""The word after which rejects and foreign keys are looked at, too, before the place counts as reached."""
_PATIENCE = 10.0  # seconds in which the server process that streams from a slot has to end
_GENERATED_TOO = 180_000  # from this version on a publication may have generated columns


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A replication slot on the source. `held` and `limit` are in bytes (None: no limit); `status` as in
    pg_replication_slots.wal_status."""

    name: str
    pid: int | None  # the server process that streams from it
    confirmed: Lsn
    held: int
    status: str
    limit: int | None = None

    @property
    def is_lost(self) -> bool:
        return self.status == "lost"


def name_for(ledger_id: UUID) -> str:
    """Of the run's slot, and of its publication."""
    return f"{_PREFIX}{ledger_id.hex}"


def publish(source: Session, name: str, tables: Sequence[QualifiedName]) -> None:
    """Make the publication of exactly these tables; one that is there already is made anew."""
    options = "publish_via_partition_root = true"
    if source.info.server_version >= _GENERATED_TOO:
        options += ", publish_generated_columns = stored"
    with source.transaction():
        source.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))
        source.execute(
            sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH ({})").format(
                sql.Identifier(name),
                sql.SQL(", ").join(sql.Identifier(*table) for table in sorted(set(tables))),
                sql.SQL(options),
            )
        )


def find_slot(source: Session, name: str) -> Slot | None:
    """The slot as it is now; None where there is none."""
    found = [slot for slot in slots(source) if slot.name == name]
    return found[0] if found else None


def slots(source: Session) -> tuple[Slot, ...]:
    """All that runs made in this database, by name."""
    rows = source.execute(
        "SELECT slot_name, active_pid, coalesce(confirmed_flush_lsn, '0/0')::text, "
        "coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint, coalesce(wal_status, ''), "
        "nullif(pg_size_bytes(current_setting('max_slot_wal_keep_size')), -1) "
        "FROM pg_replication_slots WHERE database = current_database() AND starts_with(slot_name, %s) "
        "ORDER BY slot_name",
        [_PREFIX],
    ).fetchall()
    return tuple(
        Slot(name=row[0], pid=row[1], confirmed=lsn_of(row[2]), held=row[3], status=row[4], limit=row[5])
        for row in rows
    )


def publications(source: Session) -> tuple[str, ...]:
    """All that runs made in this database, by name."""
    rows = source.execute(
        "SELECT pubname FROM pg_publication WHERE starts_with(pubname, %s) ORDER BY pubname", [_PREFIX]
    ).fetchall()
    return tuple(row[0] for row in rows)


def remove(source: Session, name: str) -> None:
    """Drop slot and publication, as far as they are there. Whoever streams from the slot is cut off first."""
    deadline = time.monotonic() + _PATIENCE
    while (slot := find_slot(source, name)) is not None:
        if slot.pid is not None:
            source.execute("SELECT pg_terminate_backend(%s, 1000)", [slot.pid])
        try:
            source.execute("SELECT pg_drop_replication_slot(%s)", [name])
        except psycopg.errors.UndefinedObject:
            break
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
    source.execute(sql.SQL("DROP PUBLICATION IF EXISTS {}").format(sql.Identifier(name)))


def flushed(source: Session) -> Lsn:
    """Up to where the source's log is on its disk: so far it can be sent."""
    row = source.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
    assert row is not None
    return lsn_of(row[0])


def inserted(source: Session) -> Lsn:
    """Whatever can be seen in the source lies before this place of its log."""
    row = source.execute("SELECT pg_current_wal_insert_lsn()::text").fetchone()
    assert row is not None
    return lsn_of(row[0])


def say(source: Session, word: bytes) -> Lsn:
    """Write a word into the log, which the follower hears; returns where. No table is needed, no row written.

    It is on the source's own disk then; no standby of it is waited for.
    """
    row = source.execute(
        "SELECT pg_logical_emit_message(true, %s, %s)::text, set_config('synchronous_commit', 'local', true)",
        [PREFIX, word.decode()],
    ).fetchone()
    assert row is not None
    return lsn_of(row[0])


def oldest_writers(source: Session) -> tuple[tuple[int, float], ...]:
    """Server processes whose transactions a new slot has to wait for, and since how many seconds they are open."""
    rows = source.execute(
        "SELECT pid, extract(epoch FROM clock_timestamp() - xact_start)::float8 FROM pg_stat_activity "
        "WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() ORDER BY xact_start"
    ).fetchall()
    return tuple((row[0], row[1]) for row in rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlot:
    """Changes come from `start` on; `snapshot` sees all that was before, as long as its session does nothing else."""

    start: Lsn
    snapshot: str


def make_slot(stream: Session, name: str, should_stop: Callable[[], bool]) -> NewSlot:
    """Make the slot on a replication connection. Waits for the transactions that are open on the source.

    Raises RunFailed when it was to stop meanwhile; the slot is not made then.
    """
    pgconn = stream.pgconn
    # The older way to write it, which all versions understand.
    command = sql.SQL("CREATE_REPLICATION_SLOT {} LOGICAL pgoutput EXPORT_SNAPSHOT").format(
        sql.Identifier(name)
    )
    pgconn.send_query(command.as_bytes(stream))
    while pgconn.is_busy():
        _wait(stream)
        pgconn.consume_input()
        if pgconn.is_busy() and should_stop():
            stream.cancel_safe()
            raise RunFailed("The run was stopped while the source waited for open transactions to end.")
    result = pgconn.get_result()
    assert result is not None
    if result.error_message:
        raise psycopg.errors.error_from_result(result)
    while pgconn.get_result() is not None:
        continue
    start, snapshot = (result.get_value(0, column) or b"" for column in (1, 2))
    return NewSlot(start=lsn_of(start.decode()), snapshot=snapshot.decode())


def _wait(session: Session) -> None:
    select.select([session.fileno()], [], [], 0.2)
