"""The JSON of a comparison is as its published schema says, and the schema would notice if it were not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schemadiff.core.catalog import Catalog, Column, Schema, Table
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.reports.as_json import FORMAT, as_json
from schemadiff.reports.report import report_of
from tests.json_schema import problems

DOCS = Path(__file__).parent.parent.parent / "docs/reference"
SCHEMA: dict[str, Any] = json.loads((DOCS / "compare-json.schema.json").read_text())

TABLE = Table(
    schema="public",
    name="t",
    columns=(
        Column(name="id", position=1, type="bigint"),
        Column(name="mail", position=2, type="text"),
        Column(name="gone", position=3, type="text"),
    ),
)
OTHER = replace(
    TABLE,
    columns=(
        Column(name="id", position=1, type="integer"),
        Column(name="email", position=2, type="text"),
        Column(name="more", position=3, type="text"),
    ),
)
RENAME = ColumnPair(target="email", source="mail", status=PairStatus.CONFIRMED)
MAPPING = Mapping(tables=(TableMapping(source=("public", "t"), target=("public", "t"), pairs=(RENAME,)),))


def document() -> dict[str, Any]:
    """With every kind of change."""
    public = (Schema(name="public"),)
    source = Catalog(schemas=public, tables=(replace(TABLE, name="only_source"), TABLE))
    target = Catalog(schemas=public, tables=(replace(TABLE, name="only_target"), OTHER))
    report = report_of(source, target, MAPPING, source_label="legacy", target_label="new")
    found: dict[str, Any] = json.loads(as_json(report))
    return found


def test_what_is_written_is_as_the_schema_says() -> None:
    written = document()
    changes = {part["change"] for entry in written["objects"] for part in entry["parts"]}
    assert changes == {"added", "removed", "altered", "renamed"}
    assert list(problems(written, SCHEMA, SCHEMA)) == []


def test_the_schema_is_of_this_format_and_named_in_the_reference() -> None:
    assert SCHEMA["properties"]["format"] == {"const": FORMAT}
    assert set(SCHEMA["required"]) == set(document())
    assert "compare-json.schema.json" in (DOCS / "compare-json.md").read_text()


@pytest.mark.parametrize(
    ("key", "value"),
    [("format", 2), ("identical", "no"), ("counts", {"added": 1}), ("objects", [{"state": "same"}])],
)
def test_the_schema_notices_what_is_not_so(key: str, value: Any) -> None:
    assert list(problems({**document(), key: value}, SCHEMA, SCHEMA))
    left_out = {name: entry for name, entry in document().items() if name != key}
    assert list(problems(left_out, SCHEMA, SCHEMA)) == [f"$ lacks {key}"]
