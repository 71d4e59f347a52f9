"""The command that cuts over is killed in the middle: given again it goes on, or goes back, and nothing is lost."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from migration.core.phases import Phase
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, assert_equal, fill, live_spec, wait_for
from tests.engine.running import ask, one
from tests.engine.writing import Writing
from tests.faults.process import ROOT, kill
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

_ROLE = "stall_app"
_SELL = "INSERT INTO public.sold (client, price) VALUES (1, 2.5) RETURNING id"
_RIGHTS = "SELECT relname, relacl::text FROM pg_class WHERE relname IN ('client', 'sold', 'log') ORDER BY 1"
_STATE = "SELECT state FROM schemadiff.followers"
_MAY_WRITE = f"SELECT has_table_privilege('{_ROLE}', 'public.sold', 'INSERT')"
_SESSIONS = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{_ROLE}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stall:
    source: str
    target: str
    application: str
    live: LiveRun

    def command(self, *more: str) -> "subprocess.Popen[bytes]":
        words = [
            sys.executable,
            "manage.py",
            "cutover",
            self.source,
            self.target,
            "--role",
            _ROLE,
            "--no-way-back",
            "looked at elsewhere",
            *more,
            "--yes",
        ]
        return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def stall(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Stall]:
    source, target = make_database(server16), make_database(server18)
    fill(source, target)
    with roles_on(server16, [_ROLE]):
        ask(source, f"ALTER ROLE {_ROLE} LOGIN PASSWORD 'secret'")
        ask(source, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_ROLE}")
        ask(source, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {_ROLE}")
        application = server16.dsn(source.rpartition("/")[2], _ROLE, "secret")
        with LiveRun(source, target, live_spec(target)) as live:
            live.reaches(Phase.CUT_OVER)
            yield Stall(source=source, target=target, application=application, live=live)
        ask(source, f"DROP OWNED BY {_ROLE} CASCADE")
    ask(
        source,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


def killed_when(stall: Stall, moment: str) -> None:
    """SIGKILL as soon as that has come about."""
    conditions: dict[str, Callable[[], bool]] = {
        "the fence is written down": lambda: one(stall.target, _STATE) != "following",
        "the rights are taken": lambda: not one(stall.source, _MAY_WRITE),
        "the sessions are ended": lambda: (
            not one(stall.source, _MAY_WRITE) and one(stall.source, _SESSIONS) == 0
        ),
    }
    process = stall.command()
    wait_for(lambda: process.poll() is not None or conditions[moment](), moment)
    kill(process)


@pytest.mark.parametrize(
    "moment", ["the fence is written down", "the rights are taken", "the sessions are ended"]
)
def test_killed_and_given_again(stall: Stall, moment: str) -> None:
    before = ask(stall.source, _RIGHTS)
    with Writing(stall.application, _SELL) as selling:
        killed_when(stall, moment)
        assert stall.command().wait(60) in (0, 1)  # 1: it had taken over before it was killed
        assert one(stall.target, _STATE) in ("ended", "left")
    assert_equal(stall.source, stall.target)
    assert set(selling.acknowledged) <= {row[0] for row in ask(stall.target, "SELECT id FROM public.sales")}
    stall.live.ends()
    assert stall.live.result is not None, stall.live.error
    assert not one(stall.source, _MAY_WRITE)
    assert stall.command("--back", "--leave-writes").wait(60) == 0
    assert ask(stall.source, _RIGHTS) == before


def test_killed_and_taken_back(stall: Stall) -> None:
    before = ask(stall.source, _RIGHTS)
    with Writing(stall.application, _SELL) as selling:
        killed_when(stall, "the fence is written down")
        if one(stall.target, _STATE) == "fenced":
            assert stall.command("--back").wait(60) == 0
            assert ask(stall.source, _RIGHTS) == before
            selling.goes_on()
            stall.live.catches_up(stall.source)
        assert stall.command().wait(60) in (0, 1)
    assert_equal(stall.source, stall.target)
    assert set(selling.acknowledged) <= {row[0] for row in ask(stall.target, "SELECT id FROM public.sales")}
