"""The mapping file: what is written can be read again, and what is wrong is named."""

import json
from typing import Any

import pytest

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.mapping_file import check, dump, load

MAPPING = Mapping(
    tables=(
        TableMapping(
            source=("public", "clients"),
            target=("crm.v2", "people"),
            pairs=(
                ColumnPair(source="birth_date", target="birthday", status=PairStatus.CONFIRMED),
                ColumnPair(target="minutes", expression="duration / 60", status=PairStatus.CONFIRMED),
                ColumnPair(source="x", target="y", status=PairStatus.REJECTED),
            ),
        ),
        TableMapping(source=("public", "empty"), target=("public", "empty")),
    )
)


def document(**table: Any) -> str:
    return json.dumps({"format": 1, "tables": [{"source": "clients", **table}]})


def test_what_is_written_is_read_again() -> None:
    assert load(dump(MAPPING)) == MAPPING
    assert dump(load(dump(MAPPING))) == dump(MAPPING)


def test_pairs_are_confirmed_and_names_are_in_public_where_nothing_else_is_said() -> None:
    (entry,) = load(document(columns=[{"source": "a", "target": "b"}])).tables
    assert entry.source == entry.target == ("public", "clients")
    assert entry.pairs == (ColumnPair(source="a", target="b", status=PairStatus.CONFIRMED),)


def test_lists_of_names_are_read_too() -> None:
    text = json.dumps({"tables": {"clients": [["id", "id", "same"], ["comment", "note", "rename"]]}})
    (entry,) = load(text).tables
    assert [(pair.source, pair.target) for pair in entry.pairs] == [("id", "id"), ("comment", "note")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[]", "JSON object"),
        ('{"format": 9, "tables": []}', "format 9"),
        ('{"tables": 1}', "must be a list"),
        ('{"tables": [{"target": "a"}]}', '"source"'),
        ('{"tables": [{"source": 5}]}', "found 5"),
        (document(columns={}), "must be a list"),
        (document(columns=[{"source": "a"}]), '"target"'),
        (document(columns=[{"target": "a"}]), "neither"),
        (document(columns=[{"source": 1, "target": "a"}]), '"source" of column'),
        (document(columns=[{"source": "a", "target": "a", "note": "?"}]), 'Unknown key "note"'),
        (document(columns=[{"source": "a", "target": "a", "status": "sure"}]), "one of suggested"),
        (document(columns=[{"target": "a", "expression": "x; drop table y"}]), r"public.clients.a.*a DROP"),
        (document(columns=[["a", "x"], ["b", "x"]]), "found"),
        (document(columns=[{"source": s, "target": "x"} for s in "ab"]), "public.clients.x is in"),
        ('{"tables": [{"source": "a"}, {"source": "a"}]}', "source table public.a is in"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        load(text)


def test_names_that_a_database_does_not_have_are_refused() -> None:
    def catalog(name: str, *columns: str) -> Catalog:
        made = tuple(Column(name=column, type="text", position=1) for column in columns)
        return Catalog(tables=(Table(schema="public", name=name, columns=made),))

    mapping = load(document(target="people", columns=[{"source": "a", "target": "b"}]))
    check(mapping, catalog("clients", "a"), catalog("people", "b"))
    for source, target, words in (
        (catalog("other", "a"), catalog("people", "b"), "source table public.clients"),
        (catalog("clients", "a"), catalog("other", "b"), "target table public.people"),
        (catalog("clients", "z"), catalog("people", "b"), "source column public.clients.a"),
        (catalog("clients", "a"), catalog("people", "z"), "target column public.people.b"),
    ):
        with pytest.raises(Refused, match=words):
            check(mapping, source, target)


def test_what_is_nested_thousands_deep_is_refused() -> None:
    with pytest.raises(Refused, match="not JSON"):
        load("[" * 20_000)
