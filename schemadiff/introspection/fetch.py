"""Runs the named catalog queries, in a thread of their own: the server works while its answers are put together."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from schemadiff.introspection.queries import load
from schemadiff.introspection.session import Connection

# What foreign-data wrappers are told may be anything: these look like secrets, a few too many among them.
_SECRETS = {
    "secret_names": "pass|pwd|secret|token|credential|private",
    "secret_values": r"pass(word|wd|file)?\s*=|://[^/@\s]*:[^/@\s]*@",
}


_Rows: TypeAlias = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Call it with a query's name for its rows. `parameters` are OIDs: `schemas`, `relations`, `indexes`."""

    connection: Connection
    pool: ThreadPoolExecutor
    parameters: dict[str, str] = field(default_factory=dict)
    asked: dict[str, "Future[_Rows]"] = field(default_factory=dict)
    failures: list[BaseException] = field(default_factory=list)

    def __call__(self, name: str) -> list[tuple[Any, ...]]:
        asked = self.asked.pop(name, None) or self._ask(name)
        return asked.result()

    def ahead(self, *names: str) -> None:
        """Have these answered one after the other; whatever is asked later has to wait for them."""
        for name in names:
            self.asked[name] = self._ask(name)

    def within(self, **oids: list[int]) -> "Fetch":
        """The same with these parameters as well."""
        # As PostgreSQL writes arrays: every query gets them, and there may be ten thousands.
        written = {name: f"{{{','.join(map(str, numbers))}}}" for name, numbers in oids.items()}
        return replace(self, parameters=self.parameters | written)

    def _ask(self, name: str) -> "Future[_Rows]":
        return self.pool.submit(self._rows, load(name), {**self.parameters, **_SECRETS})

    def _rows(self, query: str, parameters: dict[str, str]) -> _Rows:
        """Once one has failed the transaction is aborted, and what failed first is the reason."""
        if self.failures:
            raise self.failures[0]
        try:
            return self.connection.execute(query, parameters).fetchall()
        except BaseException as failure:
            self.failures.append(failure)
            raise


@contextmanager
def asking(connection: Connection) -> Iterator[Fetch]:
    """What asks the server on this connection, which is nobody else's inside the `with` block."""
    pool = ThreadPoolExecutor(max_workers=1)
    try:
        yield Fetch(connection, pool)
    finally:
        pool.shutdown(cancel_futures=True)
