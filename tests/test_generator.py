"""Random pairs of schemas: each becomes the other, and back, judged by pg_dump as the written cases are.

What once failed stays as a case with a name of its own; a larger number is tried by `make test-heavy`, any number
by `python -m tests.generator`.
"""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from schemadiff.embedded import EmbeddedServer
from tests.generator.choices import Choices, Drawn, Seeded
from tests.generator.foreign import make_pair_of_foreign
from tests.generator.heirs import make_pair_of_heirs
from tests.generator.pairs import Pair, make_pair
from tests.generator.pieces import World
from tests.generator.shrinking import shrunk
from tests.generator.tables import Table
from tests.generator.trial import Bench, Refused, try_pair
from tests.servers import two_databases

HEAVY_SEEDS = range(501, 726)
HEAVY_SEEDS_ON_16 = range(75)
HEAVY_SEEDS_ON_17 = range(75, 100)
HEAVY_SEEDS_OF_HEIRS = range(1, 76)
HEAVY_SEEDS_OF_FOREIGN = range(1, 51)
SEEDS_PER_TEST = 25
MOST_REFUSED = 0.04

CALM = settings(
    deadline=None, derandomize=True, print_blob=True, suppress_health_check=list(HealthCheck), max_examples=25
)


@st.composite
def pairs(draw: st.DrawFn) -> Pair:
    return make_pair(Drawn(lambda low, high: draw(st.integers(low, high))))


@pytest.fixture(scope="module")
def bench18(server18: EmbeddedServer) -> Iterator[Bench]:
    with two_databases(server18) as both:
        yield Bench(*both)


@pytest.fixture(scope="module")
def bench16(server16: EmbeddedServer) -> Iterator[Bench]:
    with two_databases(server16) as both:
        yield Bench(*both)


@pytest.fixture(scope="module")
def bench17(server17: EmbeddedServer) -> Iterator[Bench]:
    with two_databases(server17) as both:
        yield Bench(*both)


@pytest.mark.heavy
@CALM
@given(pair=pairs())
def test_random_schemas_become_one_another(bench18: Bench, pair: Pair) -> None:
    try:
        try_pair(bench18, pair)
    except Refused:
        assume(False)


@pytest.mark.heavy
@pytest.mark.parametrize("first", HEAVY_SEEDS[::SEEDS_PER_TEST])
def test_more_of_them_do(bench18: Bench, first: int) -> None:
    try_from(first, bench18)


@pytest.mark.heavy
@pytest.mark.parametrize("first", HEAVY_SEEDS_ON_16[::SEEDS_PER_TEST])
def test_some_of_them_do_on_16(bench16: Bench, first: int) -> None:
    try_from(first, bench16)


@pytest.mark.heavy
@pytest.mark.parametrize("first", HEAVY_SEEDS_ON_17[::SEEDS_PER_TEST])
def test_some_of_them_do_on_17_where_the_machine_has_it(bench17: Bench, first: int) -> None:
    try_from(first, bench17)


@pytest.mark.heavy
@pytest.mark.parametrize("first", HEAVY_SEEDS_OF_HEIRS[::SEEDS_PER_TEST])
def test_so_do_schemas_with_plain_inheritance(bench18: Bench, first: int) -> None:
    try_from(first, bench18, make_pair_of_heirs)


@pytest.mark.heavy
@pytest.mark.parametrize("first", HEAVY_SEEDS_OF_FOREIGN[::SEEDS_PER_TEST])
def test_so_do_schemas_with_foreign_tables(bench18: Bench, first: int) -> None:
    try_from(first, bench18, make_pair_of_foreign)


def try_from(first: int, bench: Bench, make: Callable[[Choices], Pair] = make_pair) -> None:
    """As many seeds as make one test; PostgreSQL takes nearly all of what they make."""
    refused = 0
    for seed in range(first, first + SEEDS_PER_TEST):
        try:
            try_pair(bench, make(Seeded(seed)))
        except Refused:
            refused += 1
    assert refused <= 1 + SEEDS_PER_TEST * MOST_REFUSED


def test_a_seed_gives_the_same_pair_every_time() -> None:
    scripts = [[world.script() for world in make_pair(Seeded(7))] for _ in range(2)]
    assert scripts[0] == scripts[1]
    assert scripts[0] != [world.script() for world in make_pair(Seeded(8))]


def test_what_stands_has_what_it_needs() -> None:
    worlds = [world for seed in range(40) for world in make_pair(Seeded(seed))]
    assert all(len(world) == len(world.standing()) for world in worlds)
    assert sum(len(world) for world in worlds) > 10 * len(worlds)


def test_a_failure_shrinks_to_what_it_is_about() -> None:
    """Here: that one side has a partitioned table which the other has not."""

    def tables(world: World) -> set[str]:
        return {table.name for table in world.of(Table) if table.strategy}

    def fails(pair: Pair) -> bool:
        return tables(pair[0]) != tables(pair[1])

    pair = next(pair for seed in range(200) if fails(pair := make_pair(Seeded(seed))))
    small = shrunk(pair, fails)
    assert fails(small)
    assert sum(len(world) for world in small) <= 3
