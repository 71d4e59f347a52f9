"""The example's two schemas: plans both ways and to nothing, and the three options carried out on a real target."""

import json
import subprocess
from itertools import takewhile
from pathlib import Path

import psycopg
import pytest

from migration.seedcase import MAPPING_JSON, SOURCE_SQL
from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.measures import left_behind
from schemadiff.core.options.option import Option, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Plan
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer, binary
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase

SEVEN = ("bookings", "clients", "companies", "dialog_contexts", "services", "staff", "staff_schedules")
PROTECTED = (("public", "whatsapp_auth"), ("public", "whatsapp_keys"))


def scope(*more: str) -> Scope:
    return Scope(tables=tuple(sorted(("public", name) for name in (*SEVEN, *more))), protected=PROTECTED)


def read(dsn: str) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        return read_catalog(connection)


def apply(dsn: str, plan: Plan) -> Catalog:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in plan.statements:
            connection.execute(statement.sql.encode())
    return read(dsn)


def figures(option: Option) -> dict[str, int]:
    return {measure.key: measure.value for measure in option.measures}


def items(option: Option, key: str) -> tuple[str, ...]:
    return next(measure.items for measure in option.measures if measure.key == key)


@pytest.fixture
def source(seed_source_dsn: str) -> Catalog:
    return read(seed_source_dsn)


@pytest.fixture
def target(seed_target_dsn: str) -> Catalog:
    return read(seed_target_dsn)


def test_the_target_becomes_like_the_source(source: Catalog, seed_target_dsn: str) -> None:
    plan = plan_schema(source, read(seed_target_dsn))

    reached = apply(seed_target_dsn, plan)

    assert diff(source, reached).is_empty
    assert render(plan_schema(source, reached)) == ""


def test_the_source_becomes_like_the_target(
    target: Catalog, server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    """Without its rows, some of which the target's rules refuse."""
    dsn = make_database(server16, SOURCE_SQL)

    reached = apply(dsn, plan_schema(target, read(dsn)))

    assert diff(target, reached).is_empty
    assert render(plan_schema(target, reached)) == ""


def test_from_nothing_and_to_nothing(
    target: Catalog, server16: EmbeddedServer, make_database: MakeDatabase
) -> None:
    dsn = make_database(server16)
    empty = read(dsn)

    assert diff(target, apply(dsn, plan_schema(target, empty))).is_empty
    assert diff(empty, apply(dsn, plan_schema(empty, read(dsn)))).is_empty


def test_the_script_runs_in_psql(source: Catalog, seed_target_dsn: str, tmp_path: Path) -> None:
    script = tmp_path / "plan.sql"
    script.write_text(render(plan_schema(source, read(seed_target_dsn))), encoding="utf-8")

    psql = [
        str(binary(18, "psql")),
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--file={script}",
        seed_target_dsn,
    ]
    done = subprocess.run(psql, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert diff(source, read(seed_target_dsn)).is_empty


def test_every_destructive_statement_has_its_hazard_above_it(source: Catalog, target: Catalog) -> None:
    lines = render(plan_schema(source, target)).splitlines()
    destructive = [
        place for place, line in enumerate(lines) if line.startswith("DROP TABLE") or " DROP COLUMN " in line
    ]

    assert len(destructive) > 50
    assert all("data-loss" in hazards_above(lines, place) for place in destructive)


def hazards_above(lines: list[str], place: int) -> list[str]:
    """The codes in the comments right above the line."""
    above = takewhile(lambda line: line.startswith("-- "), reversed(lines[:place]))
    return [line.split(": ")[1] for line in above if line.startswith("-- hazard: ")]


@pytest.mark.parametrize(("more", "keys", "tables"), [((), 12, 9), (("reminders",), 11, 8)])
def test_recreate_re_points_the_foreign_keys_of_others(
    source: Catalog, seed_target_dsn: str, more: tuple[str, ...], keys: int, tables: int
) -> None:
    before = read(seed_target_dsn)
    option = recreate(source, before, scope(*more))

    reached = apply(seed_target_dsn, option.plan)

    pointed = items(option, "repointed_foreign_keys")
    assert len(pointed) == figures(option)["repointed_foreign_keys"] == keys
    assert len({label.rpartition(" → ")[0].rpartition(".")[0] for label in pointed}) == tables
    assert figures(option)["lost_foreign_keys"] == 0
    assert [reached.table(*name) for name in option.scope.tables] == [
        source.table(*n) for n in option.scope.tables
    ]
    others = [table for table in before.tables if table.qualified not in option.scope.tables]
    assert [reached.table(*table.qualified) for table in others] == others


def test_recreate_keeps_what_it_puts_aside(source: Catalog, seed_target_dsn: str) -> None:
    option = recreate(source, read(seed_target_dsn), scope())
    with psycopg.connect(seed_target_dsn, autocommit=True) as connection:
        connection.execute("INSERT INTO companies (yclients_company_id, name) VALUES (7, 'kept')")
        for statement in option.plan.statements:
            connection.execute(statement.sql.encode())
        parked = f"schemadiff_parked_{option.plan.target_fingerprint[:8]}"
        row = connection.execute(f"SELECT name FROM {parked}.companies".encode()).fetchone()

    assert row == ("kept",)


def test_no_statement_touches_a_protected_table(source: Catalog, target: Catalog) -> None:
    options = (recreate(source, target, scope()), hybrid(source, target, scope(), frozenset(Relaxation)))

    for option in options:
        for statement in option.plan.statements:
            touched = {statement.ref, *statement.provides, *statement.destroys}
            assert not [ref for ref in touched if {ref.name, ref.parent} & {name for _, name in PROTECTED}]


def test_transform_leaves_143_columns_behind(source: Catalog, target: Catalog, true_mapping: Mapping) -> None:
    option = transform(source, target, scope(), true_mapping)

    assert figures(option)["columns_left_behind"] == 143
    assert len(left_behind(source, option)) == 143
    assert option.blockers == ()


@pytest.fixture
def true_mapping() -> Mapping:
    tables = json.loads(MAPPING_JSON.read_text(encoding="utf-8"))["tables"]
    return Mapping(
        tables=tuple(
            TableMapping(
                source=("public", name),
                target=("public", name),
                pairs=tuple(
                    ColumnPair(source=start, target=end, status=PairStatus.CONFIRMED)
                    for start, end, _ in pairs
                ),
            )
            for name, pairs in sorted(tables.items())
        )
    )


@pytest.mark.parametrize(
    ("relax", "statements"),
    [
        (frozenset(), 186),
        (frozenset({Relaxation.NOT_NULLS}), 198),
        (frozenset({Relaxation.NOT_NULLS, Relaxation.KEYS}), 205),
        (frozenset(Relaxation), 229),
    ],
)
def test_hybrid_grows_step_by_step(
    source: Catalog, seed_target_dsn: str, relax: frozenset[Relaxation], statements: int
) -> None:
    option = hybrid(source, read(seed_target_dsn), scope(), relax)

    reached = apply(seed_target_dsn, option.plan)

    assert figures(option)["statements"] == statements
    assert figures(option)["columns_left_behind"] == 0
    for name in option.scope.tables:
        wanted, present = source.table(*name), reached.table(*name)
        assert wanted is not None and present is not None
        assert {column.name for column in wanted.columns} <= {column.name for column in present.columns}


def test_hybrid_as_it_is_names_twelve_columns_that_refuse_every_row(source: Catalog, target: Catalog) -> None:
    assert len(hybrid(source, target, scope()).plan.notices) == 12
