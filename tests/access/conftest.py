"""The example's two databases for the data layer, and the target after a run of each option."""

from collections.abc import Iterator

import pytest

from migration.access.pool import Pool, PoolSettings
from schemadiff.embedded import EmbeddedServer, create_database
from tests.engine.running import carry, seed_recreate
from tests.servers import fresh_database


@pytest.fixture(scope="session")
def recreated_template(
    server16: EmbeddedServer, server18: EmbeddedServer, seed_source_template: str, seed_target_template: str
) -> str:
    """The name of the example's target after `recreate`, to be copied."""
    dsn = create_database(server18, "access_recreated", seed_target_template)
    source = server16.dsn(seed_source_template)
    carry(source, dsn, seed_recreate(source, dsn))
    return "access_recreated"


@pytest.fixture
def recreated_dsn(server18: EmbeddedServer, recreated_template: str) -> Iterator[str]:
    with fresh_database(server18, template=recreated_template) as dsn:
        yield dsn


@pytest.fixture
def source_pool(seed_source_dsn: str) -> Iterator[Pool]:
    pool = Pool(seed_source_dsn, PoolSettings(min_size=1), "source")
    pool.open()
    yield pool
    pool.close()
