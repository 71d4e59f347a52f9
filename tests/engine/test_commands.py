"""The commands run, verify, restore and clean: what they print, and their exit codes."""

import json
import uuid
from pathlib import Path

import pytest

from config import commandline
from migration import seedcase
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, fingerprint_of, one
from tests.servers import roles_on

SCOPE = ("--tables", *seedcase.TABLES)


def manage(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = commandline.main(["manage.py", *arguments])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return code, said.out, said.err


def test_there_and_back(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    before = fingerprint_of(seed_target_dsn)
    sides = (seed_source_dsn, seed_target_dsn)
    code, out, _ = manage(
        capsys,
        "run",
        *sides,
        "--option",
        "recreate",
        *SCOPE,
        "--protect",
        "whatsapp_auth",
        "whatsapp_keys",
        "--yes",
    )
    assert code == 0
    assert "1,490 rows read, 1,490 written. Every row is accounted for." in out
    assert "public.whatsapp_keys: 728 rows after" in out
    code, out, _ = manage(capsys, "verify", *sides)
    assert (code, out.splitlines()[-1]) == (0, "differences: 0")
    ledger_id = str(one(seed_target_dsn, "SELECT id FROM schemadiff.runs"))
    code, out, err = manage(capsys, "restore", seed_target_dsn, "--run", ledger_id)
    assert (code, out.count("key: "), out.count("back: ")) == (1, 12, 7)
    assert "--yes" in err and fingerprint_of(seed_target_dsn) != before
    assert manage(capsys, "restore", seed_target_dsn, "--run", ledger_id, "--yes")[0] == 0
    assert fingerprint_of(seed_target_dsn) == before


def test_rejects_and_differences_are_2(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    sides = (seed_source_dsn, seed_target_dsn)
    options = ("--option", "transform", "--mapping", str(seedcase.MAPPING_JSON), *SCOPE)
    code, out, _ = manage(capsys, "run", *sides, *options, "--yes")
    assert code == 2
    assert "1,490 rows read, 1,339 written, 151 rejects" in out
    assert "60 × the row that “service_category_id” refers to is not in the target" in out
    assert manage(capsys, "verify", *sides)[0] == 0
    ask(seed_target_dsn, "UPDATE public.staff SET full_name = full_name || '!' WHERE id < 4")
    code, out, _ = manage(capsys, "verify", *sides, "--format", "json", "--jobs", "2")
    document = json.loads(out)
    assert (code, document["differences"], len(document["tables"])) == (2, 3, 7)
    assert document["notes"] == ["public.staff differs: 3 with different values (in full_name)."]
    assert manage(capsys, "verify", *sides, "--tables", "clients")[0] == 0


def test_a_dry_run_changes_nothing(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    before = fingerprint_of(seed_target_dsn)
    ask(seed_source_dsn, "ANALYZE")
    clients = one(seed_source_dsn, "SELECT count(*) FROM public.clients")
    code, out, _ = manage(
        capsys, "run", seed_source_dsn, seed_target_dsn, "--option", "recreate", *SCOPE, "--dry-run"
    )
    assert code == 0
    assert "SET SCHEMA schemadiff_parked_" in out
    assert f"-- rows: public.clients → public.clients, 44 columns, about {clients:,} rows, " in out
    assert "-- in all: about " in out
    assert fingerprint_of(seed_target_dsn) == before
    assert not one(seed_target_dsn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'schemadiff'")


def test_without_yes_nobody_is_asked_where_nobody_is(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    code, _, err = manage(capsys, "run", seed_source_dsn, seed_target_dsn, "--option", "recreate", *SCOPE)
    assert code == 1
    assert "give --yes" in err and len(err.splitlines()) == 1


def test_unconfirmed_pairs_hold_a_transform_up(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    code, _, err = manage(
        capsys, "run", seed_source_dsn, seed_target_dsn, "--option", "transform", *SCOPE, "--yes"
    )
    assert code == 1
    assert err.startswith("transform cannot be run yet.")


def test_nothing_to_resume_restore_or_clean(capsys: pytest.CaptureFixture[str], seed_target_dsn: str) -> None:
    code, _, err = manage(
        capsys, "run", seed_target_dsn, seed_target_dsn, "--option", "recreate", "--resume", "--yes"
    )
    assert code == 1 and "nothing to resume" in err
    unknown = "00000000-0000-0000-0000-000000000001"
    code, _, err = manage(capsys, "restore", seed_target_dsn, "--run", unknown, "--yes")
    assert code == 1 and unknown in err
    assert manage(capsys, "clean", seed_target_dsn, "--yes")[:2] == (0, "Nothing is left of any run.\n")


def test_clean_lists_first(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    sides = (seed_source_dsn, seed_target_dsn)
    assert manage(capsys, "run", *sides, "--option", "recreate", *SCOPE, "--yes")[0] == 0
    code, out, err = manage(capsys, "clean", seed_target_dsn)
    assert code == 1 and "7 tables that were put aside" in out and "--yes" in err
    code, out, _ = manage(capsys, "clean", seed_target_dsn, "--yes")
    assert code == 0 and out.endswith("Removed.\n")
    assert one(seed_target_dsn, "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'schemadiff%%'") == 0


def test_a_resume_takes_the_plan_from_the_ledger(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    sides = (seed_source_dsn, seed_target_dsn)
    ask(seed_target_dsn, "INSERT INTO public.companies (yclients_company_id, name) VALUES (1, 'in the way')")
    ask(seed_target_dsn, "INSERT INTO public.sync_runs (company_id, kind, status) VALUES (1, 'x', 'y')")
    code, _, err = manage(capsys, "run", *sides, "--option", "recreate", *SCOPE, "--yes")
    assert code == 1 and "sync_runs" in err
    ask(seed_target_dsn, "DELETE FROM public.sync_runs")
    code, _, err = manage(capsys, "run", *sides, "--option", "hybrid", "--resume", "--yes")
    assert code == 1 and "is recreate, not hybrid" in err
    code, out, _ = manage(capsys, "run", *sides, "--option", "recreate", "--resume", "--yes")
    assert code == 0 and "1,490 rows read, 1,490 written" in out


def test_a_snapshot_has_no_rows(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, seed_target_dsn: str
) -> None:
    file = tmp_path / "source.json"
    code = manage(capsys, "snapshot", seed_target_dsn, "-o", str(file))[0]
    assert code == 0
    code, _, err = manage(capsys, "verify", str(file), seed_target_dsn)
    assert code == 1 and "is a snapshot" in err


@pytest.mark.heavy
def test_a_repair_and_its_undo(
    capsys: pytest.CaptureFixture[str], seed_source_dsn: str, seed_target_dsn: str
) -> None:
    sides = (seed_source_dsn, seed_target_dsn)
    assert manage(capsys, "run", *sides, "--option", "recreate", *SCOPE, "--yes")[0] == 0
    ask(
        seed_target_dsn,
        "UPDATE public.staff SET name = 'Nobody' WHERE id = (SELECT min(id) FROM public.staff)",
    )
    code, out, err = manage(capsys, "verify", *sides, "--values", "5")
    assert (code, out.splitlines()[-1], "'Nobody'" in out) == (2, "differences: 1", True)
    code, out, err = manage(capsys, "verify", *sides, "--repair")
    assert (
        code == 1 and "repair: public.staff: insert 0, update 1, park and delete 0" in out and "--yes" in err
    )
    code, _, err = manage(capsys, "verify", *sides, "--repair", "--yes", "--protect", "staff")
    assert code == 1 and "public.staff: protected" in err
    assert one(seed_target_dsn, "SELECT to_regclass('schemadiff.repairs')") is None
    code, out, _ = manage(
        capsys,
        "verify",
        *sides,
        "--repair",
        "--yes",
        "--by",
        "ann",
        "--reason",
        "A slip.",
        "--format",
        "json",
    )
    document = json.loads(out)
    assert (code, document["differences"]) == (0, 0)
    assert document["repair"] == {
        "number": 1,
        "tables": [{"target": "public.staff", "inserted": 0, "updated": 1, "removed": 0, "refused": {}}],
    }
    assert ask(seed_target_dsn, "SELECT author, reason FROM schemadiff.repairs") == [("ann", "A slip.")]
    code, out, err = manage(capsys, "restore", seed_target_dsn, "--repair", "1")
    assert code == 1 and "by ann, 1 rows" in out and "--yes" in err
    assert manage(capsys, "restore", seed_target_dsn, "--repair", "1", "--yes")[0] == 0
    code, out, _ = manage(capsys, "verify", *sides, "--values", "5", "--format", "json")
    (row,) = next(each["rows"] for each in json.loads(out)["tables"] if each["source"] == "public.staff")
    assert (code, row["difference"], row["columns"]["name"]["target"]) == (2, "different", "Nobody")
    code, out, _ = manage(capsys, "clean", seed_target_dsn, "--yes")
    assert code == 0 and "The record of 2 repairs" in out
    assert one(seed_target_dsn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'schemadiff'") == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("verify", "--jobs", "0"), "0 is no number of processes; expected 1 to 64"),
        (("follow", "--jobs", "-1"), "-1 is no number of processes; expected 1 to 64"),
        (("verify", "--sample", "nan"), "nan is no number; expected one like 1 or 0.5"),
        (("copy", "--max-source-lag", "inf"), "inf is no number; expected one like 1 or 0.5"),
        (("run", "--option", "hybrid", "--max-wal-held", "nan"), "nan is no number"),
        (("verify", "--protect", "clints"), "The target has no table public.clints."),
    ],
)
def test_what_is_no_number_and_a_mistyped_protected_table_are_named(
    capsys: pytest.CaptureFixture[str],
    seed_source_dsn: str,
    seed_target_dsn: str,
    arguments: tuple[str, ...],
    told: str,
) -> None:
    command, *options = arguments
    code, _, err = manage(capsys, command, seed_source_dsn, seed_target_dsn, *options)
    assert code == 1 and told in err


def test_a_role_that_may_not_read_the_ledger_is_told_what_to_grant(
    capsys: pytest.CaptureFixture[str],
    server18: EmbeddedServer,
    seed_source_dsn: str,
    seed_target_dsn: str,
) -> None:
    role = f"guest_{uuid.uuid4().hex[:8]}"
    options = ("--tables", "companies", "--data-only")
    assert manage(capsys, "copy", seed_source_dsn, seed_target_dsn, *options)[0] != 1
    with roles_on(server18, [role]):
        ask(seed_target_dsn, f"ALTER ROLE {role} LOGIN PASSWORD 'guest'")
        ask(seed_target_dsn, f"GRANT SELECT ON public.companies TO {role}")
        reader = server18.dsn(one(seed_target_dsn, "SELECT current_database()"), role, "guest")
        for command in ("verify", "retry", "copy"):
            code, _, err = manage(capsys, command, seed_source_dsn, reader, "--tables", "companies")
            assert code == 1 and f"GRANT USAGE ON SCHEMA schemadiff TO {role};" in err
        ask(seed_target_dsn, f"GRANT USAGE ON SCHEMA schemadiff TO {role}")
        ask(seed_target_dsn, f"GRANT SELECT ON ALL TABLES IN SCHEMA schemadiff TO {role}")
        assert manage(capsys, "verify", seed_source_dsn, reader, "--tables", "companies")[0] != 1
        ask(seed_target_dsn, f"DROP OWNED BY {role}")
