"""What of a difference breaks those who use the target."""

from schemadiff.core.breaking import breaking
from schemadiff.core.catalog import Catalog, EnumType, Function, Generated
from schemadiff.core.diff import diff
from schemadiff.core.mapping import Mapping
from tests.core.test_diff import column, index, renaming, table


def found_breaking(source: Catalog, target: Catalog, mapping: Mapping | None = None) -> list[tuple[str, str]]:
    found = breaking(diff(source, target, mapping), source, target)
    return [(entry.ref.label, entry.reason) for entry in found]


def test_what_breaks_users_of_the_target() -> None:
    source = table(
        "t",
        column("needed", not_null=True),
        column("needed_with_default", not_null=True, default="1"),
        column("narrower", "character varying(5)"),
        column("wider", "bigint"),
        column("now_not_null", not_null=True),
        column("computed", default="(1)", generated=Generated.STORED),
    )
    target = table(
        "t",
        column("dropped"),
        column("narrower"),
        column("wider", "integer"),
        column("now_not_null"),
        column("computed"),
        indexes=(index("i"),),
    )
    assert found_breaking(
        Catalog(tables=(source,)), Catalog(tables=(target, table("gone", column("a"))))
    ) == [
        ("public.gone", "is dropped"),
        ("public.t.needed", "is added as not null without a default"),
        ("public.t.narrower", "changes its type from text to varchar(5), which does not hold every value"),
        ("public.t.now_not_null", "becomes not null without a default"),
        ("public.t.computed", "becomes generated: it can no longer be written"),
        ("public.t.dropped", "is dropped"),
    ]


def test_what_a_new_object_or_a_looser_one_breaks() -> None:
    source = Catalog(tables=(table("new", column("a")), table("t", column("a", "text"))))
    target = Catalog(tables=(table("t", column("a", "character varying(5)", not_null=True)),))
    assert found_breaking(source, target) == []


def test_renames_types_and_functions_that_break() -> None:
    def catalog(labels: tuple[str, ...], returns: str, name: str) -> Catalog:
        function = Function(
            schema="s", name="f", arguments="", definition=returns, returns=returns, language="sql"
        )
        return Catalog(
            enums=(EnumType(schema="s", name="m", labels=labels),),
            functions=(function,),
            tables=(table("t", column(name)),),
        )

    found = found_breaking(
        catalog(("a",), "text", "phone"),
        catalog(("a", "b"), "integer", "mobile"),
        renaming({"phone": "mobile"}),
    )
    assert found == [
        ("s.m", "loses the values b"),
        ("public.t.mobile", "is renamed to phone"),
        ("s.f()", "returns text instead of integer"),
    ]
