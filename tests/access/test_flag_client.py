"""The client over real HTTP: what it asks, what it keeps, what it tells, and what it does without a server."""

import os
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from migration.access.errors import WriteNotPermitted
from migration.access.flag_client import Changed, Failed, FlagClient, FlagEvent, Ready, Stale
from migration.access.flag_client.client import NOTHING_HELD
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.lease import uptime
from migration.access.flag_client.transport import Silent, Transport
from migration.core.flags import Backend, CutOver, Flags
from tests.access.flag_server import PATIENCE, TARGET, Asked, FlagServer, Reply, nowhere, until


@pytest.fixture
def server() -> Iterator[FlagServer]:
    with FlagServer() as running:
        yield running


class Listening(FlagClient):
    """A client whose events are kept."""

    def __init__(self, settings: Any) -> None:
        super().__init__(settings)
        self.events: list[FlagEvent] = []
        self.subscribe(self.events.append)

    def count(self, kind: type[FlagEvent]) -> int:
        return sum(isinstance(event, kind) for event in self.events)


@pytest.fixture
def client(server: FlagServer) -> Iterator[Listening]:
    with Listening(server.settings()) as running:
        yield running


def may_write(client: FlagClient) -> bool:
    try:
        with client.writing(within=0):
            return True
    except WriteNotPermitted:
        return False


def test_it_is_ready_when_it_has_started(client: Listening) -> None:
    assert client.current().revision == 1
    assert client.current().flags.backend is Backend.SOURCE
    assert client.is_fresh and may_write(client)
    assert client.events == [Ready(revision=1)]


def test_it_says_who_it_is_and_what_it_holds(server: FlagServer) -> None:
    with FlagClient(server.settings(module="services", version="7.1")) as client:
        until(lambda: len(server.asked) > 1, "a second question")
    first, second = server.asked[:2]
    assert client.name.startswith(f"crm.services@{socket.gethostname()}:{os.getpid()}-")
    assert first.context == {
        "targetingKey": client.name,
        "module": "services",
        "clientVersion": "7.1",
        "writesInFlight": 0,
        "holding": False,
    }
    assert (first.etag, first.token) == ("", "Bearer secret")
    assert (second.context["revision"], second.etag) == (1, '"r1"')


def test_one_connection_serves_all_questions(client: Listening, server: FlagServer) -> None:
    until(lambda: len(server.asked) > 5, "some questions")
    assert server.connections == 1


def test_another_revision_is_told_and_holds(client: Listening, server: FlagServer) -> None:
    assert server.change(TARGET, cut_over=CutOver.AFTER) == 2
    until(lambda: client.current().revision == 2, "the new revision")
    assert client.current().flags.backend is Backend.TARGET
    assert client.current().cut_over is CutOver.AFTER
    until(lambda: len(client.events) > 1, "the event")
    changed = client.events[1]
    assert isinstance(changed, Changed) and changed.revision == 2
    assert {"USE_REPOSITORY_PATTERN", "backend", "backend.services"} <= set(changed.keys)


def test_the_server_says_how_often_it_is_asked(server: FlagServer) -> None:
    server.change(poll_milliseconds=60_000, lease_seconds=600, hold_writes=True)
    with FlagClient(server.settings()) as client:
        with pytest.raises(WriteNotPermitted, match=r"within the 0.3 s"):
            client.writing(within=0.3).__enter__()
        assert len(server.asked) == 1  # its own settings would have had it ask a dozen times


def test_writes_wait_while_they_are_held_and_the_server_sees_them_drain(
    client: Listening, server: FlagServer
) -> None:
    with client.writing(within=1):
        held = server.hold()
        until(lambda: said(server, held) == (1, True), "the server knows of the write under way")
    until(lambda: said(server, held) == (0, True), "the server knows that the client has drained")
    assert not may_write(client)
    server.release(TARGET)
    with client.writing(within=PATIENCE) as state:
        assert state.flags.backend is Backend.TARGET and state.cut_over is CutOver.AFTER


def said(server: FlagServer, revision: int) -> tuple[int, bool] | None:
    context = server.asked[-1].context
    return (context["writesInFlight"], context["holding"]) if context.get("revision") == revision else None


def test_without_answers_reads_go_on_and_writes_stop_when_the_lease_ends(
    client: Listening, server: FlagServer
) -> None:
    server.change(lease_seconds=0.3)
    until(lambda: client.current().revision == 2, "a short lease")
    server.reply = lambda asked: Reply(503)
    with client.writing(within=0):
        until(lambda: client.count(Stale) == 1, "the lease ends")
    assert client.current().revision == 2 and not client.is_fresh
    with pytest.raises(WriteNotPermitted, match=r"gives no flags: it is not available just now"):
        client.writing(within=0).__enter__()
    server.reply = lambda asked: come_back(server)
    with client.writing(within=PATIENCE) as state:
        assert state.revision == 2 and client.is_fresh
    until(lambda: client.count(Ready) == 2, "it is told")
    assert client.count(Stale) == 1 and client.count(Failed) == 0


def come_back(server: FlagServer) -> Reply:
    """The last failure."""
    server.reply = None
    return Reply(503)


@pytest.mark.parametrize(
    "reply, sentence",
    [
        (Reply(401), "the token is not one of an application"),
        (Reply(404), "Check the server's address"),
        (Reply(302, headers={"Location": "/elsewhere"}), "the answer is status 302"),
        (Reply(200, b"<html>"), "something else than JSON"),
        (Reply(200, b"[" * 100_000), "something else than JSON"),
        (Reply(200, b'{"flags": []}'), "revision is a number"),
        (Reply(200, b" " * 1_100_000), "more than 1048576 bytes"),
        (Reply(304), "nothing is held"),
    ],
)
def test_an_answer_without_flags_is_told_once_and_outlived(
    server: FlagServer, reply: Reply, sentence: str
) -> None:
    server.reply = lambda asked: reply
    client = Listening(server.settings())
    with pytest.raises(FlagsUnavailable, match=sentence):
        client.start()
    assert client.current() is NOTHING_HELD and not may_write(client)
    until(lambda: len(server.asked) > 2, "it goes on asking")
    assert client.count(Failed) == 1
    server.reply = None
    until(lambda: client.count(Ready) == 1, "the server is of sound mind again")
    client.close()


def test_what_the_server_asks_for_when_it_has_too_much_to_do_is_understood(server: FlagServer) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    transport = Transport(server.settings(), None, uptime)
    for header, least, most in (("7", 7, 7), (moment, 100, 120), ("9" * 400, 300, 300), ("soon", 0, 0)):
        server.reply = lambda asked, value=header: Reply(429, headers={"Retry-After": value})
        outcome = transport.ask({}, "", 5.0)
        assert isinstance(outcome, Silent) and least <= outcome.retry_after <= most, header
    transport.close()


def test_a_connection_that_the_server_has_closed_is_opened_anew(
    client: Listening, server: FlagServer
) -> None:
    server.reply = lambda asked: Reply(503, headers={"Connection": "close"})
    until(lambda: server.connections > 2, "new connections")
    server.reply = None
    until(lambda: server.asked[-1].etag != "" and client.is_fresh, "answers again")
    assert client.count(Failed) == 0


def test_nothing_is_guessed_without_a_server_and_without_a_file(tmp_path: Path) -> None:
    client = FlagClient(nowhere(keep=tmp_path / "none.json"))
    with pytest.raises(FlagsUnavailable, match=r"no flags to begin with.*does not answer"):
        client.start()
    assert not client.current().flags.use_legacy_supabase
    with pytest.raises(FlagsUnavailable):
        client.answer("backend")
    client.close()


def test_closing_ends_the_thread_and_the_permission_and_keeps_what_was_read(server: FlagServer) -> None:
    client = FlagClient(server.settings())
    client.start()
    client.start()  # a second time does nothing
    client.close()
    asked = len(server.asked)
    assert client.current().revision == 1 and not client.is_fresh
    with pytest.raises(WriteNotPermitted, match="closed"):
        client.writing(within=PATIENCE).__enter__()
    with pytest.raises(FlagsUnavailable, match="closed"):
        client.start()
    assert len(server.asked) == asked
    client.close()


def test_closing_does_not_wait_for_a_silent_server(server: FlagServer) -> None:
    client = Listening(server.settings(timeout=60.0))
    client.start()
    silent = Silence()
    server.reply = silent
    silent.reached.wait(PATIENCE)
    client.close()
    assert not silent.over.is_set()
    silent.over.set()


@pytest.mark.heavy
def test_a_question_that_is_lost_is_asked_again_before_the_lease_ends(server: FlagServer) -> None:
    with Listening(server.settings(timeout=60.0)) as client:
        server.change(lease_seconds=4)
        until(lambda: client.current().revision == 2, "the lease")
        silent = server.reply = Silence()
        silent.reached.wait(PATIENCE)
        server.reply = None
        asked = len(server.asked)
        until(lambda: len(server.asked) > asked, "the second question")
        silent.over.set()
        assert client.is_fresh and client.count(Stale) == 0


class Silence:
    """Does not answer before it is over."""

    def __init__(self) -> None:
        self.reached, self.over = threading.Event(), threading.Event()

    def __call__(self, asked: Asked) -> Reply:
        self.reached.set()
        self.over.wait(PATIENCE)
        return Reply(503)


def test_a_listener_that_fails_harms_nobody(client: Listening, server: FlagServer) -> None:
    def fail(event: FlagEvent) -> None:
        raise ZeroDivisionError

    client.subscribe(fail)
    server.change(Flags(log_database_calls=True))
    until(lambda: client.current().flags.log_database_calls, "the new revision")
    assert may_write(client)


def test_a_module_of_its_own_is_answered_for(client: Listening, server: FlagServer) -> None:
    flags = Flags(use_repository_pattern=True, modules=(("services", Backend.TARGET),))
    server.change(flags)
    until(lambda: client.current().revision == 2, "the new revision")
    found = [client.answer("backend", module) for module in ("services", "dataLoader", "")]
    assert [answer.value for answer in found if answer] == ["target", "source", "source"]
    assert client.answer("nosuch") is None
