"""Queries judged as the roles that sent them, and what is said where a role lacks a privilege."""

from collections.abc import Iterator

import pytest
from psycopg.conninfo import make_conninfo

from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer
from schemadiff.evidence.judgements import Judgement, judge_databases
from schemadiff.evidence.queries import NamedQuery, QueryOutcome
from tests.engine.running import ask, one
from tests.servers import fresh_database, roles_on

SCHEMA = """
CREATE SCHEMA crm;
CREATE TABLE crm.people (id int PRIMARY KEY, name text);
CREATE TABLE crm.log (line text);
"""
JUDGE, READER = "judging_judge", "judging_Reader"
READS = "SELECT name FROM crm.people"
WRITES = "INSERT INTO crm.log SELECT name FROM crm.people"


@pytest.fixture
def sides(server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[tuple[str, str]]:
    """Where everything may be done, and the same schema for a judge who may do nothing but look around."""
    with (
        roles_on(server18, [JUDGE, READER]),
        fresh_database(server16, SCHEMA) as source,
        fresh_database(server18, SCHEMA) as other,
    ):
        ask(server18.dsn(), f"ALTER ROLE {JUDGE} LOGIN PASSWORD 'secret'")
        ask(other, f'GRANT USAGE ON SCHEMA crm TO "{READER}"; GRANT SELECT ON crm.people TO "{READER}"')
        yield source, other


def judged(sides: tuple[str, str], sql: str, *roles: str, seconds: float = 30) -> Judgement:
    as_judge = make_conninfo(sides[1], user=JUDGE, password="secret")
    query = NamedQuery(name="q", sql=sql, roles=roles)
    with connect(sides[0]) as here, connect(as_judge) as there:
        (found,) = judge_databases(here, there, [query], seconds=seconds)
    return found


def test_what_the_judge_may_not_is_not_judged_and_the_grant_is_told(sides: tuple[str, str]) -> None:
    verdict = judged(sides, WRITES).verdict
    assert (verdict.outcome, verdict.sqlstate) == (QueryOutcome.NOT_JUDGED, "42501")
    assert verdict.detail.startswith(f"{JUDGE} may not run it: Permission denied for schema crm.")
    assert f'GRANT USAGE ON SCHEMA "crm" TO "{JUDGE}";'.replace('"', "") in verdict.detail
    for grant in ("GRANT INSERT ON crm.log", "GRANT SELECT ON crm.people"):
        assert f"{grant} TO {JUDGE};" in verdict.detail


def test_the_application_s_role_is_acted_as_where_that_is_allowed(sides: tuple[str, str]) -> None:
    assert judged(sides, READS, READER).verdict.outcome is QueryOutcome.NOT_JUDGED
    assert f"Judged as {JUDGE}, which may not act as {READER}." in judged(sides, READS, READER).verdict.detail

    ask(sides[1], f'GRANT "{READER}" TO {JUDGE} WITH INHERIT FALSE, SET TRUE')
    reads, writes = judged(sides, READS, READER).verdict, judged(sides, WRITES, READER).verdict
    assert (reads.outcome, writes.outcome) == (QueryOutcome.SAME, QueryOutcome.FAILS)
    assert reads.detail.endswith(f"Judged as {READER}.")
    assert f'GRANT INSERT ON crm.log TO "{READER}";' in writes.detail
    assert writes.sqlstate == "42501"
    assert judged(sides, READS).verdict.outcome is QueryOutcome.NOT_JUDGED, "the role is given back"
    assert one(sides[1], "SELECT count(*) FROM crm.log") == 0


def test_nobody_is_acted_as_who_may_do_everything(sides: tuple[str, str], server18: EmbeddedServer) -> None:
    ask(server18.dsn(), f'ALTER ROLE "{READER}" SUPERUSER; GRANT "{READER}" TO {JUDGE}')
    assert f"which may not act as {READER}" in judged(sides, READS, READER).verdict.detail


def test_what_comes_too_late_is_not_judged(sides: tuple[str, str]) -> None:
    verdict = judged(sides, READS, seconds=0).verdict
    assert verdict.outcome is QueryOutcome.NOT_JUDGED
    assert verdict.detail == "The 0 seconds for judging were over before its turn."
