"""Into a table that has some of the rows already: what is there stays, what collides with it becomes rejects."""

import pytest
from psycopg import sql

from migration.engine.carrying import carriage_of
from migration.engine.chunking import source_key
from migration.engine.merging import Merged, merge
from migration.engine.sessions import open_source, open_target
from migration.engine.sorting_out import Failed, Loading, attempt
from migration.runner import never
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

pytestmark = pytest.mark.heavy

SCHEMA = """
CREATE TABLE public.a (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE, note varchar(40),
    twice int GENERATED ALWAYS AS (1 + 1) STORED)
"""
_REJECTS = (
    'SELECT key, "constraint", "column", message, reason, "row" ->> \'note\' '
    "FROM schemadiff.rejects ORDER BY key[1]::int"
)


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    dsns = make_database(server16), make_database(server18)
    for dsn in dsns:
        ask(dsn, SCHEMA)
    ask(
        dsns[0],
        "INSERT INTO public.a (id, code, note) OVERRIDING SYSTEM VALUE "
        "SELECT n, 'c' || n, 'source ' || n FROM generate_series(1, 1000) AS n",
    )
    return dsns


def hold(target: str, values: str) -> None:
    ask(target, f"INSERT INTO public.a (id, code, note) OVERRIDING SYSTEM VALUE {values}")


def test_half_of_the_rows_are_there_and_stay_as_they_are(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "SELECT n, 'held ' || n, 'target' FROM generate_series(2, 1000, 2) AS n")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "code", "note")), chunk_rows=150)
    assert (result.rows_read, result.rows_written, result.rejects) == (1000, 500, 500)
    assert told.rejects() == {("a", "23505", "a_pkey"): 500}
    assert one(target, "SELECT count(*) FROM public.a WHERE note = 'target' AND id % 2 = 0") == 500
    assert one(target, "SELECT count(*) FROM public.a WHERE note = 'source ' || id AND id % 2 = 1") == 500
    first = ask(target, _REJECTS)[0]
    assert first == (
        ["2"],
        "a_pkey",
        "id",
        'duplicate key value violates unique constraint "a_pkey" Key (id)=(2) already exists.',
        "a row with the same key is already in the target (a_pkey)",
        "source 2",
    )


def test_rows_collide_on_two_keys_and_each_is_refused_once(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "VALUES (10, 'x', 'target'), (2000, 'c20', 'target'), (30, 'c30', 'target')")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "code", "note")))
    assert (result.rows_written, result.rejects) == (997, 3)
    assert sum(told.rejects().values()) == 3
    assert {row[0][0] for row in ask(target, _REJECTS)} == {"10", "20", "30"}


def test_other_faults_beside_collisions_are_found_row_by_row(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "SELECT n, 'held ' || n, 'target' FROM generate_series(1, 20) AS n")
    ask(target, "ALTER TABLE public.a ADD CHECK (note <> 'source 500')")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "code", "note")))
    assert (result.rows_written, result.rejects) == (979, 21)
    assert told.rejects() == {("a", "23505", "a_pkey"): 20, ("a", "23514", "a_note_check"): 1}


def test_rows_of_the_source_that_collide_with_one_another(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "VALUES (10, 'x', 'target')")
    ask(source, "ALTER TABLE public.a DROP CONSTRAINT a_code_key")
    ask(source, "UPDATE public.a SET code = 'c1' WHERE id = 2")
    result, told = carry(source, target, copy_spec(target, table("a", "id", "code", "note")))
    assert (result.rows_written, result.rejects) == (998, 2)
    assert told.rejects() == {("a", "23505", "a_pkey"): 1, ("a", "23505", "a_code_key"): 1}


def merged(source_dsn: str, target_dsn: str) -> Merged | None:
    """The whole table at once, after it was refused as a whole."""
    with (
        open_source(source_dsn) as source,
        open_target(target_dsn) as target,
        source.transaction(),
        target.transaction(),
    ):
        loading = Loading(
            source=source,
            target=target,
            carriage=carriage_of(target, table("a", "id", "code", "note")),
            key=source_key(source, ("public", "a")),
            should_stop=never,
        )
        failed = attempt(loading, sql.SQL("true"), ordered=False)
        assert isinstance(failed, Failed)
        return merge(loading, sql.SQL("true"), failed)


def test_collisions_need_no_look_at_single_rows(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "SELECT n, 'held ' || n, 'target' FROM generate_series(1, 999) AS n")
    found = merged(source, target)
    assert found is not None and (found.rows, len(found.refusals)) == (1000, 999)
    assert one(target, "SELECT note FROM public.a WHERE id = 1000") == "source 1000"


def test_with_another_fault_nothing_is_merged(sides: tuple[str, str]) -> None:
    source, target = sides
    hold(target, "VALUES (10, 'x', 'target')")
    ask(target, "ALTER TABLE public.a ADD CHECK (note <> 'source 500')")
    assert merged(source, target) is None
    assert one(target, "SELECT count(*) FROM public.a") == 1
