"""A mapping from two catalogs: tables paired, columns confirmed or suggested."""

from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Generated, Table
from schemadiff.core.mapping import Certainty, PairStatus
from schemadiff.core.matching import suggest
from schemadiff.core.matching.families import is_near, is_same_family
from schemadiff.core.matching.tables import TableStanding, pair_tables


def table(name: str, *columns: tuple[str, str], schema: str = "public", **more: object) -> Table:
    made = tuple(Column(name=n, type=t, position=p) for p, (n, t) in enumerate(columns, start=1))
    return Table(schema=schema, name=name, columns=made, **more)  # type: ignore[arg-type]


CLIENTS = (("id", "bigint"), ("phone", "text"), ("comment", "text"))


def test_equal_names_of_one_family_are_confirmed() -> None:
    source = Catalog(tables=(table("clients", *CLIENTS),))
    target = Catalog(tables=(table("clients", ("id", "bigint"), ("phone", "character varying(20)")),))
    (mapping,) = suggest(source, target, [("public", "clients")]).tables
    assert [(p.source, p.target, p.status, p.score) for p in mapping.pairs] == [
        ("id", "id", PairStatus.CONFIRMED, 1.0),
        ("phone", "phone", PairStatus.CONFIRMED, 1.0),
    ]
    assert "text and character varying(20) hold the same sort of value" in mapping.pairs[1].reasons


def test_equal_names_of_other_types_are_only_suggested() -> None:
    source = Catalog(tables=(table("t", ("at", "text")),))
    target = Catalog(tables=(table("t", ("at", "boolean")),))
    (pair,) = suggest(source, target, [("public", "t")]).tables[0].pairs
    assert pair.status is PairStatus.SUGGESTED
    assert pair.reasons == ("the names are equal", "but text must be converted to boolean")
    assert pair.certainty is Certainty.NEAR_MISS


def test_renamed_columns_are_suggested_never_confirmed() -> None:
    source = Catalog(tables=(table("clients", *CLIENTS),))
    target = Catalog(tables=(table("clients", ("id", "bigint"), ("phone", "text"), ("note", "text")),))
    pairs = {p.source: p for p in suggest(source, target, [("public", "clients")]).tables[0].pairs}
    assert pairs["comment"].status is PairStatus.SUGGESTED
    assert pairs["comment"].score < 1


def test_a_table_of_another_name_is_found_by_its_columns() -> None:
    columns = (("id", "bigint"), ("full_name", "text"), ("phone", "text"), ("birthday", "date"))
    source = Catalog(tables=(table("clients", *columns), table("logs", ("id", "bigint"), ("line", "text"))))
    target = Catalog(tables=(table("customers", *columns), table("rooms", ("id", "bigint"), ("size", "int"))))
    mapping = suggest(source, target, [("public", "clients"), ("public", "logs")])
    assert [(m.source[1], m.target[1]) for m in mapping.tables] == [("clients", "customers")]


def test_columns_of_a_table_of_another_name_are_only_suggested() -> None:
    columns = (("id", "bigint"), ("full_name", "text"), ("phone", "text"), ("birthday", "date"))
    source = Catalog(tables=(table("clients", *columns),))
    target = Catalog(tables=(table("customers", *columns[:3]),))
    (mapping,) = suggest(source, target, [("public", "clients")]).tables
    assert mapping.accepted() == ()
    assert len(mapping.unconfirmed()) == 3
    assert all(
        "that clients became customers is a guess: 3 of 4 columns have equal names" in pair.reasons
        and pair.score < 1
        for pair in mapping.pairs
    )


def test_a_table_that_could_have_become_either_of_two_says_so() -> None:
    columns = (("id", "bigint"), ("full_name", "text"), ("phone", "text"))
    source = Catalog(tables=(table("clients", *columns),))
    target = Catalog(tables=(table("customers", *columns), table("buyers", *columns)))
    pair = pair_tables(source, target, [("public", "clients")])["public", "clients"]
    assert pair.standing is TableStanding.AMBIGUOUS
    assert any(reason.endswith("would fit about as well") for reason in pair.reasons)
    alone = pair_tables(source, Catalog(tables=target.tables[:1]), [("public", "clients")])
    assert alone["public", "clients"].standing is TableStanding.UNAMBIGUOUS
    same = pair_tables(source, source, [("public", "clients")])["public", "clients"]
    assert (same.standing, same.likeness, same.reasons) == (TableStanding.EQUAL, 1.0, ())


def test_a_table_in_another_schema_is_found_by_its_name() -> None:
    source = Catalog(tables=(table("clients", *CLIENTS),))
    target = Catalog(tables=(table("clients", *CLIENTS, schema="crm"),))
    (mapping,) = suggest(source, target, [("public", "clients")]).tables
    assert mapping.target == ("crm", "clients")


def test_a_name_taken_by_a_table_outside_the_scope_is_not_given_away() -> None:
    source = Catalog(tables=(table("clients", *CLIENTS), table("client", *CLIENTS)))
    target = Catalog(tables=(table("clients", *CLIENTS),))
    assert suggest(source, target, [("public", "client")]).tables == ()


def test_generated_columns_are_no_targets() -> None:
    generated = Column(name="total", type="integer", position=2, generated=Generated.STORED)
    source = Catalog(tables=(table("t", ("id", "bigint"), ("total", "integer")),))
    target = Catalog(
        tables=(
            Table(
                schema="public", name="t", columns=(Column(name="id", type="bigint", position=1), generated)
            ),
        )
    )
    assert [p.target for p in suggest(source, target, [("public", "t")]).tables[0].pairs] == ["id"]


def test_foreign_keys_follow_renamed_tables() -> None:
    def with_key(name: str, column: str, to: str) -> Table:
        key = Constraint(
            name="k",
            kind=ConstraintKind.FOREIGN_KEY,
            definition="",
            columns=(column,),
            references=("public", to),
            referenced_columns=("id",),
        )
        return table(name, ("id", "bigint"), (column, "bigint"), constraints=(key,))

    people = (("id", "bigint"), ("given", "text"), ("family", "text"), ("phone", "text"))
    source = Catalog(tables=(table("clients", *people), with_key("orders", "who", "clients")))
    target = Catalog(tables=(table("client_list", *people), with_key("orders", "buyer", "client_list")))
    mapping = suggest(source, target, [("public", "clients"), ("public", "orders")])
    pairs = {p.source: p for entry in mapping.tables if entry.source[1] == "orders" for p in entry.pairs}
    assert pairs["who"].target == "buyer"
    assert "both refer to client_list" in pairs["who"].reasons


def test_type_families() -> None:
    assert is_same_family("character varying(20)", "text")
    assert is_same_family("timestamp(3) with time zone", "timestamp without time zone")
    assert is_same_family("public.mood", "public.mood")
    assert not is_same_family("public.mood", "public.phase")
    assert not is_same_family("integer", "integer[]")
    assert not is_same_family("date", "timestamp with time zone")
    assert is_near("date", "timestamp with time zone")
    assert not is_near("boolean", "date")
