"""A table that was split is suggested as a mapping where a key tells whose each row is, and left to words elsewhere."""

from dataclasses import replace

from schemadiff.core.catalog import Catalog, Column, Constraint, ConstraintKind, Table
from schemadiff.core.mapping import Certainty, Mapping, PairStatus
from schemadiff.core.matching import suggest
from schemadiff.core.options.option import Scope
from schemadiff.core.options.transform import transform

CLIENTS = ("public", "clients")


def table(name: str, columns: str, *constraints: Constraint) -> Table:
    made = tuple(
        Column(name=each, type="text", position=p) for p, each in enumerate(columns.split(), start=1)
    )
    return Table(schema="public", name=name, columns=made, constraints=constraints)


def key(column: str) -> Constraint:
    return Constraint(name="pk", kind=ConstraintKind.PRIMARY_KEY, definition="", columns=(column,))


def refers(column: str, to: str) -> Constraint:
    return Constraint(
        name=f"{column}_fkey",
        kind=ConstraintKind.FOREIGN_KEY,
        definition="",
        columns=(column,),
        references=("public", to),
        referenced_columns=("id",),
    )


WHOLE = Catalog(tables=(table("clients", "id name phone address_street address_city", key("id")),))


def halves(columns: str, *constraints: Constraint) -> Catalog:
    return Catalog(
        tables=(table("addresses", columns, *constraints), table("clients", "id name phone", key("id")))
    )


def part_of(mapping: Mapping) -> set[tuple[str | None, str]] | None:
    part = mapping.named(("public", "clients → addresses"))
    return None if part is None else {(pair.source, pair.target) for pair in part.pairs}


def test_a_foreign_key_says_whose_a_row_is() -> None:
    target = halves("id client_id street city", key("id"), refers("client_id", "clients"))
    mapping = suggest(WHOLE, target, [CLIENTS])
    assert part_of(mapping) == {("id", "client_id"), ("address_street", "street"), ("address_city", "city")}
    (part,) = (entry for entry in mapping.tables if entry.part)
    assert {pair.status for pair in part.pairs} == {PairStatus.SUGGESTED}
    assert {pair.certainty for pair in part.pairs} == {Certainty.NEAR_MISS}
    assert part.pairs[0].reasons == (
        "public.clients may have been split: public.addresses has 2 of the columns that public.clients lacks "
        "(address_street, address_city), of 2 of its own",
        "client_id refers to public.clients by client_id_fkey",
    )


def test_a_shared_primary_key_says_it_too() -> None:
    assert part_of(suggest(WHOLE, halves("id street city", key("id")), [CLIENTS])) == {
        ("id", "id"),
        ("address_street", "street"),
        ("address_city", "city"),
    }


def test_without_a_key_nothing_is_mapped() -> None:
    assert part_of(suggest(WHOLE, halves("number street city", key("number")), [CLIENTS])) is None
    elsewhere = halves("number street city staff", key("number"), refers("staff", "staff"))
    assert part_of(suggest(WHOLE, elsewhere, [CLIENTS])) is None


def test_a_part_that_was_rejected_blocks_nothing_and_carries_nothing() -> None:
    target = halves("id street city", key("id"))
    mapping, scope = suggest(WHOLE, target, [CLIENTS]), Scope(tables=(CLIENTS,))
    assert "3 column pairs are not confirmed yet" in transform(WHOLE, target, scope, mapping).blockers[0]
    rejected = Mapping(
        tables=tuple(
            replace(entry, pairs=tuple(replace(pair, status=PairStatus.REJECTED) for pair in entry.pairs))
            if entry.part
            else entry
            for entry in mapping.tables
        )
    )
    option = transform(WHOLE, target, scope, rejected)
    assert option.blockers == ()
    assert [entry.name for entry in option.mapping.tables] == [CLIENTS]
