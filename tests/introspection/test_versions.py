"""The same schema reads as the same on every version, whatever kind of object it is made of."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import permutations
from pathlib import Path

import pytest

from schemadiff.core.catalog import Catalog
from schemadiff.core.diff import diff
from schemadiff.core.planner import plan_schema, render
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer, is_at_hand, throwaway
from schemadiff.introspection import read_catalog
from tests.servers import fresh_database, roles_on, tablespaces_on
from tests.test_cases import Case, cases_of, load
from tests.wiping import prepare

CASES = Path(__file__).parent.parent / "cases"
RICH = Path(__file__).parent / "rich.sql"
OF_THE_MACHINE = (14, 15, 17)
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
# What the versions themselves make of the same script: another default (streaming of subscriptions, 18), other numbers
# in names (foreign keys to partitions, up to 17), other spelling (fields of EXTRACT in quotes, up to 15).
NOT_ALIKE = {"subscriptions", "foreign_keys_numbered", "extracted_fields_in_capitals"}
EVERYWHERE_ALIKE = [case for case in cases_of(18) if case.folder.name not in NOT_ALIKE]


Places = dict[int, tuple[EmbeddedServer, str]]


@pytest.fixture(scope="module")
def places(server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Places]:
    """A server of each version that is at hand with a database that is emptied before each use, by version."""
    with ExitStack() as opened:
        servers = {16: server16, 18: server18}
        servers |= {v: opened.enter_context(throwaway(v)) for v in OF_THE_MACHINE if is_at_hand(v)}
        yield {v: (servers[v], opened.enter_context(fresh_database(servers[v]))) for v in sorted(servers)}


def catalogs_of(case: Case, script: str, places: Places) -> dict[int, Catalog]:
    """What each version that knows the script's words reads of it."""
    found = {}
    for version, (server, usual) in places.items():
        if version < case.expected.get("minimum_version", 0) or not offers(usual, case):
            continue
        with ExitStack() as opened:
            dsn = usual
            if roles := case.expected.get("roles"):
                opened.enter_context(roles_on(server, roles))
            if tablespaces := case.expected.get("tablespaces"):
                opened.enter_context(tablespaces_on(server, tablespaces))
            if roles or tablespaces:
                dsn = opened.enter_context(fresh_database(server))
            found[version] = catalog_with(script, dsn)
    return found


def offers(dsn: str, case: Case) -> bool:
    """Whether the server has the case's extension."""
    if "extension" not in case.expected:
        return True
    with connect(dsn) as connection:
        asked = "SELECT FROM pg_available_extensions WHERE name = %s"
        return connection.execute(asked, [case.expected["extension"]]).fetchone() is not None


def catalog_with(script: str, dsn: str) -> Catalog:
    prepare(dsn, script)
    with connect(dsn) as connection:
        return read_catalog(connection)


def check_alike(catalogs: dict[int, Catalog]) -> None:
    """No difference between any two, and nothing to do."""
    for one, two in permutations(catalogs, 2):
        assert diff(catalogs[one], catalogs[two]).different == (), f"{one} and {two}"
        plan = plan_schema(catalogs[one], catalogs[two])
        assert not plan.statements, f"from {one} to {two}\n{render(plan)}"


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_is_the_same_on_every_version(name: str, places: Places) -> None:
    case = load(CASES / name)
    catalogs = catalogs_of(case, case.sql("source"), places)
    check_alike(catalogs)
    assert fingerprint(catalogs[16]) == fingerprint(catalogs[18])


def test_so_is_one_of_everything(places: Places) -> None:
    script = RICH.read_text(encoding="utf-8")
    catalogs = {version: catalog_with(script, dsn) for version, (_, dsn) in places.items()}
    check_alike(catalogs)
    for catalog in catalogs.values():
        assert catalog.dependencies == catalogs[18].dependencies
        assert catalog.uncompared == ()


@pytest.mark.heavy
@pytest.mark.parametrize("case", EVERYWHERE_ALIKE, ids=lambda case: case.folder.name)
def test_so_is_every_case(case: Case, places: Places) -> None:
    """One of its sides: what differs between the two is mostly the same words."""
    check_alike(catalogs_of(case, case.sql("source"), places))


@pytest.mark.heavy
@pytest.mark.parametrize("case", EVERYWHERE_ALIKE[::3], ids=lambda case: case.folder.name)
def test_so_is_the_other_side_of_some(case: Case, places: Places) -> None:
    check_alike(catalogs_of(case, case.sql("target"), places))
