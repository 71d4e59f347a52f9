"""Tables that may have been split or merged are told by the columns that moved, and others are left in peace."""

import pytest

from schemadiff.core.catalog import Catalog, Column, Table
from schemadiff.core.matching.splits import Reshaping, reshaped
from schemadiff.core.options.option import Scope
from schemadiff.models import Comparison
from schemadiff.pages.mapping import mapping_page


def catalog(**tables: str) -> Catalog:
    return Catalog(tables=tuple(table(each, tables[each].split()) for each in sorted(tables)))


def table(name: str, columns: list[str]) -> Table:
    made = tuple(Column(name=each, type="text", position=p) for p, each in enumerate(columns, start=1))
    return Table(schema="public", name=name, columns=made)


def name(of: str) -> tuple[str, str]:
    return ("public", of)


WHOLE = catalog(clients="id name phone address_street address_city address_zip", staff="id name role")
HALVES = catalog(clients="id name phone", addresses="id client_id street city zip", staff="id name role")
PAIRS = {name("clients"): name("clients"), name("staff"): name("staff")}


def test_a_table_that_was_split() -> None:
    (found,) = reshaped(WHOLE, HALVES, [name("clients"), name("staff")], PAIRS)
    assert (found.reshaping, found.source, found.target) == (
        Reshaping.SPLIT,
        name("clients"),
        name("addresses"),
    )
    assert found.columns == ("address_street", "address_city", "address_zip")
    assert found.sentence.startswith(
        "public.clients may have been split: public.addresses has 3 of the columns that public.clients lacks"
    )


def test_two_tables_that_were_merged() -> None:
    (found,) = reshaped(HALVES, WHOLE, [name("addresses"), name("clients"), name("staff")], PAIRS)
    assert (found.reshaping, found.source, found.target, found.kept) == (
        Reshaping.MERGED,
        name("addresses"),
        name("clients"),
        name("clients"),
    )
    assert found.columns == ("address_street", "address_city", "address_zip")
    assert (
        "may have been merged into public.clients, which takes the rows of public.clients" in found.sentence
    )


def test_the_mapping_page_tells_it() -> None:
    scope = Scope(tables=(name("clients"), name("staff")))
    page = mapping_page(Comparison(), WHOLE, HALVES, scope, [], "")
    assert len(page.reshaped) == 1 and "public.clients may have been split" in page.reshaped[0]


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (WHOLE, WHOLE),
        (WHOLE, catalog(clients="id name phone", staff="id name role", audits="id at who")),
        # copied, not moved: the table still has them
        (WHOLE, catalog(clients="id name address_street address_city", logs="id street city")),
        # one column alone says nothing
        (WHOLE, catalog(clients="id name phone", staff="id name role", towns="id city")),
        # most of the new table's columns are its own
        (
            WHOLE,
            catalog(
                clients="id name phone", staff="id name role", shops="city zip owner rent area logo motto"
            ),
        ),
    ],
)
def test_what_is_neither(source: Catalog, target: Catalog) -> None:
    assert reshaped(source, target, [name("clients"), name("staff")], PAIRS) == ()


def test_hundreds_of_tables_with_the_same_columns_are_no_proposal() -> None:
    tables = {f"t{number}": "id created_at updated_at title" for number in range(300)}
    others = {f"u{number}": "id created_at updated_at title" for number in range(300)}
    pairs = {name(each): name(each) for each in tables}
    assert reshaped(catalog(**tables), catalog(**tables, **others), list(pairs), pairs) == ()
