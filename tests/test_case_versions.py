"""The cases on PostgreSQL 14 and 17, where a machine has them, and between servers of two versions.

Between two versions pg_dump is no witness, for it writes what each of them can say; comparing and planning again are.
"""

from collections.abc import Iterator

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.hazards import NEWER_SERVER
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import carry_out, execute, read
from tests.servers import two_databases
from tests.test_cases import Case, Places, cases_of, check

pytestmark = pytest.mark.heavy

# NOT VALID of a NOT NULL keeps rows that no older version takes.
ONLY_ON_18 = {"named_not_null"}


def without_extensions(cases: list[Case]) -> list[Case]:
    """The machine's packages need not have them."""
    return [case for case in cases if "extension" not in case.expected]


@pytest.fixture(scope="module")
def places14(server14: EmbeddedServer) -> Iterator[Places]:
    with two_databases(server14) as both:
        yield Places(server14, both)


@pytest.fixture(scope="module")
def places17(server17: EmbeddedServer) -> Iterator[Places]:
    with two_databases(server17) as both:
        yield Places(server17, both)


@pytest.fixture(scope="module")
def places18(server18: EmbeddedServer) -> Iterator[Places]:
    with two_databases(server18) as both:
        yield Places(server18, both)


@pytest.mark.parametrize("case", without_extensions(cases_of(14))[::2], ids=lambda case: case.folder.name)
def test_plans_lead_there_and_back_on_14(case: Case, places14: Places) -> None:
    with places14.of(case) as databases:
        check(case, databases)


@pytest.mark.parametrize("case", without_extensions(cases_of(17))[::4], ids=lambda case: case.folder.name)
def test_so_they_do_on_17(case: Case, places17: Places) -> None:
    with places17.of(case) as databases:
        check(case, databases)


@pytest.mark.parametrize("case", without_extensions(cases_of(18))[::2], ids=lambda case: case.folder.name)
def test_so_they_do_between_18_and_14(case: Case, places18: Places, places14: Places) -> None:
    check_between(case, places18, places14)


@pytest.mark.parametrize("case", without_extensions(cases_of(18))[1::4], ids=lambda case: case.folder.name)
def test_so_they_do_between_18_and_17(case: Case, places18: Places, places17: Places) -> None:
    check_between(case, places18, places17)


def check_between(case: Case, newer: Places, older: Places) -> None:
    """The newer server's schema is the source; the older one's becomes it, and it becomes the older one's. What the
    older server does not know is named by the very statement that it refuses."""
    with newer.of(case) as (one, _), older.of(case) as (_, two):
        execute(one, case.sql("source"))
        if case.expected.get("minimum_version", 0) <= older.server.major:
            execute(two, case.sql("target"))
        source, target = read(one), read(two)
        if case.folder.name not in ONLY_ON_18:
            execute(two, case.expected.get("rows", "") if target.tables else "")
        forward, backward = plan_schema(source, target), plan_schema(target, source)
        carry_out(one, backward)
        check_arrival(target, read(one), backward)
        unknown = {each.sql for each in forward.statements if is_unknown(each)}
        if unknown:
            assert first_refused(two, forward) in unknown, render(forward)
        else:
            carry_out(two, forward)
            check_arrival(source, read(two), forward)


def check_arrival(wanted: Catalog, reached: Catalog, plan: Plan) -> None:
    left = diff(wanted, reached).different
    assert not left, f"{left}\n\n{render(plan)}"
    again = plan_schema(wanted, reached)
    assert not again.statements, f"{render(again)}\n\nafter\n\n{render(plan)}"


def is_unknown(statement: Statement) -> bool:
    return any(hazard.code == NEWER_SERVER for hazard in statement.hazards)


def first_refused(dsn: str, plan: Plan) -> str:
    """The first statement that the server does not take; empty if it takes all."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in plan.statements:
            try:
                connection.execute(statement.sql.encode())
            except psycopg.Error:
                return statement.sql
    return ""
