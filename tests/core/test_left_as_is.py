"""What no plan changes is said."""

from dataclasses import replace

from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Table
from schemadiff.core.left_as_is import left_as_is
from schemadiff.core.planner import plan_schema

A = Column(name="a", position=1, type="integer")
B = Column(name="b", position=2, type="integer")
CHECK = Constraint(name="k", kind=ConstraintKind.CHECK, definition="CHECK ((a > 0))")


def of(*columns: Column, constraints: tuple[Constraint, ...] = ()) -> Catalog:
    return Catalog(tables=(Table(schema="public", name="t", columns=columns, constraints=constraints),))


def messages(source: Catalog, target: Catalog) -> list[str]:
    return [notice.message for notice in left_as_is(source, target)]


def test_the_order_of_the_columns_that_both_have_is_said() -> None:
    added = Column(name="c", position=1, type="integer")
    turned = of(added, replace(B, position=2), replace(A, position=3))
    assert messages(turned, of(A, B)) == [
        "The columns of public.t stay in their order: a, b; the source has b, a."
    ]
    assert plan_schema(turned, of(A, B)).notices == left_as_is(turned, of(A, B))


def test_a_type_with_the_columns_in_another_order_is_said_and_not_tried() -> None:
    [table] = of(replace(A, position=1), B).tables
    typed = Catalog(tables=(replace(table, of_type=("public", "pair")),))
    grown = plan_schema(typed, of(replace(B, position=1)))
    assert [notice.message for notice in grown.notices] == [
        "public.t cannot be of the type public.pair: its columns will be b, a, and the type has them in another order."
    ]
    assert [each.sql for each in grown.statements] == ["ALTER TABLE public.t ADD COLUMN a integer"]
    assert plan_schema(typed, of(A)).notices == ()


def test_a_column_that_is_added_or_goes_moves_no_other() -> None:
    assert messages(of(A, B), of(A)) == messages(of(B), of(A, B)) == []


def test_what_a_child_has_by_itself_as_well_is_said() -> None:
    inherited, own = replace(A, inherited=True, local=False), replace(A, inherited=True)
    checked, unchecked = replace(CHECK, inherited=True), replace(CHECK, inherited=True, local=False)
    assert messages(of(inherited), of(own)) == [
        "The column a of public.t, which it has from a parent, stays its own, too; it is not so in the source."
    ]
    assert messages(of(A, constraints=(checked,)), of(A, constraints=(unchecked,))) == [
        "The constraint k of public.t, which it has from a parent, stays its parent's alone;"
        " it is not so in the source."
    ]
    assert messages(of(A), of(own)) == []


def test_what_a_table_has_before_it_joins_a_parent_stays_its_own() -> None:
    inherited = replace(A, inherited=True, local=False)
    assert messages(of(inherited), of(A)) == [
        "The column a of public.t, which it has from a parent, stays its own, too; it is not so in the source."
    ]
    assert messages(of(replace(inherited, local=True)), of(A)) == []
