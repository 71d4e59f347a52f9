"""Plans of catalogs made by hand: what they say, and that they say it the same way every time."""

import random
from dataclasses import replace

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    EnumType,
    Function,
    Index,
    Schema,
    Table,
    View,
)
from schemadiff.core.plan import Lock, Notice, Plan, Section
from schemadiff.core.planner import create_all, plan_schema, render
from schemadiff.core.snapshot import fingerprint

PUBLIC = Schema(name="public")
ID = Column(name="id", position=1, type="bigint", not_null=True)
KEY = Constraint(
    name="t_pkey", kind=ConstraintKind.PRIMARY_KEY, definition="PRIMARY KEY (id)", columns=("id",)
)


def table(name: str = "t", *columns: Column, constraints: tuple[Constraint, ...] = ()) -> Table:
    return Table(schema="public", name=name, columns=(ID, *columns), constraints=constraints)


def catalog(*tables: Table, **rest: object) -> Catalog:
    return replace(Catalog(schemas=(PUBLIC,), tables=tables), **rest)  # type: ignore[arg-type]


def sql(plan: Plan) -> list[str]:
    return [statement.sql for statement in plan.statements]


def test_nothing_to_do_is_nothing_at_all() -> None:
    plan = plan_schema(catalog(table()), catalog(table()))

    assert plan.statements == ()
    assert render(plan) == ""


def test_a_table_comes_before_its_rows_and_its_keys_after() -> None:
    index = Index(
        name="t_id",
        definition="CREATE INDEX t_id ON public.t USING btree (id)",
        method="btree",
        columns=("id",),
    )
    made = replace(table(constraints=(KEY,)), indexes=(index,))

    plan = plan_schema(catalog(made), catalog())

    assert sql(plan) == [
        "CREATE TABLE public.t (\n    id bigint NOT NULL\n)",
        "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id)",
        "CREATE INDEX t_id ON public.t USING btree (id)",
    ]
    assert [statement.section for statement in plan.statements] == [
        Section.PRE_DATA,
        Section.POST_DATA,
        Section.POST_DATA,
    ]


def test_on_a_table_that_the_plan_makes_nothing_is_in_danger() -> None:
    made = table(constraints=(KEY,))

    plan = plan_schema(catalog(made), catalog())

    assert [(statement.lock, statement.hazards) for statement in plan.statements] == [(Lock.NONE, ())] * 2


def test_on_a_table_that_is_there_the_same_key_is_a_hazard() -> None:
    plan = plan_schema(catalog(table(constraints=(KEY,))), catalog(table()))

    (statement,) = plan.statements
    assert statement.lock is Lock.ACCESS_EXCLUSIVE
    assert {hazard.code for hazard in statement.hazards} == {"blocks-reads", "may-fail-on-rows"}


def test_a_dropped_column_is_announced_above_its_statement() -> None:
    note = Column(name="note", position=2, type="text")

    script = render(plan_schema(catalog(table()), catalog(table("t", note))))

    assert (
        "-- hazard: data-loss: every value of public.t.note is lost.\nALTER TABLE public.t DROP COLUMN note;\n"
        in script
    )


def test_a_line_break_in_a_name_does_not_end_the_comment() -> None:
    odd = Column(name="a\nDROP TABLE x", position=2, type="text")

    script = render(plan_schema(catalog(table()), catalog(table("t", odd))))

    hazards = [line for line in script.splitlines() if line.startswith("-- hazard:")]
    assert hazards == ["-- hazard: data-loss: every value of public.t.a DROP TABLE x is lost."]


def test_the_script_says_for_which_target_it_is_and_what_it_leaves() -> None:
    target = catalog()
    plan = plan_schema(catalog(table()), target)
    with_notice = replace(plan, notices=(Notice(ref=PUBLIC.ref, message="Something\nstays."),))

    lines = render(with_notice).splitlines()

    assert lines[0] == "-- Makes the target's schema like the source's: 1 statement."
    assert fingerprint(target) in lines[1]
    assert lines[2] == "-- notice: Something stays."


def test_a_plan_is_bound_to_the_target_that_it_was_made_for() -> None:
    target = catalog(table())

    assert plan_schema(catalog(), target).target_fingerprint == fingerprint(target)


def test_labels_are_added_outside_of_a_transaction_and_in_their_order() -> None:
    source = EnumType(schema="public", name="mood", labels=("a", "b", "c", "d"))
    target = EnumType(schema="public", name="mood", labels=("c",))

    plan = plan_schema(catalog(enums=(source,)), catalog(enums=(target,)))

    assert sql(plan) == [
        "ALTER TYPE public.mood ADD VALUE 'a' BEFORE 'c'",
        "ALTER TYPE public.mood ADD VALUE 'b' AFTER 'a'",
        "ALTER TYPE public.mood ADD VALUE 'd' AFTER 'c'",
    ]
    assert not any(statement.in_transaction for statement in plan.statements)


def test_bodies_are_not_checked_before_what_they_name_is_there() -> None:
    body = "CREATE OR REPLACE FUNCTION public.f()\n RETURNS integer\n LANGUAGE sql\nAS $f$ select 1; $f$\n"
    function = Function(
        schema="public", name="f", arguments="", definition=body, returns="integer", language="sql"
    )

    plan = create_all(catalog(functions=(function,)))

    assert sql(plan)[-2:] == ["SET check_function_bodies = off", body.rstrip()]


def test_the_same_input_gives_the_same_bytes() -> None:
    tables = tuple(
        table(
            f"t{number}",
            Column(name="a", position=2, type="text"),
            constraints=(replace(KEY, name=f"k{number}"),),
        )
        for number in range(20)
    )
    views = tuple(View(schema="public", name=f"v{n}", definition=f" SELECT {n}") for n in range(20))
    source = catalog(*tables, views=views)
    expected = render(create_all(source))

    for seed in range(5):
        shuffled = random.Random(seed)
        mixed = replace(
            source,
            tables=tuple(shuffled.sample(tables, len(tables))),
            views=tuple(shuffled.sample(views, len(views))),
        )
        assert render(replace(create_all(mixed), target_fingerprint=fingerprint(Catalog()))) == expected


def test_tables_that_go_and_refer_to_one_another_let_go_first() -> None:
    def referring(name: str, to: str) -> Table:
        key = Constraint(
            name=f"{name}_fkey",
            kind=ConstraintKind.FOREIGN_KEY,
            definition=f"FOREIGN KEY (id) REFERENCES public.{to}(id)",
            columns=("id",),
            references=("public", to),
            referenced_columns=("id",),
        )
        return table(name, constraints=(key,))

    plan = plan_schema(catalog(), catalog(referring("a", "b"), referring("b", "a")))

    assert sql(plan) == [
        "ALTER TABLE public.a DROP CONSTRAINT a_fkey",
        "ALTER TABLE public.b DROP CONSTRAINT b_fkey",
        "DROP TABLE public.a",
        "DROP TABLE public.b",
    ]
