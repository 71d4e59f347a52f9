"""A connection that is reset at any moment ends each command with a sentence, after which it can be given again."""

import random
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.command_line import Done, Manage
from tests.engine.calls import ROLE, followed_calls
from tests.engine.live import wait_for
from tests.engine.running import ask, one
from tests.engine.test_retry import SOURCE, TARGET
from tests.faults.proxy import Gate, Proxy
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

CUTS = 4
_DRIVER = re.compile(
    r"Traceback|psycopg|closed the connection|connection is closed|no connection to|input failed"
)

_OURS = "FROM pg_replication_slots WHERE database = current_database()"
_STREAMED = f"SELECT count(*) {_OURS} AND active"
_DROP_SLOTS = f"SELECT pg_drop_replication_slot(slot_name) {_OURS}"

_Word: TypeAlias = str | Path


class _Scissors(Gate):
    """Lets pieces pass, and cuts one of the ways after a number of them."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = threading.Lock()
        self._pieces = 0
        self._way: Proxy | None = None

    def cut_after(self, pieces: int, way: Proxy) -> None:
        with self._turn:
            self._pieces, self._way = pieces, way

    def spare(self) -> None:
        with self._turn:
            self._way = None

    def pass_through(self) -> None:
        super().pass_through()
        with self._turn:
            self._pieces -= 1
            way = self._way if self._pieces <= 0 else None
            if way is not None:
                self._way = None
        if way is not None:
            way.cut()


class _Ways:
    """Commands to both databases, by way of what can be cut. `wrong` are ends without a sentence."""

    def __init__(self, scissors: _Scissors, source: Proxy, target: Proxy, manage: Manage) -> None:
        self._scissors, self._sides, self._manage = scissors, {"source": source, "target": target}, manage
        self.source, self.target = source.dsn, target.dsn
        self._moments = random.Random("lost connections")
        self.wrong: list[str] = []

    def in_peace(self, *words: _Word) -> int:
        """How many pieces pass while this is done. What is left of an attempt before it may have to end first."""
        while True:
            self._scissors.count()
            done = self._manage(*words)
            if done.code in (0, 2):
                return self._scissors.count()
            assert "Another run is at work" in done.error, done.error

    def cut(self, pieces: int, *words: _Word) -> Done:
        """One side's connections are reset, after no more than so many pieces."""
        side, after = self._moments.choice(("source", "target")), self._moments.randint(1, pieces)
        self._scissors.cut_after(after, self._sides[side])
        done = self._manage(*words)
        self._scissors.spare()
        said = done.error.strip()
        if done.code not in (0, 1, 2) or (
            done.code == 1 and (not said.endswith(".") or _DRIVER.search(said))
        ):
            self.wrong.append(f"{words[0]}, the {side} lost after {after} pieces: {done.code}, {said}")
        return done

    def until(self, is_done: Callable[[], bool], pieces: int, words: Callable[[], tuple[_Word, ...]]) -> None:
        """Cut again and again, and at last in peace."""
        for _ in range(CUTS):
            self.cut(pieces, *words())
            if is_done():
                return
        self.in_peace(*words())


@contextmanager
def ways_to(source: str, target: str, manage: Manage) -> Iterator[_Ways]:
    scissors = _Scissors()
    with Proxy(source, scissors) as here, Proxy(target, scissors) as there:
        ways = _Ways(scissors, here, there, manage)
        yield ways
    assert not ways.wrong, "\n".join(ways.wrong)


def _has(target: str, phase: str) -> bool:
    there = one(target, "SELECT to_regclass('schemadiff.runs') IS NOT NULL")
    return bool(there and one(target, "SELECT count(*) FROM schemadiff.runs WHERE phase ~ %s", phase))


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16, SOURCE), make_database(server18, TARGET)


def test_copy_verify_retry_and_repair(sides: tuple[str, str], manage: Manage) -> None:
    _, target = sides
    with ways_to(*sides, manage) as ways:
        both = (ways.source, ways.target)
        copy = ("copy", *both, "--data-only")
        ways.until(
            lambda: _has(target, "finish"), 700, lambda: (*copy, "--resume") if _has(target, "") else copy
        )
        verify = ("verify", *both)
        repair = (*verify, "--repair", "--yes")
        for command in (verify, ("retry", *both), repair):
            pieces = ways.in_peace(*command)
            for _ in range(CUTS):
                ask(target, "UPDATE public.visits SET note = 'other' WHERE id = 7")
                ways.cut(pieces, *command)
        ways.in_peace(*repair)
    assert one(target, "SELECT note FROM public.visits WHERE id = 7") == "v7"


def test_run_restore_and_clean(sides: tuple[str, str], manage: Manage, tmp_path: Path) -> None:
    _, target = sides
    with ways_to(*sides, manage) as ways:
        run = ("run", ways.source, ways.target, "--option", "recreate", "--backup-to", tmp_path, "--yes")
        ways.until(
            lambda: _has(target, "finish"), 900, lambda: (*run, "--resume") if _has(target, "") else run
        )
        assert one(target, "SELECT count(*) FROM public.visits") == 200
        ledger_id = str(one(target, "SELECT id FROM schemadiff.runs"))
        (backup,) = tmp_path.glob("*.dump")
        restore = ("restore", ways.target)
        ways.until(lambda: _has(target, "rolled_back"), 150, lambda: (*restore, "--run", ledger_id, "--yes"))
        replaced = "SELECT count(*) FROM pg_namespace WHERE nspname ~ 'replaced'"
        ways.until(
            lambda: bool(one(target, replaced)), 150, lambda: (*restore, "--from-backup", backup, "--yes")
        )
        ways.until(lambda: not _has(target, ""), 150, lambda: ("clean", ways.target, "--yes"))
    assert one(target, "SELECT count(*) FROM public.visits") == 0


def test_cutover(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, manage: Manage
) -> None:
    with (
        followed_calls(make_database, server16, server18) as calls,
        ways_to(calls.source, calls.target, manage) as ways,
    ):
        command = ("cutover", ways.source, ways.target, "--role", ROLE)
        for more in ((), ("--back",)):
            pieces = ways.in_peace(*command, *more, "--dry-run")
            done = any(ways.cut(2 * pieces, *command, *more, "--yes").code == 0 for _ in range(CUTS))
            if not done:
                wait_for(lambda: manage(*command, *more, "--yes").code == 0, f"cutover {more}")  # noqa: B023
        assert ask(calls.here, "INSERT INTO public.call (minutes) VALUES (1) RETURNING minutes") == [(1,)]


def test_follow(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, manage: Manage
) -> None:
    table = "CREATE TABLE public.notes (id int PRIMARY KEY, words text);"
    rows = "INSERT INTO public.notes SELECT n, 'n' || n FROM generate_series(1, 500) AS n"
    source, target = make_database(server16, table + rows), make_database(server18, table)
    try:
        with ways_to(source, target, manage) as ways:
            follow = ("follow", ways.source, ways.target, "--until-lag", "60")
            for _ in range(CUTS):
                ways.cut(700, *follow)
            ways.in_peace(*follow)
        assert one(target, "SELECT count(*) FROM public.notes") == 500
    finally:
        wait_for(lambda: not one(source, _STREAMED), "the end of the stream")
        ask(source, _DROP_SLOTS)
