"""Every case is planned, applied, read back (no difference is left) and planned again (nothing to do), both ways.

`expect.toml`: `about`, `minimum_version`, `empty` (no statement at all), `rows` (put into the target before the plan),
`keeps` and `kept` (a query after it, and its answer), `[hazards]` forward and backward (exactly these codes).
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.plan import Plan
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer, create_database
from schemadiff.introspection import read_catalog

WIPE = """
DO $$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
        UNION ALL
        SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
        WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    LOOP
        EXECUTE statement;
    END LOOP;
    CREATE SCHEMA public;
END $$
"""

Two = tuple[str, str]
CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/expect.toml"))


@dataclass(frozen=True)
class Case:
    folder: Path
    expected: dict[str, Any]

    def sql(self, side: str) -> str:
        return (self.folder / f"{side}.sql").read_text(encoding="utf-8")


@pytest.fixture(params=CASES, ids=lambda folder: folder.name)
def case(request: pytest.FixtureRequest) -> Case:
    return Case(request.param, tomllib.loads((request.param / "expect.toml").read_text(encoding="utf-8")))


def two_databases(server: EmbeddedServer) -> Two:
    """Emptied before each use: to make databases anew would take most of the time."""
    return create_database(server, "cases_one"), create_database(server, "cases_two")


@pytest.fixture(scope="module")
def databases16(server16: EmbeddedServer) -> Two:
    return two_databases(server16)


@pytest.fixture(scope="module")
def databases18(server18: EmbeddedServer) -> Two:
    return two_databases(server18)


@pytest.fixture(params=[16, 18])
def databases(request: pytest.FixtureRequest, case: Case) -> Two:
    if request.param < case.expected.get("minimum_version", 0):
        pytest.skip(f"{case.folder.name} needs PostgreSQL {case.expected['minimum_version']}")
    found: Two = request.getfixturevalue(f"databases{request.param}")
    for dsn in found:
        execute(dsn, WIPE)
    return found


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_plan_leads_from_one_schema_to_the_other(case: Case, databases: Two, direction: str) -> None:
    forward = direction == "forward"
    model, dsn = databases
    execute(model, case.sql("source" if forward else "target"))
    execute(dsn, case.sql("target" if forward else "source"))
    if forward:
        execute(dsn, case.expected.get("rows", ""))
    wanted = read(model)
    plan = plan_schema(wanted, read(dsn))

    apply(dsn, plan)
    reached = read(dsn)

    left = diff(wanted, reached).different
    assert not left, f"{left}\n\n{render(plan)}"
    assert render(plan_schema(wanted, reached)) == "", render(plan)
    assert not (case.expected.get("empty") and plan.statements), render(plan)
    check_hazards(plan, case.expected.get("hazards", {}).get(direction))
    if forward and "keeps" in case.expected:
        assert answer(dsn, case.expected["keeps"]) == case.expected["kept"], render(plan)


def read(dsn: str) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return read_catalog(connection)


def apply(dsn: str, plan: Plan) -> None:
    """Statement by statement, as a run does it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT set_config('search_path', '', false)")
        for statement in plan.statements:
            result = connection.pgconn.exec_params(statement.sql.encode(), None)
            if result.status not in (psycopg.pq.ExecStatus.COMMAND_OK, psycopg.pq.ExecStatus.TUPLES_OK):
                pytest.fail(f"{result.get_error_message()}\n{statement.sql}\n\n{render(plan)}")


def execute(dsn: str, sql: str) -> None:
    if sql:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.encode())


def answer(dsn: str, query: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def check_hazards(plan: Plan, codes: list[str] | None) -> None:
    if codes is not None:
        found = {hazard.code for statement in plan.statements for hazard in statement.hazards}
        assert found == set(codes), render(plan)
