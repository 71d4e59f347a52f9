"""Keys of new tables in steps: the index first, which may be built beside others, then what takes a moment."""

from dataclasses import replace

from migration.core.building import builds, checks, keys
from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Index, Schema, Table
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.planner import plan_objects

PRIMARY, UNIQUE, FOREIGN = ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE, ConstraintKind.FOREIGN_KEY


def constraint(name: str, kind: ConstraintKind, definition: str, column: str = "id") -> Constraint:
    refers = kind is FOREIGN
    return Constraint(
        name=name,
        kind=kind,
        definition=definition,
        columns=(column,),
        references=("public", "a") if refers else None,
        referenced_columns=("id",) if refers else (),
    )


A = Table(
    schema="public",
    name="a",
    columns=(
        Column(name="id", position=1, type="bigint", not_null=True),
        Column(name="b", position=2, type="int"),
    ),
    constraints=(
        constraint("a_pkey", PRIMARY, "PRIMARY KEY (id)"),
        constraint("a_b", UNIQUE, "UNIQUE NULLS NOT DISTINCT (b) INCLUDE (id) DEFERRABLE", "b"),
        constraint("a_span", UNIQUE, "UNIQUE (id, b WITHOUT OVERLAPS)", "b"),
        constraint("a_self", FOREIGN, "FOREIGN KEY (b) REFERENCES public.a(id)", "b"),
    ),
    indexes=(Index(name="a_i", definition="CREATE INDEX a_i ON public.a USING btree (b)", method="btree"),),
)


def planned(target: Catalog) -> list[Statement]:
    return list(plan_objects(Catalog(schemas=(Schema(name="public"),), tables=(A,)), target))


def test_the_steps_of_a_new_table_and_what_may_be_at_work_at_once() -> None:
    statements = planned(Catalog(schemas=(Schema(name="public"),)))
    plan = Plan(target_fingerprint="", statements=tuple(statements))
    first = builds(plan, ())
    assert {each.statement.sql for each in first} == {
        "CREATE UNIQUE INDEX a_pkey ON public.a USING btree (id)",
        "CREATE UNIQUE INDEX a_b ON public.a USING btree (b) INCLUDE (id) NULLS NOT DISTINCT",
        "CREATE INDEX a_i ON public.a USING btree (b)",
        "ALTER TABLE public.a ADD CONSTRAINT a_span UNIQUE (id, b WITHOUT OVERLAPS)",
    }
    assert keys(plan, ()) == () == checks(plan, ())
    done = [each.position for each in first]
    second = keys(plan, done)
    assert {each.statement.sql for each in second} == {
        "ALTER TABLE public.a ADD CONSTRAINT a_pkey PRIMARY KEY USING INDEX a_pkey",
        "ALTER TABLE public.a ADD CONSTRAINT a_b UNIQUE USING INDEX a_b DEFERRABLE",
    }
    assert checks(plan, done) == ()
    third = checks(plan, [*done, *(each.position for each in second)])
    assert [each.statement.sql for each in third] == [
        "ALTER TABLE public.a ADD CONSTRAINT a_self FOREIGN KEY (b) REFERENCES public.a(id) NOT VALID",
        "ALTER TABLE public.a VALIDATE CONSTRAINT a_self",
    ]


def test_a_table_that_is_there_gets_its_keys_in_one_step() -> None:
    there = replace(A, constraints=(), indexes=())
    found = [each.sql for each in planned(Catalog(schemas=(Schema(name="public"),), tables=(there,)))]
    assert "ALTER TABLE public.a ADD CONSTRAINT a_pkey PRIMARY KEY (id)" in found
    assert not [each for each in found if "USING INDEX" in each or "VALIDATE" in each]
