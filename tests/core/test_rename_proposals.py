"""What looks like a rename is said, with its rivals, and carried out by nobody unasked."""

from dataclasses import replace

from schemadiff.core.catalog import (
    Catalog,
    Column,
    CompositeType,
    EnumType,
    Kind,
    ObjectRef,
    Schema,
    Sequence,
    Table,
    TypeAttribute,
    View,
)
from schemadiff.core.catalog import SequenceOptions as Options
from schemadiff.core.mapping import Mapping, ObjectRename, PairStatus
from schemadiff.core.planner import plan_schema
from schemadiff.core.renaming import RenameProposal, propose_renames, rename


def columns(*names: str, type_: str = "text") -> tuple[Column, ...]:
    return tuple(Column(name=name, position=place, type=type_) for place, name in enumerate(names, 1))


def table(name: str, *names: str, schema: str = "public") -> Table:
    return Table(schema=schema, name=name, columns=columns(*names))


def proposed(source: Catalog, target: Catalog, mapping: Mapping | None = None) -> tuple[RenameProposal, ...]:
    mapping = mapping or Mapping()
    return propose_renames(source, rename(source, target, mapping), mapping)


def tables(*entries: Table) -> Catalog:
    return Catalog(tables=entries)


def test_a_column_of_the_same_type_at_the_same_place() -> None:
    (entry,) = proposed(tables(table("t", "id", "phone")), tables(table("t", "id", "mobile")))
    assert entry.message == (
        "looks like a rename of public.t.mobile to phone (both are text, null and default agree, at the same place):"
        " confirm it in a mapping, or its values are lost."
    )
    assert not entry.is_ambiguous


def test_two_candidates_are_said() -> None:
    source = tables(table("t", "phone_a", "phone_b"))
    target = tables(
        Table(schema="public", name="t", columns=(Column(name="phone", position=9, type="text"),))
    )
    (entry,) = proposed(source, target)
    assert entry.is_ambiguous
    assert "there are 2 candidates, phone_a and phone_b: confirm it" in entry.message


def test_two_columns_that_may_be_the_same_one_are_rivals() -> None:
    source = tables(Table(schema="public", name="t", columns=(Column(name="tel", position=9, type="text"),)))
    first, second = proposed(source, tables(table("t", "tel_a", "tel_b")))
    assert first.rivals == (second.target,)
    assert "though tel_b may be that as well" in first.message


def test_columns_of_types_that_have_nothing_in_common_are_none() -> None:
    source = tables(table("t", "a"))
    assert (
        proposed(source, tables(Table(schema="public", name="t", columns=columns("b", type_="date")))) == ()
    )


def test_a_table_with_the_same_columns() -> None:
    (entry,) = proposed(tables(table("clients", "id", "email")), tables(table("customers", "id", "email")))
    assert entry.target.name == "customers"
    assert "2 of 2 columns have the same names" in entry.message


def test_tables_that_share_but_one_column_are_strangers() -> None:
    assert proposed(tables(table("orders", "id")), tables(table("weather", "id"))) == ()


def test_a_whole_schema_is_proposed_and_not_each_of_its_tables() -> None:
    def of(schema: str) -> Catalog:
        return Catalog(
            schemas=(Schema(name=schema),), tables=tuple(table(n, "id", "x", schema=schema) for n in "abc")
        )

    (entry,) = proposed(of("crm"), of("app"))
    assert entry.target == Schema(name="app").ref
    assert "3 of its 3 objects are in both" in entry.message


def test_a_table_that_moved_to_another_schema() -> None:
    schemas = (Schema(name="app"), Schema(name="public"))
    source = Catalog(schemas=schemas, tables=(table("t", "id", "x", schema="app"),))
    target = Catalog(schemas=schemas, tables=(table("t", "id", "x"),))
    (entry,) = proposed(source, target)
    assert "rename of public.t to app.t" in entry.message


def test_types_views_and_sequences() -> None:
    source = Catalog(
        enums=(EnumType(schema="public", name="mood", labels=("a", "b")),),
        views=(View(schema="public", name="v", definition=" SELECT 1"),),
        sequences=(Sequence(schema="public", name="order_number", options=Options()),),
    )
    target = Catalog(
        enums=(EnumType(schema="public", name="state", labels=("a", "b")),),
        views=(View(schema="public", name="w", definition=" SELECT 1"),),
        sequences=(Sequence(schema="public", name="order_numbers", options=Options()),),
    )
    assert [entry.target.kind for entry in proposed(source, target)] == [
        Kind.ENUM,
        Kind.SEQUENCE,
        Kind.VIEW,
    ]
    assert proposed(replace(source, enums=(), views=(), sequences=()), target) == ()


def test_what_is_confirmed_or_rejected_is_not_proposed_again() -> None:
    source, target = tables(table("t", "phone")), tables(table("t", "mobile"))
    refs = [
        ObjectRef(kind=Kind.COLUMN, schema="public", parent="t", name=name) for name in ("phone", "mobile")
    ]
    for status in (PairStatus.CONFIRMED, PairStatus.REJECTED):
        mapping = Mapping(renames=(ObjectRename(source=refs[0], target=refs[1], status=status),))
        assert proposed(source, target, mapping) == ()


def test_the_hazard_stands_at_the_statement_that_loses_the_values() -> None:
    source, target = tables(table("t", "id", "phone")), tables(table("t", "id", "mobile"))
    doubtful = [
        statement.sql
        for statement in plan_schema(source, target).statements
        if any(hazard.code == "possible-rename" for hazard in statement.hazards)
    ]
    assert doubtful == ["ALTER TABLE public.t DROP COLUMN mobile"]


def test_many_tables_on_either_side_are_searched_by_what_they_have_in_common() -> None:
    names = [(f"a{n}", f"b{n}", f"c{n}") for n in range(300)]
    source = tables(*(table(f"left_{n}", *names[n]) for n in range(300)))
    target = tables(*(table(f"right_{n}", *names[n]) for n in range(300)))
    found = proposed(source, target)
    assert len(found) == 300
    assert all(len(entry.candidates) == 1 for entry in found)


def enum(*labels: str) -> Catalog:
    return Catalog(enums=(EnumType(schema="public", name="mood", labels=labels),))


def test_a_label_that_stands_where_the_only_other_one_stood() -> None:
    (entry,) = proposed(enum("sad", "glad"), enum("sad", "happy"))
    assert entry.target.key == "enum label:public.mood.happy"
    assert entry.message == (
        "looks like a rename of public.mood.happy to glad (at the same place, no other comes or goes): confirm it in a"
        " mapping, or rows that have it cannot be kept."
    )


def test_labels_that_come_and_go_elsewhere_are_none() -> None:
    assert proposed(enum("sad", "ok", "glad"), enum("bad", "sad", "ok")) == ()
    assert proposed(enum("sad", "ok", "glad"), enum("sad", "ok")) == ()


def test_labels_spelled_alike_at_the_same_places() -> None:
    found = proposed(enum("Sad", "Glad", "x"), enum("sad", "glad", "y"))
    assert [entry.candidates[0].source.name for entry in found] == ["Glad", "Sad"]


def test_a_label_that_a_person_rejected_is_not_proposed() -> None:
    (entry,) = proposed(enum("glad"), enum("happy"))
    rejected = ObjectRename(
        source=entry.candidates[0].source, target=entry.target, status=PairStatus.REJECTED
    )
    assert proposed(enum("glad"), enum("happy"), Mapping(renames=(rejected,))) == ()


def test_an_attribute_of_the_same_type_and_none_that_tables_have_as_a_column() -> None:
    def catalog(*names: str, tables: tuple[Table, ...] = ()) -> Catalog:
        attributes = tuple(TypeAttribute(name=name, type="integer") for name in names)
        return Catalog(
            composites=(CompositeType(schema="public", name="c", attributes=attributes),), tables=tables
        )

    (entry,) = proposed(catalog("a", "sum"), catalog("a", "total"))
    assert entry.target.key == "attribute:public.c.total"
    assert entry.message.endswith("or its values are lost.")
    of_type = (Table(schema="public", name="t", of_type=("public", "c")),)
    assert proposed(catalog("a", "sum", tables=of_type), catalog("a", "total", tables=of_type)) == ()
