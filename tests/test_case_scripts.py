"""The script of every case, given to psql as it is printed, reaches the schema that was wanted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from schemadiff.embedded.binaries import binary
from tests.convergence import execute, read
from tests.servers import fresh_database
from tests.test_cases import Case, Places, cases_of, one_in

# PostgreSQL says these of every such statement, however right it is.
HARMLESS = (
    "NOTICE",
    "WARNING:  changing the foreign-data wrapper handler can change behavior",
    "WARNING:  changing the foreign-data wrapper validator can cause",
    "WARNING:  subscription was created, but is not connected",
)


@pytest.fixture(scope="module")
def places(server18: EmbeddedServer) -> Iterator[Places]:
    with fresh_database(server18) as one, fresh_database(server18) as two:
        yield Places(server18, (one, two))


@pytest.mark.parametrize("case", one_in(16, cases_of(18)))
def test_psql_carries_the_script_out(case: Case, places: Places, tmp_path: Path) -> None:
    with places.of(case) as (one, two):
        execute(one, case.sql("source"))
        execute(two, case.sql("target"))
        source, target = read(one), read(two)
        execute(two, case.expected.get("rows", ""))

        check(two, source, target, tmp_path / "forward.sql")
        check(one, target, source, tmp_path / "backward.sql")


def check(dsn: str, wanted: Catalog, present: Catalog, file: Path) -> None:
    script = render(plan_schema(wanted, present))

    said = psql(dsn, script, file)

    left = diff(wanted, read(dsn)).different
    assert not said and not left, f"{said}\n{left}\n\n{script}"


def psql(dsn: str, script: str, file: Path) -> str:
    """What it complains about."""
    file.write_text(script, encoding="utf-8")
    command = [
        str(binary(18, "psql")),
        "--no-psqlrc",
        "--quiet",
        "--set=VERBOSITY=terse",
        "--file",
        str(file),
        dsn,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stderr.splitlines()
    return "\n".join(line for line in said if not any(harmless in line for harmless in HARMLESS))
