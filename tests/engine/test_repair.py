"""Repairs: just the differing rows are copied again, kept first, told, and taken back by an undo."""

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.engine.hashing import fingerprint
from migration.engine.protect import BEFORE
from migration.engine.repair import Consent, RepairResult, repair
from migration.engine.row_parking import Repaired
from migration.engine.sessions import open_target_to_read
from migration.engine.undo import CHANGED_SINCE, undo
from migration.engine.verify import verify
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase, roles_on

BY = Consent(author="ann", reason="A writer went astray.")

_FAMILY = """
CREATE TABLE public.parents (id int PRIMARY KEY, code text NOT NULL UNIQUE, n int CHECK (n < 1000));
CREATE TABLE public.children (id int PRIMARY KEY, parent int NOT NULL REFERENCES public.parents ON DELETE CASCADE,
                              elder int REFERENCES public.children, note text);
INSERT INTO public.parents SELECT n, 'c' || n, n FROM generate_series(1, 40) n;
INSERT INTO public.children SELECT n, 1 + n % 40, nullif(n - 1, 0), 'note ' || n FROM generate_series(1, 100) n;
"""
_BOTH = Mapping(
    tables=(table("children", "id", "parent", "elder", "note"), table("parents", "id", "code", "n"))
)


@pytest.fixture
def family(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> tuple[str, str]:
    return make_database(server16, _FAMILY), make_database(server18, _FAMILY)


def mend(source: str, target: str, mapping: Mapping, told: Told | None = None) -> RepairResult:
    report = told.report if told else lambda event: None
    return repair(source, target, mapping, verify(source, target, mapping), BY, report=report)


def differing(source: str, target: str, mapping: Mapping) -> int:
    return sum(found.differing for found in verify(source, target, mapping))


def state_of(target: str, *tables: str) -> list[str]:
    with open_target_to_read(target) as session:
        return [fingerprint(session, ("public", name), BEFORE).digest for name in tables]


def kinds(target: str) -> list[tuple[str, str, int]]:
    return ask(
        target,
        "SELECT target_table, kind, count(*) FROM schemadiff.repaired_rows GROUP BY 1, 2 ORDER BY 1, 2",
    )


def test_missing_surplus_and_different_rows_are_put_right_and_back(family: tuple[str, str]) -> None:
    source, target = family
    ask(target, "DELETE FROM public.children; DELETE FROM public.parents WHERE id > 35")
    ask(target, "UPDATE public.parents SET n = -n WHERE id < 4")
    ask(target, "INSERT INTO public.parents VALUES (501, 'x', 1), (502, 'y', 2)")
    ask(target, "INSERT INTO public.children VALUES (601, 501, 602, 'a'), (602, 502, 601, 'a circle')")
    before = state_of(target, "parents", "children")
    result = mend(source, target, _BOTH)
    assert differing(source, target, _BOTH) == 0
    assert kinds(target) == [
        ("children", "inserted", 100),
        ("children", "removed", 2),
        ("parents", "inserted", 5),
        ("parents", "removed", 2),
        ("parents", "updated", 3),
    ]
    assert result.rows == 112
    assert ask(target, "SELECT author, reason, ended_at IS NOT NULL FROM schemadiff.repairs") == [
        ("ann", "A writer went astray.", True)
    ]
    assert ask(
        target, "SELECT key_columns, key, former ->> 'code' FROM schemadiff.repaired_rows WHERE key = '{502}'"
    ) == [(["id"], ["502"], "y")]
    assert undo(target, result.number, BY).rows == 112
    assert state_of(target, "parents", "children") == before
    with pytest.raises(Refused, match="was undone by repair 2"):
        undo(target, result.number, BY)
    with pytest.raises(NotFound, match="no repair 7"):
        undo(target, 7, BY)


def test_an_undo_leaves_what_was_changed_since(family: tuple[str, str]) -> None:
    source, target = family
    ask(
        target,
        "UPDATE public.parents SET n = 0 WHERE id IN (1, 2); DELETE FROM public.children WHERE id = 100",
    )
    result = mend(source, target, _BOTH)
    ask(
        target,
        "UPDATE public.parents SET n = 999 WHERE id = 1",
    )
    ask(target, "UPDATE public.children SET note = 'mine' WHERE id = 100")
    undone = undo(target, result.number, BY)
    assert undone.rows == 1
    assert [each.outcome.refused for each in undone.tables] == [{CHANGED_SINCE: 1}, {CHANGED_SINCE: 1}]
    assert ask(target, "SELECT id, n FROM public.parents WHERE id < 3 ORDER BY id") == [(1, 999), (2, 0)]
    assert one(target, "SELECT note FROM public.children WHERE id = 100") == "mine"


@pytest.mark.heavy
def test_nothing_cascades_and_no_orphan_is_written(family: tuple[str, str]) -> None:
    source, target = family
    ask(
        target,
        "INSERT INTO public.parents VALUES (501, 'x', 1); INSERT INTO public.parents VALUES (502, 'y', 1)",
    )
    ask(
        target,
        "CREATE TABLE public.others (id int, parent int REFERENCES public.parents ON DELETE CASCADE)",
    )
    ask(target, "INSERT INTO public.others VALUES (1, 501)")
    ask(source, "INSERT INTO public.parents VALUES (41, 'c41', 41)")
    ask(source, "UPDATE public.children SET parent = 41 WHERE id = 50")
    children = Mapping(tables=(_BOTH.tables[0],))
    (found,) = mend(source, target, children).tables
    assert found.outcome.refused == {
        "the row that “parent” refers to is not in the target (children_parent_fkey)": 1
    }
    result = mend(source, target, _BOTH)
    assert [(each.table[1], each.outcome.count) for each in result.tables] == [
        ("children", 1),
        ("parents", 2),
    ]
    assert result.tables[1].outcome.refused == {
        "rows of public.others still refer to it (others_parent_fkey)": 1
    }
    assert differing(source, target, _BOTH) == 1
    assert ask(target, "SELECT parent FROM public.others") == [(501,)]


@pytest.mark.heavy
def test_a_row_that_the_target_refuses_holds_no_other_back(family: tuple[str, str]) -> None:
    source, target = family
    ask(
        source,
        "ALTER TABLE public.parents DROP CONSTRAINT parents_n_check; UPDATE public.parents SET n = n + 990",
    )
    result = mend(source, target, _BOTH)
    assert result.tables[0].outcome.done[Repaired.UPDATED] == 9
    assert result.tables[0].outcome.refused == {
        "the value of a column is not allowed by the check (parents_n_check)": 31
    }
    assert differing(source, target, _BOTH) == 31


@pytest.mark.heavy
def test_triggers_do_not_fire_and_other_columns_stay(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source = make_database(server16, 'CREATE TABLE public.a (id text COLLATE "C" PRIMARY KEY, v numeric)')
    target = make_database(
        server18,
        "CREATE TABLE public.a (n int GENERATED ALWAYS AS IDENTITY, id text PRIMARY KEY, v numeric, own text, "
        "twice numeric GENERATED ALWAYS AS (v * 2) STORED);"
        "CREATE FUNCTION public.shout() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN NEW.v := 0; RETURN NEW; END$$;"
        "CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON public.a FOR EACH ROW EXECUTE FUNCTION public.shout()",
    )
    ask(source, "INSERT INTO public.a VALUES ('ä', 1.50), ('z\"', 2), ('', 3), ('b,c\\', 4)")
    ask(target, "INSERT INTO public.a (id, v, own) VALUES ('ä', 1, 'kept'), ('Z', 2, 'goes')")
    entry = Mapping(tables=(table("a", "id", "v"),))
    result = mend(source, target, entry)
    assert ask(target, 'SELECT id, v::text, own, twice::text FROM public.a ORDER BY id COLLATE "C"') == [
        ("", "3", None, "6"),
        ("b,c\\", "4", None, "8"),
        ('z"', "2", None, "4"),
        ("ä", "1.50", "kept", "3.00"),
    ]
    assert undo(target, result.number, BY).rows == 5
    assert ask(target, "SELECT n, id, v::text, own FROM public.a ORDER BY n") == [
        (1, "ä", "0", "kept"),
        (2, "Z", "0", "goes"),
    ]


@pytest.mark.heavy
def test_an_undo_gives_every_value_back_as_it_was_written(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    columns = (
        "id uuid, at timestamptz, f float8, j json, b bytea, l int[], r int4range, i interval, c char(4), "
        "x bit varying, d numeric"
    )
    source, target = (
        make_database(server, f"CREATE TABLE public.a ({columns}, PRIMARY KEY (id, at))")
        for server in (server16, server18)
    )
    ask(
        target,
        "INSERT INTO public.a VALUES (gen_random_uuid(), 'infinity', '-0', '{\"b\":1, \"a\":2,\"a\":3}', '\\x00ff', "
        "'[0:1]={1,2}', '[1,5)', '1 day -3 h', 'ab', B'101', 1.500), (gen_random_uuid(), '-infinity', 'NaN', NULL, "
        "NULL, '{}', 'empty', NULL, NULL, NULL, 'NaN')",
    )
    before = state_of(target, "a")
    result = mend(
        source, target, Mapping(tables=(table("a", *[each.split()[0] for each in columns.split(", ")]),))
    )
    assert one(target, "SELECT count(*) FROM public.a") == 0
    assert undo(target, result.number, BY).rows == 2
    assert state_of(target, "a") == before


@pytest.mark.heavy
def test_doubled_rows_are_made_one_where_the_target_has_no_key(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source = make_database(server16, "CREATE TABLE public.a (id int PRIMARY KEY, n int)")
    target = make_database(server18, "CREATE TABLE public.a (id int, n int)")
    ask(source, "INSERT INTO public.a VALUES (1, 1), (2, 2), (3, 3)")
    ask(target, "INSERT INTO public.a VALUES (1, 1), (2, 2), (2, 2), (3, 4), (3, 5)")
    entry = Mapping(tables=(table("a", "id", "n"),))
    mend(source, target, entry)
    assert ask(target, "SELECT id, n FROM public.a ORDER BY id") == [(1, 1), (2, 2), (3, 3)]


def test_protected_tables_and_tables_without_a_key_are_left_alone(family: tuple[str, str]) -> None:
    source, target = family
    for dsn in family:
        ask(dsn, "CREATE TABLE public.keyless (n int)")
    ask(source, "INSERT INTO public.keyless VALUES (1)")
    ask(target, "UPDATE public.parents SET n = 0")
    found = verify(source, target, _BOTH)
    with pytest.raises(Refused, match=r"public\.parents: protected"):
        repair(source, target, _BOTH, found, BY, protected=frozenset({("public", "parents")}))
    assert one(target, "SELECT to_regclass('schemadiff.repairs')") is None
    told = Told()
    assert mend(source, target, Mapping(tables=(table("keyless", "n"),)), told).rows == 0
    assert "public.keyless has no key that tells its rows apart" in told.text()


@pytest.mark.heavy
def test_rejects_and_rows_that_were_there_before_are_no_differences_to_repair(
    family: tuple[str, str],
) -> None:
    source, target = family
    ask(target, "TRUNCATE public.parents, public.children; INSERT INTO public.parents VALUES (900, 'c7', 0)")
    carry(source, target, copy_spec(target, table("parents", "id", "code", "n")))
    ask(target, "UPDATE public.parents SET n = 5 WHERE id = 1")
    parents = Mapping(tables=(_BOTH.tables[1],))
    assert mend(source, target, parents).rows == 1
    assert one(target, "SELECT n FROM public.parents WHERE id = 900") == 0
    assert one(target, "SELECT count(*) FROM public.parents WHERE id = 7") == 0


@pytest.mark.heavy
def test_a_role_that_may_not_skip_triggers_repairs_too(
    family: tuple[str, str], server18: EmbeddedServer
) -> None:
    source, target = family
    ask(target, "DELETE FROM public.children WHERE id > 90; UPDATE public.parents SET n = 0 WHERE id = 1")
    ask(target, "INSERT INTO public.parents VALUES (501, 'x', 1)")
    with roles_on(server18, ["mender"]):
        ask(target, "ALTER ROLE mender LOGIN PASSWORD 'mend'")
        ask(
            target,
            "GRANT CREATE, TEMPORARY ON DATABASE " + one(target, "SELECT current_database()") + " TO mender",
        )
        ask(target, "GRANT ALL ON public.parents, public.children TO mender")
        as_mender = psycopg.conninfo.make_conninfo(target, user="mender", password="mend")
        assert mend(source, as_mender, _BOTH).rows == 12
        assert differing(source, target, _BOTH) == 0
        ask(target, "DROP OWNED BY mender")


def test_a_run_that_failed_when_it_compared_is_repaired_and_resumed(family: tuple[str, str]) -> None:
    source, target = family
    ask(target, "TRUNCATE public.parents, public.children; INSERT INTO public.parents VALUES (900, 'c7', 0)")
    ask(
        target,
        "CREATE FUNCTION public.slip() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN IF NEW.id = 3 THEN NEW.n := 0; END IF; RETURN NEW; END$$;"
        "CREATE TRIGGER slip BEFORE INSERT ON public.parents FOR EACH ROW EXECUTE FUNCTION public.slip();"
        "ALTER TABLE public.parents ENABLE ALWAYS TRIGGER slip",
    )
    spec = copy_spec(target, table("parents", "id", "code", "n"))
    with pytest.raises(RunFailed, match="Rows differ"):
        carry(source, target, spec)
    assert mend(source, target, Mapping(tables=(_BOTH.tables[1],))).rows == 1
    assert carry(source, target, spec, resume=True)[0].rejects == 1
