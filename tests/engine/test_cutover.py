"""The cut-over: the target takes over within a moment, and nobody can write to the source afterwards."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.core.events import CutOverStep, PhaseStarted
from migration.core.phases import Phase
from migration.engine.cutover import CutOver, TakenOver, Terms, sides
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.live import LiveRun, assert_equal, fill, live_spec, wait_for
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

_ROLE = "shop_app"
_RIGHTS = "SELECT relname, relacl::text FROM pg_class WHERE relname IN ('client', 'sold', 'log') ORDER BY 1"
_STEPS = [
    "verified",
    "way back",
    "lag",
    "changed rows",
    "fence",
    "drain",
    "final check",
    "sequences",
    "flip",
    "watch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Both databases, the application's address, and the run that keeps the target up."""

    source: str
    target: str
    application: str
    live: LiveRun

    def cut_over(self, told: Told, *roles: str) -> TakenOver:
        with sides(self.source, self.target) as (source, target):
            terms = Terms(roles=roles or (_ROLE,), patience=0.3, no_way_back="it is looked at elsewhere")
            return CutOver(self.source, self.target, source, target, terms, None, told.report).go()


@pytest.fixture
def shop(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Shop]:
    source, target = make_database(server16), make_database(server18)
    fill(source, target)
    with roles_on(server16, [_ROLE]):
        ask(source, f"ALTER ROLE {_ROLE} LOGIN PASSWORD 'secret'")
        ask(source, f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {_ROLE}")
        ask(source, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {_ROLE}")
        application = server16.dsn(source.rpartition("/")[2], _ROLE, "secret")
        with LiveRun(source, target, live_spec(target)) as live:
            live.reaches(Phase.CUT_OVER)
            yield Shop(source=source, target=target, application=application, live=live)
        ask(source, f"DROP OWNED BY {_ROLE} CASCADE")
    ask(
        source,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


class Selling:
    """The application: a row a time, until it may no more. Knows what was acknowledged."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.sold: list[int] = []
        self.refused_at: float | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Selling":
        self._thread.start()
        wait_for(lambda: len(self.sold) > 50, "sales")
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _work(self) -> None:
        while True:
            try:
                with psycopg.connect(self._dsn, autocommit=True) as session:
                    while True:
                        row = session.execute(
                            "INSERT INTO public.sold (client, price) VALUES (1, 2.5) RETURNING id"
                        ).fetchone()
                        assert row is not None
                        self.sold.append(row[0])
            except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction):
                self.refused_at = time.monotonic()
                return
            except psycopg.OperationalError:
                continue  # the session was ended: it connects again


def test_nothing_is_lost_and_nobody_writes_to_the_source_any_more(shop: Shop) -> None:
    told = Told()
    with Selling(shop.application) as selling:
        done = shop.cut_over(told)
    assert [step.name for step in told.of(CutOverStep)] == _STEPS
    assert done.pause > 0
    assert done.rejects == 0
    assert_equal(shop.source, shop.target)
    there = {row[0] for row in ask(shop.target, "SELECT id FROM public.sales")}
    assert set(selling.sold) <= there
    assert one(shop.target, "SELECT nextval(pg_get_serial_sequence('public.sales', 'id'))") > max(
        selling.sold
    )
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask(shop.application, "INSERT INTO public.sold (client) VALUES (1)")
    for statement in (
        "INSERT INTO public.sold (client) VALUES (1)",
        "DELETE FROM public.sold",
        "TRUNCATE public.log",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            ask(shop.application, f"BEGIN READ WRITE; {statement}")
    shop.live.ends()
    assert shop.live.result is not None
    assert one(shop.source, "SELECT count(*) FROM pg_publication") == 0


def test_a_session_that_writes_is_ended(shop: Shop) -> None:
    with psycopg.connect(shop.application) as session:
        session.execute("UPDATE public.client SET name = 'never committed' WHERE id = 1")
        shop.cut_over(Told())
        with pytest.raises(psycopg.OperationalError):
            session.commit()
    assert_equal(shop.source, shop.target)
    assert one(shop.target, "SELECT count(*) FROM public.customers WHERE full_name = 'never committed'") == 0


def test_what_fails_is_undone(shop: Shop) -> None:
    before = ask(shop.source, _RIGHTS)
    ask(shop.target, "DELETE FROM public.journal WHERE a = 7")  # somebody writes to the target
    told = Told()
    with pytest.raises(RunFailed, match=r"Rows differ between source and target: public\.journal"):
        shop.cut_over(told)
    assert ask(shop.source, _RIGHTS) == before
    ask(shop.application, "INSERT INTO public.log VALUES (70, 'goes on', '')")
    assert ask(shop.target, "SELECT state, fence FROM schemadiff.followers") == [("following", None)]
    ask(shop.source, "UPDATE public.log SET words = 'again' WHERE a = 7")
    shop.live.catches_up(shop.source)
    shop.cut_over(told)
    assert_equal(shop.source, shop.target)


def test_the_way_back_gives_the_rights_back(shop: Shop) -> None:
    before = ask(shop.source, _RIGHTS)
    shop.cut_over(Told())
    assert ask(shop.source, _RIGHTS) != before
    shop.live.ends()
    with sides(shop.source, shop.target) as (source, target):
        CutOver(shop.source, shop.target, source, target, Terms(roles=()), None, lambda event: None).go_back()
    assert ask(shop.source, _RIGHTS) == before
    ask(shop.application, "INSERT INTO public.log VALUES (71, 'goes on', '')")


def test_the_command_looks_goes_and_goes_back(shop: Shop, manage: Manage) -> None:
    command = ("cutover", shop.source, shop.target, "--role", _ROLE, "--no-way-back", "tried")
    looked = manage(*command, "--dry-run")
    assert looked.code == 0, looked.error
    assert "3 tables compared and equal" in looked.out
    assert f"Would take the right to write from {_ROLE}" in looked.out
    asked = manage(*command)
    assert (asked.code, "give --yes" in asked.error) == (1, True)
    ask(shop.application, "INSERT INTO public.log VALUES (73, 'goes on', '')")
    done = manage(*command, "--yes")
    assert done.code == 0, done.error
    assert "undone by: cutover --back gives the rights back: ALTER ROLE" in done.out
    assert "The target has taken over. Writes were held for" in done.out
    shop.live.ends()
    again = manage(*command, "--yes")
    assert (again.code, "cut over already" in again.error) == (1, True)
    kept = manage("cutover", shop.source, shop.target, "--back", "--yes")
    assert (kept.code, "say --leave-writes" in kept.error) == (1, True)
    back = ("cutover", shop.source, shop.target, "--back", "--leave-writes", "--yes")
    seen = manage(*back, "--dry-run")
    assert (seen.code, "Would be lifted: ALTER ROLE" in seen.out) == (0, True)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask(shop.application, "INSERT INTO public.log VALUES (74, 'not yet', '')")
    for other in ("--stay", "--end-way-back"):
        refused = manage("cutover", shop.source, shop.target, other, "--yes", "--dry-run")
        assert (refused.code, "are done at once" in refused.error) == (1, True)
    assert manage(*back).code == 0
    ask(shop.application, "INSERT INTO public.log VALUES (74, 'goes on', '')")


def test_the_run_need_not_be_at_work(shop: Shop) -> None:
    """The cut-over follows by itself then; the run is finished when it is resumed, and touches no row any more."""
    shop.live.stop()
    ask(shop.application, "UPDATE public.client SET name = 'while nobody followed'")
    told = Told()
    assert shop.cut_over(told).pause > 0
    assert "give `follow` once more" in told.of(CutOverStep)[-1].did
    assert_equal(shop.source, shop.target)
    ask(shop.target, "UPDATE public.customers SET full_name = 'written to the target' WHERE id = 3")
    with LiveRun(shop.source, shop.target, shop.live.spec, resume=True) as again:
        again.ends()
    assert again.result is not None, again.error
    assert [event.phase for event in again.told.of(PhaseStarted)] == [Phase.WATCH, Phase.FINISH]
    assert (
        one(shop.target, "SELECT count(*) FROM public.customers WHERE full_name = 'written to the target'")
        == 1
    )
    assert one(shop.source, "SELECT count(*) FROM pg_publication") == 0


def test_who_cannot_be_fenced(shop: Shop, server16: EmbeddedServer) -> None:
    for roles, said in (
        (("postgres",), "the role by which the source is followed"),
        (("nobody_at_all",), "has no role nobody_at_all"),
    ):
        with pytest.raises(Refused, match=said):
            shop.cut_over(Told(), *roles)
    with roles_on(server16, ["sellers"]):
        ask(shop.source, "GRANT INSERT ON public.log TO sellers")
        ask(shop.source, f"GRANT sellers TO {_ROLE}")
        with pytest.raises(RunFailed, match=rf"{_ROLE} may still write to public\.log"):
            shop.cut_over(Told())
        ask(shop.source, "DROP OWNED BY sellers CASCADE")
    ask(shop.application, "INSERT INTO public.log VALUES (72, 'goes on', '')")
