"""Whoever brings writes back, or goes back, is killed in the middle: given again nothing is lost, and nothing twice."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.calls import ANSWER, ROLE, Calls, followed_calls
from tests.engine.live import wait_for
from tests.engine.running import ask, one
from tests.engine.writing import Writing
from tests.faults.live_process import start
from tests.faults.process import ROOT, kill
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_LEADING = "SELECT state FROM schemadiff.ways_back"
_MAY_WRITE = f"SELECT has_table_privilege('{ROLE}', 'public.calls', 'INSERT')"
_BROUGHT = "SELECT coalesce(max(inserts), 0) FROM schemadiff.followed WHERE source_table = 'calls'"
_STREAMED = "SELECT bool_or(active) FROM pg_replication_slots WHERE database = current_database()"
_PLACE = "SELECT bool_or(applied IS NOT NULL) FROM schemadiff.followers"


@pytest.fixture
def calls(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Calls]:
    with followed_calls(make_database, server16, server18) as calls:
        yield calls


def command(calls: Calls, *more: str) -> "subprocess.Popen[bytes]":
    words = [
        sys.executable,
        "manage.py",
        "cutover",
        calls.source,
        calls.target,
        "--role",
        ROLE,
        *more,
        "--yes",
    ]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_when(process: "subprocess.Popen[bytes]", moment: Callable[[], bool], what: str) -> None:
    """SIGKILL as soon as that has come about."""
    wait_for(lambda: process.poll() is not None or moment(), what)
    kill(process)


def comes_back(calls: Calls, answering: Writing) -> None:
    before = one(calls.source, _BROUGHT)
    answering.goes_on()
    wait_for(lambda: one(calls.source, _BROUGHT) > before, "answers that came back")


def all_came_back(calls: Calls, answering: Writing) -> None:
    calls.is_same()
    found = [row[0] for row in ask(calls.source, "SELECT id FROM public.call WHERE note = 'answered'")]
    assert len(found) == len(set(found))
    assert set(answering.acknowledged) <= set(found)


def test_the_follower_is_killed_and_goes_on(calls: Calls, tmp_path: Path) -> None:
    calls.over()
    calls.live.stop()
    with Writing(calls.there, ANSWER) as answering:
        for _ in range(2):
            process = start(tmp_path, calls.source, calls.target, calls.live.spec)
            try:
                comes_back(calls, answering)
            finally:
                kill(process)
                assert process.stdout is not None
                process.stdout.close()
        answering.goes_on()
        wait_for(lambda: not one(calls.target, _STREAMED), "the end of what was streamed to the killed one")
        assert calls.back().pause > 0
    all_came_back(calls, answering)


MOMENTS: dict[str, Callable[[Calls], bool]] = {
    "the rights are taken": lambda calls: not one(calls.target, _MAY_WRITE),
    "the source leads": lambda calls: one(calls.target, _LEADING) in ("returned", "ended"),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_going_back_is_killed_and_given_again(calls: Calls, moment: str) -> None:
    calls.over()
    with Writing(calls.there, ANSWER) as answering:
        killed_when(command(calls, "--back"), lambda: MOMENTS[moment](calls), moment)
        with contextlib.suppress(Refused):  # it was back before it was killed
            calls.back()
        assert one(calls.target, _LEADING) == "ended"
    all_came_back(calls, answering)
    ask(calls.here, "INSERT INTO public.call (minutes, kind) VALUES (3, 'out')")
    calls.live.catches_up(calls.source)
    calls.is_same()


def test_going_back_is_killed_and_the_target_leads_on(calls: Calls) -> None:
    calls.over()
    with Writing(calls.there, ANSWER) as answering:
        killed_when(
            command(calls, "--back"), lambda: not one(calls.target, _MAY_WRITE), "rights that are taken"
        )
        if one(calls.target, _LEADING) == "returning":
            with pytest.raises(Refused, match="is being taken back to its source"):
                calls.over()
            assert command(calls, "--stay").wait(60) == 0
            answering.goes_on()
            calls.back()
    all_came_back(calls, answering)


def test_a_cut_over_that_is_killed_before_the_flip_keeps_its_place(calls: Calls) -> None:
    """Clients may have been flipped already: what they wrote since must come back all the same."""
    killed_when(
        command(calls),
        lambda: _has_record(calls) and bool(one(calls.source, _PLACE)),
        "the place of the way back",
    )
    place = ask(calls.source, "SELECT settled_after FROM schemadiff.followers")
    ask(calls.there, "INSERT INTO public.calls (seconds, remark) VALUES (60, 'answered')")
    with contextlib.suppress(Refused):  # it had taken over before it was killed
        calls.over()
    assert ask(calls.source, "SELECT settled_after FROM schemadiff.followers") == place
    calls.back()
    assert one(calls.source, "SELECT count(*) FROM public.call WHERE note = 'answered'") == 1
    calls.is_same()


def _has_record(calls: Calls) -> bool:
    return bool(one(calls.source, "SELECT to_regclass('schemadiff.followed') IS NOT NULL"))
