"""One object of a comparison: every kind of part has its section, every kind of object its lines."""

from schemadiff.core.catalog import (
    Catalog,
    CompositeType,
    Function,
    Policy,
    RangeType,
    Rule,
    StatisticsObject,
    Table,
    TypeAttribute,
)
from schemadiff.core.diff import diff
from schemadiff.core.mapping import Mapping
from schemadiff.pages.comparison_filters import Filters
from schemadiff.pages.object_list import object_list
from schemadiff.pages.object_panel import ObjectPanel, object_panel


def table(using: str, kinds: str, then: str) -> Table:
    return Table(
        schema="public",
        name="t",
        row_security=using == "true",
        rules=(Rule(name="r", definition=f"CREATE RULE r AS\n    ON DELETE TO public.t DO INSTEAD {then}"),),
        policies=(Policy(name="own", using=using),),
        statistics=(
            StatisticsObject(
                name="s",
                schema="public",
                definition=f"CREATE STATISTICS public.s ({kinds}) ON a, b FROM public.t",
            ),
        ),
    )


def aggregate(function: str) -> Function:
    return Function(
        schema="public",
        name="total",
        arguments="integer",
        definition=f"CREATE AGGREGATE public.total(integer) (\n    SFUNC = {function},\n    STYPE = integer\n)",
        returns="integer",
        language="internal",
        kind="aggregate",
    )


def catalog(using: str, kinds: str, then: str, type_: str, function: str) -> Catalog:
    return Catalog(
        composites=(
            CompositeType(schema="public", name="pair", attributes=(TypeAttribute(name="a", type=type_),)),
        ),
        ranges=(RangeType(schema="public", name="span", type=type_, multirange="spans"),),
        tables=(table(using, kinds, then),),
        functions=(aggregate(function),),
    )


SOURCE = catalog("true", "mcv", "NOTHING", "integer", "int4pl")
TARGET = catalog("false", "dependencies", "NOTIFY x", "bigint", "int4mul")


def panel(key: str) -> ObjectPanel:
    found = object_panel(diff(SOURCE, TARGET), SOURCE, TARGET, Mapping(), Filters(), key)
    assert found is not None
    return found


def test_parts_have_a_section_each() -> None:
    titles = [section.title for section in panel("table:public.t").sections]
    assert titles == ["The table itself", "Rules", "Policies", "Statistics objects"]


def test_a_policys_change_says_what_it_means() -> None:
    (policies,) = [section for section in panel("table:public.t").sections if section.title == "Policies"]
    assert policies.rows[0].effects == ("Shows other rows to its roles.",)
    assert " " not in policies.rows[0].anchor


def test_types_show_what_differs_in_them() -> None:
    for key in ("composite type:public.pair", "range type:public.span"):
        (section,) = panel(key).sections
        assert "".join(word.text for word in section.rows[0].source).endswith("integer")


def test_an_aggregates_definition_is_shown_line_by_line() -> None:
    assert panel("function:public.total(integer)").lines


def test_the_list_has_a_group_for_every_kind() -> None:
    groups = object_list(diff(SOURCE, TARGET), SOURCE, TARGET, Filters()).groups
    assert [group.title for group in groups] == ["Tables", "Functions", "Composite types", "Range types"]
