"""Many prepared statements in one go: sent without waiting for each answer, the answers looked at in the end."""

import select
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import pq, sql

from migration.engine.sessions import Session

_TOGETHER = 50  # statements sent between two looks whether the server takes them
_ENDS = 2  # so often nothing in a row means that nothing is there


@dataclass(frozen=True, slots=True)
class Step:
    """A prepared statement with its parameters, as text."""

    name: bytes
    parameters: Sequence[bytes | None]


class Prepared:
    """The statements of one session, prepared at their first use."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: dict[object, bytes] = {}

    def name(self, known_as: object, statement: sql.Composed | str) -> bytes:
        """Raises psycopg.Error. `known_as` is what the statement is found again by."""
        found = self._names.get(known_as)
        if found is None:
            found = b"schemadiff_%d" % len(self._names)
            text = statement.encode() if isinstance(statement, str) else statement.as_bytes(self._session)
            result = self._session.pgconn.prepare(found, text)
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise psycopg.errors.error_from_result(result)
            self._names[known_as] = found
        return found

    def __contains__(self, known_as: object) -> bool:
        return known_as in self._names


def run(session: Session, steps: Sequence[Step]) -> list[int]:
    """Carry them out; how many rows each touched. Raises the first psycopg.Error, with no later one carried out."""
    if not steps:
        return []
    pgconn = session.pgconn
    pgconn.enter_pipeline_mode()
    try:
        results = _exchange(session, steps)
    finally:
        if pgconn.status == pq.ConnStatus.OK:
            pgconn.exit_pipeline_mode()
    for result in results:
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
    return [result.command_tuples or 0 for result in results]


def run_each(session: Session, steps: Sequence[Step]) -> list[int]:
    """The same one after the other, for few."""
    counts = []
    for step in steps:
        result = session.pgconn.exec_prepared(step.name, step.parameters)  # type: ignore[arg-type]
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise psycopg.errors.error_from_result(result)
        counts.append(result.command_tuples or 0)
    return counts


def _exchange(session: Session, steps: Sequence[Step]) -> list[pq.abc.PGresult]:
    """Send and receive at once: neither side may wait for the other with full buffers."""
    pgconn, number = session.pgconn, session.fileno()
    results: list[pq.abc.PGresult] = []
    waiting = deque(steps)
    synced = blocked = False
    while True:
        while not (synced or blocked):
            for step in _some(waiting):
                pgconn.send_query_prepared(step.name, step.parameters)
            if not waiting:
                pgconn.pipeline_sync()
                synced = True
            blocked = bool(pgconn.flush())
        readable, writable, _ = select.select([number], [number] if blocked else [], [])
        if writable:
            blocked = bool(pgconn.flush())
        if readable:
            pgconn.consume_input()
            if _receive(pgconn, results):
                return results


def _some(waiting: deque[Step]) -> list[Step]:
    return [waiting.popleft() for _ in range(min(_TOGETHER, len(waiting)))]


def _receive(pgconn: pq.abc.PGconn, results: list[pq.abc.PGresult]) -> bool:
    """What has come; True at the end of it all."""
    ends = 0
    while ends < _ENDS and not pgconn.is_busy():
        result = pgconn.get_result()
        if result is None:  # the end of one statement's results
            ends += 1
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return True
        ends = 0
        results.append(result)
    return False
