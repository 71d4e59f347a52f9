"""What the cases do not show of policies, rules, statistics objects and types: order, refusals, other schemas."""

from schemadiff.core.catalog import (
    Catalog,
    Column,
    CompositeType,
    Policy,
    RangeType,
    Schema,
    StatisticsObject,
    Table,
    TypeAttribute,
)
from schemadiff.core.ddl.composites import can_alter_composite, moved
from schemadiff.core.ddl.policies import alter_policy, can_alter_policy
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.planner import plan_schema
from schemadiff.core.schema_scope import rename_schemas

PUBLIC = Schema(name="public")
COLUMN = Column(name="a", position=1, type="integer")
OTHER = Column(name="b", position=2, type="integer")
STATISTICS = StatisticsObject(
    name="ab", schema="public", definition="CREATE STATISTICS public.ab ON a, b FROM public.t"
)


def table(*policies: Policy, statistics: tuple[StatisticsObject, ...] = (), secured: bool = False) -> Table:
    return Table(
        schema="public",
        name="t",
        columns=(COLUMN, OTHER),
        policies=policies,
        statistics=statistics,
        row_security=secured,
    )


def composite(*names: str) -> CompositeType:
    attributes = tuple(TypeAttribute(name=name, type="integer") for name in names)
    return CompositeType(schema="public", name="pair", attributes=attributes)


def sql_of(source: Catalog, target: Catalog) -> list[str]:
    return [statement.sql for statement in plan_schema(source, target).statements]


def test_row_security_is_on_before_its_policies_come_and_after_the_table() -> None:
    source = Catalog(schemas=(PUBLIC,), tables=(table(Policy(name="own", using="(a > 0)"), secured=True),))
    assert sql_of(source, Catalog(schemas=(PUBLIC,)))[1:] == [
        "ALTER TABLE public.t ENABLE ROW LEVEL SECURITY",
        "CREATE POLICY own ON public.t USING ((a > 0))",
    ]


def test_a_policy_is_altered_in_one_step_unless_an_expression_goes() -> None:
    narrow, wide = Policy(name="own", using="(a > 0)", check="(a > 0)"), Policy(name="own", using="true")
    assert can_alter_policy(narrow, wide) and not can_alter_policy(wide, narrow)
    assert alter_policy(table(), wide).sql == "ALTER POLICY own ON public.t TO PUBLIC USING (true)"


def test_attributes_are_added_at_the_end_only() -> None:
    assert can_alter_composite(composite("a", "c"), composite("a", "b"))
    assert not can_alter_composite(composite("b", "a"), composite("a"))
    assert not can_alter_composite(composite("b", "a"), composite("a", "b"))


def test_an_array_whose_attributes_move_is_converted_by_their_names() -> None:
    expression = moved("many", "public.pair[]", composite("b", "a"), composite("a", "b"))
    assert "jsonb_populate_record(NULL::public.pair__array, " in expression
    assert moved("many", "public.pair[]", composite("a"), composite("a")) == "many::text[]::public.pair[]"


def test_statistics_make_room_for_those_of_the_new_table() -> None:
    catalog = Catalog(schemas=(PUBLIC,), tables=(table(statistics=(STATISTICS,)),))
    statements = [s.sql for s in recreate(catalog, catalog, Scope(tables=(("public", "t"),))).plan.statements]
    moves = [sql for sql in statements if sql.startswith("ALTER STATISTICS public.ab SET SCHEMA")]
    assert len(moves) == 1
    assert statements.index(moves[0]) < statements.index(STATISTICS.definition)


def test_another_name_of_a_schema_reaches_into_types_and_statistics() -> None:
    ranges = (RangeType(schema="public", name="span", type="public.d", multirange="spans"),)
    source = Catalog(
        schemas=(PUBLIC,),
        composites=(composite("a"),),
        ranges=ranges,
        tables=(table(statistics=(STATISTICS,)),),
    )
    renamed = rename_schemas(source, {"public": "app"})
    assert renamed.composites[0].schema == renamed.ranges[0].schema == "app"
    (statistics,) = renamed.tables[0].statistics
    assert (statistics.schema, statistics.definition) == (
        "app",
        "CREATE STATISTICS app.ab ON a, b FROM app.t",
    )
