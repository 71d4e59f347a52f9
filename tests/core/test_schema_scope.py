"""Catalogs cut down to some schemas, or with schemas of other names."""

from collections.abc import Mapping

import pytest

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Dependency,
    Extension,
    Function,
    Index,
    Kind,
    ObjectRef,
    Schema,
    Sequence,
    SequenceOptions,
    Table,
    View,
)
from schemadiff.core.errors import Refused
from schemadiff.core.schema_scope import only_schemas, rename_schemas

CATALOG = Catalog(
    schemas=(Schema(name="a"), Schema(name="b")),
    extensions=(Extension(name="vector", schema="a", version="1"),),
    sequences=(
        Sequence(schema="a", name="s", options=SequenceOptions(), owned_by=("a", "t", "id")),
        Sequence(schema="b", name="s", options=SequenceOptions()),
    ),
    tables=(
        Table(
            schema="a",
            name="t",
            columns=(Column(name="id", position=1, type="bigint", default="nextval('a.s'::regclass)"),),
            constraints=(
                Constraint(
                    name="f",
                    kind=ConstraintKind.FOREIGN_KEY,
                    definition="FOREIGN KEY (id) REFERENCES a.t(id)",
                    references=("a", "t"),
                ),
            ),
            indexes=(Index(name="i", definition="CREATE INDEX i ON a.t USING btree (id)", method="btree"),),
        ),
        Table(schema="b", name="t"),
    ),
    functions=(
        Function(
            schema="a",
            name="f",
            arguments="a.t",
            definition="CREATE OR REPLACE FUNCTION a.f(a.t)\n LANGUAGE sql\nAS $function$SELECT 1 FROM a.t$function$\n",
            returns="a.t",
            language="sql",
        ),
    ),
    views=(
        View(
            schema="a",
            name="v",
            definition=" SELECT a.id,\n    'a.t' AS text,\n    a.t.\"a.t\"\n   FROM a.t a\n  WHERE a.f(a.*)",
        ),
    ),
    dependencies=(
        Dependency(
            dependent=ObjectRef(kind=Kind.COLUMN, schema="a", parent="t", name="id"),
            on=ObjectRef(kind=Kind.SEQUENCE, schema="a", name="s"),
        ),
        Dependency(
            dependent=ObjectRef(kind=Kind.TABLE, schema="b", name="t"),
            on=ObjectRef(kind=Kind.EXTENSION, schema="", name="vector"),
        ),
        Dependency(
            dependent=ObjectRef(kind=Kind.VIEW, schema="a", name="v"),
            on=ObjectRef(kind=Kind.FUNCTION, schema="a", name="f(a.t)"),
        ),
    ),
)


def test_only_what_lies_in_the_schemas() -> None:
    found = only_schemas(CATALOG, {"b"})
    assert [entry.ref.key for entry in found.objects()] == ["schema:b", "sequence:b.s", "table:b.t"]
    assert found.dependencies == ()
    assert len(only_schemas(CATALOG, {"a", "b"}).dependencies) == 2


def test_another_name_is_everywhere_but_in_texts() -> None:
    found = rename_schemas(CATALOG, {"a": "Z z"})
    assert [schema.name for schema in found.schemas] == ["Z z", "b"]
    assert found.extensions[0].schema == "Z z"
    first, second = found.tables
    assert (first.schema, second.schema) == ("Z z", "b")
    assert first.columns[0].default == "nextval('\"Z z\".s'::regclass)"
    assert first.constraints[0].definition == 'FOREIGN KEY (id) REFERENCES "Z z".t(id)'
    assert first.constraints[0].references == ("Z z", "t")
    assert first.indexes[0].definition == 'CREATE INDEX i ON "Z z".t USING btree (id)'
    assert found.sequences[0].owned_by == ("Z z", "t", "id")
    (function,) = found.functions
    assert function.signature == 'f("Z z".t)'
    assert function.definition.startswith('CREATE OR REPLACE FUNCTION "Z z".f("Z z".t)\n')
    assert "$function$SELECT 1 FROM a.t$function$" in function.definition
    assert found.views[0].definition == (
        ' SELECT a.id,\n    \'a.t\' AS text,\n    "Z z".t."a.t"\n   FROM "Z z".t a\n  WHERE "Z z".f(a.*)'
    )
    keys = [(entry.dependent.key, entry.on.key) for entry in found.dependencies]
    assert ("view:Z z.v", 'function:Z z.f("Z z".t)') in keys


def test_there_and_back_is_the_same() -> None:
    assert rename_schemas(rename_schemas(CATALOG, {"a": "c"}), {"c": "a"}) == CATALOG
    assert rename_schemas(CATALOG, {}) is CATALOG


def test_two_schemas_swap_names() -> None:
    swapped = rename_schemas(CATALOG, {"a": "b", "b": "a"})
    assert [table.qualified for table in swapped.tables] == [("a", "t"), ("b", "t")]
    assert swapped.tables[1].columns[0].default == "nextval('b.s'::regclass)"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ({"c": "d"}, "The source has no schema c; it has a, b."),
        ({"a": "b"}, "Schema a cannot be compared as b: the source has a schema b itself."),
        ({"a": "c", "b": "c"}, "Two schemas cannot be compared as one."),
    ],
)
def test_names_that_cannot_be(names: Mapping[str, str], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        rename_schemas(CATALOG, names)
