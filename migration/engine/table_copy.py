"""One COPY from source to target, as libpq does it: bytes pass through, Python touches no value."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

import psycopg
from psycopg import pq, sql

from migration.core.errors import RunFailed, RunStopped
from migration.engine import waits
from migration.engine.carrying import Carriage
from migration.engine.keys import Key
from migration.engine.rejects import Refusal
from migration.engine.sessions import Session

_JOINED = 16_384  # bytes sent at a time: more would keep reader and writer from overlapping
_LOOK_UP = 16  # sends between two looks at what the target says and whether to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Rows read from the source, and bytes. `refusals` are those of its rows that were left out."""

    rows: int
    bytes: int
    refusals: tuple[Refusal, ...] = ()


class SourceRefused(Exception):
    """The source's SELECT failed on a row. `rows_sent` rows had come before."""

    def __init__(self, error: psycopg.Error, rows_sent: int) -> None:
        super().__init__(str(error))
        self.error = error
        self.rows_sent = rows_sent


class TargetRefused(Exception):
    """The target refused a row."""

    def __init__(self, error: psycopg.Error) -> None:
        super().__init__(str(error))
        self.error = error


def copy_range(
    source: Session,
    target: Session,
    carriage: Carriage,
    key: Key,
    chosen: sql.Composable,
    *,
    ordered: bool,
    should_stop: Callable[[], bool],
) -> Copied:
    """Carry the rows for which the condition `chosen` holds.

    Both sessions are in a transaction, which is broken after an error. Raises SourceRefused or TargetRefused,
    RunFailed when both ends count differently, RunStopped.
    """
    out = _reading(carriage, key, chosen, ordered=ordered).as_bytes(source)
    into = _writing(carriage).as_bytes(target)
    reader, writer = source.pgconn, target.pgconn
    _expect(reader.exec_params(out, None), pq.ExecStatus.COPY_OUT, SourceRefused, 0)
    _begin_writing(reader, writer, into)
    return _pass_on(reader, writer, should_stop)


def _reading(carriage: Carriage, key: Key, chosen: sql.Composable, *, ordered: bool) -> sql.Composed:
    return sql.SQL(
        "COPY (SELECT {values} FROM {table} WHERE {where} AND {chosen}{order}) TO STDOUT (FORMAT {format})"
    ).format(
        values=sql.SQL(", ").join(column.copied for column in carriage.columns),
        table=sql.Identifier(*carriage.source),
        where=carriage.where,
        chosen=chosen,
        order=sql.SQL(" ORDER BY {}").format(key.listed()) if ordered else sql.SQL(""),
        format=_format(carriage),
    )


def _writing(carriage: Carriage) -> sql.Composed:
    return sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT {format})").format(
        table=sql.Identifier(*carriage.target),
        columns=sql.SQL(", ").join(sql.Identifier(column.name) for column in carriage.columns),
        format=_format(carriage),
    )


def _format(carriage: Carriage) -> sql.SQL:
    return sql.SQL("binary") if carriage.binary else sql.SQL("text")


def _begin_writing(reader: pq.abc.PGconn, writer: pq.abc.PGconn, statement: bytes) -> None:
    result = writer.exec_(statement)
    if result.status != pq.ExecStatus.COPY_IN:
        _drain(reader)
        raise TargetRefused(psycopg.errors.error_from_result(result))


def _pass_on(reader: pq.abc.PGconn, writer: pq.abc.PGconn, should_stop: Callable[[], bool]) -> Copied:
    rows = size = sent = sends = 0
    waiting: list[memoryview] = []
    receive = reader.get_copy_data
    while True:  # once a row: kept as short as can be
        count, data = receive(1)
        if count == 0:
            count, data = waits.copied(reader)
        if count < 0:
            break
        waiting.append(data)
        size += count
        if size < _JOINED:
            continue
        rows, sent, size, sends = rows + len(waiting), sent + size, 0, sends + 1
        if not _send(writer, waiting, look_up=sends % _LOOK_UP == 0):
            _drain(reader)
            raise TargetRefused(_refusal(writer))
        waiting.clear()
        if sends % _LOOK_UP == 0 and should_stop():
            raise RunStopped("The run was stopped in the middle of a chunk, which is undone.")
    return _finish(reader, writer, waiting, rows + len(waiting), sent + size)


def _send(writer: pq.abc.PGconn, waiting: list[memoryview], *, look_up: bool) -> bool:
    """Send on; says whether the target still takes rows."""
    try:
        if look_up:
            writer.consume_input()
        waits.put(writer, b"".join(waiting))
    except psycopg.OperationalError:
        return False
    return True


def _finish(
    reader: pq.abc.PGconn, writer: pq.abc.PGconn, waiting: list[memoryview], rows: int, size: int
) -> Copied:
    read = _last_result(reader)
    if read.status != pq.ExecStatus.COMMAND_OK:
        _end(writer, b"the source failed")
        # The binary header comes with the first row, the trailer by itself: so rows counts the rows.
        raise SourceRefused(psycopg.errors.error_from_result(read), rows)
    if waiting and not _send(writer, waiting, look_up=False):
        raise TargetRefused(_refusal(writer))
    written = _end(writer, None)
    if written.status != pq.ExecStatus.COMMAND_OK:
        raise TargetRefused(psycopg.errors.error_from_result(written))
    if read.command_tuples != written.command_tuples:
        raise RunFailed(
            f"The source sent {read.command_tuples} rows, the target took {written.command_tuples}."
        )
    return Copied(rows=read.command_tuples or 0, bytes=size)


def _drain(reader: pq.abc.PGconn) -> None:
    """Let the source finish what nobody wants any more, so that its session can go on."""
    while waits.copied(reader)[0] >= 0:
        pass
    _last_result(reader)


def _end(writer: pq.abc.PGconn, error: bytes | None) -> pq.abc.PGresult:
    with contextlib.suppress(psycopg.OperationalError):  # the result says why
        writer.put_copy_end(error)
    return _last_result(writer)


def _refusal(writer: pq.abc.PGconn) -> psycopg.Error:
    return psycopg.errors.error_from_result(_end(writer, b"the target refused a row"))


def _last_result(connection: pq.abc.PGconn) -> pq.abc.PGresult:
    """All results read; the first that says how it went."""
    telling: pq.abc.PGresult | None = None
    while (result := waits.result(connection)) is not None:
        if telling is None or result.status == pq.ExecStatus.FATAL_ERROR:
            telling = result
        if result.status in (pq.ExecStatus.COPY_IN, pq.ExecStatus.COPY_OUT):
            break
    if telling is None:
        raise psycopg.OperationalError(connection.error_message.decode(errors="replace") or "connection lost")
    return telling


def _expect(result: pq.abc.PGresult, status: pq.ExecStatus, refused: type[SourceRefused], rows: int) -> None:
    if result.status != status:
        raise refused(psycopg.errors.error_from_result(result), rows)
