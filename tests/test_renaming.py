"""A confirmed rename keeps rows, drops nothing, and comparing again without the mapping finds nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from schemadiff.core import mapping_file
from schemadiff.core.planner import plan_schema, render
from schemadiff.embedded import EmbeddedServer
from tests.convergence import carry_out, check_arrival, execute, see
from tests.renamed_inside_types import INSIDE_TYPES
from tests.renamed_pairs import CASES, Case
from tests.servers import two_databases
from tests.test_cases import Two, answer
from tests.wiping import prepare
from tests.witness import with_columns_sorted

EVERY = {**CASES, **INSIDE_TYPES}


@pytest.fixture(scope="module")
def databases16(server16: EmbeddedServer) -> Iterator[Two]:
    with two_databases(server16) as both:
        yield both


@pytest.fixture(scope="module")
def databases18(server18: EmbeddedServer) -> Iterator[Two]:
    with two_databases(server18) as both:
        yield both


@pytest.mark.parametrize("case", EVERY.values(), ids=EVERY.keys())
def test_a_confirmed_rename_keeps_everything(case: Case, databases18: Two) -> None:
    check(case, databases18, 18)


@pytest.mark.heavy
@pytest.mark.parametrize("case", EVERY.values(), ids=EVERY.keys())
def test_so_it_does_on_16(case: Case, databases16: Two) -> None:
    check(case, databases16, 16)


def check(case: Case, databases: Two, version: int) -> None:
    model, dsn = databases
    prepare(model, case.source)
    prepare(dsn, case.target)
    execute(dsn, case.rows)
    wanted, present = see(databases)
    mapping = mapping_file.load(json.dumps({"renames": case.renames}))
    plan = plan_schema(wanted.catalog, present.catalog, mapping=mapping)
    script = render(plan)

    carry_out(dsn, plan)
    _, reached = see(databases)

    if version in case.not_compared_on:
        reached = replace(reached, testimony=wanted.testimony)
    check_arrival(wanted, reached, plan, judged=with_columns_sorted)
    assert case.swaps or render(plan_schema(wanted.catalog, reached.catalog, mapping=mapping)) == "", script
    assert case.avoids not in script, script
    if case.keeps:
        assert answer(dsn, case.keeps) == case.kept, script
