"""The example's databases hold what its story says."""

import psycopg
import pytest

from migration import seedcase


def _count(connection: psycopg.Connection, table: str) -> int:
    row = connection.execute(psycopg.sql.SQL("SELECT count(*) FROM {}").format(psycopg.sql.Identifier(table)))
    return int((row.fetchone() or (0,))[0])


def test_the_source_holds_the_rows_of_the_story(seed_source_dsn: str) -> None:
    with psycopg.connect(seed_source_dsn) as connection:
        counts = {table: _count(connection, table) for table in seedcase.COUNTS}
    assert counts == seedcase.COUNTS
    assert sum(counts[table] for table in seedcase.TABLES) == 1490


def test_the_target_holds_only_the_protected_rows(seed_target_dsn: str) -> None:
    with psycopg.connect(seed_target_dsn) as connection:
        protected = {table: _count(connection, table) for table in seedcase.PROTECTED}
        assert [_count(connection, table) for table in seedcase.TABLES] == [0] * 7
    assert protected == {"whatsapp_auth": 1, "whatsapp_keys": 728}


@pytest.mark.parametrize(("relkinds", "expected"), [(["r"], 19), (["i"], 129)], ids=["tables", "indexes"])
def test_the_target_has_the_objects_of_the_story(
    seed_target_dsn: str, relkinds: list[str], expected: int
) -> None:
    query = (
        "SELECT count(*) FROM pg_class"
        " WHERE relkind::text = ANY(%s) AND relnamespace = 'public'::regnamespace"
    )
    with psycopg.connect(seed_target_dsn) as connection:
        assert connection.execute(query, [relkinds]).fetchone() == (expected,)


def test_the_sequences_stand_behind_the_loaded_rows(seed_source_dsn: str) -> None:
    with psycopg.connect(seed_source_dsn) as connection:
        row = connection.execute("SELECT nextval(pg_get_serial_sequence('bookings', 'id'))").fetchone()
    assert row == (39,)
