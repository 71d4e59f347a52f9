"""Plans proven on scratch copies: those that hold, and what is said of those that do not."""

import json
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from schemadiff.core.catalog import Catalog, Extension
from schemadiff.core.plan import Duration, Mode, Plan
from schemadiff.core.planner import plan_schema
from schemadiff.core.proof import Outcome, Proof, Rewritten, proof_from_json, proof_lines, proof_to_json
from schemadiff.core.snapshot import to_json
from schemadiff.embedded import EmbeddedServer
from schemadiff.proving import Task, prove
from tests.command_line import Manage
from tests.convergence import read
from tests.servers import MakeDatabase, fresh_database, roles_on, tablespaces_on

SOURCE = """
CREATE TABLE t (id bigint PRIMARY KEY, n text NOT NULL, d text);
CREATE INDEX t_n ON t (n);
CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON t TO prover_app USING (n = current_user);
GRANT SELECT ON t TO prover_app;
ALTER TABLE t OWNER TO prover_boss;
ALTER DEFAULT PRIVILEGES FOR ROLE prover_boss GRANT SELECT ON TABLES TO prover_app;
"""
TARGET = """
CREATE TABLE t (id integer PRIMARY KEY, n text, d varchar(9));
CREATE TABLE gone (x integer);
"""
ROLES = ("prover_app", "prover_boss")


@pytest.fixture(scope="module")
def sides(server16: EmbeddedServer) -> tuple[Catalog, Catalog]:
    with (
        roles_on(server16, ROLES),
        fresh_database(server16, SOURCE) as source,
        fresh_database(server16, TARGET) as target,
    ):
        return read(source), read(target)


def proven(source: Catalog, target: Catalog, plan: Plan | None = None, mode: Mode = Mode.PLAIN) -> Proof:
    plan = plan or plan_schema(source, target, mode)
    return prove(Task(wanted=source, target=target, plan=plan))


@pytest.mark.parametrize("mode", Mode)
def test_a_good_plan_is_proven_with_owners_grants_and_policies(
    sides: tuple[Catalog, Catalog], mode: Mode
) -> None:
    proof = proven(*sides, mode=mode)

    assert proof.outcome is Outcome.PROVEN, list(proof_lines(proof))
    assert set(ROLES) <= set(proof.roles)
    assert proof.major == 16 and proof.applied == proof.statements > 5
    assert proof.rewritten == (Rewritten(relation="public.t", predicted=True, seen=True),)


def test_and_back(sides: tuple[Catalog, Catalog]) -> None:
    source, target = sides

    assert proven(target, source).outcome is Outcome.PROVEN


def test_a_difference_that_is_left_is_named(sides: tuple[Catalog, Catalog]) -> None:
    whole = plan_schema(*sides)
    lacking = replace(whole, statements=tuple(s for s in whole.statements if "INDEX t_n" not in s.sql))

    proof = proven(*sides, plan=lacking)

    assert proof.outcome is Outcome.NOT_THERE and not proof.holds
    assert proof.left == ("index public.t.t_n is not there",)
    assert [sql for sql in proof.again if "t_n" in sql]
    assert proof.sentence.endswith("the schema still differs: index public.t.t_n is not there.")


def test_a_statement_that_fails_is_named_with_postgresqls_reason(sides: tuple[Catalog, Catalog]) -> None:
    whole = plan_schema(*sides)
    wrong = replace(whole.statements[0], sql="ALTER TABLE public.nowhere ADD COLUMN x integer")

    proof = proven(*sides, plan=replace(whole, statements=(wrong, *whole.statements)))

    assert proof.outcome is Outcome.REFUSED and proof.applied == 0
    assert proof.refused is not None and proof.refused.number == 1
    assert 'Relation "public.nowhere" does not exist' in proof.sentence


def test_a_rewrite_that_nobody_spoke_of_is_seen(sides: tuple[Catalog, Catalog]) -> None:
    whole = plan_schema(*sides)
    silent = tuple(replace(statement, duration=Duration.INSTANT) for statement in whole.statements)

    proof = proven(*sides, plan=replace(whole, statements=silent))

    assert proof.rewritten == (Rewritten(relation="public.t", predicted=False, seen=True),)
    assert "Rewritten: public.t, which the plan does not say." in proof_lines(proof)


@pytest.mark.heavy
def test_what_a_scratch_server_cannot_hold_is_left_out_and_named(sides: tuple[Catalog, Catalog]) -> None:
    source, target = sides
    extension = Extension(name="not_in_the_wheel", schema="public", version="1")

    there = proven(replace(source, extensions=(extension,)), replace(target, extensions=(extension,)))
    to_come = proven(replace(source, extensions=(extension,)), target)

    for proof in (there, to_come):
        assert proof.outcome is Outcome.IN_PART and proof.holds
        assert [each.object for each in proof.left_out] == ["extension not_in_the_wheel"]
        assert "not_in_the_wheel" in proof.left_out[0].reason


def test_a_proof_is_the_same_after_json(sides: tuple[Catalog, Catalog]) -> None:
    source, target = sides
    proof = proven(replace(source, extensions=(Extension(name="x", schema="public", version="1"),)), target)

    assert proof_from_json(json.loads(json.dumps(proof_to_json(proof)))) == proof
    with pytest.raises(ValueError, match="format 0"):
        proof_from_json({**proof_to_json(proof), "format": 0})


@pytest.mark.heavy
def test_the_command_prints_the_proof_and_fails_where_it_does(
    tmp_path: Path,
    make_database: MakeDatabase,
    server18: EmbeddedServer,
    manage: Manage,
) -> None:
    source, target = make_database(server18, "CREATE TABLE t (a integer DEFAULT 7)"), make_database(server18)
    snapshot, broken = tmp_path / "source.json", tmp_path / "broken.json"
    text = json.dumps(to_json(read(source)))
    snapshot.write_text(text)
    broken.write_text(text.replace('"7"', '"nowhere()"'))

    good = manage("compare", snapshot, target, "--prove")
    bad = manage("compare", broken, target, "--prove", "--format", "json")

    assert good.code == 2 and "Proven: after 1 statement on a copy" in good.out
    assert bad.code == 1 and "Not proven: statement 1 of 1, about table public.t, failed" in bad.error
    assert json.loads(bad.out)["proof"]["outcome"] == "refused"
    with psycopg.connect(target) as untouched:
        assert untouched.execute("SELECT to_regclass('public.t')").fetchone() == (None,)


@pytest.mark.heavy
def test_moves_to_tablespaces_are_proven_on_a_server_that_gets_them(server16: EmbeddedServer) -> None:
    made = "CREATE TABLE t (id integer PRIMARY KEY) TABLESPACE prover_fast"
    with (
        tablespaces_on(server16, ("prover_fast",)),
        fresh_database(server16, made) as source,
        fresh_database(server16, "CREATE TABLE t (id integer PRIMARY KEY)") as target,
    ):
        wanted, present = read(source), read(target)

    proof = proven(wanted, present)
    assert proof.outcome is Outcome.PROVEN, list(proof_lines(proof))
    assert proof.rewritten == (Rewritten(relation="public.t", predicted=True, seen=True),)

    lacking = replace(present, tablespaces=("pg_default",))
    proof = proven(wanted, lacking)
    assert proof.holds and proof.statements == 0, list(proof_lines(proof))
