"""The three options on catalogs made by hand: what they refuse, what they say, what they count."""

from dataclasses import replace

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
    Kind,
    ObjectRef,
    Schema,
    Table,
    Trigger,
    View,
)
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.measures import left_behind
from schemadiff.core.options.option import Option, Scope
from schemadiff.core.options.parking import parked_schema
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Section

T = ("public", "t")
SCOPE = Scope(tables=(T,))


def column(name: str, type_: str = "bigint", position: int = 1, **rest: object) -> Column:
    return replace(Column(name=name, position=position, type=type_), **rest)  # type: ignore[arg-type]


def key(name: str, columns: str = "id", kind: ConstraintKind = ConstraintKind.PRIMARY_KEY) -> Constraint:
    word = "PRIMARY KEY" if kind is ConstraintKind.PRIMARY_KEY else "UNIQUE"
    return Constraint(name=name, kind=kind, definition=f"{word} ({columns})", columns=(columns,))


def refers(name: str, to: str = "t", own: str = "t_id", other: str = "id") -> Constraint:
    return Constraint(
        name=name,
        kind=ConstraintKind.FOREIGN_KEY,
        definition=f"FOREIGN KEY ({own}) REFERENCES public.{to}({other})",
        columns=(own,),
        references=("public", to),
        referenced_columns=(other,),
    )


def table(name: str, *columns: Column, constraints: tuple[Constraint, ...] = ()) -> Table:
    return Table(schema="public", name=name, columns=columns, constraints=constraints)


def catalog(*tables: Table, **rest: object) -> Catalog:
    ordered = tuple(sorted(tables, key=lambda table: table.qualified))
    return replace(Catalog(schemas=(Schema(name="public"),), tables=ordered), **rest)  # type: ignore[arg-type]


SOURCE = catalog(
    table("t", column("id", not_null=True), column("name", "text", 2), constraints=(key("t_pkey"),))
)
TARGET = catalog(
    table("t", column("id", not_null=True), column("title", "text", 2), constraints=(key("t_pkey"),)),
    table("other", column("t_id"), constraints=(refers("other_fkey"),)),
)


def figure(option: Option, name: str) -> int:
    return next(measure.value for measure in option.measures if measure.key == name)


def statements(option: Option, section: Section) -> list[str]:
    return [statement.sql for statement in option.plan.section(section)]


def messages(option: Option) -> str:
    return "\n".join(notice.message for notice in option.plan.notices)


def test_recreate_puts_the_table_aside_and_its_foreign_keys_on_the_new_one() -> None:
    option = recreate(SOURCE, TARGET, SCOPE)

    parked = parked_schema(TARGET)
    assert statements(option, Section.PARK) == [
        "ALTER TABLE public.other DROP CONSTRAINT other_fkey",
        f"CREATE SCHEMA {parked}",
        f"ALTER TABLE public.t SET SCHEMA {parked}",
    ]
    assert statements(option, Section.PRE_DATA) == [
        "CREATE TABLE public.t (\n    id bigint NOT NULL,\n    name text\n)"
    ]
    assert statements(option, Section.POST_DATA) == [
        "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)",
        "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey",
        "ALTER TABLE public.other ADD CONSTRAINT other_fkey FOREIGN KEY (t_id) REFERENCES public.t(id) NOT VALID",
        "ALTER TABLE public.other VALIDATE CONSTRAINT other_fkey",
    ]
    assert figure(option, "repointed_foreign_keys") == 1
    assert figure(option, "columns_left_behind") == 0


def test_recreate_drops_nothing() -> None:
    option = recreate(SOURCE, TARGET, SCOPE)

    assert not [statement.sql for statement in option.plan.statements if statement.is_destructive]


def test_recreate_refuses_a_protected_table() -> None:
    with pytest.raises(Refused, match=r"public\.t is a protected table"):
        recreate(SOURCE, TARGET, Scope(tables=(T,), protected=(T,)))


def test_recreate_refuses_to_take_a_foreign_key_off_a_protected_table() -> None:
    with pytest.raises(Refused, match=r"public\.other refers to public\.t by its foreign key other_fkey"):
        recreate(SOURCE, TARGET, Scope(tables=(T,), protected=(("public", "other"),)))


def test_a_table_that_the_source_does_not_have_is_refused() -> None:
    scope = Scope(tables=(("public", "absent"),))

    for make in (recreate, hybrid):
        with pytest.raises(Refused, match=r"no table public\.absent"):
            make(SOURCE, TARGET, scope)


@pytest.mark.parametrize(
    ("source_table", "reason"),
    [
        (table("t", column("uid"), constraints=(key("t_pkey", "uid"),)), "no column id"),
        (
            table("t", column("id", "text"), constraints=(key("t_pkey"),)),
            "t_id is bigint and the new id is text",
        ),
        (table("t", column("id")), "no key on id"),
    ],
)
def test_a_foreign_key_that_does_not_fit_the_new_table_is_named(source_table: Table, reason: str) -> None:
    option = recreate(catalog(source_table), TARGET, SCOPE)

    assert reason in messages(option)
    assert figure(option, "lost_foreign_keys") == 1
    assert figure(option, "repointed_foreign_keys") == 0


def test_a_foreign_key_to_a_table_that_stays_behind_is_left_out_and_named() -> None:
    lone = table(
        "t", column("id"), column("p_id", "bigint", 2), constraints=(refers("t_p_fkey", "p", "p_id"),)
    )
    source = catalog(lone, table("p", column("id"), constraints=(key("p_pkey"),)))

    option = recreate(source, catalog(), SCOPE)

    assert "t_p_fkey" in messages(option)
    assert "t_p_fkey" not in "".join(statement.sql for statement in option.plan.statements)


def test_views_and_bodies_that_use_a_parked_table_are_named() -> None:
    view = View(schema="public", name="v", definition=" SELECT id FROM public.t")
    body = Function(
        schema="public",
        name="f",
        arguments="",
        definition="CREATE OR REPLACE FUNCTION public.f() … select * from t",
        returns="integer",
        language="plpgsql",
    )
    on = Dependency(
        dependent=view.ref, on=ObjectRef(kind=Kind.COLUMN, schema="public", parent="t", name="id")
    )
    target = replace(TARGET, views=(view,), functions=(body,), dependencies=(on,))

    said = messages(recreate(SOURCE, target, SCOPE))

    assert "view public.v goes on using" in said
    assert "function public.f() mentions public.t" in said


def touching(name: str, body: str) -> Function:
    return Function(
        schema="public",
        name=name,
        arguments="",
        definition=f"CREATE OR REPLACE FUNCTION public.{name}()\n RETURNS trigger\n LANGUAGE plpgsql\n{body}",
        returns="trigger",
        language="plpgsql",
    )


def triggered(to: Table) -> Table:
    definition = f"CREATE TRIGGER tr BEFORE UPDATE ON public.{to.name} EXECUTE FUNCTION public.touch()"
    return replace(to, triggers=(Trigger(name="tr", definition=definition, function=("public", "touch()")),))


def test_a_function_that_only_parked_tables_use_is_parked_with_them() -> None:
    source = replace(catalog(triggered(SOURCE.tables[0])), functions=(touching("touch", "AS 1"),))
    target = replace(catalog(triggered(TARGET.tables[1])), functions=(touching("touch", "AS 2"),))

    option = recreate(source, target, SCOPE)

    assert f"ALTER FUNCTION public.touch() SET SCHEMA {parked_schema(target)}" in statements(
        option, Section.PARK
    )
    assert "is put aside too" in messages(option)


def test_a_function_that_others_use_is_never_replaced() -> None:
    source = replace(catalog(triggered(SOURCE.tables[0])), functions=(touching("touch", "AS 1"),))
    others = (triggered(TARGET.tables[0]), TARGET.tables[1])
    target = replace(catalog(*others), functions=(touching("touch", "AS 2"),))

    with pytest.raises(
        Refused, match=r"touch\(\) is another in the source than in the target, where trigger"
    ):
        recreate(source, target, SCOPE)


def test_an_enum_in_use_may_grow_but_not_shrink() -> None:
    def with_enum(base: Catalog, name: str, *labels: str) -> Catalog:
        enum = EnumType(schema="public", name="mood", labels=labels)
        use = Dependency(
            dependent=ObjectRef(kind=Kind.COLUMN, schema="public", parent=name, name="m"), on=enum.ref
        )
        user = table(name, column("m", "public.mood"))
        others = tuple(t for t in base.tables if t.name != name)
        return replace(catalog(*others, user), enums=(enum,), dependencies=(use,))

    target = with_enum(catalog(), "other", "a")

    option = recreate(with_enum(catalog(), "t", "a", "b"), target, SCOPE)

    assert "ALTER TYPE public.mood ADD VALUE 'b' AFTER 'a'" in statements(option, Section.PRE_DATA)
    with pytest.raises(Refused, match=r"enum public\.mood is another"):
        recreate(with_enum(catalog(), "t", "b"), target, SCOPE)


def test_a_name_that_something_else_has_is_refused() -> None:
    taken = catalog(table("other", column("id"), constraints=(key("t_pkey"),)))

    with pytest.raises(Refused, match=r"key public\.t_pkey cannot be made"):
        recreate(SOURCE, taken, SCOPE)


def pairs(*names: tuple[str, str], status: PairStatus = PairStatus.CONFIRMED) -> Mapping:
    found = tuple(ColumnPair(target=to, source=start, status=status) for start, to in names)
    return Mapping(tables=(TableMapping(source=T, target=T, pairs=found),))


def test_transform_has_no_ddl_and_says_what_stays_behind() -> None:
    option = transform(SOURCE, TARGET, SCOPE, pairs(("id", "id")))

    assert option.plan.statements == ()
    assert option.blockers == ()
    assert left_behind(SOURCE, option) == ((T, "name"),)
    assert figure(option, "columns_left_behind") == 1


def test_a_column_that_an_expression_names_is_not_left_behind() -> None:
    expression = ColumnPair(target="title", expression="upper(name) || 'id'", status=PairStatus.CONFIRMED)
    mapping = Mapping(tables=(TableMapping(source=T, target=T, pairs=(expression,)),))

    assert left_behind(SOURCE, transform(SOURCE, TARGET, SCOPE, mapping)) == ((T, "id"),)


def test_transform_waits_for_every_pair_and_every_column_that_must_be_filled() -> None:
    option = transform(
        SOURCE, TARGET, SCOPE, pairs(("id", "id"), ("name", "title"), status=PairStatus.SUGGESTED)
    )

    assert option.blockers == (
        "2 column pairs are not confirmed yet: confirm or reject each on the mapping page.",
        "public.t.id must not be null, has no default, and nothing fills it: map a column or an expression to it.",
    )


def test_transform_waits_for_a_target_of_each_table() -> None:
    assert "public.t has no target table yet" in transform(SOURCE, TARGET, SCOPE, Mapping()).blockers[0]


def test_transform_refuses_rows_for_a_protected_table() -> None:
    with pytest.raises(Refused, match=r"public\.t is a protected table"):
        transform(SOURCE, TARGET, Scope(tables=(T,), protected=(T,)), pairs(("id", "id")))


def test_hybrid_adds_what_is_missing_by_name() -> None:
    option = hybrid(SOURCE, TARGET, SCOPE)

    assert statements(option, Section.PRE_DATA) == ["ALTER TABLE public.t ADD COLUMN name text"]
    assert [pair.target for pair in option.mapping.tables[0].pairs] == ["id", "name"]


def test_hybrid_asks_nothing_of_rows_that_the_target_has() -> None:
    source = catalog(
        table("t", column("id"), column("must", "text", 2, not_null=True), column("may", position=3))
    )

    (first, second) = hybrid(source, TARGET, SCOPE).plan.statements

    assert {first.sql, second.sql} == {
        "ALTER TABLE public.t ADD COLUMN must text",
        "ALTER TABLE public.t ADD COLUMN may bigint",
    }


def test_hybrid_makes_a_table_that_the_target_does_not_have() -> None:
    option = hybrid(SOURCE, catalog(), SCOPE)

    assert [sql.split(" (")[0] for sql in statements(option, Section.PRE_DATA)] == ["CREATE TABLE public.t"]
    assert statements(option, Section.POST_DATA) == [
        "CREATE UNIQUE INDEX t_pkey ON public.t USING btree (id)",
        "ALTER TABLE public.t ADD CONSTRAINT t_pkey PRIMARY KEY USING INDEX t_pkey",
    ]


def test_hybrid_names_the_columns_for_want_of_which_rows_are_refused() -> None:
    target = catalog(table("t", column("id"), column("must", "text", 2, not_null=True)))

    assert "public.t.must must not be null" in messages(hybrid(SOURCE, target, SCOPE))
    relaxed = hybrid(SOURCE, target, SCOPE, frozenset({Relaxation.NOT_NULLS}))
    assert "ALTER TABLE public.t ALTER COLUMN must DROP NOT NULL" in statements(relaxed, Section.PRE_DATA)
    assert messages(relaxed) == ""


def test_generated_columns_are_not_copied() -> None:
    computed = column("twice", position=2, generated=Generated.STORED, default="(id * 2)")
    both = catalog(table("t", column("id"), computed))

    option = recreate(both, catalog(), SCOPE)

    assert [pair.target for pair in option.mapping.tables[0].pairs] == ["id"]
    assert left_behind(both, option) == ()


def test_a_relaxed_type_that_loses_what_the_target_holds_blocks_hybrid() -> None:
    types = frozenset({Relaxation.TYPES_AND_CHECKS})
    source = catalog(table("t", column("id", not_null=True), column("price", "numeric(12,2)", 2)))
    finer = catalog(table("t", column("id", not_null=True), column("price", "numeric(10,4)", 2)))
    (blocker,) = hybrid(source, finer, SCOPE, types).blockers
    assert "price" in blocker
    coarser = catalog(table("t", column("id", not_null=True), column("price", "numeric(10,2)", 2)))
    assert hybrid(source, coarser, SCOPE, types).blockers == ()
