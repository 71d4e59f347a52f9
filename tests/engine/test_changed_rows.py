"""Exactly the rows that changed since they were compared are compared again, before and while nobody writes."""

from collections.abc import Callable, Iterator

import pytest

from migration.core.errors import RunFailed
from migration.core.events import CutOverStep, Event
from migration.core.phases import Phase
from migration.engine import checklist, compared, rechecking
from migration.engine.cutover import CutOver, Terms, sides
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.calls import Calls, followed_calls
from tests.engine.live import LiveRun, Writer, assert_equal, fill, live_spec, mapped, wait_for
from tests.engine.running import Told, ask, one
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

_ROLE = "changed_app"
_WAITING = "SELECT coalesce(sum(json_array_length(keys::json)), 0)::int FROM schemadiff.changed"


@pytest.fixture(autouse=True)
def only_changed_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table is compared as a whole meanwhile, so nothing else can find a difference."""
    monkeypatch.setattr(rechecking, "REST", 1_000.0)
    monkeypatch.setattr(checklist, "CHECKED_ROWS", 0)


class Shop:
    def __init__(self, source: str, target: str, live: LiveRun) -> None:
        self.source, self.target, self.live = source, target, live

    def change(self, statement: str) -> None:
        ask(self.source, statement)
        self.live.catches_up(self.source)

    def cut_over(self, told: Told, heard: Callable[[Event], None] = lambda event: None) -> None:
        def report(event: Event) -> None:
            told.report(event)
            heard(event)

        with sides(self.source, self.target) as opened:
            terms = Terms(roles=(_ROLE,), patience=0.3, no_way_back="it is looked at elsewhere")
            CutOver(self.source, self.target, *opened, terms, None, report).go()

    def spoils(self, statement: str, after: str = "fence") -> Callable[[Event], None]:
        """Somebody else writes to the target when that step is done."""

        def heard(event: Event) -> None:
            if isinstance(event, CutOverStep) and event.name == after:
                ask(self.target, statement)

        return heard


@pytest.fixture
def databases(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> Iterator[tuple[str, str]]:
    source, target = make_database(server16), make_database(server18)
    with roles_on(server16, [_ROLE]):
        yield source, target
    ask(
        source,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def shop(databases: tuple[str, str]) -> Iterator[Shop]:
    fill(*databases)
    with LiveRun(*databases, live_spec(databases[1])) as live:
        live.reaches(Phase.CUT_OVER)
        yield Shop(*databases, live)


def did(told: Told, name: str) -> str:
    return next(step.did for step in told.of(CutOverStep) if step.name == name)


def test_only_what_changed_is_compared(shop: Shop) -> None:
    assert one(shop.target, _WAITING) == 0  # the copy was compared as a whole
    shop.change("UPDATE public.client SET name = 'another' WHERE id <= 30")
    shop.change("UPDATE public.log SET a = 500 WHERE a = 7; DELETE FROM public.sold WHERE id IN (3, 4)")
    assert one(shop.target, _WAITING) == 34
    told = Told()
    late = "INSERT INTO public.sold (client, price) VALUES (1, 5), (2, 6)"
    shop.cut_over(told, lambda event: _write_at(shop.source, event, "changed rows", late))
    assert did(told, "changed rows").startswith(
        "Compared again, and equal: 34 rows that changed since. Left for the final check: 0 changes."
    )
    assert did(told, "final check").startswith(
        "Compared while nobody writes, and equal: 2 rows that changed since"
    )
    assert one(shop.target, _WAITING) == 0
    assert_equal(shop.source, shop.target)


def _write_at(dsn: str, event: Event, step: str, statement: str) -> None:
    if isinstance(event, CutOverStep) and event.name == step:
        ask(dsn, statement)


@pytest.mark.parametrize(
    "spoiling",
    [
        "UPDATE public.customers SET born = born + 1 WHERE id = 7",
        "DELETE FROM public.customers WHERE id = 7 AND NOT EXISTS (SELECT FROM public.sales WHERE customer = 7)",
        "INSERT INTO public.customers VALUES (1000, 'deleted on the source', NULL, NULL)",
    ],
)
def test_what_is_not_the_same_is_found_before_and_in_the_pause(shop: Shop, spoiling: str) -> None:
    shop.change("DELETE FROM public.sold WHERE client IN (7, 1000)")
    shop.change("INSERT INTO public.client VALUES (1000, 'for a moment', NULL, NULL)")
    shop.change("UPDATE public.client SET name = 'x' WHERE id = 7; DELETE FROM public.client WHERE id = 1000")
    told = Told()
    shop.change("UPDATE public.client SET name = 'y' WHERE id = 7")
    ask(shop.target, spoiling)
    with pytest.raises(
        Refused, match=r"Rows that changed differ between source and target: public.customers \(1\)"
    ):
        shop.cut_over(told)
    assert "fence" not in {step.name for step in told.of(CutOverStep)}
    shop.change(
        "INSERT INTO public.client VALUES (1000, 'again', NULL, NULL); DELETE FROM public.client WHERE id = 1000"
    )
    shop.change("UPDATE public.client SET name = 'as it is' WHERE id = 7")  # puts that right

    change = "UPDATE public.client SET name = 'late' WHERE id IN (7, 8)"
    again = "INSERT INTO public.client VALUES (1000, 'late', NULL, NULL); DELETE FROM public.client WHERE id = 1000"

    def late(event: Event) -> None:
        _write_at(shop.source, event, "changed rows", f"{change}; {again}")
        _write_at(shop.target, event, "drain", spoiling)

    with pytest.raises(RunFailed, match=r"public.customers \(1\)"):
        shop.cut_over(Told(), late)
    assert one(shop.source, "SELECT has_table_privilege('public.client', 'UPDATE')")


def test_a_table_that_was_emptied(shop: Shop) -> None:
    shop.change("TRUNCATE public.log")
    shop.change("INSERT INTO public.log VALUES (1, 'first', ''), (2, 'second', '')")
    with pytest.raises(RunFailed, match=r"public.journal \(1\)"):
        shop.cut_over(Told(), shop.spoils("INSERT INTO public.journal VALUES (9, 'left behind', '')"))
    ask(shop.target, "DELETE FROM public.journal WHERE a = 9")
    shop.cut_over(Told())
    assert_equal(shop.source, shop.target)


def test_what_the_target_refuses_is_no_difference(shop: Shop) -> None:
    shop.change("UPDATE public.log SET b = repeat('too long ', 9) WHERE a = 3")
    shop.change("UPDATE public.log SET words = 'taken' WHERE a IN (3, 4)")
    told = Told()
    shop.cut_over(told)
    assert "but for 1 reject" in did(told, "verified")


def test_a_key_that_is_made_of_the_sources(databases: tuple[str, str]) -> None:
    source, target = databases
    ask(
        source,
        "CREATE TABLE public.thing (id int PRIMARY KEY, name text); "
        "INSERT INTO public.thing SELECT n, 'n' FROM generate_series(1, 9) n",
    )
    ask(target, "CREATE TABLE public.things (code text PRIMARY KEY, title text)")
    entry = mapped("thing", "things", {"title": "name"}, {"code": "'T-' || id"})
    with LiveRun(source, target, live_spec(target, entry)) as live:
        live.reaches(Phase.CUT_OVER)
        shop = Shop(source, target, live)
        shop.change("UPDATE public.thing SET name = 'x' WHERE id = 2; DELETE FROM public.thing WHERE id = 3")
        ask(target, "INSERT INTO public.things VALUES ('T-3', 'left behind')")
        with pytest.raises(Refused, match=r"public.things \(1\)"):
            shop.cut_over(Told())
        ask(target, "DELETE FROM public.things WHERE code = 'T-3'")
        shop.cut_over(Told())


@pytest.mark.parametrize(
    ("type_name", "keys", "spoilt"),
    [
        ("int[]", ("{1,2}", "{3,4}"), "{3,4}"),
        ("public.pair", ("(1,a)", '(2,"b, c")'), '(2,"b, c")'),
        ("timestamptz", ("2026-01-01 12:00:00+00", "2026-06-01 12:00:00.25+02"), "2026-06-01 10:00:00.25+00"),
        ("public.state", ("it's", 'a "b"'), 'a "b"'),
    ],
)
def test_keys_of_any_type(
    databases: tuple[str, str], type_name: str, keys: tuple[str, str], spoilt: str
) -> None:
    source, target = databases
    for dsn in databases:
        ask(
            dsn,
            "CREATE TYPE public.pair AS (n int, t text); CREATE TYPE public.state AS ENUM ('a \"b\"', 'it''s')",
        )
        ask(dsn, f'CREATE TABLE public."Ünï ""q"" %s" ("k %ö" {type_name} PRIMARY KEY, v text)')
    for key in keys:
        ask(source, 'INSERT INTO public."Ünï ""q"" %%s" VALUES (%s::text::' + type_name + ", 0)", key)
    entry = mapped('Ünï "q" %s', 'Ünï "q" %s', {"k %ö": "k %ö", "v": "v"}, {})
    with LiveRun(source, target, live_spec(target, entry)) as live:
        live.reaches(Phase.CUT_OVER)
        shop = Shop(source, target, live)
        shop.change('UPDATE public."Ünï ""q"" %s" SET v = 1')
        told = Told()
        with sides(source, target) as opened:
            CutOver(
                source, target, *opened, Terms(roles=(_ROLE,), no_way_back="not now"), None, told.report
            ).look()
        assert "equal: 2 rows" in did(told, "changed rows")
        shop.change('UPDATE public."Ünï ""q"" %s" SET v = 2')
        ask(target, 'UPDATE public."Ünï ""q"" %%s" SET v = 3 WHERE "k %%ö" = %s::text::' + type_name, spoilt)
        with pytest.raises(Refused, match=r"%s \(1\)"):
            shop.cut_over(Told())


def test_a_deleted_row_whose_key_does_not_tell_what_it_became(databases: tuple[str, str]) -> None:
    """The target's rows are known by another column than the source's: how many there are tells."""
    source, target = databases
    ask(source, "CREATE TABLE public.person (id int PRIMARY KEY, mail text NOT NULL UNIQUE)")
    ask(source, "INSERT INTO public.person SELECT n, n || '@' FROM generate_series(1, 9) n")
    ask(target, "CREATE TABLE public.person (mail text PRIMARY KEY, id int UNIQUE NOT NULL)")
    entry = mapped("person", "person", {"id": "id", "mail": "mail"}, {})
    ask(source, "ALTER TABLE public.person REPLICA IDENTITY FULL")
    with LiveRun(source, target, live_spec(target, entry)) as live:
        live.reaches(Phase.CUT_OVER)
        shop = Shop(source, target, live)
        shop.change("DELETE FROM public.person WHERE id <= 2")
        with pytest.raises(RunFailed, match=r"public.person \(1\)"):
            shop.cut_over(Told(), shop.spoils("INSERT INTO public.person VALUES ('2@', 2)"))
        ask(target, "DELETE FROM public.person WHERE id = 2")
        shop.cut_over(Told())


def test_what_was_a_reject_and_is_taken_at_the_end_is_compared(shop: Shop) -> None:
    shop.change("UPDATE public.log SET b = repeat('too long ', 9) WHERE a = 3")
    ask(shop.target, "ALTER TABLE public.journal ALTER b TYPE text")
    with pytest.raises(RunFailed, match=r"public.journal \(1\)"):
        shop.cut_over(
            Told(), shop.spoils("UPDATE public.journal SET words = 'spoilt' WHERE a = 3", after="drain")
        )


def test_more_than_can_be_compared_in_the_pause_is_no_cut_over(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checklist, "LATE_ROWS", 10)
    late = "UPDATE public.sold SET paid = true WHERE id <= 11"
    with pytest.raises(RunFailed, match=r"11 changes came in the last moment, more than the 10"):
        shop.cut_over(Told(), lambda event: _write_at(shop.source, event, "changed rows", late))
    shop.cut_over(Told())


def test_whoever_compares_goes_on_after_an_error(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.live.stop()
    monkeypatch.setattr(rechecking, "REST", 0.05)
    monkeypatch.setattr(rechecking, "SHARE", 0.9)
    monkeypatch.setattr(rechecking, "_PAUSES", (0.05,))
    with LiveRun(shop.source, shop.target, shop.live.spec, resume=True) as live:
        live.reaches(Phase.CUT_OVER)
        shop.live = live
        with monkeypatch.context() as broken:
            broken.setattr(compared, "column_hashes", _broken)
            # Again and again: a row that is in the target before its whole table is looked at is equal, unasked.
            wait_for(
                lambda: _changed(shop.source) and "unexpected error (KeyError)" in live.log(), "the error"
            )
        wait_for(lambda: one(shop.target, _WAITING) == 0, "the row to be compared")
        assert live.error is None


def _changed(source: str) -> bool:
    ask(source, "UPDATE public.client SET name = name || '.' WHERE id = 9")
    return True


def _broken(*_: object) -> dict[str, tuple[int, ...]]:
    raise KeyError


def test_the_record_does_not_grow(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.live.stop()
    monkeypatch.setattr(rechecking, "REST", 0.05)
    monkeypatch.setattr(rechecking, "SHARE", 0.9)
    with LiveRun(shop.source, shop.target, shop.live.spec, resume=True) as live:
        live.reaches(Phase.CUT_OVER)
        with Writer(shop.source, "changed") as writer:
            writer.has_written(100)
        live.catches_up(shop.source)
        wait_for(lambda: one(shop.target, _WAITING) == 0, "all changes to be compared")
        assert live.error is None


@pytest.fixture
def calls(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Calls]:
    with followed_calls(make_database, server16, server18) as calls:
        yield calls


def test_the_way_back_compares_what_was_written_to_the_target(calls: Calls) -> None:
    calls.over()
    calls.write()
    ask(calls.source, "UPDATE public.call SET note = 'spoilt' WHERE id = 6")
    with pytest.raises(
        Refused, match=r"Rows that changed differ between source and target: public.calls \(1\)"
    ):
        calls.back()
    ask(calls.there, "UPDATE public.calls SET remark = 'right again' WHERE call_id = 6")
    told = Told()
    calls.back(told)
    calls.is_same()
    assert "equal: 1 row that changed since. Left for the final check: 1 change." in did(told, "changed rows")
    assert "2 tables as a whole" not in did(told, "final check")
