"""Foreign keys and rules over several columns, tried on what the mapping makes of real rows."""

from collections.abc import Iterator

import pytest

from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.joint_rules import with_joint_rules
from schemadiff.evidence.previews import Preview, preview
from tests.servers import fresh_database

SOURCE = """
create table given (place bigint primary key, c0 text, gone boolean);
insert into given values (1, 'Ann', false), (2, 'Bob', true);
create table visits (id int primary key, client text, starts int, ends int, shop int);
insert into visits values (1, '1', 1, 5, 1), (2, '2', 7, 3, 1), (3, '7', 2, 4, 9),
    (4, null, 2, 4, null), (5, '50', 1, 2, 1);
"""
TARGET = """
create table people (id int primary key, label text);
insert into people values (50, 'there already');
create table shops (id int primary key);
create table visits (
    id int primary key, person int references people, starts int, ends int, shop int references shops,
    room int default 3, unique (starts, ends), check (starts < ends), constraint roomy check (room > shop)
);
"""
CLIENTS, PEOPLE, VISITS = ("public", "given"), ("public", "people"), ("public", "visits")


@pytest.fixture(scope="module")
def databases(server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[tuple[str, str]]:
    with fresh_database(server16, SOURCE) as source, fresh_database(server18, TARGET) as target:
        yield source, target


def pair(source: str, target: str, status: PairStatus = PairStatus.CONFIRMED) -> ColumnPair:
    return ColumnPair(source=source, target=target, status=status)


def entry(
    source: QualifiedName, target: QualifiedName, *pairs: ColumnPair, where: str | None = None
) -> TableMapping:
    return TableMapping(source=source, target=target, pairs=pairs, where=where)


ENTRY = entry(VISITS, VISITS, pair("id", "id"), pair("starts", "starts"), pair("ends", "ends"))


def tried(databases: tuple[str, str], column: str, expression: str, *entries: TableMapping) -> Preview:
    with connect(databases[0]) as source, connect(databases[1]) as target:
        found = preview(source, VISITS, expression, "integer")
        return with_joint_rules(source, target, Mapping(tables=entries), entries[0], column, found)


def problems(found: Preview) -> dict[str, str]:
    return {row.key: row.problem for row in found.rows if row.problem}


def test_a_row_that_is_referred_to_comes_of_the_source_or_is_there(databases: tuple[str, str]) -> None:
    people = entry(CLIENTS, PEOPLE, pair("place", "id"), pair("c0", "label"))
    found = tried(databases, "person", "client::int", ENTRY, people)
    said = "No row of public.people would have it: the foreign key visits_person_fkey refuses it."
    assert (problems(found), found.left) == ({"3": said}, ())
    some = entry(CLIENTS, PEOPLE, pair("place", "id"), where="not gone")
    assert set(problems(tried(databases, "person", "client::int", ENTRY, some))) == {"2", "3"}


def test_what_is_not_confirmed_leaves_the_key_untried_and_what_nothing_fills_refuses(
    databases: tuple[str, str],
) -> None:
    open_ = entry(CLIENTS, PEOPLE, pair("place", "id", PairStatus.SUGGESTED))
    found = tried(databases, "person", "client::int", ENTRY, open_)
    assert not problems(found)
    assert found.left == (
        "the foreign key visits_person_fkey, for what fills id of public.people is not confirmed",
    )
    alone = tried(databases, "person", "client::int", ENTRY)
    assert set(problems(alone)) == {"1", "2", "3"}  # 50 is in the target


def test_rules_over_several_columns_take_the_others_by_their_pairs(databases: tuple[str, str]) -> None:
    found = tried(databases, "ends", "ends", ENTRY)
    assert {key: said.partition(":")[0] for key, said in problems(found).items()} == {
        "2": "The target's check visits_check refuses it",
        "3": "Another of these rows gives the same starts, ends, and visits_starts_ends_key is unique.",
        "4": "Another of these rows gives the same starts, ends, and visits_starts_ends_key is unique.",
    }


def test_a_default_is_not_guessed(databases: tuple[str, str]) -> None:
    found = tried(databases, "shop", "NULL::int", ENTRY)
    assert found.left == ("the check roomy, for what fills room is not confirmed",)


def test_an_index_is_unique_as_a_key_is_and_what_only_the_target_can_try_is_named(
    server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    indexed = """
    create table visits (id int primary key, starts int, ends int, shop int, exclude using btree (shop with =));
    create unique index pairwise on visits (starts, ends) include (shop);
    create unique index whole on visits (shop) where ends > 0;
    create unique index doubled on visits ((ends * 2));
    create unique index other on visits (starts, shop);
    """
    with fresh_database(server16, SOURCE) as source, fresh_database(server18, indexed) as target:
        found = tried((source, target), "ends", "ends", ENTRY)
        named = tried((source, target), "shop", "shop", ENTRY)
    said = "Another of these rows gives the same starts, ends, and pairwise is unique."
    assert problems(found) == {"3": said, "4": said}
    partly = "it is over an expression, or over some of the rows only"
    assert found.left == (f"the unique index doubled, for {partly}", f"the unique index whole, for {partly}")
    assert named.left == (
        "the exclusion constraint visits_shop_excl, for only the target itself can say which rows exclude one another",
        f"the unique index whole, for {partly}",
    )
    assert set(problems(named)) == {"1", "5"}  # starts and shop


def test_no_value_is_told(databases: tuple[str, str]) -> None:
    """Names of clients become keys: PostgreSQL's message would quote one."""
    people = entry(CLIENTS, PEOPLE, pair("c0", "id"))
    found = tried(databases, "person", "client::int", ENTRY, people)
    assert found.left == (
        "the foreign key visits_person_fkey, for a value of another table does not fit its type",
    )
    assert "Ann" not in str(found.left)
