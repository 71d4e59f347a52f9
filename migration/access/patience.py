"""A connection that waits for an answer only so long, whatever the network does with what was sent."""

import psycopg
from psycopg import errors
from psycopg.abc import RV, PQGen
from psycopg.rows import DictRow

_LOOK = 0.1  # seconds after which a key that interrupts is looked for, as psycopg does


class Bounded(psycopg.Connection[DictRow]):
    """Where no answer comes within `within` seconds it is closed, and psycopg.OperationalError raised.

    The server's own limits end a statement, but on a network that takes what is sent and gives nothing back nobody
    hears of it; what TCP notices takes minutes, or never happens while packets are acknowledged.
    """

    within: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = _LOOK, timeout: float | None = None) -> RV:
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.within)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise
