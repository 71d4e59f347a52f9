"""A source table split into several target tables: in the file, in a run's record, and as what it is called."""

import json
from typing import Any
from uuid import UUID

import pytest

from migration.core.spec import RunSpec, spec_from_json, spec_to_json
from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.core.mapping_file import dump, load
from schemadiff.core.options.option import Scope
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Plan


def document(*tables: dict[str, Any]) -> str:
    return json.dumps({"format": 2, "tables": tables})


ID = [{"source": "id", "target": "id"}]
SPLIT = document(
    {"source": "clients", "target": "client_contacts", "where": "phone IS NOT NULL", "columns": ID},
    {"source": "clients", "target": "crm.addresses", "columns": ID},
    {"source": "clients", "target": "clients", "columns": ID},
)


def test_the_table_of_the_same_name_comes_first_and_the_others_are_its_parts() -> None:
    mapping = load(SPLIT)
    assert [".".join(entry.name) for entry in mapping.tables] == [
        "public.clients",
        "public.clients → crm.addresses",
        "public.clients → client_contacts",
    ]
    assert mapping.for_source(("public", "clients")) == mapping.tables[0]
    assert mapping.named(("public", "clients → client_contacts")) == mapping.tables[2]


def test_what_is_written_is_read_again_and_an_older_version_reads_what_it_knows() -> None:
    mapping = load(SPLIT)
    assert load(dump(mapping)) == mapping
    assert json.loads(dump(mapping))["format"] == 2
    assert json.loads(dump(Mapping(tables=mapping.tables[:1])))["format"] == 1


def test_a_part_keeps_its_name_when_it_is_carried_alone() -> None:
    contacts = Mapping(tables=load(SPLIT).tables[2:])
    spec = RunSpec(
        ledger_id=UUID(int=1),
        option="transform",
        plan=Plan(target_fingerprint=""),
        mapping=contacts,
        scope=Scope(tables=()),
    )
    (entry,) = spec_from_json(spec_to_json(spec)).mapping.tables
    assert (entry.name, entry.where) == (("public", "clients → client_contacts"), "phone IS NOT NULL")


def test_a_run_of_before_there_were_parts_is_read() -> None:
    spec = RunSpec(
        ledger_id=UUID(int=1),
        option="transform",
        plan=Plan(target_fingerprint=""),
        mapping=load(document({"source": "clients", "columns": ID})),
        scope=Scope(tables=()),
    )
    data = spec_to_json(spec) | {"format": 7}
    data["mapping"] = [
        {k: v for k, v in entry.items() if k not in ("where", "part")} for entry in data["mapping"]
    ]
    assert spec_from_json(data) == spec


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        (
            ({"source": "a", "target": "t"}, {"source": "a", "target": "t"}),
            "name all of its columns in one entry",
        ),
        (({"source": "a", "where": 5},), '"where" of table public.a must be a text; found 5'),
        (({"source": "a", "where": "true; DROP TABLE x"},), "The condition of table public.a is refused"),
        (({"source": "a", "where": "pg_sleep(9) IS NULL"},), "pg_sleep"),
    ],
)
def test_what_is_wrong_is_named(tables: tuple[dict[str, Any], ...], words: str) -> None:
    with pytest.raises(Refused, match=words.replace("(", r"\(")):
        load(document(*tables))


def catalog(*tables: tuple[str, tuple[str, ...]]) -> Catalog:
    return Catalog(
        tables=tuple(
            Table(
                schema="public",
                name=name,
                columns=tuple(
                    Column(name=column, type="integer", position=n, not_null=column == "id")
                    for n, column in enumerate(columns, start=1)
                ),
            )
            for name, columns in tables
        )
    )


def test_transform_looks_at_each_part() -> None:
    """What any part takes is not left behind; what one of them lacks blocks."""
    source = catalog(("clients", ("id", "phone", "fax")))
    target = catalog(("clients", ("id",)), ("client_contacts", ("id", "phone")))
    mapping = load(
        document(
            {"source": "clients", "columns": ID},
            {
                "source": "clients",
                "target": "client_contacts",
                "columns": [{"source": "phone", "target": "phone"}],
            },
        )
    )
    option = transform(source, target, Scope(tables=(("public", "clients"),)), mapping)
    assert [blocker for blocker in option.blockers if "client_contacts.id" in blocker] == list(
        option.blockers
    )
    assert len(option.blockers) == 1
    behind = next(measure for measure in option.measures if measure.key == "columns_left_behind")
    assert behind.items == ("public.clients.fax",)
