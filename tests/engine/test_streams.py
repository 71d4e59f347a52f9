"""Rows that are read as they come: whoever gives them up in the middle leaves the session free for what is next."""

import pytest
from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.compared import Face
from migration.engine.sessions import Session, Streamed, open_source, open_target
from migration.engine.table_check import Sides
from schemadiff.embedded import EmbeddedServer
from tests.servers import MakeDatabase

_MANY = sql.SQL("SELECT n FROM {} AS n").format(sql.SQL("generate_series(1, 100000)"))


def test_given_up_in_the_middle_or_where_the_other_side_cannot_begin(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    nowhere = sql.SQL("")
    face = Face(
        table=("public", "nothing"),
        values=(),
        shown=(),
        key=(),
        key_types=(),
        key_names=(),
        own_key=nowhere,
        readable=nowhere,
    )
    with (
        open_source(make_database(server16)) as source,
        open_target(make_database(server18)) as target,
    ):

        def begun(session: Session, face: Face) -> Streamed[int]:
            return Streamed(session, _MANY, int)

        def only_source_begins(session: Session, face: Face) -> Streamed[int]:
            if session is target:
                raise RunFailed("lost")
            return begun(session, face)

        sides = Sides(source=source, target=target, ledger_id=None)
        with sides.streams(begun, (face, face)) as (here, there):
            assert (next(iter(here)), list(there)) == (1, [*range(1, 100_001)])
        with pytest.raises(RunFailed, match="lost"), sides.streams(only_source_begins, (face, face)):
            pass
        assert [each.execute("SELECT 1").fetchone() for each in (source, target)] == [(1,), (1,)]
