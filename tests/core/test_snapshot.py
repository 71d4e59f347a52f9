"""A catalog as JSON and back; what a fingerprint counts."""

import json
from dataclasses import replace
from typing import Any

import pytest

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Dependency,
    EnumType,
    Function,
    Generated,
    Identity,
    Kind,
    ObjectRef,
    Persistence,
    Schema,
    SequenceOptions,
    Table,
    Uncompared,
    View,
)
from schemadiff.core.snapshot import NotASnapshot, fingerprint, from_json, to_json

COLUMN = Column(
    name="id",
    position=1,
    type="bigint",
    not_null=True,
    identity=Identity.ALWAYS,
    identity_options=SequenceOptions(start=5),
    identity_sequence="t_id_seq",
)
TABLE = Table(
    schema="public",
    name="t",
    columns=(
        COLUMN,
        Column(name="b", position=2, type="integer", default="(id + 1)", generated=Generated.STORED),
    ),
    constraints=(
        Constraint(
            name="f",
            kind=ConstraintKind.FOREIGN_KEY,
            definition="FOREIGN KEY (id) REFERENCES public.t(id)",
            references=("public", "t"),
        ),
    ),
    persistence=Persistence.UNLOGGED,
    estimated_rows=7,
    size=8192,
)
CATALOG = Catalog(
    server_version=160014,
    database="crm",
    schemas=(Schema(name="public", comment="Ünïcode"),),
    enums=(EnumType(schema="public", name="mood", labels=("sad", "")),),
    tables=(TABLE,),
    views=(View(schema="public", name="v", definition=" SELECT 1", materialized=True),),
    functions=(
        Function(
            schema="public",
            name="f",
            arguments="",
            definition="…",
            returns=None,
            language="sql",
            kind="procedure",
        ),
    ),
    dependencies=(
        Dependency(dependent=TABLE.ref, on=ObjectRef(kind=Kind.ENUM, schema="public", name="mood")),
    ),
    uncompared=(Uncompared(kind="policy", count=1, names=("p",)),),
)


def test_there_and_back() -> None:
    data = json.loads(json.dumps(to_json(CATALOG)))
    again = from_json(data)
    assert again == CATALOG
    assert (again.server_version, again.database) == (160014, "crm")
    assert (again.tables[0].estimated_rows, again.tables[0].size) == (7, 8192)


def test_of_an_empty_catalog() -> None:
    assert from_json(to_json(Catalog())) == Catalog()


def test_the_same_bytes_every_time() -> None:
    assert json.dumps(to_json(CATALOG)) == json.dumps(to_json(from_json(to_json(CATALOG))))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (None, 'A snapshot is a JSON object with "kind": "schemadiff catalog"'),
        ([], "A snapshot is a JSON object"),
        ({"tables": []}, "A snapshot is a JSON object"),
        ({"kind": "schemadiff catalog", "format": 99}, "has format 99; this version reads format 3"),
        (
            {"kind": "schemadiff catalog", "format": 1, "tables": 5},
            r"damaged: tables should be a list, and is 5\.",
        ),
        (
            {"kind": "schemadiff catalog", "format": 1, "tables": [{}]},
            r"damaged: tables\[0\] lacks name, schema",
        ),
        (
            {"kind": "schemadiff catalog", "format": 1, "sparks": []},
            "has what this version does not know: sparks",
        ),
        (
            {
                "kind": "schemadiff catalog",
                "format": 1,
                "tables": [{"schema": "s", "name": "t", "persistence": "x"}],
            },
            r'tables\[0\]\.persistence should be one of permanent, unlogged, and is "x"',
        ),
        (
            {
                "kind": "schemadiff catalog",
                "format": 1,
                "dependencies": [{"dependent": ["nail", "", "", ""], "on": 1}],
            },
            r"dependencies\[0\]\.dependent should be one of schema, ",
        ),
        (
            {"kind": "schemadiff catalog", "format": 1, "server_version": True},
            "server_version should be a whole number, and is true",
        ),
        (
            {"kind": "schemadiff catalog", "format": 1, "schemas": [{"name": None}]},
            r"schemas\[0\]\.name should be a text, and is null",
        ),
    ],
)
def test_what_is_no_snapshot_is_refused_with_the_place(data: Any, sentence: str) -> None:
    with pytest.raises(NotASnapshot, match=sentence):
        from_json(data)


def with_column(**changes: Any) -> Catalog:
    table = replace(TABLE, columns=(replace(COLUMN, **changes), *TABLE.columns[1:]))
    return replace(CATALOG, tables=(table,))


@pytest.mark.parametrize(
    "other",
    [
        replace(CATALOG, server_version=180004),
        replace(CATALOG, database="another"),
        replace(CATALOG, uncompared=()),
        replace(CATALOG, dependencies=()),
        replace(CATALOG, tables=(replace(TABLE, estimated_rows=-1, size=0),)),
        replace(CATALOG, views=(replace(CATALOG.views[0], populated=False),)),
        with_column(identity_sequence="another"),
    ],
)
def test_a_fingerprint_does_not_count_what_is_not_compared(other: Catalog) -> None:
    assert fingerprint(other) == fingerprint(CATALOG)


@pytest.mark.parametrize(
    "other",
    [
        with_column(comment="c"),
        with_column(type="integer"),
        with_column(not_null=False),
        with_column(identity=Identity.BY_DEFAULT),
        with_column(identity_options=SequenceOptions(start=6)),
        replace(CATALOG, schemas=()),
        replace(CATALOG, enums=(replace(CATALOG.enums[0], labels=("", "sad")),)),
        replace(CATALOG, tables=(replace(TABLE, columns=TABLE.columns[::-1]),)),
        replace(CATALOG, tables=(replace(TABLE, comment=""),)),
    ],
)
def test_a_fingerprint_counts_what_is_compared(other: Catalog) -> None:
    assert fingerprint(other) != fingerprint(CATALOG)


def test_a_fingerprint_is_64_hexadecimal_digits() -> None:
    assert len(fingerprint(CATALOG)) == 64
    assert int(fingerprint(CATALOG), 16)


def test_an_earlier_format_is_read_where_nothing_was_left_out() -> None:
    catalog = Catalog(
        schemas=(Schema(name="s"),), uncompared=(Uncompared(kind="large object", count=1, names=("a",)),)
    )
    assert from_json({**to_json(catalog), "format": 1}) == catalog


def test_an_earlier_format_is_refused_where_it_lacks_what_is_compared_now() -> None:
    catalog = Catalog(uncompared=(Uncompared(kind="policy", count=3, names=("a", "b", "c")),))
    with pytest.raises(NotASnapshot, match=r"format 1 and lacks .*: 3 × policy\. Take the snapshot again"):
        from_json({**to_json(catalog), "format": 1})
