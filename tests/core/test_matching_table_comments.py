"""What comments of tables say: which became which, and which were split or merged."""

import pytest

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.matching import suggest
from schemadiff.core.matching.splits import Reshaping, reshaped
from schemadiff.core.matching.table_comments import said_of_becoming, told_reshaping
from schemadiff.core.matching.tables import TableStanding, pair_tables

CLIENTS = ("public", "clients")


def table(name: str, columns: str = "id", comment: str | None = None) -> Table:
    made = tuple(Column(name=each, type="text", position=p) for p, each in enumerate(columns.split()))
    return Table(schema="public", name=name, columns=made, comment=comment)


SOURCE = Catalog(tables=(table("clients", "id surname phone"),))


@pytest.mark.parametrize("comment", ["Formerly clients.", "was: Clients", "Old name: clients"])
def test_a_comment_that_names_the_former_table_makes_the_pair(comment: str) -> None:
    mute = Catalog(tables=(table("parties", "no label"), table("people", "key title")))
    assert not pair_tables(SOURCE, mute, [CLIENTS])
    told = Catalog(tables=(table("parties", "no label", comment), table("people", "key title")))
    pair = pair_tables(SOURCE, told, [CLIENTS])[CLIENTS]
    assert (pair.target, pair.standing) == (("public", "parties"), TableStanding.UNAMBIGUOUS)
    assert "the comment of parties speaks of clients" in pair.reasons


def test_a_comment_decides_between_tables_that_fit_as_well() -> None:
    shops = Catalog(
        tables=(table("customers", "id surname phone"), table("guests", "id surname phone", "Were clients"))
    )
    pair = pair_tables(SOURCE, shops, [CLIENTS])[CLIENTS]
    assert (pair.target[1], pair.standing) == ("guests", TableStanding.UNAMBIGUOUS)


def test_the_source_s_comment_may_name_what_it_becomes() -> None:
    source = Catalog(tables=(table("clients", "id", "Will be renamed to parties"),))
    target = Catalog(tables=(table("parties", "no"),))
    assert pair_tables(source, target, [CLIENTS])[CLIENTS].target[1] == "parties"


@pytest.mark.parametrize(
    ("one", "other", "weight"),
    [
        ("Formerly parties", None, 0.8),
        ("Bookings of parties", None, 0.15),
        ("Split from parties", None, 0.0),
        ("Everybody who books a visit", "everybody who books the visit", 0.7),
        ("Everybody who books a visit", "Everybody who pays a visit", 0.35),
        ("Everybody who books a visit", "Rows of yesterday", 0.0),
        ("", None, 0.0),
    ],
)
def test_how_much_it_says(one: str, other: str | None, weight: float) -> None:
    left, right = [table("clients", comment=one)], [table("parties", comment=other)]
    for found in (said_of_becoming(left, right), said_of_becoming(right, left) if not other else {}):
        said = found.get((0, 0))
        assert said is None or said.weight == weight
    found = said_of_becoming(left, right)
    assert (found[0, 0].weight if found else 0.0) == weight


WHOLE = table("clients", "id name phone town")


def test_a_comment_lets_one_column_be_enough_for_a_split_and_names_the_table() -> None:
    def target(comment: str | None) -> Catalog:
        fresh = table("homes", "id town area rent owner", comment)
        return Catalog(tables=(table("clients", "id name phone"), fresh))

    source, pairs = Catalog(tables=(WHOLE,)), {CLIENTS: CLIENTS}
    assert not reshaped(source, target(None), [CLIENTS], pairs)
    assert not reshaped(source, target("Where clients live"), [CLIENTS], pairs)
    (found,) = reshaped(source, target("Split off from clients in 2024"), [CLIENTS], pairs)
    assert (found.reshaping, found.columns) == (Reshaping.SPLIT, ("town",))
    assert found.sentence.endswith(", and the comment of homes speaks of clients.")


def test_a_comment_tells_of_a_merge() -> None:
    source = Catalog(tables=(table("clients", "id name phone"), table("homes", "id town area rent owner")))
    target = Catalog(tables=(table("clients", "id name phone town", "Merged with homes"),))
    (found,) = reshaped(source, target, [CLIENTS, ("public", "homes")], {CLIENTS: CLIENTS})
    assert found.reshaping is Reshaping.MERGED
    assert "the comment of clients speaks of homes" in found.sentence


def test_a_split_that_a_comment_tells_of_is_no_rename() -> None:
    target = Catalog(tables=(table("addresses", "no street", "Moved out of clients"),))
    assert not pair_tables(SOURCE, target, [CLIENTS])
    assert told_reshaping(target.tables[0], SOURCE.tables[0])


def test_the_reason_stands_at_each_column() -> None:
    target = Catalog(tables=(table("parties", "id label", "Formerly clients"),))
    (entry,) = suggest(SOURCE, target, [CLIENTS]).tables
    assert entry.pairs and all(
        "the comment of parties speaks of clients" in pair.reasons for pair in entry.pairs
    )
