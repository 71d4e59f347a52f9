"""While the target waits to take over its tables are compared again and again, and the checklist says when."""

from collections.abc import Iterator

import pytest

from migration.core.events import CutOverStep
from migration.core.phases import Phase
from migration.engine import rechecking
from migration.engine.cutover import CutOver, Terms, sides
from migration.engine.rechecks import Rechecked, sentence
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import LiveRun, Writer, fill, live_spec, wait_for
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase, roles_on

_ROLE = "rechecked_app"
_NEWEST = "SELECT count(*) = 3 AND min(began_at) > %s::timestamptz FROM schemadiff.rechecks"


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


def looked(source: str, target: str) -> str:
    """What a cut-over would find of the tables."""
    told = Told()
    with sides(source, target) as opened:
        terms = Terms(roles=(_ROLE,), no_way_back="not looked at here")
        CutOver(source, target, *opened, terms, None, told.report).look()
    return told.of(CutOverStep)[0].did


@pytest.mark.heavy
def test_all_tables_come_round_and_a_difference_keeps_the_target_from_taking_over(
    source: str, target: str, server16: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rechecking, "REST", 0.05)
    monkeypatch.setattr(rechecking, "SHARE", 0.9)
    fill(source, target)
    with roles_on(server16, [_ROLE]), LiveRun(source, target, live_spec(target)) as live:
        live.reaches(Phase.CUT_OVER)

        def all_since(moment: object) -> bool:
            assert live.error is None
            if not one(target, "SELECT to_regclass('schemadiff.rechecks') IS NOT NULL"):
                return False
            return bool(one(target, _NEWEST, moment))

        with Writer(source, "rechecked") as writer:
            writer.has_written(50)
            moment = one(target, "SELECT now()")
            wait_for(lambda: all_since(moment), "all tables once more")
        assert one(target, "SELECT sum(differing) FROM schemadiff.rechecks") == 0
        assert "All of them were compared within the last" in looked(source, target)

        ask(target, "UPDATE public.customers SET full_name = 'somebody' WHERE id = 3")
        wait_for(lambda: one(target, "SELECT sum(differing) FROM schemadiff.rechecks") == 1, "the difference")
        with pytest.raises(
            Refused, match=r"public.client: rows differed when the tables were compared again"
        ):
            looked(source, target)
        wait_for(lambda: "public.customers (1)" in live.log(), "the difference to be told")
        live.catches_up(source)  # a difference does not stop the follower

        ask(source, "UPDATE public.client SET name = 'as it should be' WHERE id = 3")
        wait_for(lambda: one(target, "SELECT sum(differing) FROM schemadiff.rechecks") == 0, "it to be right")
        assert "All of them" in looked(source, target)


@pytest.mark.parametrize(
    ("ages", "said"),
    [
        ((), ""),
        ((4.0,), " 1 of them were compared once more since."),
        ((4.0, 30.4), " All of them were compared within the last 30 seconds."),
        ((4.0, 700.0), " All of them were compared within the last 12 minutes."),
    ],
)
def test_how_old_the_oldest_comparison_is(ages: tuple[float, ...], said: str) -> None:
    found = [Rechecked(table=("public", str(age)), age=age, differing=0) for age in ages]
    assert sentence(found, 2) == said
