"""Read-only connections to copies of the example's two databases, shared by the tests of a module."""

from collections.abc import Iterator

import pytest

from schemadiff.databases import Connection, connect
from schemadiff.embedded import EmbeddedServer
from tests.servers import fresh_database


@pytest.fixture(scope="module")
def source(server16: EmbeddedServer, seed_source_template: str) -> Iterator[Connection]:
    with fresh_database(server16, template=seed_source_template) as dsn, connect(dsn) as connection:
        yield connection


@pytest.fixture(scope="module")
def target(server18: EmbeddedServer, seed_target_template: str) -> Iterator[Connection]:
    with fresh_database(server18, template=seed_target_template) as dsn, connect(dsn) as connection:
        yield connection
