"""A source table that is built like one whose rows go somewhere may go there, too: suggested, with reasons."""

from dataclasses import replace

import pytest

from schemadiff.core.catalog import Catalog, Table
from schemadiff.core.mapping import Certainty, ColumnPair, PairStatus
from schemadiff.core.matching import suggest
from schemadiff.core.options.option import Scope
from schemadiff.core.options.transform import transform
from tests.core.test_matching_parts import key, table

ORDERS = table("orders", "id client total paid note", key("id"))
ARCHIVE = table("orders_archive", "id client total paid archived_by", key("id"))
BOTH = [("public", "orders"), ("public", "orders_archive")]


def catalog(*tables: Table) -> Catalog:
    return Catalog(tables=tuple(sorted(tables, key=lambda each: each.name)))


def merged(source: Catalog, target: Catalog) -> dict[str, dict[str, str | None]]:
    """What fills what, of each source table that goes into the target table of another one."""
    mapping = suggest(source, target, [each.qualified for each in source.tables])
    return {
        entry.source[1]: {pair.target: pair.source for pair in entry.pairs}
        for entries in mapping.merged().values()
        for entry in entries
        if entry.source != entry.target
    }


def test_a_table_built_alike_goes_the_same_way() -> None:
    mapping = suggest(catalog(ORDERS, ARCHIVE), catalog(ORDERS), BOTH)
    (entries,) = mapping.merged().values()
    archive = entries[1]
    assert (archive.name, archive.target, archive.part) == (BOTH[1], BOTH[0], "")
    assert {(pair.source, pair.target) for pair in archive.pairs} == {
        (name, name) for name in ("id", "client", "total", "paid")
    }
    assert {(pair.status, pair.certainty) for pair in archive.pairs} == {
        (PairStatus.SUGGESTED, Certainty.NEAR_MISS)
    }
    assert archive.pairs[0].reasons == (
        "public.orders_archive is built like public.orders (client, total, paid)",
        "both names say order",
    )


def test_renamed_columns_go_where_those_of_the_other_table_went() -> None:
    renamed = table("orders", "id client_id total paid note", key("id"))
    assert merged(catalog(ORDERS, ARCHIVE), catalog(renamed))["orders_archive"]["client_id"] == "client"


def test_transform_waits_for_it_and_does_without_it_where_it_was_rejected() -> None:
    source, target = catalog(ORDERS, ARCHIVE), catalog(ORDERS)
    scope = Scope(tables=tuple(BOTH))
    mapping = suggest(source, target, BOTH)
    assert transform(source, target, scope, mapping).blockers == (
        "4 column pairs are not confirmed yet: confirm or reject each on the mapping page.",
    )
    assert transform(source, target, scope, mapping.as_if_confirmed()).blockers == ()
    rejected = replace(
        mapping,
        tables=tuple(
            replace(entry, pairs=tuple(map(_rejected, entry.pairs))) if entry.source == BOTH[1] else entry
            for entry in mapping.tables
        ),
    )
    (blocker,) = transform(source, target, scope, rejected).blockers
    assert blocker.startswith("public.orders_archive has no target table yet")


def _rejected(pair: ColumnPair) -> ColumnPair:
    return replace(pair, status=PairStatus.REJECTED)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        # its own counterpart is there
        (catalog(ORDERS, ARCHIVE), catalog(ORDERS, ARCHIVE)),
        # nothing but the name
        (catalog(ORDERS, table("orders_seen", "id at by_whom device", key("id"))), catalog(ORDERS)),
        # small tables are built alike by chance
        (catalog(ORDERS, table("shops", "id client total paid", key("id"))), catalog(ORDERS)),
        # no key comes along, so nothing would tell the rows apart
        (catalog(ORDERS, replace(ARCHIVE, constraints=())), catalog(ORDERS)),
    ],
)
def test_nothing_is_suggested_without_reason(source: Catalog, target: Catalog) -> None:
    assert merged(source, target) == {}


def test_a_comment_speaks_for_a_table_of_another_name() -> None:
    leads = table("leads", "id client total paid", key("id"))
    assert merged(catalog(ORDERS, leads), catalog(ORDERS)) == {}
    told = replace(ORDERS, comment="Orders of clients, and what were leads.")
    assert set(merged(catalog(ORDERS, leads), catalog(told))) == {"leads"}
    assert "the comment of orders speaks of leads" in (
        suggest(catalog(ORDERS, leads), catalog(told), [("public", "leads"), ("public", "orders")])
        .tables[0]
        .pairs[0]
        .reasons
    )
