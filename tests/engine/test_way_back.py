"""The way back: what is written to a target that has taken over comes into the source, which can lead again."""

from collections.abc import Iterator

import psycopg
import pytest

from migration.core.events import CutOverStep
from migration.core.phases import Phase
from migration.engine import followers
from migration.engine.clean import clean, leftovers
from migration.engine.sessions import open_target
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.calls import ROLE, Calls, followed_calls
from tests.engine.live import LiveRun
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy


@pytest.fixture
def calls(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Calls]:
    with followed_calls(make_database, server16, server18) as calls:
        yield calls


def nothing_is_left(dsn: str) -> None:
    assert ask(dsn, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
    assert ask(dsn, "SELECT pubname FROM pg_publication") == []


def nothing_is_taken_any_more(calls: Calls) -> None:
    """By the target, from a follower that has not heard that it leads."""
    place = [calls.live.spec.ledger_id, "FF/0", "0/0", 0, None]
    with (
        open_target(calls.target) as target,
        pytest.raises(psycopg.errors.UndefinedObject, match=followers.OVER),
    ):
        psycopg.RawCursor(target).execute(followers.CHECKPOINT.encode(), place)


def test_over_and_back_and_over_again(calls: Calls) -> None:
    told = Told()
    calls.over(told)
    said = "\n".join(step.did for step in told.of(CutOverStep))
    assert "public.call.secret does not come back (no column of the target takes it)" in said
    assert "public.call.minutes is read back out of seconds: what is no multiple of 60 is rounded" in said
    nothing_is_taken_any_more(calls)
    calls.write()
    told = Told()
    done = calls.back(told)
    assert done.pause > 0
    assert [step.name for step in told.of(CutOverStep)] == [
        "lag",
        "refused",
        "changed rows",
        "slot",
        "fence",
        "drain",
        "final check",
        "sequences",
        "follow",
        "lift the fence",
        "flip",
        "reverse slot",
        "watch",
    ]
    calls.is_same()
    nothing_is_left(calls.target)
    assert ask(calls.source, "SELECT nspname FROM pg_namespace WHERE nspname = 'schemadiff'") == []
    # What the mapping loses stays as it was where nobody touched it.
    assert ask(calls.source, "SELECT words, secret, minutes FROM public.call WHERE id = 7") == [
        ("Words 7", "s7", 7 / 4)
    ]
    new = ask(calls.source, "SELECT minutes, kind, words, secret FROM public.call WHERE id > 60")
    assert new == [(1.5, "in", "plain", "unknown")]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask(calls.there, "DELETE FROM public.calls")
    ask(calls.here, "INSERT INTO public.call (minutes, kind) VALUES (3, 'out')")
    calls.live.catches_up(calls.source)
    calls.is_same()
    calls.over()
    ask(calls.there, "UPDATE public.calls SET seconds = 240 WHERE call_id = 1")
    calls.back()
    assert one(calls.source, "SELECT minutes FROM public.call WHERE id = 1") == 4
    calls.is_same()


def test_it_is_looked_at_then_ended_and_the_run_finishes(calls: Calls, manage: Manage) -> None:
    calls.over()
    command = ("cutover", calls.source, calls.target, "--role", ROLE)
    looked = manage(*command, "--back", "--dry-run")
    assert looked.code == 0, looked.error
    assert f"Would take the right to write to the target from {ROLE}" in looked.out
    asked = manage(*command, "--back")
    assert (asked.code, "Give --yes to go back" in asked.error) == (1, True)
    ask(calls.there, "INSERT INTO public.journal VALUES (70, 'goes on', '')")
    assert manage(*command, "--end-way-back", "--yes").code == 0
    calls.live.ends()
    assert calls.live.result is not None, calls.live.error
    nothing_is_left(calls.source)
    nothing_is_left(calls.target)
    assert ask(calls.source, "SELECT nspname FROM pg_namespace WHERE nspname = 'schemadiff'") == []
    with pytest.raises(Refused, match="--leave-writes goes back without it"):
        calls.back()


def test_what_it_has_made_is_listed_and_cleaned(calls: Calls) -> None:
    calls.over()
    calls.live.stop()
    listed = {
        (each.kind, each.name.split("_")[0]): each for each in leftovers(calls.target, None, calls.source)
    }
    assert (
        "for the way back, with the publication of that name" in listed["replication slot", "schemadiff"].what
    )
    assert any(kind == "record" for kind, _ in listed)
    run = calls.live.spec.ledger_id
    with pytest.raises(Refused, match="--source"):
        clean(calls.target, run)
    clean(calls.target, run, calls.source)
    for dsn in (calls.source, calls.target):
        nothing_is_left(dsn)
    assert ask(calls.source, "SELECT nspname FROM pg_namespace WHERE nspname = 'schemadiff'") == []


def test_what_the_source_refuses_stays_as_it_was_and_is_said_first(calls: Calls) -> None:
    ask(calls.source, "ALTER TABLE public.call ADD CHECK (kind <> 'odd')")
    calls.over()
    ask(calls.there, "UPDATE public.calls SET class = 'odd' WHERE call_id = 3")
    ask(calls.there, "UPDATE public.calls SET class = 'inbound' WHERE call_id = 4")
    with pytest.raises(Refused, match="The source refuses 1 row that the target has"):
        calls.back()
    assert one(calls.source, "SELECT kind FROM public.call WHERE id = 3") == "in"
    ask(calls.there, "DELETE FROM public.calls WHERE call_id = 4")
    assert calls.back(leaves_writes=True).rejects == 1
    assert ask(calls.source, "SELECT id, kind FROM public.call WHERE id IN (3, 4)") == [(3, "in")]


def test_rows_that_the_target_never_had_outlive_a_truncate(calls: Calls) -> None:
    ask(
        calls.source,
        "INSERT INTO public.log VALUES (99, 'longer than twenty letters', 'refused by the target')",
    )
    calls.live.catches_up(calls.source)
    calls.over()
    ask(calls.there, "TRUNCATE public.journal")
    calls.back()
    assert ask(calls.source, "SELECT a FROM public.log") == [(99,)]


def test_after_a_return_the_run_is_gone_on_with(calls: Calls) -> None:
    """The fence that the way back left on the target is not taken for somebody else's change of its schema."""
    calls.over()
    calls.back()
    calls.live.stop()
    ask(calls.here, "INSERT INTO public.call (minutes, kind) VALUES (3, 'out')")
    with LiveRun(calls.source, calls.target, calls.live.spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)
        again.catches_up(calls.source)
        calls.is_same()
        calls.over()
