"""An application that goes on writing, whatever becomes of its sessions."""

import threading

import psycopg

from tests.engine.live import wait_for

_MORE = 20


class Writing:
    """A row a time whenever it may, by a statement that returns its number; knows what was acknowledged."""

    def __init__(self, dsn: str, statement: str) -> None:
        self._dsn, self._statement, self._over = dsn, statement.encode(), threading.Event()
        self.acknowledged: list[int] = []
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Writing":
        self._thread.start()
        self.goes_on()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def goes_on(self) -> None:
        """Some more rows are written."""
        goal = len(self.acknowledged) + _MORE
        wait_for(lambda: len(self.acknowledged) >= goal, "more rows")

    def _work(self) -> None:
        while not self._over.wait(0.01):
            try:
                with psycopg.connect(self._dsn, autocommit=True) as session:
                    while not self._over.wait(0.002):
                        row = session.execute(self._statement).fetchone()
                        assert row is not None
                        self.acknowledged.append(row[0])
            except psycopg.Error:
                continue  # fenced, or its session was ended: it tries again
