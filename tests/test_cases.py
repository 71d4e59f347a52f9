"""Every case is planned, applied, read back (no difference left) and planned again (nothing to do), both ways, and
judged by pg_dump.

`expect.toml`: `about`, `minimum_version`, `empty` (no statement at all), `rows` (put into the target before the plan),
`keeps` and `kept` (a query after it, and its answer), `[hazards]` forward and backward (exactly these codes),
`column_order = "differs"` (a column that is added goes last, so the two agree but for the order of columns),
`roles`, `tablespaces` (made on the server before; such a case has databases of its own, and all is dropped afterwards).
"""

import tomllib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from schemadiff.core.plan import Plan
from schemadiff.core.planner import render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import Judged, execute, there_and_back
from tests.servers import fresh_database, roles_on, tablespaces_on, two_databases
from tests.wiping import wipe
from tests.witness import with_columns_sorted

Two = tuple[str, str]
CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/expect.toml"))


@dataclass(frozen=True)
class Case:
    folder: Path
    expected: dict[str, Any]

    def sql(self, side: str) -> str:
        return (self.folder / f"{side}.sql").read_text(encoding="utf-8")

    @property
    def judged(self) -> Judged:
        return with_columns_sorted if self.expected.get("column_order") == "differs" else str


def load(folder: Path) -> Case:
    return Case(folder, tomllib.loads((folder / "expect.toml").read_text(encoding="utf-8")))


def cases_of(major: int) -> list[Case]:
    return [case for case in map(load, CASES) if case.expected.get("minimum_version", 0) <= major]


def one_in(number: int, cases: Iterable[Case]) -> list[Any]:
    """For what is tried with each case once more: one in so many by `make test`, the others by the heavy tests."""
    return [
        pytest.param(case, id=case.folder.name, marks=[pytest.mark.heavy] if place % number else [])
        for place, case in enumerate(cases)
    ]


@dataclass(frozen=True)
class Places:
    """Where cases are tried: two databases, emptied before each use, for to make them anew takes most of the time."""

    server: EmbeddedServer
    usual: Two

    @contextmanager
    def of(self, case: Case) -> Iterator[Two]:
        roles = case.expected.get("roles", [])
        tablespaces = case.expected.get("tablespaces", [])
        if not roles and not tablespaces:
            for dsn in self.usual:
                wipe(dsn)
            yield self.usual
            return
        with (
            roles_on(self.server, roles),
            tablespaces_on(self.server, tablespaces),
            fresh_database(self.server) as one,
            fresh_database(self.server) as two,
        ):
            yield one, two


@pytest.fixture(scope="module")
def places16(server16: EmbeddedServer) -> Iterator[Places]:
    with two_databases(server16) as both:
        yield Places(server16, both)


@pytest.fixture(scope="module")
def places18(server18: EmbeddedServer) -> Iterator[Places]:
    with two_databases(server18) as both:
        yield Places(server18, both)


@pytest.mark.parametrize("case", one_in(4, cases_of(18)))
def test_plans_lead_from_one_schema_to_the_other_and_back(case: Case, places18: Places) -> None:
    with places18.of(case) as databases:
        check(case, databases)


@pytest.mark.heavy
@pytest.mark.parametrize("case", cases_of(16), ids=lambda case: case.folder.name)
def test_so_they_do_on_16(case: Case, places16: Places) -> None:
    with places16.of(case) as databases:
        check(case, databases)


def check(case: Case, databases: Two) -> None:
    """The source's database becomes the target's schema, and the other way round."""
    one, two = databases
    execute(one, case.sql("source"))
    execute(two, case.sql("target"))
    there = there_and_back(one, two, rows=case.expected.get("rows", ""), judged=case.judged)
    for direction, plan in zip(("forward", "backward"), there, strict=True):
        assert not (case.expected.get("empty") and plan.statements), render(plan)
        check_hazards(plan, case.expected.get("hazards", {}).get(direction))
    if "keeps" in case.expected:
        assert answer(two, case.expected["keeps"]) == case.expected["kept"], render(there[0])


def answer(dsn: str, query: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def check_hazards(plan: Plan, codes: list[str] | None) -> None:
    if codes is not None:
        found = {hazard.code for statement in plan.statements for hazard in statement.hazards}
        assert found == set(codes), render(plan)


def test_there_are_cases_of_everything() -> None:
    """Enough of them, many with rows whose survival is asserted, and all with what they are about."""
    cases = [load(folder) for folder in CASES]
    assert len(cases) >= 250
    assert sum("rows" in case.expected and "keeps" in case.expected for case in cases) >= 40
    assert all(case.expected["about"].endswith(".") for case in cases)
