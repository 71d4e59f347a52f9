"""Suggestions made anew go beside what was decided, and touch none of it."""

from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping, in_parts
from schemadiff.core.matching.again import beside
from schemadiff.core.matching.learnt import LEARNT, VERSION, learnt_since

CLIENTS, STAFF = ("public", "clients"), ("public", "staff")
PEOPLE, HOMES = ("public", "people"), ("public", "homes")


def pair(source: str, target: str, status: PairStatus = PairStatus.SUGGESTED) -> ColumnPair:
    return ColumnPair(source=source, target=target, status=status)


def entry(
    source: QualifiedName, target: QualifiedName, *pairs: ColumnPair, where: str | None = None
) -> TableMapping:
    return TableMapping(source=source, target=target, pairs=pairs, where=where)


def mapping(*entries: TableMapping) -> Mapping:
    return Mapping(tables=in_parts(entries))


def added(kept: Mapping, suggested: Mapping) -> set[tuple[str, str, str | None, str]]:
    return {
        (entry.source[1], entry.target[1], pair.source, pair.target)
        for entry in beside(kept, suggested).tables
        for pair in entry.pairs
    }


def test_what_is_filled_taken_or_refused_stays() -> None:
    kept = mapping(
        entry(
            CLIENTS,
            CLIENTS,
            pair("name", "title", PairStatus.CONFIRMED),
            pair("fax", "phone", PairStatus.REJECTED),
        )
    )
    suggested = mapping(
        entry(
            CLIENTS,
            CLIENTS,
            pair("label", "title"),  # filled
            pair("mobile", "phone"),  # refused
            pair("name", "alias"),  # taken
            pair("fax", "telex"),
        )
    )
    assert added(kept, suggested) == {("clients", "clients", "fax", "telex")}


def test_a_table_that_became_another_one_is_not_given_to_a_second() -> None:
    kept = mapping(entry(CLIENTS, PEOPLE, pair("id", "id", PairStatus.CONFIRMED)))
    assert not added(kept, mapping(entry(CLIENTS, CLIENTS, pair("name", "name"))))
    assert not added(kept, mapping(entry(STAFF, PEOPLE, pair("name", "name"))))
    assert added(kept, mapping(entry(STAFF, STAFF, pair("name", "name"))))


def test_a_part_is_added_and_one_that_was_refused_is_not() -> None:
    kept = mapping(entry(CLIENTS, CLIENTS, pair("id", "id", PairStatus.CONFIRMED)))
    split = mapping(
        entry(CLIENTS, CLIENTS, pair("id", "id")),
        entry(CLIENTS, HOMES, pair("id", "client_id"), pair("town", "town")),
    )
    assert added(kept, split) == {
        ("clients", "homes", "id", "client_id"),
        ("clients", "homes", "town", "town"),
    }
    refused = mapping(*kept.tables, entry(CLIENTS, HOMES, pair("id", "client_id", PairStatus.REJECTED)))
    assert not added(refused, split)


def test_the_condition_of_two_tables_goes_for_what_is_added() -> None:
    kept = mapping(entry(CLIENTS, CLIENTS, pair("id", "id", PairStatus.CONFIRMED), where="id > 1"))
    (found,) = beside(kept, mapping(entry(CLIENTS, CLIENTS, pair("a", "b")))).tables
    assert found.where == "id > 1"


def test_what_was_learnt_since_is_told() -> None:
    assert learnt_since(0) == " and ".join(LEARNT)
    assert not learnt_since(VERSION)


def test_a_table_that_goes_where_another_one_goes_is_added() -> None:
    known = mapping(entry(CLIENTS, PEOPLE, pair("id", "id", PairStatus.CONFIRMED)))
    merged = mapping(
        entry(CLIENTS, PEOPLE, pair("id", "id")),
        entry(STAFF, PEOPLE, pair("id", "id"), pair("name", "name")),
    )
    assert added(known, merged) == {("staff", "people", "id", "id"), ("staff", "people", "name", "name")}
    alone = mapping(entry(STAFF, PEOPLE, pair("id", "id")))
    assert added(known, alone) == set()
