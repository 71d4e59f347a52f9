"""One object of a comparison: every kind of part has its section, every kind of object its lines."""

from typing import Any

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
from schemadiff.core.marks import Mark
from schemadiff.core.word_marks import Side
from schemadiff.pages.comparison_filters import Filters, Layout
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


def panel(key: str, filters: Filters | None = None) -> ObjectPanel:
    entry = next(entry for entry in diff(SOURCE, TARGET).objects if entry.ref.key == key)
    source, target = (next(one for one in side.objects() if one.ref.key == key) for side in (SOURCE, TARGET))
    return object_panel(entry, source, target, None, filters or Filters())


def _object(catalog: Catalog, key: str) -> Any:
    return next(one for one in catalog.objects() if one.ref.key == key)


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
    pairs = [pair for stretch in panel("function:public.total(integer)").code for pair in stretch.pairs]
    (changed,) = [pair for pair in pairs if not pair.is_same]
    assert (changed.source_number, changed.target_number) == (2, 2)
    assert [word.text for word in changed.target if word.differs] == ["int4mul"]


def test_the_row_that_was_asked_for_is_marked_and_shown_in_spite_of_the_filters() -> None:
    asked = Filters(marks=frozenset({Mark.ADDED}), attribute="policy-own")
    found = panel("table:public.t", asked)
    assert found.is_found
    assert [row.anchor for row in found.rows if row.is_wanted] == ["policy-own"]
    assert not panel("table:public.t", Filters(attribute="policy-gone")).is_found


def test_both_sides_run_together_where_inline_is_wanted() -> None:
    found = panel("table:public.t", Filters(layout=Layout.INLINE))
    (row,) = [row for row in found.rows if row.anchor == "policy-own"]
    assert found.is_inline
    assert [(piece.text, piece.side) for piece in row.inline] == [
        ("true", Side.SOURCE),
        ("false", Side.TARGET),
    ]
