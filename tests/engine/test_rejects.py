"""Rows that cannot be carried: each is kept with its reason, the others arrive, nothing is unaccounted for."""

import random
from dataclasses import replace

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.engine.rejects import rejected_rows
from migration.engine.verify import verify
from schemadiff.core.mapping import Mapping, TableMapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, copy_spec, name, one, table
from tests.servers import MakeDatabase


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16), make_database(server18)


@pytest.fixture
def modest(sides: tuple[str, str], server18: EmbeddedServer) -> tuple[str, str]:
    """Source, and the target as a role that may not switch triggers off."""
    source, target = sides
    ask(target, "DROP OWNED BY modest") if one(
        target, "SELECT count(*) FROM pg_roles WHERE rolname = 'modest'"
    ) else ask(target, "CREATE ROLE modest LOGIN PASSWORD 'modest'")
    database = one(target, "SELECT current_database()")
    ask(target, f"GRANT ALL ON DATABASE {database} TO modest; GRANT ALL ON SCHEMA public TO modest")
    return source, server18.dsn(database, "modest", "modest")


def test_bad_rows_among_many_good_ones(sides: tuple[str, str]) -> None:
    source, target = sides
    chance = random.Random(20251111)
    bad = sorted(chance.sample(range(1, 20_001), 60))
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, v text, n text)")
    ask(source, "INSERT INTO public.a SELECT n, 'v', n FROM generate_series(1, 20000) AS n")
    ask(source, "UPDATE public.a SET v = repeat('x', 9) WHERE id = ANY (%s)", bad[:20])
    ask(source, "UPDATE public.a SET n = -id WHERE id = ANY (%s)", bad[20:40])
    ask(source, "UPDATE public.a SET n = 'none' WHERE id = ANY (%s)", bad[40:])
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, v varchar(5), n int CHECK (n > 0))")
    spec = copy_spec(target, table("a", "id", "v", "n"))
    result, told = carry(source, target, spec, chunk_rows=7_000)
    assert (result.rows_read, result.rows_written, result.rejects) == (20_000, 19_940, 60)
    assert {(sqlstate, what): n for (_, sqlstate, what), n in told.rejects().items()} == {
        ("22001", "v"): 20,
        ("23514", "a_n_check"): 20,
        ("22P02", ""): 20,
    }
    kept = rejected_rows(target, spec.ledger_id, name("a"), 100)
    assert sorted(int(row.key[0]) for row in kept) == bad
    assert told.checked()["a"].differing == 0


def test_a_whole_table_without_a_required_value(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, v text)")
    ask(source, "INSERT INTO public.a SELECT n, nullif(n, 4)::text FROM generate_series(1, 30000) AS n")
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, v text NOT NULL, extra int NOT NULL)")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "v")))
    assert (result.rows_written, result.rejects) == (0, 30_000)
    assert told.rejects() == {("a", "23502", "v"): 1, ("a", "23502", "extra"): 29_999}


def test_triggers_that_fire_are_named_and_what_they_write_is_told(
    sides: tuple[str, str], modest: tuple[str, str]
) -> None:
    source, target = modest
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY); INSERT INTO public.a VALUES (1), (2)")
    ask(
        target,
        "CREATE TABLE public.a (id int PRIMARY KEY); CREATE TABLE public.audit (id int);"
        "CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN INSERT INTO public.audit VALUES (new.id); RETURN new; END$$;"
        "CREATE TRIGGER noted AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.note();"
        "CREATE TRIGGER silent AFTER INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.note();"
        "ALTER TABLE public.a DISABLE TRIGGER silent;"
        "CREATE TRIGGER later AFTER UPDATE ON public.a FOR EACH ROW EXECUTE FUNCTION public.note()",
    )
    spec = copy_spec(target, table("a", "id"))
    spec = replace(spec, scope=replace(spec.scope, protected=(("public", "audit"),)))
    _, told = carry(source, target, spec)
    assert "may not set session_replication_role, so these triggers" in told.text()
    assert "for every row: public.a: noted. What they write" in told.text()
    assert (
        "public.audit was changed meanwhile: by others, or by triggers of the carried tables" in told.text()
    )
    assert [told.protected()["audit", when].rows for when in ("before", "after")] == [0, 2]
    ask(target, "TRUNCATE public.a")
    _, as_superuser = carry(source, sides[1], copy_spec(target, table("a", "id")))
    assert "fire" not in as_superuser.text()
    ask(target, "ALTER TABLE public.a ENABLE ALWAYS TRIGGER noted; TRUNCATE public.a")
    _, as_superuser = carry(source, sides[1], copy_spec(target, table("a", "id")))
    assert "enabled for replicas or always, so these triggers" in as_superuser.text()


def test_a_trigger_may_fill_what_is_required(modest: tuple[str, str]) -> None:
    source, target = modest
    ask(
        source,
        "CREATE TABLE public.a (id int PRIMARY KEY, v text); INSERT INTO public.a VALUES (1, NULL), (2, 'bad')",
    )
    ask(
        target,
        "CREATE TABLE public.a (id int PRIMARY KEY, v text NOT NULL CHECK (v <> 'bad'));"
        "CREATE FUNCTION public.fill() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN new.v := coalesce(new.v, 'filled'); RETURN new; END $$;"
        "CREATE TRIGGER fill BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.fill()",
    )
    spec = copy_spec(target, table("a", "id", "v"))
    with pytest.raises(RunFailed, match="Rows differ"):
        carry(source, target, spec)
    assert ask(target, "SELECT id, v FROM public.a") == [(1, "filled")]


_FAMILY = (
    "CREATE TABLE public.clients (id int PRIMARY KEY, name text{check});"
    "CREATE TABLE public.orders (id int PRIMARY KEY, client_id int {fk});"
    "CREATE TABLE public.lines (id int PRIMARY KEY, order_id int {fk2})"
)


def family(sides: tuple[str, str]) -> tuple[TableMapping, ...]:
    source, target = sides
    ask(source, _FAMILY.format(check="", fk="", fk2=""))
    ask(
        target,
        _FAMILY.format(
            check=" CHECK (name <> 'nobody')",
            fk="REFERENCES public.clients",
            fk2="REFERENCES public.orders",
        ),
    )
    ask(
        source,
        "INSERT INTO public.clients VALUES (1, 'a'), (2, 'nobody'); INSERT INTO public.orders VALUES (10, 1), (20, 2), "
        "(30, 3), (40, NULL); INSERT INTO public.lines VALUES (100, 10), (200, 20), (300, 30), (400, 40)",
    )
    return (
        table("lines", "id", "order_id"),
        table("orders", "id", "client_id"),
        table("clients", "id", "name"),
    )


@pytest.mark.parametrize("fixture", ["sides", "modest"])
def test_rejects_draw_others_after_them(request: pytest.FixtureRequest, fixture: str) -> None:
    source, target = request.getfixturevalue(fixture)
    entries = family((source, target))
    spec = copy_spec(target, *entries)
    result, told = carry(source, target, spec)
    assert (result.rows_read, result.rows_written, result.rejects) == (10, 5, 5)
    reasons = {
        (row.table[1], row.key[0]): row.reason
        for entry in entries
        for row in rejected_rows(target, spec.ledger_id, entry.source)
    }
    assert sorted(reasons) == [
        ("clients", "2"),
        ("lines", "200"),
        ("lines", "300"),
        ("orders", "20"),
        ("orders", "30"),
    ]
    assert reasons["orders", "20"] == "refused because its row of public.clients was (orders_client_id_fkey)"
    assert reasons["orders", "30"].startswith("the row that “client_id” refers to is not in the target")
    assert reasons["lines", "200"].startswith("refused because its row of public.orders was")
    assert all(not found.differing for found in told.checked().values())


@pytest.mark.parametrize("fixture", ["sides", "modest"])
def test_rows_that_refer_to_later_ones_arrive(request: pytest.FixtureRequest, fixture: str) -> None:
    source, target = request.getfixturevalue(fixture)
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, parent int)")
    ask(source, "INSERT INTO public.a SELECT n, nullif((n + 1) % 501, 0) FROM generate_series(1, 500) AS n")
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, parent int REFERENCES public.a)")
    result, _ = carry(source, target, copy_spec(target, table("a", "id", "parent")), chunk_rows=100)
    assert (result.rows_written, result.rejects, result.differing) == (500, 0, 0)
    assert one(target, "SELECT count(*) FROM public.a WHERE parent IS NOT NULL") == 499


def test_doubled_keys_of_the_target(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, code text)")
    ask(source, "INSERT INTO public.a SELECT n, n % 90 FROM generate_series(1, 100) AS n")
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, code text UNIQUE)")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "code")), chunk_rows=30)
    assert (result.rows_written, result.rejects) == (90, 10)
    assert told.rejects() == {("a", "23505", "a_code_key"): 10}


def test_rows_that_were_there_before_stay(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY, v text)")
    ask(source, "INSERT INTO public.a SELECT n, 'from the source' FROM generate_series(1, 50) AS n")
    ask(target, "INSERT INTO public.a SELECT n, 'here before' FROM generate_series(41, 60) AS n")
    spec = copy_spec(target, table("a", "id", "v"))
    result, _ = carry(source, target, spec)
    assert (result.rows_written, result.rejects, result.differing) == (40, 10, 0)
    assert ask(target, "SELECT v, count(*) FROM public.a GROUP BY v ORDER BY v") == [
        ("from the source", 40),
        ("here before", 20),
    ]


def test_rows_without_a_key_are_told_apart(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(
        source,
        "CREATE TABLE public.a (v text); INSERT INTO public.a VALUES ('x'), (NULL), ('x'), ('yy'), (NULL)",
    )
    ask(target, "CREATE TABLE public.a (v varchar(1) NOT NULL)")
    spec = copy_spec(target, table("a", "v"))
    result, told = carry(source, target, spec)
    assert (result.rows_written, result.rejects) == (2, 3)
    assert {row.row for row in rejected_rows(target, spec.ledger_id, name("a"))} == {
        '{"v": null}',
        '{"v": "yy"}',
    }
    assert told.checked()["a"].method == "count only (no key, and rejects)"


def test_expressions_that_fail_reject_their_rows(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "CREATE TABLE public.a (id int PRIMARY KEY, n int)")
    ask(source, "INSERT INTO public.a SELECT n, n % 100 FROM generate_series(1, 1000) AS n")
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, share int)")
    result, told = carry(source, target, copy_spec(target, table("a", "id", share="1000 / n")))
    assert (result.rows_written, result.rejects) == (990, 10)
    assert told.rejects() == {("a", "22012", ""): 10}


def test_values_stay_out_of_what_is_reported(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(
        source,
        "CREATE TABLE public.a (id int PRIMARY KEY, n text); INSERT INTO public.a VALUES (7, 'secret 4711')",
    )
    ask(target, "CREATE TABLE public.a (id int PRIMARY KEY, n int)")
    spec = copy_spec(target, table("a", "id", "n"))
    _, told = carry(source, target, spec)
    assert "secret" not in repr(told.events)
    assert "secret 4711" in rejected_rows(target, spec.ledger_id, name("a"))[0].message


def test_a_later_verification_still_knows_them(sides: tuple[str, str]) -> None:
    source, target = sides
    entries = family(sides)
    carry(source, target, copy_spec(target, *entries))
    found = verify(source, target, Mapping(tables=entries))
    assert sum(each.differing for each in found) == 0
    assert sum(each.rejected_rows for each in found) == 5
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute("DELETE FROM public.lines WHERE id = 100")
    told = Told()
    again = verify(source, target, Mapping(tables=entries), report=told.report)
    assert [each.differing for each in again] == [1, 0, 0]
    assert "1 only in the source" in told.text()
