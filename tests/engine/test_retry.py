"""Rejects tried again after a fix: which go in, what is said of those that do not, and that the accounts balance."""

import uuid
from dataclasses import replace

import pytest

from migration.core.events import Log
from migration.core.spec import RunSpec
from migration.engine.accounts import account_of
from migration.engine.carrying import carriage_of
from migration.engine.repair import Consent
from migration.engine.retrying import RetryResult, retry_rejects
from migration.engine.sessions import open_target
from migration.engine.verify import verify
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import TableMapping
from schemadiff.embedded import EmbeddedServer
from tests.command_line import Manage
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

CLIENTS = table("clients", "id", "email", "chief")
VISITS = table("visits", "id", "client", "note")
ANN = Consent(author="ann", reason="The e-mails were mended.")

SOURCE = """
CREATE TABLE public.clients (id int PRIMARY KEY, email text, chief int);
CREATE TABLE public.visits (id int PRIMARY KEY, client int, note text);
INSERT INTO public.clients SELECT n, 'c' || n, CASE WHEN n % 10 = 0 THEN n - 1 END FROM generate_series(1, 100) AS n;
UPDATE public.clients SET email = NULL WHERE id IN (9, 20, 33);
INSERT INTO public.visits SELECT n, n % 100 + 1, 'v' || n FROM generate_series(1, 200) AS n;
UPDATE public.visits SET note = repeat('x', 30) WHERE id = 50;
"""
TARGET = """
CREATE TABLE public.clients (
    id int PRIMARY KEY, email text NOT NULL UNIQUE, chief int REFERENCES public.clients, added int DEFAULT 1
);
CREATE TABLE public.visits (id serial PRIMARY KEY, client int REFERENCES public.clients, note varchar(20));
"""


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16, SOURCE), make_database(server18, TARGET)


@pytest.fixture
def spec(sides: tuple[str, str]) -> RunSpec:
    """Of a run that ended with rejects: clients without e-mail, whom they led, and their visits."""
    spec = copy_spec(sides[1], CLIENTS, VISITS)
    result, _ = carry(*sides, spec)
    assert (result.rows_read, result.rejects) == (300, 13)
    return spec


def retried(sides: tuple[str, str], spec: RunSpec, told: Told | None = None) -> RetryResult:
    report = (told or Told()).report
    return retry_rejects(*sides, spec.ledger_id, ANN, report=report)


def balanced(sides: tuple[str, str], spec: RunSpec, *tables: TableMapping) -> tuple[int, int]:
    """Written and refused rows of all tables, each of which adds up."""
    with open_target(sides[1]) as target:
        accounts = [account_of(target, spec.ledger_id, carriage_of(target, entry)) for entry in tables]
    assert all(each.is_balanced for each in accounts)
    assert all(each.written + each.held == each.present for each in accounts)
    return sum(each.written for each in accounts), sum(each.refused for each in accounts)


def counts(result: RetryResult) -> dict[str, tuple[int, int]]:
    return {each.source[1]: (each.recovered, each.left) for each in result.tables}


def test_what_was_put_right_goes_in_and_what_hung_on_it(sides: tuple[str, str], spec: RunSpec) -> None:
    source, target = sides
    ask(source, "UPDATE public.clients SET email = 'c' || id WHERE id IN (9, 33)")
    result = retried(sides, spec)
    assert counts(result) == {"clients": (3, 1), "visits": (6, 3)}
    assert balanced(sides, spec, CLIENTS, VISITS) == (296, 4)
    assert all(not each.differing for each in verify(source, target, spec.mapping, ledger_id=spec.ledger_id))
    assert ask(target, "SELECT author, reason, recovered, remaining FROM schemadiff.retries") == [
        ("ann", ANN.reason, 9, 4)
    ]
    assert one(target, "SELECT count(*) FROM schemadiff.rejects WHERE recovered AND row IS NOT NULL") == 0
    assert one(target, "SELECT nextval('public.visits_id_seq')") == 201


@pytest.mark.heavy
def test_what_is_refused_again_gets_its_new_reason(sides: tuple[str, str], spec: RunSpec) -> None:
    ask(sides[0], "UPDATE public.clients SET email = 'c1' WHERE id = 33")
    result = retried(sides, spec)
    assert result.recovered == 0
    reasons = dict(
        ask(sides[1], "SELECT key[1], reason FROM schemadiff.rejects WHERE source_table = 'clients'")
    )
    assert "clients_email_key" in reasons["33"]
    row = "SELECT row ->> 'email' FROM schemadiff.rejects WHERE key = '{33}' AND source_table = 'clients'"
    assert one(sides[1], row) == "c1"
    told = {group.reason for each in result.tables for group in each.groups}
    assert any("refused because its row of public.clients was" in reason for reason in told), told
    assert balanced(sides, spec, CLIENTS, VISITS) == (287, 13)


@pytest.mark.heavy
def test_a_row_that_is_gone_is_no_written_one(sides: tuple[str, str], spec: RunSpec) -> None:
    ask(sides[0], "DELETE FROM public.clients WHERE id = 33")
    result = retried(sides, spec)
    (clients,) = (each for each in result.tables if each.source[1] == "clients")
    reasons = {group.reason: group.count for group in clients.groups}
    assert (clients.recovered, reasons["the row is not in the source any more"]) == (0, 1)
    assert balanced(sides, spec, CLIENTS, VISITS) == (287, 13)


@pytest.mark.heavy
def test_a_row_whose_key_was_taken_comes_when_it_is_free(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "UPDATE public.clients SET email = 'c' || id, chief = NULL")
    ask(target, "INSERT INTO public.clients VALUES (7, 'seven'), (500, 'c8')")
    spec = copy_spec(target, CLIENTS)
    result, _ = carry(source, target, spec)
    assert result.rejects == 2
    assert counts(retried(sides, spec)) == {"clients": (0, 2)}
    assert one(target, "SELECT email FROM public.clients WHERE id = 7") == "seven"
    ask(target, "DELETE FROM public.clients WHERE id = 7")
    assert counts(retried(sides, spec)) == {"clients": (1, 1)}
    assert balanced(sides, spec, CLIENTS) == (99, 1)
    ask(target, "UPDATE public.clients SET email = 'x' WHERE id = 7")
    (checked,) = verify(source, target, spec.mapping, ledger_id=spec.ledger_id)
    assert checked.differing == 1  # the row is the run's now, and compared


@pytest.mark.heavy
def test_a_run_that_overwrites_does_so_when_its_rejects_are_tried_again(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(target, "INSERT INTO public.clients (id, email) VALUES (33, 'old'), (34, 'older')")
    spec = replace(copy_spec(target, CLIENTS), overwrites=True)
    result, _ = carry(source, target, spec)
    assert result.rejects == 4
    ask(source, "UPDATE public.clients SET email = 'c' || id WHERE id IN (9, 33)")
    assert counts(retried(sides, spec)) == {"clients": (3, 1)}
    assert one(target, "SELECT email FROM public.clients WHERE id = 33") == "c33"
    assert ask(target, "SELECT key, former ->> 'email' FROM schemadiff.repaired_rows ORDER BY id") == [
        (["34"], "older"),
        (["33"], "old"),
    ]
    assert all(not each.differing for each in verify(source, target, spec.mapping, ledger_id=spec.ledger_id))


@pytest.mark.heavy
def test_tables_without_a_key_stay(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source = make_database(
        server16, "CREATE TABLE public.bare (a int); INSERT INTO public.bare VALUES (1), (NULL)"
    )
    target = make_database(server18, "CREATE TABLE public.bare (a int NOT NULL)")
    spec = copy_spec(target, table("bare", "a"))
    assert carry(source, target, spec)[0].rejects == 1
    told = Told()
    result = retried((source, target), spec, told)
    assert counts(result) == {"bare": (0, 1)}
    assert "public.bare: 1 rejected row stays one" in told.of(Log)[0].message


@pytest.mark.heavy
def test_what_cannot_be_tried_again(
    sides: tuple[str, str], spec: RunSpec, make_database: MakeDatabase, server16: EmbeddedServer
) -> None:
    with pytest.raises(NotFound):
        retry_rejects(*sides, uuid.uuid4(), ANN)
    with pytest.raises(NotFound, match=r"carries no table public\.nobody"):
        retry_rejects(*sides, spec.ledger_id, ANN, tables=[("public", "nobody")])
    with pytest.raises(Refused, match="Give the source that it began with"):
        retry_rejects(make_database(server16, SOURCE), sides[1], spec.ledger_id, ANN)
    ask(sides[1], "UPDATE schemadiff.runs SET phase = 'failed', reached = 'copy'")
    with pytest.raises(Refused, match="Resume it first"):
        retry_rejects(*sides, spec.ledger_id, ANN)


@pytest.mark.heavy
def test_the_command_says_what_is_left(manage: Manage, sides: tuple[str, str], spec: RunSpec) -> None:
    ask(sides[0], "UPDATE public.clients SET email = 'c' || id WHERE id IN (9, 33)")
    done = manage("retry", *sides, "--tables", "clients", "--by", "ann", "--reason", "Mended.")
    assert (done.code, done.error) == (2, "")
    assert "public.clients: 3 rows written, 1 rejects left" in done.out
    ask(sides[0], "UPDATE public.clients SET email = 'c20' WHERE id = 20")
    ask(sides[0], "UPDATE public.visits SET note = 'short' WHERE id = 50")
    done = manage("retry", *sides, "--run", str(spec.ledger_id))
    assert (done.code, done.error) == (0, "")
    assert done.out.endswith("10 rejected rows are in the target now, 0 are left.\n")
    assert manage("verify", *sides).code == 0
    assert manage("retry", sides[1], sides[1]).code == 1
    done = manage("clean", sides[1], "--yes")
    assert (done.code, one(sides[1], "SELECT to_regnamespace('schemadiff')")) == (0, None)
