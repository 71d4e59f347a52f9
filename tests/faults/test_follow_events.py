"""What happens to a source that is followed: each is handled, or stops the run with a sentence that says what to do."""

import threading
from collections.abc import Iterator

import psycopg
import pytest

from migration.core.phases import Phase
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, assert_equal, fill, live_spec, wait_for
from tests.engine.running import ask, one
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

_END_STREAM = (
    "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database()"
)
_CONFIRMED_AFTER = "SELECT confirmed_flush_lsn > %s::pg_lsn FROM pg_replication_slots WHERE slot_name = %s"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16)
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> str:
    return make_database(server18)


@pytest.fixture
def live(source: str, target: str) -> Iterator[LiveRun]:
    """A run that keeps up with its source."""
    fill(source, target, clients=20, sold=200)
    with LiveRun(source, target, live_spec(target)) as run:
        run.reaches(Phase.CUT_OVER)
        yield run


def test_a_transaction_of_many_rows(source: str, target: str, live: LiveRun) -> None:
    ask(
        source,
        "INSERT INTO public.sold (client, price, at) SELECT 1, n, now() FROM generate_series(1, 100000) AS n",
    )
    ask(source, "UPDATE public.sold SET paid = true WHERE price < 1000")
    live.catches_up(source)
    assert_equal(source, target)
    assert one(target, "SELECT part IS NULL AND skipped = 0 FROM schemadiff.followers")


def test_a_large_transaction_is_gone_on_with_in_its_middle(source: str, target: str, live: LiveRun) -> None:
    ask(
        target,
        "CREATE FUNCTION public.halt() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN IF NEW.price = 7000 THEN RAISE EXCEPTION 'no disk' USING ERRCODE = '53100'; END IF; RETURN NEW; END$$",
    )
    ask(
        target,
        "CREATE TRIGGER halt BEFORE INSERT ON public.sales FOR EACH ROW EXECUTE FUNCTION public.halt()",
    )
    ask(target, "ALTER TABLE public.sales ENABLE ALWAYS TRIGGER halt")
    ask(source, "INSERT INTO public.sold (client, price) SELECT 1, n FROM generate_series(1, 10000) AS n")
    assert "disk is full" in live.fails()
    assert one(target, "SELECT skipped FROM schemadiff.followers") == 6_500
    before = one(target, "SELECT inserts FROM schemadiff.followed WHERE source_table = 'sold'")
    assert before == 6_500
    ask(target, "DROP FUNCTION public.halt CASCADE")
    with LiveRun(source, target, live.spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)
        again.catches_up(source)
        assert one(target, "SELECT inserts FROM schemadiff.followed WHERE source_table = 'sold'") == 10_000
        assert_equal(source, target)


def test_a_long_value_that_was_not_touched(source: str, target: str, live: LiveRun) -> None:
    ask(
        source,
        "UPDATE public.sold SET note = (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 900) n)",
    )
    live.catches_up(source)
    ask(source, "UPDATE public.sold SET price = price + 1")
    ask(source, "UPDATE public.sold SET id = id + 100000 WHERE id % 3 = 0")
    live.catches_up(source)
    assert_equal(source, target)
    assert one(target, "SELECT min(length(note)) FROM public.sales") == 900 * 32
    assert (
        one(target, "SELECT count(DISTINCT added) FROM public.sales") == 1
    )  # what only the target has stays


def test_keys_that_change_places(source: str, target: str, live: LiveRun) -> None:
    ask(source, "ALTER TABLE public.log DROP CONSTRAINT log_pkey, ADD PRIMARY KEY (a, b)")
    with psycopg.connect(source) as session:
        session.execute("UPDATE public.log SET a = 1000 WHERE a = 1")
        session.execute("UPDATE public.log SET a = 1, b = 'b1' WHERE a = 2")
        session.execute("UPDATE public.log SET a = 2, b = 'b2' WHERE a = 1000")
    live.catches_up(source)
    assert_equal(source, target)


def test_truncate(source: str, target: str, live: LiveRun) -> None:
    ask(source, "TRUNCATE public.client, public.sold")
    ask(source, "INSERT INTO public.client VALUES (1, 'only one', 'calm', NULL)")
    live.catches_up(source)
    assert_equal(source, target)
    assert one(target, "SELECT count(*) FROM public.customers") == 1


def test_a_row_that_the_target_refuses_and_then_takes(source: str, target: str, live: LiveRun) -> None:
    ask(source, "UPDATE public.log SET b = repeat('x', 30) WHERE a = 3")  # varchar(20) there
    ask(source, "INSERT INTO public.log VALUES (900, repeat('y', 30), 'new')")
    live.catches_up(source)
    rejects = ask(
        target,
        "SELECT sqlstate, was_written, followed FROM schemadiff.rejects WHERE NOT recovered ORDER BY id",
    )
    assert rejects == [("22001", True, False), ("22001", False, True)]
    assert one(target, "SELECT count(*) FROM public.journal") == 49
    ask(source, "UPDATE public.log SET b = 'short' WHERE a = 3")
    live.catches_up(source)
    assert one(target, "SELECT count(*) FROM schemadiff.rejects WHERE NOT recovered") == 1
    result = live.take_over()
    assert (result.rows_read, result.rows_written, result.rejects) == (271, 270, 1)


def test_new_columns_stop_it_once_and_others_for_good(source: str, target: str, live: LiveRun) -> None:
    ask(source, "ALTER TABLE public.client ADD vip boolean")
    ask(source, "UPDATE public.client SET vip = true WHERE id = 1")
    assert "public.client has got new columns on the source: vip" in live.fails()
    with LiveRun(source, target, live.spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)
        ask(source, "UPDATE public.client SET name = 'told' WHERE id = 2")
        again.catches_up(source)
        assert_equal(source, target)
        ask(source, "ALTER TABLE public.client RENAME name TO called")
        ask(source, "UPDATE public.client SET called = 'no more' WHERE id = 3")
        assert "public.client was changed on the source" in again.fails()
        assert "its column name is gone" in str(again.error)


def test_a_slot_that_somebody_dropped(source: str, target: str, live: LiveRun) -> None:
    slot = one(source, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")
    live.stop()
    ask(source, "SELECT pg_drop_replication_slot(%s)", slot)
    with LiveRun(source, target, live.spec, resume=True) as again:
        assert f"The replication slot {slot} is gone from the source" in again.fails()


def test_a_slot_that_somebody_moved_on(source: str, target: str, live: LiveRun) -> None:
    slot = one(source, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()")
    live.stop()
    applied = one(target, "SELECT applied::text FROM schemadiff.followers")

    def moved() -> bool:
        ask(source, "UPDATE public.client SET name = 'lost'")
        ask(source, "SELECT pg_replication_slot_advance(%s, pg_current_wal_lsn())", slot)
        return bool(one(source, _CONFIRMED_AFTER, applied, slot))

    wait_for(moved, "the slot to be moved on")
    with LiveRun(source, target, live.spec, resume=True) as again:
        assert "was moved on by somebody else" in again.fails()


def test_a_deadlock_is_tried_again(source: str, target: str, live: LiveRun) -> None:
    """The other session wants what the follower has, and has what it wants."""
    ask(target, "ALTER SYSTEM SET deadlock_timeout = '100ms'")
    ask(target, "SELECT pg_reload_conf()")
    with psycopg.connect(target) as other:
        other.execute("SET deadlock_timeout = '1min'")  # so that it is the follower who is ended
        other.execute("SELECT FROM public.customers WHERE id = 2 FOR UPDATE")
        with psycopg.connect(source) as session:
            session.execute("UPDATE public.client SET name = 'first' WHERE id = 1")
            session.execute("UPDATE public.client SET name = 'second' WHERE id = 2")
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%customers%'"
        wait_for(lambda: one(target, waiting) == 1, "the follower to wait")
        taking = threading.Thread(
            target=lambda: other.execute("SELECT FROM public.customers WHERE id = 1 FOR UPDATE")
        )
        taking.start()
        wait_for(lambda: "tried again" in live.log(), "another attempt")
        taking.join(60)
        assert not taking.is_alive()
        other.rollback()
    live.catches_up(source)
    assert_equal(source, target)


def test_a_lost_connection_is_made_again(source: str, target: str, live: LiveRun) -> None:
    """The run's own sessions stay; the follower begins again where it was."""
    ask(source, "UPDATE public.client SET name = 'before'")
    ask(source, _END_STREAM)
    wait_for(lambda: "lost a connection and begins again" in live.log(), "the follower to notice")
    ask(source, "UPDATE public.client SET name = 'after' WHERE id > 5")
    live.catches_up(source)
    assert_equal(source, target)
    assert one(target, "SELECT updates FROM schemadiff.followed WHERE source_table = 'client'") == 35
