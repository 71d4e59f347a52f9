"""Holds a copy back: so many rows a second, and none while the source has enough to do.

What is reserved is kept in the target, so that the rate holds over all processes, on whatever machine.
"""

import time
from collections.abc import Callable, Iterator
from uuid import UUID

from migration.core.events import Event, Log, Waiting
from migration.core.limits import Limits, SourceState, reason_to_wait
from migration.engine.chunk_copy import ChunkJob
from migration.engine.queries import query
from migration.engine.sessions import Session, open_source
from schemadiff.core.errors import Refused

LOOK = 1.0  # seconds between two looks at the source

_PACE = (
    "CREATE TABLE IF NOT EXISTS schemadiff.pace "
    "(run uuid PRIMARY KEY REFERENCES schemadiff.runs ON DELETE CASCADE, until timestamptz NOT NULL)"
)
_RESERVE = (
    "WITH job AS (SELECT %(run)s::uuid AS run, expected / %(rate)s::float8 AS seconds FROM schemadiff.chunks "
    "WHERE run = %(run)s AND source_schema = %(schema)s AND source_table = %(table)s AND number = %(number)s) "
    "INSERT INTO schemadiff.pace AS p (run, until) "
    "SELECT run, clock_timestamp() + make_interval(secs => seconds) FROM job "
    "ON CONFLICT (run) DO UPDATE SET until = greatest(p.until, clock_timestamp()) "
    "+ make_interval(secs => (SELECT seconds FROM job)) "
    "RETURNING extract(epoch FROM until - clock_timestamp()) - (SELECT seconds FROM job)"
)


def refuse_unseen(source: Session, limits: Limits) -> None:
    """Raises Refused where the role may not see what the limits are about."""
    if not limits.watches_source:
        return
    row = source.execute("SELECT pg_has_role('pg_read_all_stats', 'USAGE')").fetchone()
    if not (row and row[0]):
        raise Refused(
            "The source's lag and sessions are to be watched, which the role may not see. In the source: GRANT "
            f"pg_monitor TO {source.info.user}; or leave these limits out."
        )


def source_state(session: Session) -> SourceState:
    """To be asked outside of a transaction, in which the answer would stay the same."""
    row = session.execute(query("source_state")).fetchone()
    assert row is not None
    return SourceState(lag=row[0], sessions=row[1])


class Gate:
    """Lets chunks through as the limits allow."""

    def __init__(
        self,
        source_dsn: str,
        target: Session,
        ledger_id: UUID,
        limits: Limits,
        report: Callable[[Event], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._target, self._ledger_id, self._limits = target, ledger_id, limits
        self._report, self._clock = report, clock
        self._source = open_source(source_dsn) if limits.watches_source else None
        if limits.rows_per_second is not None:
            target.execute(_PACE)
        self._waiting_since: float | None = None
        self._looked_at: float | None = None
        self._waits, self._waited = 0, 0.0
        if limits.label:
            report(Log(message=f"The copy is held back: {limits.label}."))

    def close(self) -> None:
        """Say how long it took to wait for the source."""
        self._go_on()
        if self._source is not None:
            self._source.close()
        if self._waits:
            times = "once" if self._waits == 1 else f"{self._waits:,} times"
            self._report(
                Log(message=f"The copy waited {times} for the source, {self._waited:,.0f} s in all.")
            )

    def paced(self, jobs: Iterator[ChunkJob]) -> Iterator[ChunkJob | None]:
        """The jobs, each when it may begin; None as often as it is asked for before that."""
        for job in jobs:
            begins = self._clock() + self._reserved(job)
            while self._clock() < begins or self._is_held_back():
                yield None
            yield job

    def _reserved(self, job: ChunkJob) -> float:
        """Seconds until the chunk's turn comes. What it takes is its rows' time, from then on."""
        rate = self._limits.rows_per_second
        if rate is None:
            return 0.0
        schema, table = job.carriage.name
        parameters = {"run": self._ledger_id, "rate": rate, "schema": schema, "table": table}
        row = self._target.execute(_RESERVE, {**parameters, "number": job.chunk.number}).fetchone()
        return max(float(row[0]), 0.0) if row else 0.0

    def _is_held_back(self) -> bool:
        if self._source is None:
            return False
        now = self._clock()
        if self._looked_at is None or now - self._looked_at >= LOOK:
            self._looked_at = now
            self._heed(reason_to_wait(self._limits, source_state(self._source)))
        return self._waiting_since is not None

    def _heed(self, reason: str) -> None:
        if not reason:
            self._go_on()
        elif self._waiting_since is None:
            self._waiting_since = self._clock()
            if not self._waits:
                self._report(Log(message=f"The copy waits, and goes on by itself: {reason}."))
            self._waits += 1
            self._report(Waiting(reason=reason))

    def _go_on(self) -> None:
        if self._waiting_since is not None:
            self._waited += self._clock() - self._waiting_since
            self._waiting_since = None
            self._report(Waiting())
