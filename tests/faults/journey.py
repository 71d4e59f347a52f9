"""A whole live journey whose parts may die at any moment: both servers, the run's process, who cuts over."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from migration.core.spec import RunSpec
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import SOURCE_WRITES, one_text, wait_for
from tests.engine.running import ask, one
from tests.faults.live_process import phase_of, start
from tests.faults.process import ROOT, crash, kill

ROLE = "moments_app"
PATIENCE = 90.0
TARGET_WRITES = (
    (
        4,
        "UPDATE public.sales SET paid = NOT paid, price = p, cents = (p * 100)::int "
        "FROM (SELECT round(%(r)s::numeric * 10, 2) AS p) AS lot WHERE id = %(n)s::int",
    ),
    (3, "UPDATE public.sales SET note = repeat(md5(%(r)s::text), %(m)s::int) WHERE id = %(n)s::int"),
    (2, "DELETE FROM public.sales WHERE id = %(n)s::int"),
    (3, "UPDATE public.customers SET full_name = 'there ' || %(r)s::text WHERE id = %(m)s::int"),
    (3, "INSERT INTO public.customers VALUES (20000 + %(n)s::int, 'new', NULL, NULL) ON CONFLICT DO NOTHING"),
    (2, "INSERT INTO public.journal VALUES (%(m)s::int, left(%(r)s::text, 12), 'w') ON CONFLICT DO NOTHING"),
    (
        1,
        "UPDATE public.journal SET words = 'there' WHERE a = %(m)s::int",
    ),
)
_ROWS = "SELECT rows FROM public.tally"


class Application:
    """Writes by the application's role as long as it may, makes broken connections anew, and counts in the database
    itself which of its changes were committed."""

    def __init__(self, dsn: str, seed: str, writes: tuple[tuple[int, str], ...] = SOURCE_WRITES) -> None:
        self._dsn, self._lots = dsn, random.Random(seed)
        self._kinds, self._weights = [text for _, text in writes], [weight for weight, _ in writes]
        self._over = threading.Event()
        self.transactions = 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Application":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def has_written(self, transactions: int) -> None:
        goal = self.transactions + transactions
        wait_for(lambda: self.transactions >= goal, f"{transactions} transactions")

    def _work(self) -> None:
        while not self._over.wait(0.02):
            try:
                with psycopg.connect(self._dsn, autocommit=True, connect_timeout=5) as session:
                    while not self._over.wait(0.003):
                        self._write(session)
                        self.transactions += 1
            except psycopg.Error:
                continue  # fenced, ended, or its server died: it tries again

    def _write(self, session: psycopg.Connection[Any]) -> None:
        with session.transaction():
            rows = 0
            for _ in range(self._lots.randint(1, 4)):
                kind = self._lots.choices(self._kinds, self._weights)[0]
                values = {
                    "n": self._lots.randint(1, 1_500),
                    "m": self._lots.randint(1, 100),
                    "r": self._lots.random(),
                }
                rows += max(session.execute(kind, values).rowcount, 0)
            session.execute("UPDATE public.tally SET rows = rows + %s", [rows])


@dataclass(slots=True, kw_only=True)
class Journey:
    """The run, begun again as often as it dies."""

    folder: Path
    source_server: EmbeddedServer
    target_server: EmbeddedServer
    source: str
    target: str
    spec: RunSpec
    process: "subprocess.Popen[bytes] | None" = None

    def begin(self) -> None:
        """Or go on, whether it lives or not."""
        self.close()
        self.process = start(self.folder, self.source, self.target, self.spec)

    def close(self) -> None:
        if self.process is None:
            return
        if self.process.poll() is None:
            kill(self.process)
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process = None

    def alive(self, question: str, dsn: str | None = None) -> Any:
        """Ask the target; fails the test when the run has ended by itself."""
        assert self.process is not None
        if self.process.poll() is not None:
            assert self.process.stdout is not None
            raise AssertionError(f"the run has ended: {self.process.stdout.read().decode()}")
        try:
            return one(dsn or self.target, question)
        except psycopg.errors.UndefinedTable:
            return None

    def until(self, question: str, what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self.alive(question):
            assert time.monotonic() < deadline, f"waited in vain for {what}: {self._stands()}"
            time.sleep(0.02)

    def _stands(self) -> list[Any]:
        return ask(
            self.target,
            "SELECT r.phase, r.reached, f.applied, f.part, f.skipped, f.settled_after, f.applied_at, now() "
            "FROM schemadiff.runs r JOIN schemadiff.followers f ON f.run = r.id",
        )

    def reaches(self, phase: str) -> None:
        """This process, not one before it."""
        wait_for(
            lambda: self.alive("SELECT 1") and phase_of(self.folder, self.spec) == phase, f"the phase {phase}"
        )
        self.until(f"SELECT bool_or(reached = '{phase}') FROM schemadiff.runs", f"the phase {phase}")

    def catches_up(self, writer: str, keeper: str) -> None:
        """What one side has committed is in the other."""
        place = one_text(writer, "SELECT pg_logical_emit_message(true, 'test', 'now')")
        question = f"SELECT bool_or(applied >= '{place}') FROM schemadiff.followers"
        wait_for(lambda: bool(self.alive(question, keeper)), "all changes")

    def strike(self, victim: str) -> None:
        """SIGKILL. Then all is begun again."""
        VICTIMS[victim](self)
        self.begin()

    def command(self, *more: str) -> "subprocess.Popen[bytes]":
        words = [
            sys.executable,
            "manage.py",
            "cutover",
            self.source,
            self.target,
            "--role",
            ROLE,
            *more,
            "--yes",
        ]
        with self._said.open("wb") as said:
            return subprocess.Popen(words, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)

    @property
    def _said(self) -> Path:
        return self.folder / "cutover.log"

    def carries_out(self, *more: str) -> None:
        """The command comes to its end, and says that it did."""
        code = self.command(*more).wait(PATIENCE)
        assert code == 0, f"exit code {code}: {self._said.read_text()}; the run stands at {self._stands()}"


def committed(dsn: str) -> int:
    return int(one(dsn, _ROWS))


def applied(keeper: str) -> int:
    return int(
        one(keeper, "SELECT coalesce(sum(inserts + updates + deletes), 0)::int FROM schemadiff.followed")
    )


def _follower(journey: Journey) -> None:
    assert journey.process is not None
    kill(journey.process)


def _backend(dsn: str) -> None:
    """The server process that streams, or else another of ours, or of the application."""
    crash(
        dsn,
        lambda: int(
            one(
                dsn,
                "SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL AND pid <> pg_backend_pid() "
                "ORDER BY application_name <> 'schemadiff', backend_type <> 'walsender', pid LIMIT 1",
            )
        ),
    )


def _source_backend(journey: Journey) -> None:
    _backend(journey.source)
    _follower(journey)


def _target_backend(journey: Journey) -> None:
    _backend(journey.target)
    _follower(journey)


def _target_server(journey: Journey) -> None:
    journey.target_server.kill()
    _follower(journey)
    journey.target_server.restart()


VICTIMS: dict[str, Callable[[Journey], None]] = {
    "follower": _follower,
    "source's backend": _source_backend,
    "target's backend": _target_backend,
    "target's server": _target_server,
}
