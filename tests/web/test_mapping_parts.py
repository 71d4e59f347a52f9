"""A split source table on the mapping page: each part in the list, with its condition, decided by itself."""

import json

import pytest

from schemadiff import store
from schemadiff.core.mapping import PairStatus
from tests.web.mapping_pages import edit
from tests.web.seed_project import SeedProject
from tests.web.test_mapping import HTMX, see
from tests.web.test_mapping_files import upload

pytestmark = pytest.mark.django_db

PART = "public.clients → sync_runs"
WHERE = "email <> ''"


@pytest.fixture
def split_clients(seed: SeedProject) -> SeedProject:
    """The example's clients, some of whom go into a table of the target that nothing else fills."""
    known = json.loads(seed.people.engineer.get(seed.url("mapping_export")).content)
    clients = next(table for table in known["tables"] if table["source"] == "public.clients")
    columns = [{"source": "id", "target": "id", "status": "suggested"}]
    part = {"source": "clients", "target": "sync_runs", "where": WHERE, "columns": columns}
    answer = upload(seed, json.dumps({"format": 2, "tables": [clients, part]}))
    assert "taken over" in answer.content.decode()
    return seed


def test_a_part_is_a_table_of_its_own_with_its_condition(split_clients: SeedProject) -> None:
    html = see(split_clients, PART)
    assert "public.clients → public.sync_runs" in html
    assert "email &lt;&gt; &#x27;&#x27;" in html
    assert see(split_clients, "public.clients").count("clients → sync_runs") == 1  # in the list
    (part,) = (entry for entry in store.mapping_of(split_clients.comparison).tables if entry.part)
    assert (part.name, part.where) == (("public", "clients → sync_runs"), WHERE)
    exported = json.loads(split_clients.people.engineer.get(split_clients.url("mapping_export")).content)
    assert [table.get("where") for table in exported["tables"] if table["source"] == "public.clients"] == [
        None,
        WHERE,
    ]


def test_a_part_s_pairs_are_decided_there_and_keep_its_condition(split_clients: SeedProject) -> None:
    seed = split_clients
    pair = next(each for each in seed.comparison.pairs.all() if each.target_table == "sync_runs")
    answer = seed.people.engineer.post(seed.url("mapping_pair", pair.pk), {"action": "confirm"}, headers=HTMX)
    assert "id is confirmed. None left to look at" in answer.content.decode()
    answer = edit(seed, "clients → sync_runs", "status", expression="'done'")
    assert answer.status_code == 302
    assert "sync_runs" in answer["Location"]
    part = store.mapping_of(seed.comparison).named(("public", "clients → sync_runs"))
    assert part is not None and part.where == WHERE
    assert {each.target: each.status for each in part.pairs} == {
        "id": PairStatus.CONFIRMED,
        "status": PairStatus.CONFIRMED,
    }


def decide_part(seed: SeedProject, action: str, table: str = PART) -> int:
    answer = seed.people.engineer.post(seed.url("mapping_part"), {"table": table, "action": action})
    return int(answer.status_code)


@pytest.mark.parametrize(
    ("action", "status"), [("confirm", PairStatus.CONFIRMED), ("reject", PairStatus.REJECTED)]
)
def test_a_split_is_decided_with_one_click(
    split_clients: SeedProject, action: str, status: PairStatus
) -> None:
    html = see(split_clients, PART)
    assert "<b>transform</b> waits for 1 pair of it" in html
    assert "Confirm the split" in html and "No split" in html
    assert decide_part(split_clients, action) == 302
    part = store.mapping_of(split_clients.comparison).named(("public", "clients → sync_runs"))
    assert part is not None and [pair.status for pair in part.pairs] == [status]
    assert "Confirm the split" not in see(split_clients, PART)


def test_what_is_no_part_is_not_decided_as_one(split_clients: SeedProject) -> None:
    assert decide_part(split_clients, "confirm", "public.clients") == 400
    assert decide_part(split_clients, "sell") == 400
    assert decide_part(split_clients, "confirm", "public.clients → nowhere") == 404
    manager = split_clients.people.manager.post(
        split_clients.url("mapping_part"), {"table": PART, "action": "confirm"}
    )
    assert manager.status_code == 403


def test_a_part_that_is_not_there_is_not_found(seed: SeedProject) -> None:
    query = {"table": "public.clients → nowhere", "column": "id"}
    assert seed.people.engineer.get(seed.url("mapping_edit"), query).status_code == 404
