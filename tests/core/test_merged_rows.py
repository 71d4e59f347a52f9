"""Whose a row of a target table is that takes the rows of several source tables."""

from collections.abc import Sequence

from migration.core.checksums import Difference, HashedRow
from migration.core.merged_rows import MemberRow, Share
from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.renaming.confirmed import confirmed

NOBODY = frozenset[str]()


def catalog(*tables: str) -> Catalog:
    column = Column(name="id", type="integer", position=1)
    return Catalog(tables=tuple(Table(schema="public", name=name, columns=(column,)) for name in tables))


def row(key: str, value: int) -> HashedRow:
    return HashedRow(key, value, key)


def differing(
    member: int,
    source: Sequence[tuple[int, str, int]],
    target: Sequence[tuple[str, int]],
    *,
    rejected: tuple[frozenset[str], ...] = (NOBODY, NOBODY),
    held: frozenset[str] = NOBODY,
) -> tuple[list[tuple[str, str, bool]], int]:
    """What differs of one of two, and how many rows of the target are its own."""
    share = Share(member=member, rejected=rejected, held=held)
    here = [MemberRow(each, row(key, value)) for each, key, value in source]
    found = share.differing(here, [row(key, value) for key, value in target])
    return [(each.difference.value, each.key, each.taken) for each in found], share.rows


def test_a_row_is_that_of_the_first_that_has_its_key() -> None:
    source = [(0, "1", 10), (0, "2", 20), (1, "2", 21), (1, "3", 30)]
    target = [("1", 10), ("2", 20), ("3", 30)]
    assert differing(0, source, target) == ([], 2)
    assert differing(1, source, target) == ([(Difference.MISSING.value, "2", True)], 1)


def test_what_was_refused_has_no_claim() -> None:
    source = [(0, "2", 20), (1, "2", 21)]
    refused = (frozenset({"2"}), NOBODY)
    assert differing(0, source, [("2", 21)], rejected=refused) == ([], 0)
    assert differing(1, source, [("2", 21)], rejected=refused) == ([], 1)
    assert differing(1, source, [("2", 99)], rejected=refused) == ([("different", "2", False)], 1)


def test_what_nobody_has_counts_with_the_first_unless_it_was_there_before() -> None:
    source = [(1, "3", 30)]
    target = [("3", 30), ("4", 40), ("5", 50)]
    assert differing(0, source, target, held=frozenset({"5"})) == ([("surplus", "4", False)], 2)
    assert differing(1, source, target, held=frozenset({"5"})) == ([], 1)


def test_only_one_of_those_that_go_into_a_table_is_another_name_of_it() -> None:
    def into(source: str, target: str) -> TableMapping:
        pair = ColumnPair(source="id", target="id", status=PairStatus.CONFIRMED)
        return TableMapping(source=("public", source), target=("public", target), pairs=(pair,))

    mapping = Mapping(tables=(into("mails", "contacts"), into("phones", "contacts")))
    renames = confirmed(mapping, catalog("mails", "phones"), catalog("contacts"))
    assert [(rename.source.label, rename.target.label) for rename in renames if not rename.source.parent] == [
        ("public.mails", "public.contacts")
    ]
    assert not any("phones" in str(rename.source) for rename in renames)
    assert mapping.with_merged([("public", "phones")]) == (("public", "mails"), ("public", "phones"))
