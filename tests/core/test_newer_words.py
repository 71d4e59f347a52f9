"""What a plan says where the target's server is too old for it."""

from dataclasses import replace

import pytest

from migration.core.spec import refuse_unfit
from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Function, Schema, Table, View
from schemadiff.core.errors import Refused
from schemadiff.core.options.hybrid import hybrid
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.plan import Plan
from schemadiff.core.planner import plan_schema

A = Column(name="a", position=1, type="integer")
EMPTY = Catalog(server_version=140023, schemas=(Schema(name="public"),))


def with_table(*constraints: Constraint, column: Column = A, **rest: object) -> Catalog:
    table = Table(schema="public", name="t", columns=(column,), constraints=constraints)
    return replace(EMPTY, server_version=180004, tables=(replace(table, **rest),))  # type: ignore[arg-type]


def rule(kind: ConstraintKind, definition: str) -> Constraint:
    return Constraint(name="k", kind=kind, definition=definition, columns=("a",))


def new_in(plan: Plan) -> list[str]:
    return [
        hazard.message
        for statement in plan.statements
        for hazard in statement.hazards
        if hazard.code == "newer-server"
    ]


DISTINCT = with_table(rule(ConstraintKind.UNIQUE, "UNIQUE NULLS NOT DISTINCT (a)"))


@pytest.mark.parametrize(
    ("source", "since", "words"),
    [
        (DISTINCT, 15, "NULLS NOT DISTINCT"),
        (with_table(rule(ConstraintKind.CHECK, "CHECK ((a > 0)) NOT ENFORCED")), 18, "ENFORCED"),
        (with_table(column=replace(A, type="numeric(3,-1)")), 15, "numeric's scale"),
        (with_table(column=replace(A, type="numeric(2,4)[]")), 15, "numeric's scale"),
        (
            with_table(rule(ConstraintKind.EXCLUSION, "EXCLUDE USING btree (a WITH =)"), partition_key="LIST (a)"),
            17,
            "exclusion constraint of a partitioned table",
        ),
        (
            replace(
                with_table(),
                views=(View(schema="public", name="v", definition=" SELECT 1", options=("security_invoker=true",)),),
            ),
            15,
            "security_invoker",
        ),
    ],
)  # fmt: skip
def test_what_the_target_does_not_know_is_named_until_it_does(
    source: Catalog, since: int, words: str
) -> None:
    (message,) = new_in(plan_schema(source, EMPTY))
    assert (
        "PostgreSQL 14 of the target" in message and message.endswith(f"new in {since}.") and words in message
    )
    assert new_in(plan_schema(source, replace(EMPTY, server_version=(since - 1) * 10_000)))
    assert not new_in(plan_schema(source, replace(EMPTY, server_version=since * 10_000)))


def test_texts_names_and_bodies_are_no_words() -> None:
    default = "'NULLS NOT DISTINCT MERGE INTO'::text"
    column = replace(A, name='NOT ENFORCED "x"', type="numeric(4,4)", default=default)
    body = "CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $f$ SELECT JSON_TABLE('x') IS JSON $f$"
    function = Function(
        schema="public", name="f", arguments="", definition=body, returns="text", language="sql"
    )
    source = replace(with_table(column=column), functions=(function,))
    assert new_in(plan_schema(source, EMPTY)) == []


def test_no_option_that_needs_it_is_run() -> None:
    scope = Scope(tables=(("public", "t"),))
    for make in (recreate, hybrid):
        option = make(DISTINCT, EMPTY, scope)
        assert [blocker for blocker in option.blockers if "NULLS NOT DISTINCT, new in 15" in blocker]
        with pytest.raises(Refused, match=r"NULLS NOT DISTINCT, new in 15\..* Nothing was done"):
            refuse_unfit(option.plan)
        fits = make(DISTINCT, replace(EMPTY, server_version=150000), scope)
        assert fits.blockers == ()
        refuse_unfit(fits.plan)


@pytest.mark.parametrize(
    ("type_", "word"),
    [
        ("text", "EXTENDED"),
        ("numeric(9,2)", "MAIN"),
        ("character varying(3)[]", "EXTENDED"),
        ("s.own", "DEFAULT"),
    ],
)
def test_a_types_own_storage_is_named_for_servers_that_know_no_default(type_: str, word: str) -> None:
    usual, other = (
        with_table(column=replace(A, type=type_)),
        with_table(column=replace(A, type=type_, storage="plain")),
    )
    (older,) = plan_schema(usual, replace(other, server_version=150000)).statements
    (newer,) = plan_schema(usual, replace(other, server_version=160000)).statements
    assert older.sql == f"ALTER TABLE ONLY public.t ALTER COLUMN a SET STORAGE {word}"
    assert newer.sql.endswith("SET STORAGE DEFAULT")
    assert bool(older.hazards) is (word == "DEFAULT")
