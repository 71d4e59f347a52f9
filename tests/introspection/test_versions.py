"""The same schema reads as the same on every version, whatever kind of object it is made of."""

from pathlib import Path

import psycopg
import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.introspection import read_catalog
from tests.servers import MakeDatabase

CASES = Path(__file__).parent.parent / "cases"
KINDS = (
    "access_methods",
    "aggregates",
    "base_types",
    "casts",
    "collations_come_and_go",
    "column_storage",
    "composite_types",
    "conversions",
    "event_triggers",
    "foreign_servers",
    "languages",
    "marked_indexes",
    "operator_classes",
    "operators",
    "publication_filters",
    "publications",
    "range_canonical",
    "range_types",
    "row_security",
    "rules",
    "statistics_objects",
    "storage_parameters",
    "text_search_objects",
    "transforms",
)


def catalog_of(dsn: str) -> Catalog:
    with connect(dsn) as connection:
        return read_catalog(connection)


@pytest.mark.parametrize("case", KINDS)
def test_16_and_18_have_the_same_fingerprint(
    case: str, server16: EmbeddedServer, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    path = CASES / case / "source.sql"
    older, newer = (catalog_of(make_database(server, path)) for server in (server16, server18))
    assert diff(older, newer).different == ()
    assert fingerprint(older) == fingerprint(newer)


@pytest.mark.parametrize("case", KINDS)
def test_15_shows_no_difference(
    case: str, database15: str, server18: EmbeddedServer, make_database: MakeDatabase
) -> None:
    path = CASES / case / "source.sql"
    with psycopg.connect(database15, autocommit=True) as connection:
        connection.execute(path.read_bytes())
    assert diff(catalog_of(database15), catalog_of(make_database(server18, path))).different == ()
