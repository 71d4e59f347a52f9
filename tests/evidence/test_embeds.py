"""What supabase-js embeds is judged by the foreign keys of each database."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.embeds import as_postgrest_asks
from schemadiff.evidence.judgements import judge_result, judgements
from schemadiff.evidence.queries import NamedQuery, QueryOutcome, judge
from schemadiff.evidence.query_sources.application_code import queries_in_code
from schemadiff.evidence.rewriting import Names
from schemadiff.introspection import read_catalog
from tests.servers import fresh_database

SOURCE = """
CREATE TABLE clients (id int PRIMARY KEY, name text);
CREATE TABLE "Staff" (id int PRIMARY KEY, name text, boss int REFERENCES "Staff");
CREATE TABLE bookings (id int PRIMARY KEY, client_id int REFERENCES clients, payer_id int, made date)
    PARTITION BY HASH (id);
CREATE TABLE bookings_0 PARTITION OF bookings FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE serves (staff_id int REFERENCES "Staff", booking_id int, PRIMARY KEY (staff_id, booking_id));
CREATE TABLE groups (id int PRIMARY KEY);
CREATE TABLE members (client_id int REFERENCES clients, group_id int REFERENCES groups,
    PRIMARY KEY (client_id, group_id));
CREATE VIEW busy AS SELECT id, client_id FROM bookings;
"""
WITHOUT = SOURCE.replace("client_id int REFERENCES clients, payer_id", "client_id int, payer_id").replace(
    "group_id int REFERENCES groups", "group_id int"
)
TWO = SOURCE.replace("payer_id int,", "payer_id int REFERENCES clients,")
RENAMED = """
CREATE TABLE customers (id int PRIMARY KEY, name text);
CREATE TABLE bookings (id int PRIMARY KEY, client_id int REFERENCES customers);
"""


@pytest.fixture(scope="module")
def servers(server16: EmbeddedServer) -> Iterator[dict[str, str]]:
    with (
        fresh_database(server16, SOURCE) as source,
        fresh_database(server16, WITHOUT) as without,
        fresh_database(server16, TWO) as two,
        fresh_database(server16, RENAMED) as renamed,
    ):
        yield {"source": source, "without": without, "two": two, "renamed": renamed}


def asked(chain: str, servers: dict[str, str], tmp_path: Path) -> tuple[NamedQuery, ...]:
    """As it goes from the application's code to where it is judged."""
    (tmp_path / "a.js").write_text(f"supabase.{chain};\n")
    found = queries_in_code(tmp_path)
    assert found.unresolved == ()
    with psycopg.connect(servers["source"]) as source:
        return as_postgrest_asks(found.queries, read_catalog(source))


def outcomes(
    chain: str, servers: dict[str, str], result: str, tmp_path: Path, names: Names | None = None
) -> dict[str, tuple[str, str, str]]:
    """By table: verdict, detail, and what the rewriting gives."""
    queries = asked(chain, servers, tmp_path)
    with psycopg.connect(servers["source"]) as left, psycopg.connect(servers[result]) as right:
        on_source, on_result = judge(left, queries), judge_result(right, queries, names)
    told = judgements(queries, on_source, on_result, is_whole=True)
    return {
        each.tables[0]: (
            each.verdict.outcome.value,
            each.verdict.detail,
            each.rewritten.outcome.value if each.rewritten else "",
        )
        for each in told
    }


@pytest.mark.parametrize(
    ("chain", "table", "result", "outcome", "words"),
    [
        ("from('bookings').select('*, clients(name)')", "clients", "source", "same", ""),
        ("from('clients').select('id, bookings(made)')", "bookings", "source", "same", ""),
        ("from('clients').select('id, groups(id)')", "groups", "source", "same", ""),
        ("from('busy').select('id, clients(name)')", "clients", "without", "same", ""),
        (
            "from('bookings').select('*, clients(name)')",
            "clients",
            "without",
            "fails",
            "No foreign key is between bookings and clients, so clients cannot be embedded (PGRST200)",
        ),
        (
            "from('clients').select('id, groups(id)')",
            "groups",
            "without",
            "fails",
            "between clients and groups",
        ),
        (
            "from('bookings').select('*, payer:clients!inner(name)')",
            "clients",
            "two",
            "fails",
            "2 ways lead from bookings to clients (PGRST201): say which, clients!bookings_client_id_fkey, "
            "clients!bookings_payer_id_fkey.",
        ),
        ("from('bookings').select('*, clients!client_id(name)')", "clients", "two", "same", ""),
        (
            "from('bookings').select('*, clients!bookings_client_id_fkey!left(name)')",
            "clients",
            "two",
            "same",
            "",
        ),
        (
            "from('bookings').select('*, clients!bookings_client_id_fkey(name)')",
            "clients",
            "without",
            "fails",
            "No foreign key is between",
        ),
    ],
)
def test_the_key_in_the_other_database_decides(
    chain: str, table: str, result: str, outcome: str, words: str, servers: dict[str, str], tmp_path: Path
) -> None:
    found = outcomes(chain, servers, result, tmp_path)
    assert found[table][0] == outcome
    assert words in found[table][1]
    parent = next(name for name in found if name != table)
    assert found[parent][0] == "same", "what is asked of the table itself is judged by itself"


def test_a_hint_that_names_nothing_is_no_verdict_for_it_fails_on_the_source_too(
    servers: dict[str, str], tmp_path: Path
) -> None:
    found = outcomes("from('bookings').select('*, clients!nobody(name)')", servers, "source", tmp_path)
    assert found["clients"][0] == QueryOutcome.NOT_JUDGED.value
    assert "clients!nobody names no foreign key" in found["clients"][1]
    assert "there is clients!bookings_client_id_fkey." in found["clients"][1]


def test_a_rewriting_embeds_by_the_keys_of_the_tables_names_there(
    servers: dict[str, str], tmp_path: Path
) -> None:
    def pairs(*columns: str) -> tuple[ColumnPair, ...]:
        return tuple(ColumnPair(target=c, source=c, status=PairStatus.CONFIRMED) for c in columns)

    mapping = Mapping(
        tables=(
            TableMapping(
                source=("public", "bookings"), target=("public", "bookings"), pairs=pairs("id", "client_id")
            ),
            TableMapping(
                source=("public", "clients"), target=("public", "customers"), pairs=pairs("id", "name")
            ),
        )
    )
    with psycopg.connect(servers["source"]) as left, psycopg.connect(servers["renamed"]) as right:
        names = Names.of(read_catalog(left), read_catalog(right), mapping, "public")
    found = outcomes("from('bookings').select('id, clients(name)')", servers, "renamed", tmp_path, names)
    assert (found["clients"][0], found["clients"][2]) == ("fails", "same")
