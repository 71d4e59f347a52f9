"""Probes of both backends: what is the same, what is listed, what differs, and that the source is only read."""

import json
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict

from migration.access.errors import AccessError
from migration.access.limits import Effect
from migration.access.methods import METHODS
from migration.access.pool import Pool, PoolSettings
from migration.access.probe_results import Kind, Latency, Probed, ProbeReport, Verdict
from migration.access.probed_queries import Query, answer, as_query
from migration.access.probes import probe
from migration.probe_report import document, lines
from migration.seedcase import QUERIES_SQL
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.query_files import named_queries
from tests.access.conftest import Carried
from tests.command_line import Manage
from tests.engine.running import ask
from tests.servers import fresh_database

QUERIES = (
    ("busiest", "SELECT company_id, count(*) AS n FROM clients GROUP BY 1 ORDER BY 2 DESC"),
    ("unordered", "SELECT id, company_id, name FROM staff -- everybody"),
    ("by number", "-- values: [962302]\nSELECT name FROM services WHERE company_id = $1 ORDER BY id"),
    ("without values", "SELECT 1 FROM clients WHERE id = $1"),
    ("a write", "DELETE FROM clients"),
    ("gone", "SELECT visit_history FROM clients ORDER BY id LIMIT 1"),
)
# What is parsed must be what is sent: both once told the parameters apart by a search in the text.
SMUGGLED = (
    "SELECT $b$0$b$) AS x; COMMIT; SET default_transaction_read_only = off; COMMIT; CREATE TABLE smuggled ();"
    " COMMIT; SELECT * FROM (SELECT 1 --$b$0$"
)
COUNTED = "SELECT (SELECT count(*) FROM clients), (SELECT max(updated_at) FROM clients)"


def by_name(report: ProbeReport, name: str) -> list[Probed]:
    return [each for each in report.probed if each.name == name]


def one_of(report: ProbeReport, name: str) -> Probed:
    (found,) = by_name(report, name)
    return found


def test_latencies_are_of_the_nearest_rank() -> None:
    found = Latency.of([place / 1000 for place in range(100, 0, -1)])
    assert found == Latency(calls=100, p50=50.0, p95=95.0, p99=99.0)
    assert Latency.of([0.002]) == Latency(calls=1, p50=2.0, p95=2.0, p99=2.0)
    assert Latency.of([]) is None


@pytest.mark.heavy
def test_after_recreate_all_methods_are_the_same(
    seed_source_dsn: str, server18: EmbeddedServer, carried: Carried
) -> None:
    template, mapping = carried("recreate")
    with fresh_database(server18, template=template) as target:
        before = ask(seed_source_dsn, COUNTED), ask(target, COUNTED)
        report = probe(seed_source_dsn, target, mapping, QUERIES, rounds=4)
        assert (ask(seed_source_dsn, COUNTED), ask(target, COUNTED)) == before, (
            "nothing is left of the writes"
        )
    assert {each.name for each in report.probed} >= {method.name for method in METHODS}
    assert [each for each in report.probed if each.verdict is not Verdict.SAME] == []
    assert report.limits == () and report.differing == 0
    for each in report.probed:
        if each.kind is Kind.WRITE:
            assert each.source is None and each.source_rows is None, "the source is never written to"
        elif not each.reason:
            assert each.source is not None and each.source.calls == 4
            assert each.source.p50 <= each.source.p95 <= each.source.p99
    edges = {(each.name, each.about): each for each in report.probed}
    assert edges["upsert_clients", "a batch of 500"].target_rows == 500
    one_too_many = edges["upsert_clients", "a batch of 501, one too many"]
    assert one_too_many.reason.startswith("Both refuse it: A batch has at most 500 rows; this one has 501.")
    assert edges["search_clients_by_name", "Cyrillic, in capitals"].target_rows
    assert edges["search_clients_by_name", "a percent sign itself"].target_rows == 0
    assert edges["get_service_by_id", "a NULL price"].target_rows == 1
    assert edges["get_client_by_id", "an unknown number"].target_rows == 0
    assert one_of(report, "by number").target_rows == 63
    assert [note.partition(" is not probed")[0] for note in report.notes[1:]] == ["without values", "a write"]


@pytest.mark.heavy
def test_after_transform_what_is_listed_is_no_difference_and_the_rest_is(
    seed_source_dsn: str, server18: EmbeddedServer, carried: Carried
) -> None:
    template, mapping = carried("transform")
    with fresh_database(server18, template=template) as target:
        report = probe(seed_source_dsn, target, mapping, QUERIES, rounds=1)
        differing = {(each.name, each.about) for each in report.of(Verdict.DIFFERENT)}
        assert differing == {
            ("get_client_appointments", "a client with bookings"),
            ("get_service_by_id", "a NULL price"),
            ("get_services", "the company's"),
            ("busiest", "a query"),
            ("by number", "a query"),
            ("gone", "a query"),
        }, "rows that the target refused, and a field that it does not have"
        assert one_of(report, "unordered").verdict is Verdict.SAME, "keys are looked up in a query, too"
        assert 'column "visit_history" does not exist' in one_of(report, "gone").reason
        appointments = by_name(report, "get_upcoming_appointments")
        assert {each.verdict for each in appointments} == {Verdict.LISTED}
        assert all("deleted" in each.reason for each in appointments)
        batch = next(each for each in by_name(report, "upsert_services") if each.about == "a batch of 63")
        assert batch.verdict is Verdict.LISTED and "“price_min” must have a value" in batch.reason
        refused = {limit.method for limit in report.limits if limit.effect is Effect.REFUSED}
        assert refused == {"get_upcoming_appointments", "get_services_by_category"}
        ask(target, "UPDATE staff SET full_name = upper(full_name)")
        spoilt = probe(seed_source_dsn, target, mapping, rounds=1)
        staff = by_name(spoilt, "get_staff")
        assert staff[0].verdict is Verdict.DIFFERENT
        assert "Анна" not in "".join(lines(spoilt)), "no value of a row"


@pytest.mark.heavy
def test_the_seeds_own_queries_are_asked_too(seed_source_dsn: str) -> None:
    """Both sides the same database: their SELECTs take parameters that nobody gave, so each is said."""
    seeds = tuple((query.name, query.sql) for query in named_queries(QUERIES_SQL.read_text(encoding="utf-8")))
    report = probe(seed_source_dsn, seed_source_dsn, None, seeds, rounds=1)
    assert report.differing == 0
    assert len(report.notes) == 1 + 21
    assert "getClientByPhone is not probed: it has 1 parameters and 0 values." in report.notes[3]


def test_a_side_that_cannot_be_reached_is_a_sentence(seed_source_dsn: str) -> None:
    with pytest.raises(Refused) as caught:
        probe(seed_source_dsn, "postgresql://u:hunter2@127.0.0.1:1/x")
    assert str(caught.value).startswith("The target cannot be probed: Nothing listens at 127.0.0.1, port 1")
    assert "hunter2" not in str(caught.value)


@pytest.mark.heavy
def test_the_command_says_same_or_differing(
    manage: Manage, seed_source_dsn: str, server16: EmbeddedServer, seed_source_template: str, tmp_path: Path
) -> None:
    queries = tmp_path / "queries.sql"
    queries.write_text("-- name: people\nSELECT count(*) AS n FROM clients;\n", encoding="utf-8")
    with fresh_database(server16, template=seed_source_template) as target:
        same = manage("probe", seed_source_dsn, target, "--queries", queries, "--rounds", 1)
        assert same.code == 0, same
        assert same.out.splitlines()[-1] == "differences: 0" and "people" in same.out
        ask(target, "DELETE FROM staff_schedules")
        ask(target, "DELETE FROM staff WHERE is_active")
        found = manage("probe", seed_source_dsn, target, "--rounds", 1, "--format", "json")
        assert found.code == 2
        told = json.loads(found.out)
        assert told["differing"] == sum(each["verdict"] == "different" for each in told["probed"]) > 1
        password = str(conninfo_to_dict(target)["password"])
        assert password not in found.out + found.error + same.out + same.error


def test_the_command_is_refused_with_a_sentence(manage: Manage, tmp_path: Path, seed_source_dsn: str) -> None:
    one = manage("probe", seed_source_dsn)
    assert one.code == 1 and "Give both, SOURCE and TARGET, or neither" in one.error
    rounds = manage("probe", seed_source_dsn, seed_source_dsn, "--rounds", 0)
    assert rounds.code == 1 and "--rounds takes a number from 1 to 1,000." in rounds.error
    missing = manage("probe", seed_source_dsn, seed_source_dsn, "--queries", tmp_path / "absent.sql")
    assert missing.code == 1 and "could not be read" in missing.error


def test_a_mapping_that_names_what_is_not_there_is_refused(
    manage: Manage, seed_source_dsn: str, tmp_path: Path
) -> None:
    path = tmp_path / "mapping.json"
    path.write_text('{"tables": {"clients": [["id", "id"], ["nickname", "name"]]}}', encoding="utf-8")
    done = manage("probe", seed_source_dsn, seed_source_dsn, "--mapping", path)
    assert done.code == 1 and "the source column public.clients.nickname" in done.error


def test_a_table_that_the_mapping_does_not_name_is_listed(seed_source_dsn: str) -> None:
    mapping: Mapping = mapping_file.load('{"tables": {"companies": [["company_id", "company_id"]]}}')
    report = probe(seed_source_dsn, seed_source_dsn, mapping, rounds=1)
    assert report.differing == 0, list(report.of(Verdict.DIFFERENT))
    reasons = {limit.reason for limit in report.limits if limit.method == "get_staff"}
    assert reasons == {"the mapping does not say where the rows of staff are."}
    assert document(report)["limits"][0]["effect"] == "refused"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMUGGLED, "Expected one SELECT"),
        ("SELECT $0", "its parameters are $1, $2 and so on"),
        ("SELECT $99999999999", "its parameters are $1, $2 and so on"),
        ("SELECT 1; SELECT 2", "Expected one SELECT"),
        ("SELECT set_config('default_transaction_read_only', 'off', false)", "is not allowed here"),
    ],
)
def test_no_query_is_more_than_one_select(text: str, sentence: str) -> None:
    found = as_query("q", text)
    assert isinstance(found, str)
    assert sentence in found


def test_a_query_that_the_check_would_let_through_cannot_write(seed_source_dsn: str) -> None:
    """Nor is it more than one command: both by the server's own rules, in a pool that may write."""
    pool = Pool(seed_source_dsn, PoolSettings(min_size=1), "source")
    pool.open()
    try:
        for text in (SMUGGLED, "SELECT setval('clients_id_seq', 1)", "SELECT 1) x; SELECT * FROM (SELECT 2"):
            with pytest.raises(AccessError):
                answer(pool, Query(name="q", text=text))
        assert answer(pool, Query(name="q", text="SELECT $1::int AS n", values=(7,))) == [{"n": 7}]
    finally:
        pool.close()
    assert ask(seed_source_dsn, "SELECT to_regclass('smuggled')") == [(None,)]
