"""What a run leaves behind, as people see it: rejected rows, what was parked, what can be removed."""

import csv
import io
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from migration import demo, flags, runs, seedcase
from migration.core.spec import FORMAT
from migration.engine import pg_programs
from migration.engine.clean import clean
from migration.execution import execute
from migration.models import Run, RunState
from schemadiff.core.errors import Refused
from schemadiff.core.mapping_file import load
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison
from schemadiff.store import record_decision, save_mapping
from tests.run_rows import let_target_lead

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def comparison(seed_source_dsn: str, seed_target_dsn: str, transactional_db: None) -> Comparison:
    demo.populate(seed_source_dsn, seed_target_dsn)
    return Comparison.objects.get()


@pytest.fixture
def admin(client: Client, comparison: Comparison) -> Client:
    client.force_login(User.objects.get(username="admin"))
    return client


def carried_out(comparison: Comparison, option: OptionName) -> Run:
    user = User.objects.get(username="admin")
    record_decision(comparison, option, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(comparison.project, comparison, option, user=user, reason="Now.")
    execute(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.error) == ("finish", "")
    return run


def address(name: str, run: Run) -> str:
    return reverse(f"migration:{name}", args=[demo.SLUG, run.number])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def rows_in(dsn: str, table: str) -> int | None:
    with psycopg.connect(dsn) as session:
        found = session.execute("SELECT to_regclass(%s) IS NOT NULL", [table]).fetchone()
        if not found or not found[0]:
            return None
        counted = session.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(counted[0]) if counted else None


def test_rejected_rows_are_shown_and_can_be_taken_along(
    admin: Client, comparison: Comparison, seed_target_dsn: str
) -> None:
    engineer = User.objects.get(username="engineer")
    save_mapping(comparison, load(seedcase.MAPPING_JSON.read_text(encoding="utf-8")), user=engineer)
    run = carried_out(comparison, OptionName.TRANSFORM)
    overview = text_of(admin.get(address("run", run)))
    assert "1,339 of 1,490 rows are in the target and verified as equal; 151 were refused" in overview
    page = text_of(admin.get(address("run_rejects", run) + "?table=public.clients"))
    assert "24 of 24 rejected rows of public.clients" in page
    assert "phone" in page
    answer = admin.get(address("run_rejects_csv", run) + "?table=public.clients")
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.DictReader(io.StringIO(content)))
    assert len(lines) == 24
    assert {line["table"] for line in lines} == {"public.clients"}
    assert all(line["reason"] and line["row"].startswith("{") for line in lines)
    assert admin.get(address("run_rejects_csv", run) + "?table=public.companies").status_code == 404
    for group in run.reject_groups.filter(source_table="clients"):
        query = "?" + urlencode({"table": "public.clients", "reason": group.reason})
        assert f"{group.count} of {group.count} rejected rows of public.clients" in text_of(
            admin.get(address("run_rejects", run) + query)
        )
        answer = admin.get(address("run_rejects_csv", run) + query)
        content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert [line["reason"] for line in csv.DictReader(io.StringIO(content))] == [
            group.reason
        ] * group.count
        assert escape(address("run_rejects_csv", run) + query.replace("+", "%20")) in overview
    unknown = "?table=public.clients&reason=none"
    assert admin.get(address("run_rejects_csv", run) + unknown).status_code == 404
    with psycopg.connect(seed_target_dsn) as target:
        target.execute(
            "UPDATE schemadiff.rejects SET message = '=HYPERLINK(1)' WHERE source_table = 'clients'"
        )
    answer = admin.get(address("run_rejects_csv", run) + "?table=public.clients")
    content = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert {line["message"] for line in csv.DictReader(io.StringIO(content))} == {"'=HYPERLINK(1)"}
    type(run.target).objects.filter(pk=run.target_id).update(port=1)
    answer = admin.get(address("run_rejects_csv", run) + "?table=public.clients")
    assert answer.status_code == 302
    assert "notice-bad" in text_of(admin.get(answer.headers["Location"]))


@pytest.mark.heavy
def test_what_was_parked_is_listed_restored_and_then_removed(
    admin: Client, comparison: Comparison, seed_target_dsn: str
) -> None:
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("INSERT INTO companies (yclients_company_id, name) VALUES (7, 'Kept')")
    run = carried_out(comparison, OptionName.RECREATE)
    assert rows_in(seed_target_dsn, "public.clients") == 1299
    page = text_of(admin.get(address("run_restore", run)))
    assert "Restore what run #1 parked?" in page
    assert "<li>public.clients</li>" in page
    assert "booking_services_booking_id_fkey" in page
    let_target_lead(run, seed_target_dsn)
    refused = admin.get(address("run_restore", run))
    assert (refused.status_code, "The target leads since run" in text_of(refused)) == (409, True)
    assert "The target leads since run" in text_of(admin.post(address("run_restore", run), follow=True))
    assert rows_in(seed_target_dsn, "public.clients") == 1299
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("DELETE FROM schemadiff.followers")
    after = text_of(admin.post(address("run_restore", run), follow=True))
    assert "What the target had before this run is back in its place" in after
    assert rows_in(seed_target_dsn, "public.clients") == 0
    assert rows_in(seed_target_dsn, "public.companies") == 1
    left = text_of(admin.get(address("run_leftovers", run)))
    assert "_undone" in left
    assert "Remove what run #1 left" in left
    data = {"ledger_id": str(run.ledger_id)}
    answer = admin.post(address("run_leftovers", run), data, follow=True)
    assert "say first that it may go for good" in text_of(answer)
    answer = admin.post(address("run_leftovers", run), {**data, "for_good": "on"}, follow=True)
    left = text_of(answer)
    assert "Remove what run" not in left and "parked schema</td>" not in left
    assert "The ledger of all runs" in left  # empty now, with a button of its own


@pytest.mark.heavy
def test_restoring_tells_of_rows_written_since_and_waits_for_the_flags(
    admin: Client, comparison: Comparison, seed_target_dsn: str
) -> None:
    run = carried_out(comparison, OptionName.RECREATE)
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("DELETE FROM bookings WHERE ctid = (SELECT min(ctid) FROM bookings)")
    copied = run.table_rows.get(source_table="bookings").rows_written
    page = text_of(admin.get(address("run_restore", run)))
    assert f"public.bookings: {copied:,} written by the run, {copied - 1:,} there now" in page
    assert "Rows that applications wrote into these tables after the run move to schemadiff_parked_" in page
    application = comparison.project.applications.get()
    flags.change(
        application,
        {"USE_REPOSITORY_PATTERN": True, f"backend.{application.modules[0]}": "target"},
        reason="First module.",
        user="admin",
        expected_revision=flags.current(application).number,
    )
    refused = admin.get(address("run_restore", run))
    assert refused.status_code == 409
    assert f"use the target: {application} ({application.modules[0]})" in text_of(refused)
    assert reverse("migration:flags", args=[demo.SLUG]) in text_of(refused)
    after = text_of(admin.post(address("run_restore", run), follow=True))
    assert "Set their backend to source first" in after
    assert rows_in(seed_target_dsn, "public.clients") == 1299
    run.refresh_from_db()
    assert run.phase == "finish"


@pytest.mark.heavy
def test_a_run_that_parked_nothing_has_nothing_to_restore(admin: Client, comparison: Comparison) -> None:
    run = carried_out(comparison, OptionName.RECREATE)
    Run.objects.filter(pk=run.pk).update(ledger_id="00000000-0000-0000-0000-000000000001")
    answer = admin.get(address("run_restore", run))
    assert answer.status_code == 409
    assert "new knows nothing of run #1 any more" in text_of(answer)


@pytest.mark.heavy
def test_a_target_that_does_not_answer_is_told_on_every_page(admin: Client, comparison: Comparison) -> None:
    run = carried_out(comparison, OptionName.RECREATE)
    type(run.target).objects.filter(pk=run.target_id).update(port=1)
    assert "new" in text_of(admin.get(address("run_leftovers", run)))
    assert 'role="alert"' in text_of(admin.get(address("run_leftovers", run)))
    assert admin.get(address("run_restore", run)).status_code == 409
    answer = text_of(admin.post(address("run_restore", run), follow=True))
    assert "notice-bad" in answer


@pytest.mark.heavy
def test_a_worker_that_ends_leaves_the_run_unfinished_in_the_ledger_too(
    comparison: Comparison, seed_target_dsn: str
) -> None:
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=user, reason="Now.")

    def the_worker_is_to_end() -> bool:
        return rows_in(seed_target_dsn, "schemadiff.statements") not in (None, 0)

    execute(run.pk, the_worker_is_to_end)
    run.refresh_from_db()
    assert run.state == RunState.QUEUED
    with psycopg.connect(seed_target_dsn) as target:
        assert target.execute("SELECT phase FROM schemadiff.runs").fetchone() == ("back_up",)
    with pytest.raises(Refused, match="has not ended and can be resumed"):
        clean(seed_target_dsn)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.error) == ("finish", "")


def test_an_unexpected_error_ends_a_run_with_a_sentence(comparison: Comparison) -> None:
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=user, reason="Now.")
    Run.objects.filter(pk=run.pk).update(spec={"format": FORMAT})  # damaged: no plan in it
    execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.phase) == (RunState.ENDED, "failed")
    assert "unexpected error (KeyError)" in run.error
    assert run.events.filter(level="error").count() == 1


def test_a_run_that_workers_die_of_is_not_taken_up_for_ever(comparison: Comparison) -> None:
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(comparison.project, comparison, OptionName.RECREATE, user=user, reason="Now.")
    Run.objects.filter(pk=run.pk).update(attempts=5)
    execute(run.pk)
    run.refresh_from_db()
    assert (run.state, run.phase) == (RunState.ENDED, "failed")
    assert "5 workers in a row ended without a word" in run.error


def test_what_was_backed_up_is_brought_back_by_a_button(
    admin: Client, comparison: Comparison, seed_target_dsn: str, settings: Any, tmp_path: Path
) -> None:
    settings.BACKUPS_DIR = tmp_path / "backups"
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("INSERT INTO companies (yclients_company_id, name) VALUES (7, 'Kept')")
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    start = reverse("migration:run_start", args=[demo.SLUG])
    query = f"?comparison={comparison.number}&option=recreate"
    assert 'name="backs_up"' in text_of(admin.get(start + query))
    admin.post(start + query, {"reason": "Now.", "backs_up": "on"})
    run = Run.objects.get()
    execute(run.pk)
    run.refresh_from_db()
    assert (run.phase, run.error) == ("finish", "")
    assert run.backup is not None
    assert stat.S_IMODE(settings.BACKUPS_DIR.stat().st_mode) == 0o700
    shown = text_of(admin.get(address("run", run)))
    assert run.backup["path"] in shown and 'id="restore-backup"' in shown
    asked = text_of(admin.get(address("run_restore_backup", run)))
    assert "<li>public.companies: 1 row</li>" in asked
    let_target_lead(run, seed_target_dsn)
    for refused in (
        admin.get(address("run_restore_backup", run)),
        admin.post(address("run_restore_backup", run), follow=True),
    ):
        assert "The target leads since run" in text_of(refused)
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("DELETE FROM schemadiff.followers")
    after = text_of(admin.post(address("run_restore_backup", run), follow=True))
    assert "What run #1 had backed up is back in its place." in after
    assert rows_in(seed_target_dsn, "public.companies") == 1
    assert rows_in(seed_target_dsn, "public.clients") == 0

    Path(run.backup["path"]).unlink()
    gone = admin.get(address("run_restore_backup", run))
    assert gone.status_code == 409
    assert "on the machine that made it" in text_of(gone)


def test_where_there_is_no_pg_dump_the_page_says_how_to_get_it(
    admin: Client, comparison: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pg_programs, "programs", lambda name: ())
    user = User.objects.get(username="admin")
    record_decision(comparison, OptionName.RECREATE, reason="It fits.", why_not={}, user=user)
    start = reverse("migration:run_start", args=[demo.SLUG])
    page = text_of(admin.get(f"{start}?comparison={comparison.number}&option=recreate"))
    assert 'name="backs_up"' not in page
    assert "cannot be backed up first: pg_dump of PostgreSQL 18 or later is needed" in page
