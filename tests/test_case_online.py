"""Every case planned online: it converges as well, and keeps nobody from a table for longer than a moment where there
is a way around it."""

from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.plan import Mode, Plan
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import execute, read
from tests.servers import fresh_database
from tests.test_cases import Case, Places, answer, cases_of, one_in


@pytest.fixture(scope="module")
def places(server18: EmbeddedServer) -> Iterator[Places]:
    with fresh_database(server18) as one, fresh_database(server18) as two:
        yield Places(server18, (one, two))


@pytest.mark.parametrize("case", one_in(16, cases_of(18)))
def test_it_converges(case: Case, places: Places) -> None:
    with places.of(case) as (one, two):
        execute(one, case.sql("source"))
        execute(two, case.sql("target"))
        source, target = read(one), read(two)
        execute(two, case.expected.get("rows", ""))

        forward = check(two, source, target)
        check(one, target, source)

        if "keeps" in case.expected:
            assert answer(two, case.expected["keeps"]) == case.expected["kept"], render(forward)


def check(dsn: str, wanted: Catalog, present: Catalog) -> Plan:
    plan = plan_schema(wanted, present, Mode.ONLINE)
    carry_out(dsn, plan)
    reached = read(dsn)
    left = diff(wanted, reached).different
    assert not left, f"{left}\n\n{render(plan)}"
    assert not plan_schema(wanted, reached, Mode.ONLINE).statements, render(plan)
    return plan


def carry_out(dsn: str, plan: Plan) -> None:
    """Outside of any transaction, as a script does it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', '', false)")
        for statement in plan.statements:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.Error as error:
                pytest.fail(f"{error}\n{statement.sql}\n\n{render(plan)}")
