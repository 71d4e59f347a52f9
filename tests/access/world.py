"""A data layer over two databases with flags that a test changes, and an observer that remembers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from migration.access.backend import source_backend, target_backend
from migration.access.calls import AccessEvent, CallRecord, EventKind, Mismatch
from migration.access.data_layer import DataLayer
from migration.access.errors import WriteNotPermitted
from migration.access.pool import Pool, PoolSettings
from migration.access.selecting import Selection
from migration.access.switching import FlagState
from migration.core.flags import Backend as Name
from migration.core.flags import CutOver, Flags
from tests.access.carried import FEW, RETRY

COMPANY = 962302
ON_TARGET = Flags(use_repository_pattern=True, backend=Name.TARGET)
CLIENT = {"yclients_id": 1, "company_id": COMPANY, "name": "Новая", "phone": "8 (000) 111-22-33"}
NOWHERE = "postgresql://nobody:hunter2@127.0.0.1:1/nothing"


@dataclass
class Told:
    """An observer that remembers, and one that always fails beside it."""

    calls: list[CallRecord] = field(default_factory=list)
    mismatches: list[Mismatch] = field(default_factory=list)
    events: list[AccessEvent] = field(default_factory=list)

    def called(self, record: CallRecord) -> None:
        self.calls.append(record)

    def mismatched(self, mismatch: Mismatch) -> None:
        self.mismatches.append(mismatch)

    def happened(self, event: AccessEvent) -> None:
        self.events.append(event)

    def kinds(self) -> list[EventKind]:
        return [event.kind for event in self.events]


class Failing:
    def called(self, record: CallRecord) -> None:
        raise RuntimeError("an observer is a guest")

    def mismatched(self, mismatch: Mismatch) -> None:
        raise RuntimeError("an observer is a guest")

    def happened(self, event: AccessEvent) -> None:
        raise RuntimeError("an observer is a guest")


@dataclass
class Reader:
    """Flags that a test changes while calls are made."""

    state: FlagState
    permitted: threading.Event = field(default_factory=threading.Event)
    in_flight: int = 0
    begun: int = 0  # permissions that were given

    def current(self) -> FlagState:
        return self.state

    @contextmanager
    def writing(self, module: str, *, within: float) -> Iterator[FlagState]:
        if not self.permitted.wait(within):
            raise WriteNotPermitted(f"No permission to write came within {within:.1f} seconds.")
        self.in_flight += 1
        self.begun += 1
        try:
            yield self.state
        finally:
            self.in_flight -= 1


@dataclass
class World:
    source: str
    target: str
    told: Told = field(default_factory=Told)

    def layer(
        self,
        flags: Flags,
        *,
        cut_over: CutOver = CutOver.BEFORE,
        target: str | None = None,
        selection: Selection | None = None,
        settings: PoolSettings = FEW,
    ) -> DataLayer:
        self.reader = Reader(FlagState(flags=flags, cut_over=cut_over, revision=7))
        self.reader.permitted.set()
        return DataLayer(
            source_backend(Pool(self.source, settings, "source"), RETRY),
            target_backend(Pool(target or self.target, settings, "target"), None, RETRY),
            self.reader,
            (Failing(), self.told),
            selection,
        )


def until(done: Callable[[], object], seconds: float = 60) -> None:
    end = monotonic() + seconds
    pause = threading.Event()
    while not done():
        assert monotonic() < end, "it did not come about"
        pause.wait(0.01)


@contextmanager
def closed_to_all(dsn: str) -> Iterator[None]:
    """The database takes no connections and ends those that there are."""
    name = str(conninfo_to_dict(dsn)["dbname"])
    with psycopg.connect(dsn, dbname="postgres", autocommit=True) as admin:
        allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        admin.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        admin.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,)
        )
        try:
            yield
        finally:
            admin.execute(allow.format(sql.Identifier(name), sql.SQL("true")))
