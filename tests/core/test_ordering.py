"""The one sort: what it must keep, what it may choose, and what it says of a circle."""

import itertools

import pytest

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import DependencyCycle
from schemadiff.core.ordering import circles, order
from schemadiff.core.plan import Section, Statement


def table(name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.TABLE, schema="public", name=name)


def view(name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.VIEW, schema="public", name=name)


def statement(
    sql: str,
    ref: ObjectRef,
    *,
    section: Section = Section.PRE_DATA,
    provides: tuple[ObjectRef, ...] = (),
    requires: tuple[ObjectRef, ...] = (),
    destroys: tuple[ObjectRef, ...] = (),
    releases: tuple[ObjectRef, ...] = (),
) -> Statement:
    return Statement(
        sql=sql,
        ref=ref,
        section=section,
        provides=frozenset(provides),
        requires=frozenset(requires),
        destroys=frozenset(destroys),
        releases=frozenset(releases),
    )


def in_order(*statements: Statement) -> list[str]:
    return [each.sql for each in order(statements)]


def test_what_is_required_comes_first() -> None:
    make_b = statement("make b", table("b"), provides=(table("b"),))
    make_a = statement("make a", table("a"), provides=(table("a"),), requires=(table("b"),))

    assert in_order(make_a, make_b) == ["make b", "make a"]


def test_what_is_destroyed_is_released_before() -> None:
    drop_a = statement("drop a", table("a"), destroys=(table("a"),))
    drop_v = statement("drop v", view("v"), destroys=(view("v"),), releases=(table("a"),))

    assert in_order(drop_a, drop_v) == ["drop v", "drop a"]


def test_an_object_goes_before_it_comes_again() -> None:
    make = statement("make", view("v"), provides=(view("v"),))
    drop = statement("drop", view("v"), destroys=(view("v"),))

    assert in_order(make, drop) == ["drop", "make"]


def test_a_statement_that_changes_an_object_stands_between_its_users() -> None:
    drop = statement("drop v", view("v"), destroys=(view("v"),), releases=(table("t"),))
    alter = statement("alter t", table("t"), destroys=(table("t"),), provides=(table("t"),))
    make = statement("make v", view("v"), provides=(view("v"),), requires=(table("t"),))

    assert in_order(make, alter, drop) == ["drop v", "alter t", "make v"]


def test_sections_come_in_their_order() -> None:
    post = statement("post", table("a"), section=Section.POST_DATA)
    pre = statement("pre", table("b"))
    park = statement("park", table("c"), section=Section.PARK)

    assert in_order(post, pre, park) == ["park", "pre", "post"]


def test_what_an_earlier_section_needs_moves_there() -> None:
    make_v = statement(
        "make v", view("v"), section=Section.POST_DATA, provides=(view("v"),), requires=(view("w"),)
    )
    make_w = statement("make w", view("w"), section=Section.POST_DATA, provides=(view("w"),))
    make_t = statement("make t", table("t"), requires=(view("v"),))

    found = order([make_v, make_w, make_t])

    assert [each.sql for each in found] == ["make w", "make v", "make t"]
    assert {each.section for each in found} == {Section.PRE_DATA}


def test_the_order_of_the_input_does_not_matter() -> None:
    statements = [
        statement("1", table("a"), provides=(table("a"),)),
        statement("2", table("b"), provides=(table("b"),), requires=(table("a"),)),
        statement("3", view("v"), destroys=(view("v"),)),
        statement("4", view("w"), provides=(view("w"),), requires=(table("b"),)),
        statement("5", table("c"), section=Section.POST_DATA),
    ]

    assert len({order(variant) for variant in itertools.permutations(statements)}) == 1


def test_a_circle_names_its_members_and_nobody_else() -> None:
    beside = statement("0", table("beside"), provides=(table("beside"),), requires=(table("a"),))
    first = statement("1", table("a"), provides=(table("a"),), requires=(table("b"),))
    second = statement("2", table("b"), provides=(table("b"),), requires=(table("a"),))

    with pytest.raises(DependencyCycle) as caught:
        order([beside, first, second])

    assert "table public.a" in str(caught.value)
    assert "table public.b" in str(caught.value)
    assert "beside" not in str(caught.value)


def test_circles_among_objects() -> None:
    a, b, c, d = (table(name) for name in "abcd")

    assert circles({a: {b}, b: {a}, c: {c, a}, d: {c}}) == (frozenset({a, b}),)
