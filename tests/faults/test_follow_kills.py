"""Whatever dies while a source is followed: the run goes on where it was, and every change is applied once."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from migration.core.spec import RunSpec
from migration.engine import followers
from migration.engine.sessions import open_target
from schemadiff.embedded import EmbeddedServer, throwaway
from tests.engine.live import Writer, assert_equal, fill, live_spec, one_text, wait_for
from tests.engine.running import ask, one
from tests.faults.live_process import start
from tests.faults.process import kill

pytestmark = pytest.mark.heavy

_END_OURS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'schemadiff' "
    "AND pid <> pg_backend_pid()"
)
_STATE = "SELECT coalesce(max(applied)::text, '') FROM schemadiff.followers"
_COUNTED = "SELECT sum(inserts + updates + deletes)::int FROM schemadiff.followed"


@pytest.fixture
def servers() -> Iterator[tuple[EmbeddedServer, EmbeddedServer]]:
    with throwaway(16) as source, throwaway(18) as target:
        yield source, target


class Follow:
    """The run, begun again as often as it is killed."""

    def __init__(self, folder: Path, source: str, target: str, spec: RunSpec) -> None:
        self._folder, self.source, self.target, self.spec = folder, source, target, spec
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return start(self._folder, self.source, self.target, self.spec)

    def again(self) -> None:
        if self.process.poll() is None:
            kill(self.process)
        self.close()
        self.process = self._start()

    def close(self) -> None:
        if self.process.poll() is None:
            kill(self.process)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def has_slot(self) -> bool:
        return self.state() != ""

    def state(self) -> str:
        self.check()
        if not one(self.target, "SELECT to_regclass('schemadiff.followers') IS NOT NULL"):
            return ""
        return str(one(self.target, _STATE))

    def check(self) -> None:
        if self.process.poll() is not None:
            assert self.process.stdout is not None
            raise AssertionError(f"the run has ended: {self.process.stdout.read().decode()}")

    def catches_up(self) -> None:
        place = one_text(self.source, "SELECT pg_logical_emit_message(true, 'test', 'now')")

        def applied() -> bool:
            self.check()
            return bool(one(self.target, f"SELECT max(applied) >= '{place}' FROM schemadiff.followers"))

        wait_for(applied, "all changes")

    def take_over(self) -> None:
        with open_target(self.target) as session:
            followers.enter(session, self.spec.ledger_id, followers.Following.ENDED)
        assert self.process.wait(90) == 0


def test_killed_at_random_moments(tmp_path: Path, servers: tuple[EmbeddedServer, EmbeddedServer]) -> None:
    """Processes, and sessions that are ended; servers die in test_live_moments."""
    lots = random.Random("kills 1")
    source, target = (server.dsn() for server in servers)
    fill(source, target, sold=2_000)
    follow = Follow(tmp_path, source, target, live_spec(target))
    try:
        wait_for(follow.has_slot, "the slot")
        with Writer(source, "kills 1", pause=0.001) as writer:
            victims = ["follower", "source's backends", "target's backends", "follower", "follower"]
            lots.shuffle(victims)
            for victim in victims:
                before = follow.state()
                writer.has_written(lots.randrange(20, 400))
                if lots.random() < 0.6:  # else while it is still beginning
                    wait_for(lambda at=before: follow.state() != at, "changes")  # type: ignore[misc]
                if victim == "follower":
                    kill(follow.process)
                else:
                    ask(source if victim.startswith("source") else target, _END_OURS)
                    if follow.process.poll() is None:
                        kill(follow.process)
                follow.again()
        follow.catches_up()
        assert_equal(source, target)
        assert one(target, _COUNTED) == writer.rows
        follow.take_over()
        assert one(source, "SELECT count(*) FROM pg_replication_slots") == 0
    finally:
        follow.close()
