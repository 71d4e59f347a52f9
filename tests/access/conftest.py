"""The example's source for the data layer, and the target after a run of each option."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeAlias

import pytest

from migration.access.backend import Backend
from migration.access.pool import Pool
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer, create_database
from tests.access.carried import FEW, backends, spec_for
from tests.access.world import World
from tests.engine.running import ask, carry
from tests.servers import fresh_database

Carried: TypeAlias = Callable[[str], tuple[str, Mapping]]
OpenBoth: TypeAlias = Callable[[str], tuple[Backend, Backend]]


@pytest.fixture(scope="session")
def carried(
    server16: EmbeddedServer, server18: EmbeddedServer, seed_source_template: str, seed_target_template: str
) -> Carried:
    """By option: the name of a target that the example was carried to, and the run's mapping; made once."""
    made: dict[str, tuple[str, Mapping]] = {}

    def of_option(option: str) -> tuple[str, Mapping]:
        if option not in made:
            name = f"access_{option.replace(' ', '_')}"
            target = create_database(server18, name, seed_target_template)
            source = server16.dsn(seed_source_template)
            spec = spec_for(option, source, target)
            carry(source, target, spec)
            made[option] = (name, spec.mapping)
        return made[option]

    return of_option


@pytest.fixture
def open_both(server18: EmbeddedServer, seed_source_dsn: str, carried: Carried) -> Iterator[OpenBoth]:
    """Source and target of an option, copies for one test, both open."""
    with ExitStack() as stack:

        def of_option(option: str) -> tuple[Backend, Backend]:
            template, mapping = carried(option)
            target = stack.enter_context(fresh_database(server18, template=template))
            return stack.enter_context(backends(seed_source_dsn, target, mapping))

        yield of_option


@pytest.fixture
def source_pool(seed_source_dsn: str) -> Iterator[Pool]:
    pool = Pool(seed_source_dsn, FEW, "source")
    pool.open()
    yield pool
    pool.close()


@pytest.fixture
def world(server16: EmbeddedServer, seed_source_template: str, seed_source_dsn: str) -> Iterator[World]:
    """Two copies of the example's source; the target's company has another title."""
    with fresh_database(server16, template=seed_source_template) as target:
        ask(target, "UPDATE companies SET title = 'target'")
        yield World(seed_source_dsn, target)
