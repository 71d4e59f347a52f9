"""A mapping as a file: taken away and brought back, and what is refused."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from schemadiff import store
from schemadiff.forms.mapping import MAX_FILE
from schemadiff.models import Pair
from tests.web.mapping_pages import edit
from tests.web.seed_project import SeedProject
from tests.web.test_mapping import decide, see

pytestmark = pytest.mark.django_db


def upload(seed: SeedProject, content: bytes | str, name: str = "mapping.json") -> Any:
    data = content.encode() if isinstance(content, str) else content
    return seed.people.engineer.post(
        seed.url("mapping_import"), {"file": SimpleUploadedFile(name, data)}, follow=True
    )


def table_file(source: str, target: str, *columns: dict[str, str]) -> str:
    return json.dumps({"format": 1, "tables": [{"source": source, "target": target, "columns": columns}]})


def test_a_file_comes_back_as_it_went(seed: SeedProject) -> None:
    edit(seed, "bookings", "duration_minutes", source="seance_length", expression="seance_length / 60")
    decide(seed, seed.pair("clients", "note"), "reject")
    before = store.mapping_of(seed.comparison)
    answer = seed.people.engineer.get(seed.url("mapping_export"))
    assert answer["Content-Disposition"] == 'attachment; filename="mapping-1.json"'
    Pair.objects.filter(comparison=seed.comparison).delete()
    html = upload(seed, answer.content).content.decode()
    assert "The mapping of 7 tables was taken over." in html
    after = store.mapping_of(seed.comparison)
    assert pairs_of(after) == pairs_of(before)


def pairs_of(mapping: Any) -> set[tuple[Any, ...]]:
    return {
        (table.source, table.target, pair.target, pair.source, pair.expression, pair.status)
        for table in mapping.tables
        for pair in table.pairs
    }


def test_the_example_s_own_file_confirms_every_pair(seed: SeedProject) -> None:
    seed.map_truly()
    counts = store.mapping_counts(seed.comparison)
    assert (counts.suggested, counts.rejected) == (0, 0)
    assert counts.confirmed == 98
    assert "Every suggested pair has been looked at: 98 confirmed, 0 rejected." in see(seed)


def test_tables_out_of_the_scope_are_named_and_left_out(seed: SeedProject) -> None:
    document = json.loads(table_file("public.clients", "public.clients", {"source": "id", "target": "id"}))
    document["tables"].append({"source": "public.reminders", "target": "public.reminders", "columns": []})
    html = upload(seed, json.dumps(document)).content.decode()
    assert "The mapping of 1 table was taken over." in html
    assert "so left out: public.reminders." in html


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("not JSON {", "The mapping file is not JSON"),
        ("[]", "must hold a JSON object"),
        (b"\xff\xfe\x00", "is not a text file in UTF-8"),
        (b"{" + b" " * MAX_FILE, "a mapping file has at most 2,097,152"),
        (table_file("public.nowhere", "public.clients"), "public.nowhere, which the source does not have"),
        (table_file("public.clients", "public.nowhere"), "public.nowhere, which the target does not have"),
        (
            table_file("public.clients", "public.clients", {"source": "nowhere", "target": "id"}),
            "public.clients.nowhere, which the source does not have",
        ),
        (
            table_file("public.clients", "public.clients", {"source": "id", "target": "nowhere"}),
            "public.clients.nowhere, which the target does not have",
        ),
        (
            table_file("public.clients", "public.clients", {"expression": "1; SELECT 2", "target": "id"}),
            "The expression for column public.clients.id is refused",
        ),
        (
            table_file("public.clients", "public.clients", {"expression": "lower(nmae)", "target": "id"}),
            "The source refuses an expression of the file, so nothing was changed. The expression “lower(nmae)”",
        ),
        (
            table_file("public.clients", "public.staff", {"source": "id", "target": "id"}),
            "public.staff already takes the rows of public.staff",
        ),
        (table_file("public.reminders", "public.clients"), "names no table of this comparison"),
    ],
    ids=[
        "no JSON",
        "a list",
        "no text",
        "too large",
        "unknown source table",
        "unknown target table",
        "unknown source column",
        "unknown target column",
        "two commands",
        "unknown column in an expression",
        "taken target",
        "out of scope",
    ],
)
def test_a_file_that_cannot_be_taken_over_changes_nothing(
    seed: SeedProject, content: bytes | str, sentence: str
) -> None:
    before = pairs_of(store.mapping_of(seed.comparison))
    answer = upload(seed, content)
    assert answer.status_code == 422
    assert sentence in answer.content.decode().replace("&quot;", '"')
    assert pairs_of(store.mapping_of(seed.comparison)) == before


def test_no_file_is_asked_for_again(seed: SeedProject) -> None:
    assert seed.people.engineer.post(seed.url("mapping_import")).status_code == 422
