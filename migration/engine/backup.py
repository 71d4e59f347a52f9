"""Dumping the target's tables with pg_dump before a run parks or changes them.

The file and what it holds (`.json` beside it) are readable by their owner only. The password goes to pg_dump by its
environment, never by its arguments.
"""

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from uuid import UUID

from psycopg import pq
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from migration.core.backup import BackedUpTable, Backup, backup_to_json
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import BackedUp, Event, Log, Task, TaskBegun, TaskDone, TasksPlanned
from migration.core.spec import RunSpec
from migration.engine.estimates import sizes_of
from migration.engine.failures import close_quietly, explained
from migration.engine.hashing import fingerprint
from migration.engine.outlooks import planned_hashes
from migration.engine.pg_programs import Program, pg_dump_for
from migration.engine.queries import query
from migration.engine.sessions import Session, open_target_to_read, patient, read_snapshot
from schemadiff.core.catalog import Kind
from schemadiff.core.counted import counted
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import qualified
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Section
from schemadiff.private_files import write_private

Report = Callable[[Event], None]

_LOOK = 0.2  # seconds between two looks at whether to stop
_LOCKS = "30s"  # that pg_dump waits for its locks
_END = 10.0  # seconds that pg_dump has to end when it was told to


def check_can_back_up(target: Session, spec: RunSpec) -> None:
    """Before anything is written. Raises Refused where no backup could be made, with what to do."""
    if not spec.backup_to:
        return
    folder = Path(spec.backup_to)
    if not folder.is_dir():
        raise Refused(
            f"{folder} is to take the backup, and is no folder on {gethostname()}. Make it first, or name another."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refused(
            f"{folder} is to take the backup, and this user may not write there. Name another folder."
        )
    _refuse_other_secrets(target.info.dsn)
    pg_dump_for(_major(target))


def back_up(
    target_dsn: str, target: Session, spec: RunSpec, report: Report, should_stop: Callable[[], bool]
) -> None:
    """Once, before the run's first statement and row: what it parks, changes or writes to, into one new file.

    Protected tables are not among them. Raises RunFailed and RunStopped; no part of a file is left behind then.
    """
    if not spec.backup_to or _has_begun(target, spec.ledger_id):
        return
    tables = tables_at_stake(target, spec)
    if not tables:
        report(Log(message="Nothing to back up: the target has none of the tables that the run touches."))
        return
    path = Path(spec.backup_to) / _name(target, spec.ledger_id)
    program = pg_dump_for(_major(target))
    with _whole(path):
        backup = _dumped(target_dsn, program, path, tables, spec.ledger_id, report, should_stop)
        write_private(manifest_of(path), backup_to_json(backup))
    size = path.stat().st_size
    report(BackedUp(path=str(path), host=gethostname(), tables=len(tables), size=size))
    report(
        Log(
            message=f"{counted(len(tables), 'table')} of the target backed up by pg_dump {program.major}, "
            f"{sum(each.rows for each in backup.tables):,} rows, {max(size // 1_000, 1):,} kB: {path} on "
            f"{gethostname()}. `restore TARGET --from-backup FILE` brings them back.",
            details=tuple(".".join(table) for table in tables),
        )
    )


def manifest_of(path: Path) -> Path:
    """Beside the file: what it holds."""
    return path.with_name(f"{path.name}.json")


def tables_at_stake(target: Session, spec: RunSpec) -> tuple[QualifiedName, ...]:
    """Tables of the target that the run parks, changes or writes to, as far as they are there now.

    Partitions with the table that they are of.
    """
    named = {entry.target for entry in spec.mapping.tables}
    for statement in spec.plan.statements:
        ref = statement.ref
        if ref.kind is Kind.TABLE or (ref.kind is Kind.COLUMN and statement.section is not Section.PARK):
            named.add((ref.schema, ref.parent or ref.name))
    there = {(row[0], row[1]): (row[2], row[3]) for row in target.execute(query("plain_tables"))}
    return tuple(sorted({there[name] for name in named & there.keys()} - set(spec.scope.protected)))


def _dumped(
    target_dsn: str,
    program: Program,
    path: Path,
    tables: tuple[QualifiedName, ...],
    ledger_id: UUID,
    report: Report,
    should_stop: Callable[[], bool],
) -> Backup:
    """Hashes and file are of one snapshot."""
    session = open_target_to_read(target_dsn)
    try:
        with explained("The target's tables could not be backed up"), read_snapshot(session) as snapshot:
            report(planned_hashes(session, tables))
            held = sum(size.bytes for size in sizes_of(session, tables))
            report(TasksPlanned(task=Task.DUMP, sizes=(("pg_dump", held),)))
            taken = tuple(_fingerprint(session, table, report, should_stop) for table in tables)
            parts = _parts(session, tables)
            report(TaskBegun(task=Task.DUMP, name="pg_dump"))
            _run(program, target_dsn, path, (*tables, *parts), snapshot, should_stop)
            report(TaskDone(task=Task.DUMP, name="pg_dump"))
            return Backup(
                run=ledger_id,
                database=session.info.dbname,
                taken_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
                server=_major(session),
                pg_dump=program.major,
                tables=taken,
                parts=parts,
            )
    finally:
        close_quietly(session)


def _fingerprint(
    session: Session, table: QualifiedName, report: Report, should_stop: Callable[[], bool]
) -> BackedUpTable:
    if should_stop():
        raise RunStopped(f"The run was stopped before “{'.'.join(table)}” was backed up.")
    name = ".".join(table)
    report(TaskBegun(task=Task.HASH, name=name))
    found = fingerprint(session, table, "before")
    report(TaskDone(task=Task.HASH, name=name))
    return BackedUpTable(table=table, rows=found.rows, digest=found.digest)


def _parts(session: Session, tables: tuple[QualifiedName, ...]) -> tuple[QualifiedName, ...]:
    """Partitions, which pg_dump takes only where they are named."""
    names = [qualified(*table) for table in tables]
    found = {(row[0], row[1]) for row in session.execute(query("partitions"), [names])}
    return tuple(sorted(found - set(tables)))


def _run(
    program: Program,
    dsn: str,
    path: Path,
    tables: tuple[QualifiedName, ...],
    snapshot: str,
    should_stop: Callable[[], bool],
) -> None:
    """Raises RunFailed with what pg_dump said, RunStopped."""
    environment, rest = _handed_on(dsn)
    command = [
        str(program.path),
        f"--dbname={rest}",
        "--no-password",
        "--format=custom",
        f"--snapshot={snapshot}",
        f"--lock-wait-timeout={_LOCKS}",
        f"--file={path}",
        *(f"--table={_pattern(table)}" for table in tables),
    ]
    with tempfile.TemporaryFile() as complaints:
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=complaints, env=environment
        ) as process:
            try:
                while _is_at_work(process):
                    if should_stop():
                        raise RunStopped(
                            "The run was stopped while pg_dump was at work; its file is removed."
                        )
            finally:
                _end(process)
        if process.returncode:
            complaints.seek(0)
            told = complaints.read().decode(errors="replace").strip().splitlines()
            said = told[0].removeprefix("pg_dump: ") if told else f"exit code {process.returncode}"
            if password := environment.get("PGPASSWORD"):
                said = said.replace(password, "…")
            raise RunFailed(
                f"The target's tables could not be backed up, and nothing was changed: pg_dump {program.major} says "
                f"“{said}”. Mend that and resume, or start a run without a backup."
            )


def _is_at_work(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(_LOOK)
    except subprocess.TimeoutExpired:
        return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_END)
        except subprocess.TimeoutExpired:
            process.kill()


def _handed_on(dsn: str) -> tuple[dict[str, str], str]:
    """The environment that says where, as whom and by which password; and what only arguments can say."""
    names = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    given = {name: str(value) for name, value in conninfo_to_dict(patient(dsn)).items() if value is not None}
    said = {variable.decode(): given[name] for name in given if (variable := names.get(name)) is not None}
    rest = {name: value for name, value in given.items() if names.get(name) is None and name not in _SECRETS}
    return {**os.environ, **said, "PGAPPNAME": "schemadiff"}, make_conninfo("", **rest)


_SECRETS = ("sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


def _refuse_other_secrets(dsn: str) -> None:
    for name in _SECRETS:
        if conninfo_to_dict(dsn).get(name):
            raise Refused(
                f"The target's address has a {name}, which can be handed to pg_dump by its arguments only, where "
                "everybody on this machine would see it. Run without a backup, or with a certificate that needs none."
            )


def _pattern(table: QualifiedName) -> str:
    """So that pg_dump takes the name as it is."""
    return ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in table)


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[None]:
    """A new file, 0600 from its first moment; gone again where something fails inside."""
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as exc:
        raise RunFailed(
            f"The backup {path} could not be begun: {exc.strerror}. Nothing was changed."
        ) from exc
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _name(target: Session, ledger_id: UUID) -> str:
    """By database, run and moment: an attempt that was killed leaves a file without its .json."""
    database = "".join(c if c.isalnum() or c in "-_" else "_" for c in target.info.dbname)
    return f"{database}-{ledger_id.hex[:8]}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.dump"


def _has_begun(target: Session, ledger_id: UUID) -> bool:
    """Has the run applied a statement or cut a table? Then the tables are no longer as they were."""
    row = target.execute(
        "SELECT EXISTS (SELECT FROM schemadiff.statements WHERE run = %(run)s) "
        "OR EXISTS (SELECT FROM schemadiff.chunks WHERE run = %(run)s)",
        {"run": ledger_id},
    ).fetchone()
    return bool(row and row[0])


def _major(session: Session) -> int:
    return session.info.server_version // 10_000
