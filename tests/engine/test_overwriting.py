"""Into a table that has rows, with `overwrites`: rows become the source's, and can become again what they were."""

import uuid
from dataclasses import replace

import pytest

from migration.core.errors import RunFailed, RunStopped
from migration.core.events import TableProgress
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.engine import repairs
from migration.engine.repair import Consent
from migration.engine.sessions import open_target
from migration.engine.undo import undo
from migration.runner import run
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, copy_spec, fingerprint_of, one, table
from tests.servers import MakeDatabase, roles_on

pytestmark = pytest.mark.heavy

SCHEMA = """
CREATE TABLE public.parents (id int PRIMARY KEY, code text UNIQUE, boss int REFERENCES public.parents);
CREATE TABLE public.a (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES public.parents, code text UNIQUE,
    price numeric, extra json, twice int GENERATED ALWAYS AS (1 + 1) STORED);
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN NEW.code := ''touched''; RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON public.a FOR EACH ROW EXECUTE FUNCTION public.touch();
"""
_ROWS = "SELECT id, parent, code, price::text, extra::text FROM public.a ORDER BY id"
BY = Consent(author="ana", reason="back again")


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    source, target = make_database(server16), make_database(server18)
    for dsn in (source, target):
        ask(dsn, SCHEMA)
    ask(
        source,
        "INSERT INTO public.parents SELECT n, 'p' || n, nullif(n % 7, 0) FROM generate_series(1, 50) AS n",
    )
    ask(
        source,
        "INSERT INTO public.a (id, parent, code, price, extra) OVERRIDING SYSTEM VALUE "
        "SELECT n, 1 + n % 50, 'c' || n, 1.50, '{\"n\": 1}' FROM generate_series(1, 1000) AS n",
    )
    return source, target


def hold(target: str) -> None:
    """Every second row, among them 100 with other values; and three that the source does not have."""
    ask(target, "INSERT INTO public.parents SELECT n, 'p' || n FROM generate_series(1, 50) AS n")
    ask(
        target,
        "INSERT INTO public.a (id, parent, code, price, extra) OVERRIDING SYSTEM VALUE "
        "SELECT n, 1 + n % 50, 'c' || n, CASE WHEN n <= 200 THEN 1.5 ELSE 1.50 END, '{\"n\": 1}'::json "
        "FROM generate_series(2, 1000, 2) AS n",
    )
    ask(
        target,
        "INSERT INTO public.a (id, parent, code, price, extra) OVERRIDING SYSTEM VALUE "
        "VALUES (2001, 1, 'own', 3, NULL), (2002, 2, 'own 2', 3, NULL), (2003, NULL, 'own 3', NULL, NULL)",
    )


def overwriting(target: str, jobs: int = 1) -> RunSpec:
    tables = (
        table("a", "id", "parent", "code", "price", "extra"),
        table("parents", "id", "code", "boss"),
    )
    return replace(copy_spec(target, *tables, jobs=jobs), overwrites=True)


def test_rows_become_the_sources_and_again_what_they_were(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    before = ask(target, _ROWS)
    result, told = carry(source, target, overwriting(target), chunk_rows=150)
    assert (result.rows_read, result.rows_written, result.rejects) == (1050, 1050, 0)
    assert ask(target, _ROWS)[:1000] == ask(source, _ROWS)  # no trigger has touched them
    assert ask(target, _ROWS)[1000:] == before[500:]
    assert [event.differing for event in told.checked().values()] == [0, 0]
    assert "a held 503 rows before; those that the source has, too, are overwritten" in told.text()
    with open_target(target) as session:
        (record,) = repairs.recorded(session)
    assert record.ended
    assert record.rows == 100 + 43  # those that differ, no others: 43 parents got a boss
    assert undo(target, record.id, BY).rows == record.rows
    assert [row for row in ask(target, _ROWS) if row[0] % 2 == 0 or row[0] > 1000] == before


def test_rows_whose_parents_are_missing_are_refused_and_what_was_there_stays(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    ask(source, "ALTER TABLE public.a DROP CONSTRAINT a_parent_fkey, DISABLE TRIGGER touched")
    ask(
        source, "UPDATE public.a SET parent = 99 WHERE id IN (2, 3); DELETE FROM public.parents WHERE id = 50"
    )
    ask(target, "DELETE FROM public.a WHERE parent = 50; DELETE FROM public.parents WHERE id = 50")
    result, told = carry(source, target, overwriting(target), chunk_rows=150)
    assert told.rejects() == {("a", "23503", "a_parent_fkey"): 22}
    assert (result.rows_read, result.rows_written) == (1049, 1027)
    assert ask(target, "SELECT parent FROM public.a WHERE id IN (2, 3)") == [(3,)]
    kept = ask(target, "SELECT key, \"column\", message FROM schemadiff.rejects WHERE key = '{2}'")
    assert kept == [(["2"], "parent", 'Key (parent)=(99) is not present in table "parents".')]


def test_rows_that_collide_on_another_key_are_refused_one_by_one(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    ask(target, "ALTER TABLE public.a DISABLE TRIGGER touched")
    ask(target, "UPDATE public.a SET code = 'c7' WHERE id = 2001")
    result, told = carry(source, target, overwriting(target))
    assert told.rejects() == {("a", "23505", "a_code_key"): 1}
    assert (result.rows_read, result.rows_written) == (1050, 1049)


def test_a_run_that_was_stopped_goes_on_with_the_same_record(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    spec = overwriting(target)
    told = Told()

    def after_some_chunks() -> bool:
        return sum(event.rows_written > 0 for event in told.of(TableProgress)) > 3

    with pytest.raises(RunStopped):
        run(
            source,
            target,
            spec,
            report=told.report,
            should_stop=after_some_chunks,
            hands_back=lambda: True,
            chunk_rows=100,
        )
    result, _ = carry(source, target, spec, resume=True, chunk_rows=100)
    assert (result.phase, result.rows_read, result.rejects) == (Phase.FINISH, 1050, 0)
    with open_target(target) as session:
        assert [record.rows for record in repairs.recorded(session)] == [143]


def test_processes_overwrite_side_by_side(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    ask(
        source,
        "INSERT INTO public.a (id, code, price) OVERRIDING SYSTEM VALUE "
        "SELECT n, 'c' || n, n FROM generate_series(10001, 250000) AS n",
    )
    result, _ = carry(source, target, overwriting(target, jobs=2))
    assert (result.rows_read, result.rejects) == (241_050, 0)
    assert one(target, "SELECT count(*) FROM public.a") == 241_003


def test_a_table_without_a_key_for_it_is_refused_before_the_start(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target)
    ask(target, "ALTER TABLE public.a DROP CONSTRAINT a_pkey")
    before = fingerprint_of(target)
    with pytest.raises(Refused, match=r"^public\.a: rows are there, and no key tells"):
        carry(source, target, overwriting(target))
    assert fingerprint_of(target) == before
    assert one(target, "SELECT to_regclass('schemadiff.runs')") is None


def both(sides: tuple[str, str], source: str, target: str) -> tuple[str, str]:
    for dsn, statements in zip(sides, (source, target), strict=True):
        ask(dsn, "DROP TABLE public.a, public.parents")
        ask(dsn, statements)
    return sides


def test_foreign_keys_within_a_table_hold_when_what_they_refer_to_moves_away(sides: tuple[str, str]) -> None:
    plain = "CREATE TABLE public.t (id int PRIMARY KEY, code text UNIQUE, parent text"
    source, target = both(
        sides,
        f"{plain}); INSERT INTO public.t VALUES (1, 'B', NULL), (3, 'C', 'A'), (4, 'X', 'D'), (5, 'E', 'X')",
        f"{plain} REFERENCES public.t (code)); INSERT INTO public.t VALUES (1, 'A', NULL), (3, 'C', NULL), "
        "(4, 'X', NULL), (6, 'F', 'X')",
    )
    spec = replace(copy_spec(target, table("t", "id", "code", "parent")), overwrites=True)
    result, told = carry(source, target, spec)
    assert told.rejects() == {("t", "23503", "t_parent_fkey"): 2}
    assert result.rows_written == 2
    assert ask(target, "SELECT id, code, parent FROM public.t ORDER BY id") == [
        (1, "B", None),
        (3, "C", None),
        (4, "X", None),
        (5, "E", "X"),
        (6, "F", "X"),
    ]


def test_foreign_keys_hold_of_which_some_columns_are_carried_or_filled(sides: tuple[str, str]) -> None:
    source, target = both(
        sides,
        "CREATE TABLE public.c (id int PRIMARY KEY, ref int, a int, b int);"
        "INSERT INTO public.c VALUES (1, 2, NULL, NULL), (2, 2, NULL, NULL), (3, 1, 1, NULL), (4, 1, NULL, NULL)",
        "CREATE TABLE public.p (id int PRIMARY KEY, tenant int NOT NULL DEFAULT 7, UNIQUE (tenant, id));"
        "INSERT INTO public.p VALUES (1, 1), (2, 2), (3, 7), (1000, 7);"
        "CREATE TABLE public.c (id int PRIMARY KEY, tenant int NOT NULL DEFAULT 1, ref int, a int, b int, "
        "FOREIGN KEY (tenant, ref) REFERENCES public.p (tenant, id), "
        "FOREIGN KEY (a, b) REFERENCES public.p (tenant, id) MATCH FULL);"
        "INSERT INTO public.c VALUES (1, 1, 1)",
    )
    spec = replace(copy_spec(target, table("c", "id", "ref", "a", "b")), overwrites=True)
    result, told = carry(source, target, spec)
    assert told.rejects() == {("c", "23503", "c_tenant_ref_fkey"): 2, ("c", "23503", "c_a_b_fkey"): 1}
    assert result.rows_written == 1
    assert ask(target, "SELECT id, tenant, ref FROM public.c ORDER BY id") == [(1, 1, 1), (4, 1, 1)]


@pytest.mark.parametrize(
    ("source", "target", "sentence"),
    [
        (
            "(id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 2)",
            "(id int PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY); INSERT INTO public.t VALUES (1)",
            "public.t: i is GENERATED ALWAYS AS IDENTITY and no key, so it cannot be overwritten",
        ),
        (
            "(id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 2)",
            "(id int PRIMARY KEY, i int UNIQUE DEFERRABLE); INSERT INTO public.t VALUES (1)",
            "public.t: its key t_i_key is deferrable",
        ),
        (
            "(id text PRIMARY KEY, i int); INSERT INTO public.t VALUES ('1', 2), ('01', 3)",
            "(id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 1)",
            "public.t: rows are there, and no key tells",
        ),
    ],
)
def test_what_could_not_be_overwritten_rightly_is_refused(
    sides: tuple[str, str], source: str, target: str, sentence: str
) -> None:
    here, there = both(sides, f"CREATE TABLE public.t {source}", f"CREATE TABLE public.t {target}")
    with pytest.raises(Refused) as refused:
        carry(here, there, replace(copy_spec(there, table("t", "id", "i")), overwrites=True))
    assert str(refused.value).startswith(sentence)


def test_a_deferrable_key_that_rows_break_is_told_and_not_passed_over(sides: tuple[str, str]) -> None:
    source, target = both(
        sides,
        "CREATE TABLE public.t (id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 5), (2, 5), (3, 6)",
        "CREATE TABLE public.t (id int PRIMARY KEY, i int UNIQUE DEFERRABLE INITIALLY DEFERRED)",
    )
    with pytest.raises(
        RunFailed,
        match=r"^The deferrable key t_i_key of public\.t does not hold: .* more than once: 1\.",
    ):
        carry(source, target, copy_spec(target, table("t", "id", "i")))


def test_a_row_that_a_trigger_leaves_out_is_refused(sides: tuple[str, str]) -> None:
    source, target = both(
        sides,
        "CREATE TABLE public.t (id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 5), (2, 6), (3, 7)",
        "CREATE TABLE public.t (id int PRIMARY KEY, i int); INSERT INTO public.t VALUES (1, 1);"
        "CREATE FUNCTION public.none() RETURNS trigger LANGUAGE plpgsql AS "
        "'BEGIN IF NEW.i = 6 THEN RETURN NULL; END IF; RETURN NEW; END';"
        "CREATE TRIGGER none BEFORE INSERT OR UPDATE ON public.t FOR EACH ROW EXECUTE FUNCTION public.none();"
        "ALTER TABLE public.t ENABLE ALWAYS TRIGGER none",
    )
    result, told = carry(source, target, replace(copy_spec(target, table("t", "id", "i")), overwrites=True))
    assert told.rejects() == {("t", "P0001", ""): 1}
    assert (result.rows_written, one(target, "SELECT count(*) FROM public.t")) == (2, 2)


def test_without_the_right_to_temporary_tables_nothing_begins(
    sides: tuple[str, str], server18: EmbeddedServer
) -> None:
    source, target = sides
    hold(target)
    name, role = one(target, "SELECT current_database()"), f"writer_{uuid.uuid4().hex[:8]}"
    with roles_on(server18, [role]):
        ask(target, f"ALTER ROLE {role} LOGIN PASSWORD 'writer'")
        ask(target, f"GRANT pg_read_all_data, pg_write_all_data TO {role}")
        ask(
            target,
            f"GRANT CREATE ON DATABASE {name} TO {role}; REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC",
        )
        with pytest.raises(Refused, match=rf"GRANT TEMPORARY ON DATABASE {name} TO {role};"):
            carry(source, server18.dsn(name, role, "writer"), overwriting(target))
        assert one(target, "SELECT to_regclass('schemadiff.runs')") is None
        ask(target, f"REVOKE ALL ON DATABASE {name} FROM {role}")
