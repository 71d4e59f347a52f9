"""What differs between two catalogs."""

from dataclasses import replace
from typing import Any

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Domain,
    DomainConstraint,
    EnumType,
    Extension,
    Function,
    Generated,
    Identity,
    Index,
    Schema,
    Sequence,
    SequenceOptions,
    Table,
    Trigger,
    View,
)
from schemadiff.core.changes import Added, Altered, AttributeChange, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.diff import diff
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping


def column(name: str, kind: str = "text", position: int = 1, **more: Any) -> Column:
    return Column(name=name, position=position, type=kind, **more)


def table(name: str = "t", *columns: Column, **more: Any) -> Table:
    return Table(schema="public", name=name, columns=columns, **more)


def index(name: str, body: str = "btree (a)", unique: str = "") -> Index:
    return Index(
        name=name, definition=f"CREATE {unique}INDEX {name} ON public.t USING {body}", method="btree"
    )


def primary_key(name: str, definition: str = "PRIMARY KEY (a)") -> Constraint:
    return Constraint(name=name, kind=ConstraintKind.PRIMARY_KEY, definition=definition)


def trigger(name: str, owner: str = "public.t") -> Trigger:
    return Trigger(
        name=name,
        definition=f"CREATE TRIGGER {name} BEFORE UPDATE ON {owner} FOR EACH ROW EXECUTE FUNCTION public.f()",
        function=("public", "f()"),
    )


def of_tables(source: Table, target: Table, mapping: Mapping | None = None) -> ObjectDiff:
    """The one entry of a comparison of one table with another."""
    (entry,) = diff(Catalog(tables=(source,)), Catalog(tables=(target,)), mapping).objects
    return entry


def renaming(pairs: dict[str, str], source: str = "t", target: str = "t") -> Mapping:
    accepted = tuple(
        ColumnPair(source=one, target=other, status=PairStatus.CONFIRMED) for one, other in pairs.items()
    )
    return Mapping(
        tables=(TableMapping(source=("public", source), target=("public", target), pairs=accepted),)
    )


def attributes(change: object) -> dict[str, tuple[str | None, str | None]]:
    assert isinstance(change, Altered | Renamed)
    return {entry.name: (entry.source, entry.target) for entry in change.attributes}


def test_equal_catalogs_have_no_difference() -> None:
    catalog = Catalog(
        tables=(table("t", column("a"), constraints=(primary_key("k"),), indexes=(index("i"),)),)
    )
    found = diff(catalog, catalog)
    assert found.is_empty
    assert found.objects[0].same_parts == 3


def test_objects_come_by_kind_and_name() -> None:
    source = Catalog(
        schemas=(Schema(name="b"),), tables=(table("z"),), views=(View(schema="a", name="v", definition="q"),)
    )
    target = Catalog(schemas=(Schema(name="a"),), tables=(table("y"),))
    labels = [entry.ref.key for entry in diff(source, target).objects]
    assert labels == ["schema:a", "schema:b", "table:public.y", "table:public.z", "view:a.v"]


def test_every_attribute_of_a_column() -> None:
    source = column("a", "text", comment="x", collation='"C"', default="'1'::text")
    target = column(
        "a",
        "bigint",
        not_null=True,
        identity=Identity.BY_DEFAULT,
        identity_options=SequenceOptions(start=10, increment=2),
    )
    entry = of_tables(table("t", source), table("t", target))
    (change,) = entry.parts
    assert entry.own is None
    assert attributes(change) == {
        "collation": ('"C"', None),
        "comment": ("x", None),
        "default": ("'1'::text", None),
        "identity": (None, "by default (start 10, increment 2)"),
        "not null": ("nullable", "not null"),
        "type": ("text", "bigint"),
    }


def test_a_generated_columns_expression_is_no_default() -> None:
    source = column("a", "integer", default="(b + 1)", generated=Generated.STORED)
    target = column("a", "integer", default="(b + 2)", generated=Generated.VIRTUAL)
    (change,) = of_tables(table("t", source), table("t", target)).parts
    assert attributes(change) == {"generated": ("(b + 1) stored", "(b + 2) virtual")}


def test_the_order_of_columns_and_the_name_of_an_identity_sequence_are_not_compared() -> None:
    first, second = column("a", position=1), column("b", position=2, identity_sequence="x")
    entry = of_tables(
        table("t", first, second),
        table("t", replace(second, position=1, identity_sequence="y"), replace(first, position=2)),
    )
    assert entry.is_same
    assert entry.same_parts == 2


def test_columns_of_one_side_are_described() -> None:
    mine = column(
        "mine", "character varying(20)", position=2, not_null=True, default="'x'::character varying"
    )
    entry = of_tables(table("t", column("a"), mine), table("t", column("a"), column("theirs", "integer")))
    gone, new = entry.parts
    assert isinstance(gone, Removed)
    assert gone.description == "varchar(20) not null default 'x'::character varying"
    assert isinstance(new, Added)
    assert (new.ref.key, new.description) == ("column:public.t.theirs", "integer")


def test_a_table_of_one_side_has_all_its_parts() -> None:
    whole = table(
        "t", column("a"), constraints=(primary_key("k"),), indexes=(index("i"),), triggers=(trigger("g"),)
    )
    (removed,) = diff(Catalog(tables=(whole,)), Catalog()).objects
    (added,) = diff(Catalog(), Catalog(tables=(whole,))).objects
    assert isinstance(removed.own, Removed)
    assert removed.own.description == "table, 1 column"
    assert [type(part) for part in removed.parts] == [Removed] * 4
    assert [part.ref.kind.value for part in added.parts] == ["column", "constraint", "index", "trigger"]
    assert [type(part) for part in added.parts] == [Added] * 4


def test_constraints_by_name_and_by_definition() -> None:
    source = table(
        "t", constraints=(primary_key("same"), primary_key("one", "UNIQUE (b)"), primary_key("gone", "x"))
    )
    target = table(
        "t", constraints=(primary_key("same"), primary_key("other", "UNIQUE (b)"), primary_key("new", "y"))
    )
    entry = of_tables(source, target)
    renamed, gone, new = entry.parts
    assert attributes(renamed) == {"name": ("one", "other")}
    assert isinstance(gone, Removed) and isinstance(new, Added)
    assert (gone.description, new.description) == ("x", "y")
    assert entry.same_parts == 1


def test_a_constraint_that_is_not_validated() -> None:
    source, target = (
        primary_key("c", "CHECK (a)"),
        replace(primary_key("c", "CHECK (a) NOT VALID"), validated=False),
    )
    (change,) = of_tables(table("t", constraints=(source,)), table("t", constraints=(target,))).parts
    assert attributes(change) == {"validated": (None, "no")}


def test_indexes_without_their_names() -> None:
    awkward = Index(
        name='an " index',
        definition='CREATE UNIQUE INDEX "an "" index" ON ONLY "a.b"."t USING x" USING btree (a)',
        method="btree",
    )
    source = table("t", indexes=(index("i", unique="UNIQUE "), index("k")))
    target = table("t", indexes=(awkward, replace(index("k", "btree (b)"), valid=False)))
    changed, renamed = of_tables(source, target).parts
    assert attributes(changed) == {"definition": ("btree (a)", "btree (b)"), "valid": (None, "no")}
    assert attributes(renamed) == {"name": ("i", 'an " index')}


def test_two_equal_indexes_pair_with_two_equal_ones() -> None:
    source = table("t", indexes=(index("a1"), index("a2"), index("a3")))
    target = table("t", indexes=(index("b1"), index("b2")))
    renamed_first, renamed_second_or_gone, *rest = of_tables(source, target).parts
    kinds = sorted(type(part).__name__ for part in (renamed_first, renamed_second_or_gone, *rest))
    assert kinds == ["Altered", "Altered", "Removed"]


def test_a_table_the_mapping_renames() -> None:
    source = table("clients", column("id"), column("phone"), triggers=(trigger("g", "public.clients"),))
    target = table("customers", column("id"), column("mobile"), triggers=(trigger("g", "public.customers"),))
    mapping = renaming({"id": "id", "phone": "mobile"}, "clients", "customers")
    entry = of_tables(source, target, mapping)
    assert isinstance(entry.own, Renamed)
    assert (entry.own.ref.label, entry.own.target.label) == ("public.clients", "public.customers")
    (change,) = entry.parts
    assert isinstance(change, Renamed)
    assert (change.ref.label, change.target.label) == ("public.clients.phone", "public.customers.mobile")
    assert entry.same_parts == 2


def test_without_a_mapping_no_rename_is_guessed() -> None:
    entry = of_tables(table("t", column("phone")), table("t", column("mobile")))
    assert [type(part) for part in entry.parts] == [Removed, Added]


def test_only_confirmed_pairs_count() -> None:
    pair = ColumnPair(source="phone", target="mobile", status=PairStatus.SUGGESTED)
    mapping = Mapping(tables=(TableMapping(source=("public", "t"), target=("public", "t"), pairs=(pair,)),))
    entry = of_tables(table("t", column("phone")), table("t", column("mobile")), mapping)
    assert [type(part) for part in entry.parts] == [Removed, Added]


def test_a_column_that_takes_anothers_name() -> None:
    """`a` becomes `b`, and `b` becomes `c`: the target's b is not the source's."""
    entry = of_tables(
        table("t", column("a"), column("b")),
        table("t", column("b"), column("c")),
        renaming({"a": "b", "b": "c"}),
    )
    renames = [(part.ref.name, part.target.name) for part in entry.parts if isinstance(part, Renamed)]
    assert renames == [("a", "b"), ("b", "c")]


def test_a_name_that_another_column_took_is_not_paired_by_name() -> None:
    entry = of_tables(table("t", column("a"), column("b")), table("t", column("b")), renaming({"a": "b"}))
    assert [type(part) for part in entry.parts] == [Renamed, Removed]


def test_one_column_that_fills_two_is_the_one_of_its_name() -> None:
    pairs = tuple(
        ColumnPair(source="a", target=target, status=PairStatus.CONFIRMED) for target in ("other", "a")
    )
    mapping = Mapping(tables=(TableMapping(source=("public", "t"), target=("public", "t"), pairs=pairs),))
    entry = of_tables(table("t", column("a")), table("t", column("a"), column("other")), mapping)
    assert [(type(part), part.ref.name) for part in entry.parts] == [(Added, "other")]


def test_tables_that_swap_names() -> None:
    both = (table("a", column("x")), table("b", column("y")))
    mapping = Mapping(tables=(*renaming({"x": "x"}, "a", "b").tables, *renaming({"y": "y"}, "b", "a").tables))
    swapped = (table("a", column("y")), table("b", column("x")))
    found = diff(Catalog(tables=both), Catalog(tables=swapped), mapping)
    assert [type(entry.own) for entry in found.objects] == [Renamed, Renamed]
    assert not any(entry.parts for entry in found.objects)


def test_a_mapping_of_tables_that_are_not_there_is_ignored() -> None:
    found = diff(Catalog(tables=(table("t"),)), Catalog(), renaming({"a": "b"}))
    assert [type(entry.own) for entry in found.objects] == [Removed]


def test_the_other_kinds() -> None:
    source = Catalog(
        schemas=(Schema(name="s"),),
        extensions=(Extension(name="e", schema="s", version="1"),),
        enums=(EnumType(schema="s", name="m", labels=("a", "b")),),
        domains=(Domain(schema="s", name="d", type="text"),),
        sequences=(Sequence(schema="s", name="q", options=SequenceOptions()),),
        views=(View(schema="s", name="v", definition="SELECT 1", columns=(column("x"),)),),
        functions=(
            Function(
                schema="s", name="f", arguments="text", definition="one", returns="text", language="sql"
            ),
        ),
    )
    target = Catalog(
        schemas=(Schema(name="s", comment="c"),),
        extensions=(Extension(name="e", schema="s", version="2"),),
        enums=(EnumType(schema="s", name="m", labels=("b", "a")),),
        domains=(
            Domain(
                schema="s",
                name="d",
                type="text",
                constraints=(DomainConstraint(name="k", definition="CHECK"),),
            ),
        ),
        sequences=(
            Sequence(schema="s", name="q", options=SequenceOptions(cycle=True), owned_by=("s", "t", "c")),
        ),
        views=(View(schema="s", name="v", definition="SELECT  1", columns=(column("x"),)),),
        functions=(
            Function(
                schema="s", name="f", arguments="text", definition="two", returns="text", language="sql"
            ),
        ),
    )
    found = {entry.ref.kind.value: attributes(entry.own) for entry in diff(source, target).objects}
    assert found == {
        "schema": {"comment": (None, "c")},
        "extension": {"version": ("1", "2")},
        "enum": {"labels": ("'a', 'b'", "'b', 'a'")},
        "domain": {"constraint k": (None, "CHECK")},
        "sequence": {"cycle": ("no", "yes"), "owned by": (None, "s.t.c")},
        "view": {"definition": ("SELECT 1", "SELECT  1")},
        "function": {"definition": ("one", "two")},
    }


def test_functions_are_told_apart_by_their_arguments() -> None:
    one = Function(schema="s", name="f", arguments="text", definition="d", returns="text", language="sql")
    found = diff(Catalog(functions=(one,)), Catalog(functions=(replace(one, arguments="integer"),)))
    assert [(entry.ref.name, type(entry.own)) for entry in found.objects] == [
        ("f(integer)", Added),
        ("f(text)", Removed),
    ]


def test_whether_a_materialized_view_holds_rows_is_not_compared() -> None:
    view = View(schema="s", name="v", definition="q", materialized=True)
    assert diff(Catalog(views=(view,)), Catalog(views=(replace(view, populated=False),))).is_empty


def many_tables(count: int, comment: str) -> Catalog:
    columns = tuple(column(f"c{place}", "integer", place, comment="x") for place in range(1, 13))
    tables = (
        table(
            f"t{number:05}",
            *columns,
            constraints=(primary_key("k"),),
            indexes=(index("i1"), index("i2", "btree (b)"), index("i3", "btree (c)")),
            comment=comment if number % 50 == 0 else None,
        )
        for number in range(count)
    )
    return Catalog(tables=tuple(tables))


def test_of_a_thousand_tables_those_that_differ_are_found() -> None:
    source, target = many_tables(1000, "one"), many_tables(1000, "other")
    found: Diff = diff(source, target)
    assert len(found.different) == 20
    assert found.different[0].own == Altered(
        ref=source.tables[0].ref, attributes=(AttributeChange(name="comment", source="one", target="other"),)
    )
