"""The example from end to end, with the exact numbers that its README gives."""

import pytest

from migration import seedcase
from migration.core.errors import RunFailed
from migration.core.events import PhaseFinished, TableState
from migration.core.phases import Phase, phases_of
from migration.engine.clean import clean, leftovers
from migration.engine.rejects import rejected_rows
from migration.engine.restore import restore
from schemadiff.core.errors import Refused
from tests.engine.running import (
    ask,
    carry,
    catalog,
    fingerprint_of,
    name,
    one,
    seed_recreate,
    seed_transform,
)

_KEYS_TO_THE_TABLES = """
SELECT count(*), count(DISTINCT k.conrelid) FROM pg_constraint k
JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class r ON r.oid = k.confrelid
WHERE k.contype = 'f' AND c.relname <> ALL (%s) AND r.relname = ANY (%s)
  AND r.relnamespace = 'public'::regnamespace AND c.relnamespace = 'public'::regnamespace
"""


def test_recreate_carries_every_row(seed_source_dsn: str, seed_target_dsn: str) -> None:
    result, told = carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    assert (result.phase, result.rows_read, result.rows_written) == (Phase.FINISH, 1_490, 1_490)
    assert (result.rejects, result.differing) == (0, 0)
    checked = told.checked()
    assert sorted(checked) == sorted(seedcase.TABLES)
    assert all(table.source_rows == table.target_rows and not table.differing for table in checked.values())
    assert [event.phase for event in told.of(PhaseFinished)] == list(phases_of(live=False))


def test_recreate_leaves_protected_tables_alone(seed_source_dsn: str, seed_target_dsn: str) -> None:
    _, told = carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    protected = told.protected()
    for table, rows in (("whatsapp_auth", 1), ("whatsapp_keys", 728)):
        before, after = protected[table, "before"], protected[table, "after"]
        assert before.rows == after.rows == rows
        assert before.digest == after.digest


@pytest.mark.heavy
def test_recreate_re_points_the_other_tables_keys(seed_source_dsn: str, seed_target_dsn: str) -> None:
    tables = list(seedcase.TABLES)
    assert ask(seed_target_dsn, _KEYS_TO_THE_TABLES, tables, tables) == [(12, 9)]
    carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    assert ask(seed_target_dsn, _KEYS_TO_THE_TABLES, tables, tables) == [(12, 9)]
    made = {table.name: table for table in catalog(seed_target_dsn).tables}
    wanted = {table.name: table for table in catalog(seed_source_dsn).tables}
    for table in tables:
        assert made[table].columns == wanted[table].columns


def test_recreate_with_reminders(seed_source_dsn: str, seed_target_dsn: str) -> None:
    spec = seed_recreate(seed_source_dsn, seed_target_dsn, "reminders")
    result, _ = carry(seed_source_dsn, seed_target_dsn, spec)
    assert (result.rows_read, result.rows_written, result.rejects) == (1_510, 1_510, 0)


def test_new_rows_get_new_numbers(seed_source_dsn: str, seed_target_dsn: str) -> None:
    carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    highest = one(seed_target_dsn, "SELECT max(id) FROM public.clients")
    given = one(
        seed_target_dsn,
        "INSERT INTO public.clients (yclients_id, company_id, name) VALUES (-1, 962302, 'x') RETURNING id",
    )
    assert given > highest


def test_transform_by_plain_renames(seed_source_dsn: str, seed_target_dsn: str) -> None:
    result, told = carry(seed_source_dsn, seed_target_dsn, seed_transform(seed_source_dsn, seed_target_dsn))
    assert (result.rows_read, result.rows_written, result.rejects) == (1_490, 1_339, 151)
    assert told.rejects() == {
        ("clients", "23502", "phone"): 8,
        ("clients", "22001", "phone"): 3,
        ("clients", "23514", "clients_gender_check"): 13,
        ("services", "23502", "price_min"): 3,
        ("services", "23503", "services_service_category_id_fkey"): 60,
        ("staff_schedules", "23514", "staff_schedules_absence_kind_check"): 8,
        ("bookings", "23502", "client_id"): 2,
        ("bookings", "23502", "paid_amount"): 36,
        ("dialog_contexts", "23502", "company_id"): 2,
        ("dialog_contexts", "23514", "dialog_contexts_status_check"): 16,
    }


def test_transform_accounts_for_every_table(seed_source_dsn: str, seed_target_dsn: str) -> None:
    _, told = carry(seed_source_dsn, seed_target_dsn, seed_transform(seed_source_dsn, seed_target_dsn))
    for table, progress in told.last_progress().items():
        there = one(seed_target_dsn, f"SELECT count(*) FROM public.{table}")
        assert progress.state is TableState.COPIED
        assert progress.rows_written == there
        assert progress.rows_total == there + progress.rejects == seedcase.COUNTS[table]
        assert told.checked()[table].differing == 0


def test_rejects_keep_row_and_reason(seed_source_dsn: str, seed_target_dsn: str) -> None:
    spec = seed_transform(seed_source_dsn, seed_target_dsn)
    _, told = carry(seed_source_dsn, seed_target_dsn, spec)
    rows = rejected_rows(seed_target_dsn, spec.ledger_id, name("clients"), 100)
    assert len(rows) == 24
    assert all(len(row.key) == 1 and f'"id": {row.key[0]},' in row.row for row in rows)
    assert {row.column for row in rows} == {"phone", "gender"}
    assert "Failing row contains" in " ".join(row.message for row in rows)
    assert "Failing row contains" not in told.text()


def test_restore_puts_the_target_back(seed_source_dsn: str, seed_target_dsn: str) -> None:
    before = fingerprint_of(seed_target_dsn)
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, spec)
    assert fingerprint_of(seed_target_dsn) != before
    restoration = restore(seed_target_dsn, spec.ledger_id)
    assert fingerprint_of(seed_target_dsn) == before
    assert (len(restoration.put_back), len(restoration.keys)) == (7, 12)
    assert one(seed_target_dsn, f"SELECT count(*) FROM {restoration.aside}.clients") == 1_299


@pytest.mark.heavy
def test_after_restore_the_same_run_can_be_made_again(seed_source_dsn: str, seed_target_dsn: str) -> None:
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, spec)
    restore(seed_target_dsn, spec.ledger_id)
    again, _ = carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    assert again.rows_written == 1_490


def test_restore_changes_nothing_where_a_parked_table_is_gone(
    seed_source_dsn: str, seed_target_dsn: str
) -> None:
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, spec)
    parked = next(each.name for each in leftovers(seed_target_dsn) if each.kind == "parked schema")
    ask(seed_target_dsn, f"DROP TABLE {parked}.clients CASCADE")
    before = fingerprint_of(seed_target_dsn)
    with pytest.raises(RunFailed, match=r"parked .*\.clients, which is not there"):
        restore(seed_target_dsn, spec.ledger_id)
    assert fingerprint_of(seed_target_dsn) == before


def test_clean_refuses_what_others_need(seed_source_dsn: str, seed_target_dsn: str) -> None:
    ask(seed_target_dsn, "CREATE VIEW public.busy AS SELECT id, full_name FROM public.staff WHERE is_active")
    carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    with pytest.raises(Refused, match=r"public\.busy outside of it needs what lies in it"):
        clean(seed_target_dsn)
    assert one(seed_target_dsn, "SELECT count(*) FROM schemadiff.runs") == 1
    ask(seed_target_dsn, "DROP VIEW public.busy")
    clean(seed_target_dsn)


def test_clean_lists_and_removes(seed_source_dsn: str, seed_target_dsn: str) -> None:
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, spec)
    found = leftovers(seed_target_dsn)
    assert [leftover.kind for leftover in found] == ["run", "parked schema", "ledger"]
    assert found[1].ledger_id == spec.ledger_id and found[1].size > 0
    clean(seed_target_dsn, spec.ledger_id)
    assert [leftover.kind for leftover in leftovers(seed_target_dsn)] == ["ledger"]
    clean(seed_target_dsn)
    assert leftovers(seed_target_dsn) == ()
    assert one(seed_target_dsn, "SELECT count(*) FROM public.clients") == 1_299


@pytest.mark.heavy
def test_clean_takes_a_parked_schema_from_no_later_run(seed_source_dsn: str, seed_target_dsn: str) -> None:
    """Both runs park into the schema that is named after the same state of the target."""
    first = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, first)
    restore(seed_target_dsn, first.ledger_id)
    second = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, second)
    # Now the first run's rows come last wherever no order is asked for.
    ask(seed_target_dsn, "UPDATE schemadiff.moved SET name = name WHERE run = %s", first.ledger_id)
    removed = clean(seed_target_dsn, first.ledger_id)
    assert [each.name for each in removed if each.kind == "parked schema"] == [
        f"schemadiff_parked_{first.ledger_id.hex[:8]}_undone"
    ]
    assert len(restore(seed_target_dsn, second.ledger_id).put_back) == 7


def test_clean_leaves_what_no_run_made(seed_source_dsn: str, seed_target_dsn: str) -> None:
    ask(seed_target_dsn, "CREATE SCHEMA schemadiff_parked_by_hand")
    ask(seed_target_dsn, "CREATE TABLE schemadiff_parked_by_hand.kept AS SELECT 1 AS a")
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    carry(seed_source_dsn, seed_target_dsn, spec)
    parked = next(each.name for each in leftovers(seed_target_dsn) if each.kind == "parked schema")
    ask(seed_target_dsn, f"CREATE TABLE {parked}.notes AS SELECT 1 AS a")
    ask(seed_target_dsn, "CREATE TABLE schemadiff.notes AS SELECT 1 AS a")
    with pytest.raises(Refused, match="notes in it was put there by no run"):
        clean(seed_target_dsn)
    ask(seed_target_dsn, f"DROP TABLE {parked}.notes")
    clean(seed_target_dsn)
    assert leftovers(seed_target_dsn) == ()
    assert one(seed_target_dsn, "SELECT a FROM schemadiff_parked_by_hand.kept") == 1
    assert one(seed_target_dsn, "SELECT a FROM schemadiff.notes") == 1
