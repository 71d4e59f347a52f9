"""What a plan has to keep: it runs, leads to the very schema that was wanted, and leaves nothing to do.

Judged by the engine itself (compared again: nothing; planned again: nothing) and by pg_dump.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeAlias

import psycopg

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.planner import plan_schema, plan_whole, render
from schemadiff.introspection import read_catalog
from tests.printed import assert_as_printed
from tests.witness import disagreement, witnessed

Judged: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A database's schema as the engine reads it, and as pg_dump writes it."""

    catalog: Catalog
    testimony: str


def there_and_back(one: str, two: str, *, rows: str = "", judged: Judged = str) -> tuple[Plan, Plan]:
    """Plans that give the second database the schema of the first, and the first that of the second; both are
    carried out, and what they lead to is checked.

    `rows` are put into the second before it changes. `judged` takes out of what pg_dump writes that in which
    the two need not agree. Raises AssertionError with the plan.
    """
    source, target = see([one, two])
    execute(two, rows)
    forward = plan_schema(source.catalog, target.catalog)
    backward = plan_schema(target.catalog, source.catalog)
    assert forward.statements == plan_of_everything(source.catalog, target.catalog)
    assert backward.statements == plan_of_everything(target.catalog, source.catalog)
    carry_out(two, forward)
    carry_out(one, backward)
    became_target, became_source = see([one, two])
    check_arrival(source, became_source, forward, judged=judged)
    check_arrival(target, became_target, backward, judged=judged)
    return forward, backward


def see(dsns: Sequence[str]) -> list[Seen]:
    """Both views of each database; pg_dump is waited for while the engine reads."""
    with ThreadPoolExecutor(max_workers=len(dsns)) as threads:
        testimonies = threads.map(witnessed, dsns)
        catalogs = [read(dsn) for dsn in dsns]
        pairs = zip(catalogs, testimonies, strict=True)
        return [Seen(catalog=catalog, testimony=testimony) for catalog, testimony in pairs]


def read(dsn: str) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        catalog = read_catalog(connection)
        assert_as_printed(connection, catalog)
        return catalog


def execute(dsn: str, sql: str) -> None:
    """The statements of a script; none in an empty one."""
    if sql:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.encode())


def carry_out(dsn: str, plan: Plan) -> None:
    """Statement by statement, as a run does it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', '', false)")
        for statement in plan.statements:
            result = connection.pgconn.exec_params(statement.sql.encode(), None)
            done = result.status in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK)
            assert done, f"{result.get_error_message()}\n{statement.sql}\n\n{render(plan)}"


def plan_of_everything(source: Catalog, target: Catalog) -> tuple[Statement, ...]:
    """The plan's statements as they are where every object is looked at, not only what can matter."""
    return plan_whole(source, target, "").statements


def check_arrival(wanted: Seen, reached: Seen, plan: Plan, *, judged: Judged = str) -> None:
    """Raises AssertionError with the plan where what was reached is not what was wanted."""
    left = diff(wanted.catalog, reached.catalog).different
    assert not left, f"{left}\n\n{render(plan)}"
    again = plan_schema(wanted.catalog, reached.catalog)
    assert not again.statements, f"{render(again)}\n\nafter\n\n{render(plan)}"
    found = disagreement(judged(wanted.testimony), judged(reached.testimony))
    assert not found, f"pg_dump sees a difference:\n{found}\n\n{render(plan)}"
