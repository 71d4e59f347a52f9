"""A source whose role may not replicate: the target is kept near by rounds, takes over, and gives back."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from migration.core.errors import RunFailed
from migration.core.events import CutOverStep, Log
from migration.core.limits import Limits
from migration.core.phases import Phase
from migration.core.rounds import LIMITS, RoundMade
from migration.engine import going_back
from migration.engine.cutover import CutOver, TakenOver, Terms, sides
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.live import (
    LiveRun,
    Writer,
    assert_equal,
    fill,
    live_spec,
    wait_for,
)
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

_APPLICATION, _KEEPER = "rounds_app", "rounds_keeper"
_OWNED = "; ".join(f"ALTER TABLE public.{table} OWNER TO {_KEEPER}" for table in ("client", "sold", "log"))
_STEPS = [
    "verified",
    "way back",
    "rounds",
    "reverse slot",
    "fence",
    "last round",
    "final check",
    "sequences",
    "flip",
    "watch",
]


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16)


@pytest.fixture
def target(make_database: MakeDatabase, server18: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server18)
    yield dsn
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def keeper(source: str, target: str, server16: EmbeddedServer) -> Iterator[str]:
    """The source by the role that owns its tables and may not replicate, as managed servers give one."""
    fill(source, target, clients=20, sold=300)
    name = source.rpartition("/")[2]
    with roles_on(server16, [_APPLICATION, _KEEPER]):
        ask(source, f"ALTER ROLE {_KEEPER} LOGIN CREATEROLE PASSWORD 'secret'")
        ask(source, f"ALTER ROLE {_APPLICATION} LOGIN PASSWORD 'secret'")
        ask(source, f"GRANT {_APPLICATION} TO {_KEEPER} WITH ADMIN OPTION")
        ask(source, f'GRANT CREATE ON DATABASE "{name}" TO {_KEEPER}')
        ask(source, _OWNED)
        ask(source, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_APPLICATION}")
        yield server16.dsn(name, _KEEPER, "secret")
        ask(source, f"DROP OWNED BY {_APPLICATION}, {_KEEPER} CASCADE")


def near(source: str, target: str) -> LiveRun:
    spec = replace(live_spec(target), compares=True, limits=Limits(between_rounds=0.1))
    return LiveRun(source, target, spec)


def cut_over(source: str, target: str, told: Told) -> TakenOver:
    with sides(source, target) as opened:
        terms = Terms(roles=(_APPLICATION,), patience=0.3)
        return CutOver(source, target, *opened, terms, None, told.report).go()


def go_back(source: str, target: str, told: Told) -> TakenOver:
    with sides(source, target) as opened:
        terms = Terms(roles=(_APPLICATION,), patience=0.3)
        return going_back.GoingBack(source, target, *opened, terms, None, told.report).go()


def rounds_after(live: LiveRun, count: int) -> None:
    """So many more are begun and ended."""
    goal = len(live.told.of(RoundMade)) + count + 1  # one may be under way
    wait_for(lambda: live.error is not None or len(live.told.of(RoundMade)) >= goal, "rounds")
    assert live.error is None, live.error
    assert live.error is None


def test_what_is_written_meanwhile_comes_by_comparing(source: str, target: str, keeper: str) -> None:
    with near(keeper, target) as live:
        live.reaches(Phase.CUT_OVER)
        with Writer(source, "rounds") as writer:
            writer.has_written(300)
        rounds_after(live, 1)
        assert_equal(source, target)
        ask(source, "DELETE FROM public.sold WHERE id % 2 = 0")
        ask(source, "UPDATE public.client SET name = 'other' WHERE id < 5")
        rounds_after(live, 2)
        assert_equal(source, target)
        assert LIMITS in [event.message for event in live.told.of(Log)]
        made = live.told.of(RoundMade)
        assert sum(each.repaired for each in made) > 100
        assert made[-1].differing == 0
        assert [each.number for each in made] == list(range(1, len(made) + 1))
        # What earlier rounds replaced is not kept for ever.
        assert one(target, "SELECT count(*) FROM schemadiff.repairs") <= 1
    assert one(source, "SELECT count(*) FROM pg_publication") == 0
    assert one(source, "SELECT to_regnamespace('schemadiff') IS NULL")


def test_the_target_takes_over_and_gives_back(source: str, target: str, keeper: str) -> None:
    told, back = Told(), Told()
    with near(keeper, target) as live:
        live.reaches(Phase.CUT_OVER)
        rounds_after(live, 0)
        ask(source, "INSERT INTO public.sold (client, price) SELECT 1, 2.5 FROM generate_series(1, 50)")
        ask(source, "DELETE FROM public.log WHERE a < 10")
        done = cut_over(keeper, target, told)
        assert [step.name for step in told.of(CutOverStep)] == _STEPS
        assert "Writes will have to stop for about" in told.of(CutOverStep)[2].did
        assert done.pause > 0
        assert_equal(source, target)
        assert one(target, "SELECT nextval(pg_get_serial_sequence('public.sales', 'id'))") == 351
        assert not one(source, f"SELECT has_table_privilege('{_APPLICATION}', 'public.sold', 'INSERT')")
        ask(target, "INSERT INTO public.customers VALUES (5000, 'of the target', 'glad', NULL)")
        wait_for(
            lambda: one(source, "SELECT count(*) FROM public.client WHERE id = 5000") == 1, "the way back"
        )
        ask(target, f"CREATE ROLE {_APPLICATION} LOGIN")
        try:
            go_back(keeper, target, back)
        finally:
            ask(target, f"DROP OWNED BY {_APPLICATION}")
            ask(target, f"DROP ROLE {_APPLICATION}")
        ask(source, "UPDATE public.client SET name = 'the source leads' WHERE id < 9")
        rounds_after(live, 1)
        assert_equal(source, target)
        assert one(source, f"SELECT has_table_privilege('{_APPLICATION}', 'public.sold', 'INSERT')")


def test_nothing_is_flipped_while_a_row_cannot_be_made_equal(source: str, target: str, keeper: str) -> None:
    with near(keeper, target) as live:
        live.reaches(Phase.CUT_OVER)
        ask(source, "INSERT INTO public.log VALUES (900, repeat('y', 30), 'too long for the target')")
        rounds_after(live, 1)
        assert "1 refused" in live.told.of(RoundMade)[-1].sentence
        with pytest.raises(RunFailed, match=r"Rows differ.*public.journal \(1\).*1 refused"):
            cut_over(keeper, target, Told())
        assert one(source, f"SELECT has_table_privilege('{_APPLICATION}', 'public.sold', 'INSERT')")
        assert one(target, "SELECT state FROM schemadiff.followers") == "following"


def test_a_changed_table_stops_it_once(source: str, target: str, keeper: str) -> None:
    with near(keeper, target) as live:
        live.reaches(Phase.CUT_OVER)
        ask(source, "ALTER TABLE public.client ADD vip boolean")
        assert "public.client: changed on the source" in live.fails()
    with LiveRun(keeper, target, live.spec, resume=True) as again:
        again.reaches(Phase.CUT_OVER)


def test_tables_without_a_key_are_refused_before_anything_is_written(
    source: str, target: str, keeper: str
) -> None:
    ask(source, "ALTER TABLE public.client DROP CONSTRAINT client_pkey CASCADE")
    with near(keeper, target) as live:
        assert "public.client has no key" in live.fails()
    assert one(target, "SELECT to_regnamespace('schemadiff') IS NULL")


def test_by_the_log_it_is_refused_with_the_statement_that_mends_it(
    source: str, target: str, keeper: str
) -> None:
    with LiveRun(keeper, target, live_spec(target)) as live:
        assert f'ALTER ROLE "{_KEEPER}" REPLICATION' in live.fails()


def test_on_the_command_line(source: str, target: str, keeper: str, manage: Manage) -> None:
    ask(source, "ALTER TABLE public.log RENAME TO journal")
    ask(source, "ALTER TABLE public.journal ALTER b TYPE varchar(20)")
    asked = ("follow", keeper, target, "--tables", "journal", "--between-rounds", "0.1")
    assert "ALTER ROLE" in manage(*asked).error
    near = manage(*asked, "--by-comparing", "--until-lag", "60")
    assert near.code == 0, near.error
    assert "no exact lag" in near.out
    assert "Round 1: no row differed" in near.out
    looked = manage("cutover", keeper, target, "--role", _APPLICATION, "--dry-run")
    assert looked.code == 1
    assert "not compared yet" in looked.error
    refused = manage("run", keeper, target, "--option", "recreate", "--by-comparing", "--dry-run")
    assert "give --follow as well" in refused.error
