"""Permission to write: who has it, who waits, who is refused, and what is counted meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from migration.access.errors import WriteNotPermitted
from migration.access.flag_client.answers import Held, read_answer
from migration.access.flag_client.lease import WriteLease
from migration.access.switching import FlagState
from migration.core.flags import Flags, keys
from migration.core.ofrep import Standing, evaluate_all
from tests.access.flag_server import PATIENCE, TARGET, until


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lease(clock: Clock) -> WriteLease:
    return WriteLease(clock)


def held(flags: Flags | None = None, **standing: Any) -> Held:
    given = {"revision": 1, "poll_milliseconds": 1000, "lease_seconds": 10, **standing}
    return read_answer(evaluate_all(flags or Flags(), keys(("services",)), "", standing=Standing(**given)))


def why() -> str:
    return "the server does not answer."


class Writer(threading.Thread):
    """Waits for permission beside the test; `state` is what it then got, `error` why it did not."""

    def __init__(self, lease: WriteLease, within: float = PATIENCE) -> None:
        super().__init__(daemon=True)
        self.state: FlagState | None = None
        self.error = ""
        self._lease = lease
        self._within = within
        self.start()

    def run(self) -> None:
        try:
            with self._lease.writing(within=self._within, why=why) as state:
                self.state = state
        except WriteNotPermitted as exc:
            self.error = str(exc)


@pytest.fixture
def waiting(lease: WriteLease) -> Iterator[Writer]:
    """A writer that waits."""
    writer = Writer(lease)
    until(lambda: lease.drain().waiting == 1, "the writer waits")
    yield writer
    lease.end()
    writer.join(PATIENCE)


def test_nothing_is_written_before_the_server_was_heard(lease: WriteLease) -> None:
    with pytest.raises(WriteNotPermitted, match=r"no permission.*within the 0 s.*does not answer") as caught:
        lease.writing(within=0, why=why).__enter__()
    assert str(caught.value).endswith("Try again.")


def test_a_lease_lasts_from_the_moment_the_request_was_sent(lease: WriteLease, clock: Clock) -> None:
    lease.renew(held(), sent=clock.now - 4)
    clock.now += 5.9
    with lease.writing(within=0, why=why) as state:
        assert state.revision == 1
    clock.now += 0.1
    with pytest.raises(WriteNotPermitted):
        lease.writing(within=0, why=why).__enter__()
    lease.renew(held(), sent=clock.now)
    with lease.writing(within=0, why=why):
        assert lease.drain().writes_in_flight == 1


def test_an_answer_without_a_lease_permits_nothing(lease: WriteLease, clock: Clock) -> None:
    lease.renew(held(lease_seconds=0), sent=clock.now)
    with pytest.raises(WriteNotPermitted):
        lease.writing(within=0, why=why).__enter__()


def test_who_waits_goes_on_when_the_lease_is_renewed(
    lease: WriteLease, clock: Clock, waiting: Writer
) -> None:
    assert waiting.state is None
    lease.renew(held(), sent=clock.now)
    waiting.join(PATIENCE)
    assert waiting.state is not None and waiting.state.revision == 1
    assert lease.drain().waiting == 0


def test_writes_wait_while_they_are_held_and_then_see_the_new_flags(lease: WriteLease, clock: Clock) -> None:
    lease.renew(held(hold_writes=True, revision=2), sent=clock.now)
    assert lease.drain().holding
    writer = Writer(lease)
    until(lambda: lease.drain().waiting == 1, "the writer waits")
    lease.renew(held(TARGET, revision=3), sent=clock.now)
    writer.join(PATIENCE)
    assert writer.state is not None
    assert (writer.state.revision, writer.state.flags.backend.value) == (3, "target")
    assert not lease.drain().holding


def test_a_hold_that_lasts_too_long_is_told_as_what_it_is(lease: WriteLease, clock: Clock) -> None:
    lease.renew(held(hold_writes=True, revision=7), sent=clock.now)
    with pytest.raises(WriteNotPermitted, match=r"held since revision 7.*a cut-over is prepared"):
        lease.writing(within=0, why=why).__enter__()


def test_a_write_under_way_goes_on_while_others_are_held_and_is_counted(
    lease: WriteLease, clock: Clock
) -> None:
    lease.renew(held(), sent=clock.now)
    with ExitStack() as writes:
        for _ in range(3):
            writes.enter_context(lease.writing(within=0, why=why))
        lease.renew(held(hold_writes=True, revision=2), sent=clock.now)
        drain = lease.drain()
        assert (drain.writes_in_flight, drain.holding) == (3, True)
    assert lease.drain().writes_in_flight == 0


def test_a_write_that_fails_is_no_longer_counted(lease: WriteLease, clock: Clock) -> None:
    lease.renew(held(), sent=clock.now)
    with pytest.raises(ZeroDivisionError), lease.writing(within=0, why=why):
        raise ZeroDivisionError
    assert lease.drain().writes_in_flight == 0


def test_who_waits_is_refused_at_once_when_the_client_is_closed(lease: WriteLease, waiting: Writer) -> None:
    lease.end()
    waiting.join(PATIENCE)
    assert "closed" in waiting.error


def test_many_writers_never_begin_under_a_revision_that_holds(lease: WriteLease, clock: Clock) -> None:
    """Between the moment that a hold is taken and that it ends, the count only falls."""
    lease.renew(held(), sent=clock.now)
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with lease.writing(within=PATIENCE, why=why) as state:
                seen.append(state.revision or 0)

    seen: list[int] = []
    writers = [threading.Thread(target=write, daemon=True) for _ in range(8)]
    for writer in writers:
        writer.start()
    revision = 1
    until(lambda: bool(seen), "writes")
    while revision < 20:
        revision += 1
        lease.renew(held(revision=revision, hold_writes=True), sent=clock.now)
        until(lambda: lease.drain().writes_in_flight == 0, "all writes have ended")
        written = len(seen)
        assert lease.drain().writes_in_flight == 0
        assert len(seen) == written
        revision += 1
        lease.renew(held(revision=revision), sent=clock.now)
        until(lambda wanted=revision: seen[-1] == wanted, "writes go on")  # type: ignore[misc]
    stop.set()
    for writer in writers:
        writer.join(PATIENCE)
    assert all(revision % 2 == 1 for revision in seen)
    assert seen == sorted(seen)
