"""What the plan says of each statement of every case is what PostgreSQL does: the strongest lock, and rewrites.

Only tables and views count that were there before the plan: nobody waits for one that it makes.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import psycopg
import pytest

from schemadiff.core.plan import Duration, Lock, Plan, Statement
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import execute, read
from tests.servers import fresh_database
from tests.test_cases import Case, Places, cases_of, one_in

Session: TypeAlias = psycopg.Connection[Any]
Files: TypeAlias = Mapping[int, int]  # oid of a table -> its file

_LOCKS = {
    "ShareUpdateExclusiveLock": Lock.SHARE_UPDATE_EXCLUSIVE,
    "ShareLock": Lock.SHARE,
    "ShareRowExclusiveLock": Lock.SHARE_ROW_EXCLUSIVE,
    "AccessExclusiveLock": Lock.ACCESS_EXCLUSIVE,
}
_STRENGTH = list(Lock)
_RELATIONS = """
SELECT c.oid::bigint, c.relfilenode::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'v', 'f') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""
_HELD = """
SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation' AND relation = ANY (%s)
"""
# Who reads a table opens its indexes: one that is moved keeps everybody from it, without a lock on the table itself.
_HELD_ON_INDEXES = """
SELECT mode FROM pg_locks JOIN pg_index i ON i.indexrelid = relation
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND i.indrelid = ANY (%s)
"""


@pytest.fixture(scope="module")
def places(server18: EmbeddedServer) -> Iterator[Places]:
    with fresh_database(server18) as one, fresh_database(server18) as two:
        yield Places(server18, (one, two))


@pytest.mark.parametrize("case", one_in(16, cases_of(18)))
def test_locks_and_rewrites_are_as_the_plan_says(case: Case, places: Places) -> None:
    with places.of(case) as (one, two):
        execute(one, case.sql("source"))
        execute(two, case.sql("target"))
        source, target = read(one), read(two)
        execute(two, case.expected.get("rows", ""))
        for dsn, plan in ((two, plan_schema(source, target)), (one, plan_schema(target, source))):
            wrong = list(_what_differs(dsn, plan))
            assert not wrong, "\n\n".join([*wrong, render(plan)])


def _what_differs(dsn: str, plan: Plan) -> Iterator[str]:
    with psycopg.connect(dsn, autocommit=True) as session:
        session.execute("SELECT set_config('search_path', '', false)")
        session.execute(
            "SET timezone = 'Asia/Kolkata'"
        )  # in UTC, timestamps get a time zone without a rewrite
        known = _files(session).keys()
        for statement in plan.statements:
            lock, rewritten = _carry_out(session, statement, known)
            if lock is not statement.lock:
                yield f"{lock} is taken, {statement.lock} was expected: {statement.sql}"
            if statement.duration is not Duration.RUNS_QUERY and rewritten != statement.rewrites:
                yield f"{'rewritten' if rewritten else 'not rewritten'}: {statement.sql}"


def _carry_out(session: Session, statement: Statement, known: Any) -> tuple[Lock, bool]:
    before = _files(session)
    with session.transaction():
        session.execute(statement.sql.encode())
        modes = [row[0] for row in session.execute(_HELD, [list(known)])]
        if statement.sql.startswith("ALTER INDEX ") and " SET TABLESPACE " in statement.sql:
            modes += [row[0] for row in session.execute(_HELD_ON_INDEXES, [list(known)])]
    after = _files(session)
    locks = [_LOCKS.get(mode, Lock.NONE) for mode in modes]
    strongest = max(locks, key=_STRENGTH.index, default=Lock.NONE)
    return strongest, any(after.get(oid, before[oid]) != before[oid] for oid in known if oid in before)


def _files(session: Session) -> Files:
    return dict(session.execute(_RELATIONS).fetchall())
