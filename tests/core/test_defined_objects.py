"""Objects that are a definition and a name: their statements, what is said of secrets, other schemas' names."""

from dataclasses import replace

import pytest

from schemadiff.core.breaking import breaking
from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    DefinedObject,
    Dependency,
    Function,
    Kind,
    ObjectMember,
    ObjectRef,
    Schema,
    Table,
)
from schemadiff.core.changes import Added, Altered, Removed
from schemadiff.core.ddl import defined
from schemadiff.core.ddl.defined_names import subject
from schemadiff.core.defined_objects import DEFINED_KINDS, SECRET, member_ref
from schemadiff.core.diff import diff
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.plan import Statement
from schemadiff.core.planner import plan_schema
from schemadiff.core.schema_scope import only_schemas, rename_schemas
from schemadiff.core.snapshot import fingerprint, from_json, to_json

PUBLIC = Schema(name="public")
SERVER = DefinedObject(
    kind=Kind.SERVER,
    name="far",
    definition="CREATE SERVER far FOREIGN DATA WRAPPER w",
    settings=(("option host", "a"),),
)
MAPPING = DefinedObject(
    kind=Kind.USER_MAPPING,
    name="PUBLIC SERVER far",
    definition="CREATE USER MAPPING FOR PUBLIC SERVER far",
    settings=(("option user", "u"), (f"{SECRET}password", "set")),
)
PUBLICATION = DefinedObject(
    kind=Kind.PUBLICATION,
    name="p",
    definition="CREATE PUBLICATION p",
    members=(ObjectMember(name="public.t", definition="TABLE ONLY public.t (a)"),),
)
SUBSCRIPTION = DefinedObject(
    kind=Kind.SUBSCRIPTION,
    name="s",
    definition="CREATE SUBSCRIPTION s",
    settings=(("connection", "host=a"), ("publications", "p, q"), ("slot_name", "s"), ("streaming", "off")),
)
OPERATOR = DefinedObject(
    kind=Kind.OPERATOR,
    schema="public",
    name="===(public.d, integer)",
    definition="CREATE OPERATOR public.=== (\n    FUNCTION = public.same\n)",
)
TABLE = Table(schema="public", name="t", columns=(Column(name="a", position=1, type="integer"),))


def catalog(*values: DefinedObject, **others: object) -> Catalog:
    return Catalog(schemas=(PUBLIC,), defined=tuple(sorted(values, key=lambda v: v.ref)), **others)  # type: ignore[arg-type]


def plan(source: Catalog, target: Catalog) -> tuple[Statement, ...]:
    return plan_schema(source, target).statements


def sql_of(source: Catalog, target: Catalog) -> list[str]:
    return [statement.sql for statement in plan(source, target)]


def test_every_kind_has_a_title_of_its_own_and_a_noun() -> None:
    nouns = {
        subject(DefinedObject(kind=kind, name="x", definition="")).partition(" x")[0]
        for kind in DEFINED_KINDS
    }
    assert len(nouns) == len(DEFINED_KINDS)


@pytest.mark.parametrize(
    ("kind", "schema", "name", "expected"),
    [
        (Kind.COLLATION, "public", "Own", 'COLLATION public."Own"'),
        (Kind.OPERATOR, "Sch", "!(NONE, integer)", 'OPERATOR "Sch".!(NONE, integer)'),
        (Kind.OPERATOR_CLASS, "s", "c USING btree", "OPERATOR CLASS s.c USING btree"),
        (Kind.CAST, "", "integer AS s.d", "CAST (integer AS s.d)"),
        (Kind.TRANSFORM, "", "box LANGUAGE l", "TRANSFORM FOR box LANGUAGE l"),
        (Kind.USER_MAPPING, "", "PUBLIC SERVER far", "USER MAPPING FOR PUBLIC SERVER far"),
        (Kind.WRAPPER, "", "w x", 'FOREIGN DATA WRAPPER "w x"'),
        (Kind.BASE_TYPE, "s", "t", "TYPE s.t"),
        (Kind.CONFIGURATION, "s", "c", "TEXT SEARCH CONFIGURATION s.c"),
    ],
)
def test_how_statements_name_them(kind: Kind, schema: str, name: str, expected: str) -> None:
    assert subject(DefinedObject(kind=kind, schema=schema, name=name, definition="")) == expected


def test_options_are_added_set_and_dropped_in_one_statement() -> None:
    wanted = replace(SERVER, settings=(("option host", "b"), ("option port", "it's"), ("version", "2")))
    present = replace(SERVER, settings=(("option dbname", "x"), ("option host", "a"), ("version", "1")))
    assert [s.sql for s in defined.alter(wanted, present)] == [
        "ALTER SERVER far VERSION '2'",
        "ALTER SERVER far OPTIONS (DROP dbname, SET host 'b', ADD port 'it''s')",
    ]
    assert [s.sql for s in defined.alter(replace(SERVER, settings=()), present)] == [
        "ALTER SERVER far VERSION NULL",
        "ALTER SERVER far OPTIONS (DROP dbname, DROP host)",
    ]


def test_a_secret_is_left_out_and_said() -> None:
    (statement,) = defined.create(MAPPING)
    assert statement.sql == "CREATE USER MAPPING FOR PUBLIC SERVER far OPTIONS (\"user\" 'u')"
    (hazard,) = statement.hazards
    assert hazard.code == "secret-left-out" and "password" in hazard.message


def test_a_secret_that_is_missing_is_a_difference_that_no_statement_mends() -> None:
    bare = replace(MAPPING, settings=MAPPING.settings[:1])
    assert len(diff(catalog(MAPPING), catalog(bare)).different) == 1
    assert sql_of(catalog(MAPPING), catalog(bare)) == []
    assert sql_of(catalog(bare), catalog(MAPPING)) == [
        "ALTER USER MAPPING FOR PUBLIC SERVER far OPTIONS (DROP password)"
    ]


def test_a_new_connection_string_says_that_its_secret_is_gone() -> None:
    secret = (f"{SECRET}password", "set")
    present = replace(SUBSCRIPTION, settings=tuple(sorted((*SUBSCRIPTION.settings, secret))))
    wanted = replace(present, settings=tuple(sorted((*present.settings[1:], ("connection", "host=b")))))
    (statement,) = plan(catalog(wanted), catalog(present))
    assert statement.sql == "ALTER SUBSCRIPTION s CONNECTION 'host=b'"
    assert [hazard.code for hazard in statement.hazards] == ["secret-left-out"]


def test_a_subscription_is_made_without_asking_the_publisher() -> None:
    (statement,) = defined.create(SUBSCRIPTION)
    assert statement.sql == (
        "CREATE SUBSCRIPTION s CONNECTION 'host=a' PUBLICATION p, q"
        " WITH (connect = false, slot_name = 's', streaming = 'off')"
    )
    (without,) = defined.create(
        replace(SUBSCRIPTION, settings=(("connection", ""), ("publications", "p"), ("streaming", "off")))
    )
    assert "slot_name = NONE" in without.sql


def test_a_subscription_is_dropped_without_its_slot() -> None:
    statements = plan(Catalog(schemas=(PUBLIC,)), catalog(SUBSCRIPTION))
    assert [s.sql for s in statements] == [
        "ALTER SUBSCRIPTION s DISABLE",
        "ALTER SUBSCRIPTION s SET (slot_name = NONE)",
        "DROP SUBSCRIPTION s",
    ]
    assert [hazard.code for hazard in statements[-1].hazards] == ["slot-left-behind"]


def test_two_phase_makes_a_subscription_anew() -> None:
    other = replace(SUBSCRIPTION, settings=tuple(sorted((*SUBSCRIPTION.settings, ("two_phase", "true")))))
    assert not defined.can_alter(SUBSCRIPTION, other)


def test_languages_are_replaced_and_operators_made_anew() -> None:
    language = DefinedObject(
        kind=Kind.LANGUAGE, name="l", definition="CREATE PROCEDURAL LANGUAGE l HANDLER h"
    )
    other = replace(language, definition="CREATE TRUSTED PROCEDURAL LANGUAGE l HANDLER g")
    assert sql_of(catalog(other), catalog(language)) == [
        "CREATE OR REPLACE TRUSTED PROCEDURAL LANGUAGE l HANDLER g"
    ]
    changed = replace(OPERATOR, definition=OPERATOR.definition.replace("same", "alike"))
    assert sql_of(catalog(changed), catalog(OPERATOR)) == [
        "DROP OPERATOR public.===(public.d, integer)",
        changed.definition,
    ]


def test_members_come_before_what_uses_their_object() -> None:
    member = ObjectMember(name="word", definition="word WITH pg_catalog.simple")
    configuration = DefinedObject(
        kind=Kind.CONFIGURATION,
        schema="public",
        name="c",
        definition="CREATE TEXT SEARCH CONFIGURATION public.c",
        members=(member,),
    )
    index = ObjectRef(kind=Kind.CONSTRAINT, schema="public", parent="t", name="k")
    key = Constraint(name="k", kind=ConstraintKind.CHECK, definition="CHECK (true)")
    source = catalog(
        configuration,
        tables=(replace(TABLE, constraints=(key,)),),
        dependencies=(Dependency(dependent=index, on=configuration.ref),),
    )
    statements = sql_of(source, Catalog(schemas=(PUBLIC,)))
    add = statements.index(
        "ALTER TEXT SEARCH CONFIGURATION public.c ADD MAPPING FOR word WITH pg_catalog.simple"
    )
    assert add < statements.index("ALTER TABLE public.t ADD CONSTRAINT k CHECK (true)")


def test_a_table_that_goes_leaves_its_publication_by_itself() -> None:
    member = member_ref(PUBLICATION, PUBLICATION.members[0])
    target = catalog(PUBLICATION, tables=(TABLE,), dependencies=(Dependency(dependent=member, on=TABLE.ref),))
    source = catalog(replace(PUBLICATION, members=()))
    assert sql_of(source, target) == ["DROP TABLE public.t"]
    assert sql_of(target, source)[-1] == "ALTER PUBLICATION p ADD TABLE ONLY public.t (a)"


def test_members_are_compared_by_name() -> None:
    other = replace(
        PUBLICATION,
        members=(
            ObjectMember(name="public.t", definition="TABLE ONLY public.t"),
            ObjectMember(name="public.u", definition="TABLE ONLY public.u"),
        ),
    )
    (entry,) = (e for e in diff(catalog(PUBLICATION), catalog(other)).different)
    assert [type(change) for change in entry.parts] == [Altered, Added]
    (back,) = (e for e in diff(catalog(other), catalog(PUBLICATION)).different)
    assert [type(change) for change in back.parts] == [Altered, Removed]
    found = breaking(diff(catalog(PUBLICATION), catalog(other)), catalog(PUBLICATION), catalog(other))
    assert [(one.ref.name, one.reason) for one in found] == [("public.u", "is no longer published")]


def test_nobody_misses_an_event_trigger_but_everybody_an_operator() -> None:
    trigger = DefinedObject(
        kind=Kind.EVENT_TRIGGER, name="e", definition="CREATE EVENT TRIGGER e ON sql_drop"
    )
    source, target = Catalog(schemas=(PUBLIC,)), catalog(trigger, OPERATOR)
    assert [one.ref for one in breaking(diff(source, target), source, target)] == [OPERATOR.ref]


def test_there_and_back_as_a_snapshot() -> None:
    whole = catalog(SERVER, MAPPING, PUBLICATION, SUBSCRIPTION, OPERATOR)
    assert from_json(to_json(whole)) == whole
    assert fingerprint(whole) != fingerprint(Catalog(schemas=(PUBLIC,)))


def test_another_name_of_a_schema_reaches_into_definitions_and_members() -> None:
    ref = ObjectRef(kind=Kind.FUNCTION, schema="public", name="same(public.d, integer)")
    function = Function(
        schema="public",
        name="same",
        arguments="public.d, integer",
        definition="",
        returns="boolean",
        language="sql",
    )
    schemas = ObjectMember(name="TABLES IN SCHEMA public", definition="TABLES IN SCHEMA public")
    domain = Table(schema="public", name="d")
    source = catalog(
        OPERATOR,
        replace(PUBLICATION, members=(*PUBLICATION.members, schemas)),
        tables=(domain, TABLE),
        functions=(function,),
        dependencies=(Dependency(dependent=OPERATOR.ref, on=ref),),
    )
    renamed = rename_schemas(source, {"public": "app"})
    operator = next(value for value in renamed.defined if value.kind is Kind.OPERATOR)
    assert (operator.schema, operator.name) == ("app", "===(app.d, integer)")
    assert operator.definition.startswith("CREATE OPERATOR app.=== (\n    FUNCTION = app.same")
    publication = next(value for value in renamed.defined if value.kind is Kind.PUBLICATION)
    assert {member.definition for member in publication.members} == {
        "TABLE ONLY app.t (a)",
        "TABLES IN SCHEMA app",
    }
    assert renamed.dependencies[0].dependent == operator.ref


def test_what_is_in_no_schema_is_left_out_where_schemas_are_chosen() -> None:
    found = only_schemas(catalog(SERVER, OPERATOR), ["public"])
    assert found.defined == (OPERATOR,)


def test_what_a_table_needs_is_made_with_it_and_another_server_stays() -> None:
    collation = DefinedObject(
        kind=Kind.COLLATION,
        schema="public",
        name="own",
        definition="CREATE COLLATION public.own (locale = 'C')",
    )
    column = ObjectRef(kind=Kind.COLUMN, schema="public", parent="t", name="a")
    source = catalog(
        collation, tables=(TABLE,), dependencies=(Dependency(dependent=column, on=collation.ref),)
    )
    made = [
        s.sql
        for s in recreate(
            source, Catalog(schemas=(PUBLIC,)), Scope(tables=(("public", "t"),))
        ).plan.statements
    ]
    assert made.index(collation.definition) < next(
        i for i, sql in enumerate(made) if sql.startswith("CREATE TABLE")
    )
