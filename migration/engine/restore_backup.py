"""Bringing tables back from a backup that a run made with pg_dump.

All in one transaction, proven by the hashes that were taken with the dump: what lies in the tables' places is moved
aside, not dropped, and other tables' foreign keys refer to what has come back.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from psycopg import sql

from migration.core.backup import Backup, backup_from_json
from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log
from migration.core.phases import Phase
from migration.engine import ledger
from migration.engine.archive import Archive
from migration.engine.backup import manifest_of
from migration.engine.hashing import fingerprint
from migration.engine.movements import ForeignKey
from migration.engine.pg_programs import pg_restore_for
from migration.engine.queries import query
from migration.engine.restore import put_back_or_said
from migration.engine.sessions import TARGET_LIMITS, Session, only_run, open_target
from migration.engine.target_leads import Rewriting, refuse
from schemadiff.core.counted import counted
from schemadiff.core.errors import NotFound
from schemadiff.core.identifiers import qualified
from schemadiff.core.mapping import QualifiedName

Report = Callable[[Event], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupRestoration:
    """What restoring would do, for people to see first."""

    backup: Backup
    put_aside: tuple[QualifiedName, ...]  # what lies in the tables' places now
    aside: str  # the schema that takes it
    keys: tuple[ForeignKey, ...]  # other tables', which are added anew


def read_backup(path: Path) -> Backup:
    """What that file holds. Raises NotFound and Refused with a sentence."""
    for each in (path, manifest_of(path)):
        try:
            with each.open("rb"):
                pass
        except OSError as exc:
            raise NotFound(
                f"{each} could not be read: {exc.strerror}. A backup is a .dump file with its .json beside it, on "
                "the machine that made it."
            ) from exc
    return backup_from_json(
        manifest_of(path).read_text(encoding="utf-8", errors="replace"), manifest_of(path).name
    )


def planned_backup_restoration(target: Session, backup: Backup) -> BackupRestoration:
    """As the target is now. Raises Refused where the target leads."""
    refuse(target, _names(backup), Rewriting.RESTORE)
    place = target.execute(
        query("tables_in_place"), [[qualified(*name) for name in _names(backup)]]
    ).fetchall()
    with target.transaction():
        target.execute("SET LOCAL search_path = ''")
        keys = target.execute(query("keys_into"), {"tables": [row[0] for row in place]}).fetchall()
    return BackupRestoration(
        backup=backup,
        put_aside=tuple((row[1], row[2]) for row in place),
        aside=_free_schema(target, f"schemadiff_parked_{backup.run.hex[:8]}_replaced"),
        keys=tuple(
            ForeignKey(table_oid=row[0], schema=row[1], table=row[2], name=row[3], definition=row[4])
            for row in keys
        ),
    )


def restore_backup(target_dsn: str, path: Path, report: Report = lambda event: None) -> BackupRestoration:
    """Bring the tables of the backup back. Raises NotFound, Refused or RunFailed; nothing has changed then."""
    backup = read_backup(path)
    archive = Archive(pg_restore_for(backup.pg_dump).path, path)
    with put_back_or_said("The backup"), open_target(target_dsn) as target, only_run(target):
        restoration = planned_backup_restoration(target, backup)
        with target.transaction():
            _put_aside(target, restoration)
            _make_schemas(target, backup)
            archive.load(target)
            target.execute(f"SET LOCAL lock_timeout = '{TARGET_LIMITS[0]}'")
            for sentence in _unlike(target, backup):
                raise RunFailed(sentence)
            _add_keys(target, restoration)
            _mark(target, backup)
            target.execute("SET LOCAL synchronous_commit = on")
        _tell(target, restoration, report)
        return restoration


def _names(backup: Backup) -> tuple[QualifiedName, ...]:
    return (*backup.names, *backup.parts)


def _free_schema(target: Session, name: str) -> str:
    """A table may be put aside more than once."""
    taken = {row[0] for row in target.execute("SELECT nspname FROM pg_catalog.pg_namespace")}
    if name not in taken:
        return name
    return next(each for number in range(2, len(taken) + 3) if (each := f"{name}_{number}") not in taken)


def _put_aside(target: Session, restoration: BackupRestoration) -> None:
    """First what ties others to the tables that go."""
    for key in restoration.keys:
        target.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                sql.Identifier(key.schema, key.table), sql.Identifier(key.name)
            )
        )
    if not restoration.put_aside:
        return
    target.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(restoration.aside)))
    for table in restoration.put_aside:
        target.execute(
            sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(
                sql.Identifier(*table), sql.Identifier(restoration.aside)
            )
        )


def _make_schemas(target: Session, backup: Backup) -> None:
    """pg_dump of single tables leaves their schemas out."""
    for schema in sorted({schema for schema, _ in _names(backup)}):
        target.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))


def _unlike(target: Session, backup: Backup) -> Iterator[str]:
    """Tables that are not as they were dumped, for people."""
    for each in backup.tables:
        found = fingerprint(target, each.table, "after")
        if (found.rows, found.digest) != (each.rows, each.digest):
            yield (
                f"“{'.'.join(each.table)}” came out of the backup with {found.rows:,} rows that are not those which "
                f"were dumped ({each.rows:,}), so nothing was changed. The file is damaged, or types that the table "
                "uses have changed since."
            )


def _add_keys(target: Session, restoration: BackupRestoration) -> None:
    for key in restoration.keys:
        target.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(key.schema, key.table), sql.Identifier(key.name), sql.SQL(key.definition)
            )
        )


def _mark(target: Session, backup: Backup) -> None:
    """The run is put back, if the ledger still knows it."""
    if any(run.id == backup.run for run in ledger.runs(target)):
        ledger.enter(target, backup.run, Phase.ROLLED_BACK)


def _tell(target: Session, restoration: BackupRestoration, report: Report) -> None:
    backup = restoration.backup
    names = tuple(f"{'.'.join(each.table)}: {each.rows:,} rows" for each in backup.tables)
    report(
        Log(
            message=f"{counted(len(names), 'table')} as of {backup.taken_at} brought back, and hashed: the same rows.",
            details=names,
        )
    )
    if restoration.put_aside:
        aside = tuple(".".join(table) for table in restoration.put_aside)
        report(Log(message=f"What lay in their places is in the schema {restoration.aside}.", details=aside))
        tied = tuple(row[0] for row in target.execute(query("dependents"), [restoration.aside]))
        if tied:
            report(
                Log(
                    message="These still go by what was moved aside; make them anew if they should not.",
                    level=Level.WARNING,
                    details=tied,
                )
            )
    if restoration.keys:
        keys = tuple(f"{key.schema}.{key.table}: {key.name}" for key in restoration.keys)
        report(Log(message=f"{counted(len(keys), 'foreign key')} of other tables added anew.", details=keys))
