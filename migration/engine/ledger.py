"""What a run has done so far, kept in the target itself (schema `schemadiff`): runs, statements, spec.

Whatever is recorded here is written in the same transaction as the work it records.
"""

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from migration.core.phases import ENDS, Phase
from migration.core.spec import RunSpec, spec_from_json, spec_to_json
from migration.engine.carriers import own_name
from migration.engine.places import Origin
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Statement

FORMAT = 10
"""1 did not say which source a run began with, 2 what was tried in vain, 3 had a row for each held key, 4 did not
say who carried what, 5 did not know of followers, 6 of ways back, 7 of rows that are to be compared again, 8 of
tables that several compare, 9 of statements that several apply."""
SCHEMA = "schemadiff"

_TABLES = query("ledger")
_NAMES = re.findall(r"CREATE TABLE IF NOT EXISTS schemadiff\.(\w+)", _TABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRun:
    """A run as the ledger knows it. `reached` is the phase it was in when it stopped."""

    id: UUID
    option: str
    phase: Phase
    reached: Phase
    started_at: str


def exists(target: Session) -> bool:
    """Has the target a ledger? Raises Refused if it has one that the role may not read."""
    row = target.execute(
        "SELECT pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT') "
        "FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid "
        "WHERE n.nspname = 'schemadiff' AND c.relname = 'runs'"
    ).fetchone()
    if row is not None and not row[0]:
        role = quote(target.info.user)
        raise Refused(
            f"The role {role} may not read the record of the runs, the schema schemadiff of the target. As the "
            f"schema's owner: GRANT USAGE ON SCHEMA schemadiff TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA "
            f"schemadiff TO {role};"
        )
    return row is not None


@contextlib.contextmanager
def locked(target: Session) -> Iterator[None]:
    """Nobody else makes the ledger or takes it away meanwhile."""
    with target.transaction():
        target.execute("SELECT pg_advisory_xact_lock(hashtext('schemadiff ledger'))")
        yield


def prepare(target: Session) -> None:
    """Make the ledger if it is not there. Raises Refused if it is another version's."""
    with locked(target):
        if not exists(target):
            target.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(SCHEMA)))
            target.execute(_TABLES)
            target.execute("INSERT INTO schemadiff.format VALUES (%s)", [FORMAT])
    refuse_other_format(target)


def refuse_other_format(target: Session) -> None:
    """Raises Refused where the ledger that is there is another version's."""
    found = target.execute("SELECT max(number) FROM schemadiff.format").fetchone()
    if found is None or found[0] != FORMAT:
        raise Refused(
            f"The ledger in the target's schema “{SCHEMA}” is of format {found and found[0]}, this version "
            "writes "
            f"format {FORMAT}. Finish its runs with the version that began them, then remove it with `clean`."
        )


def remove(target: Session) -> None:
    """Drop the ledger's tables, and its schema unless somebody keeps something else in it."""
    tables = sql.SQL(", ").join(sql.Identifier(SCHEMA, name) for name in _NAMES)
    target.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(tables))
    with contextlib.suppress(psycopg.errors.DependentObjectsStillExist), target.transaction():
        target.execute(sql.SQL("DROP SCHEMA IF EXISTS {} RESTRICT").format(sql.Identifier(SCHEMA)))


def begin(target: Session, spec: RunSpec, source: Origin) -> None:
    """Record a new run. Raises Refused if it is already there."""
    added = target.execute(
        "INSERT INTO schemadiff.runs (id, option, plan_digest, target_fingerprint, spec, source, source_system, "
        "source_oid, source_address, phase, reached) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'prepare', 'prepare') ON CONFLICT DO NOTHING",
        [
            spec.ledger_id,
            spec.option,
            spec.plan.digest,
            spec.plan.target_fingerprint,
            Jsonb(spec_to_json(spec)),
            source.name,
            source.system,
            source.oid,
            source.address,
        ],
    ).rowcount
    if not added:
        raise Refused(
            f"Run {spec.ledger_id} has been started before; resume it instead of starting it again."
        )


def recorded_spec(target: Session, ledger_id: UUID) -> RunSpec:
    """What that run was begun with. Raises NotFound if the ledger does not know it."""
    row = None
    if exists(target):
        row = target.execute("SELECT spec::text FROM schemadiff.runs WHERE id = %s", [ledger_id]).fetchone()
    if row is None:
        raise NotFound(
            f"The target's ledger has no run {ledger_id}; `clean` without --run lists those it has."
        )
    return spec_from_json(json.loads(row[0]))


def origin(target: Session, ledger_id: UUID) -> Origin:
    """The source that the run began with. Raises NotFound."""
    row = target.execute(
        "SELECT source, source_system, source_oid, source_address FROM schemadiff.runs WHERE id = %s",
        [ledger_id],
    ).fetchone()
    if row is None:
        raise NotFound(f"The target's ledger has no run {ledger_id}.")
    return Origin(name=row[0], system=row[1], oid=row[2], address=row[3])


def runs(target: Session) -> tuple[LedgerRun, ...]:
    """All runs, the latest first."""
    if not exists(target):
        return ()
    rows = target.execute(
        "SELECT id, option, phase, reached, to_char(started_at, 'YYYY-MM-DD HH24:MI:SS') "
        "FROM schemadiff.runs ORDER BY started_at DESC, id"
    ).fetchall()
    return tuple(
        LedgerRun(id=row[0], option=row[1], phase=Phase(row[2]), reached=Phase(row[3]), started_at=row[4])
        for row in rows
    )


def find(target: Session, ledger_id: UUID) -> LedgerRun:
    """One run. Raises NotFound."""
    for run in runs(target):
        if run.id == ledger_id:
            return run
    raise NotFound(f"The target's ledger has no run {ledger_id}; `clean` without --run lists those it has.")


def resumable(target: Session) -> LedgerRun | None:
    """The latest run that has not ended."""
    return next((run for run in runs(target) if run.phase not in ENDS), None)


def latest_copied(target: Session) -> LedgerRun | None:
    """The latest run that carried all of its rows: it has finished, keeps up, or failed when it compared them."""
    return next((run for run in runs(target) if _has_carried_all(run)), None)


def _has_carried_all(run: LedgerRun) -> bool:
    keeps_up = (Phase.CUT_OVER, Phase.WATCH)
    if run.phase is Phase.FAILED:
        return run.reached in (Phase.VERIFY, *keeps_up, Phase.FINISH)
    return run.phase is Phase.FINISH or run.phase in keeps_up


def enter(target: Session, ledger_id: UUID, phase: Phase) -> None:
    """The run is in this phase now. Ends are written through to disk, and all that came before with them."""
    with target.transaction():
        if phase in ENDS:
            target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "UPDATE schemadiff.runs SET phase = %(phase)s, changed_at = clock_timestamp(), "
            "reached = CASE WHEN %(stops)s THEN reached ELSE %(phase)s END WHERE id = %(id)s",
            {
                "phase": phase.value,
                "id": ledger_id,
                "stops": phase in (Phase.FAILED, Phase.CANCELLED, Phase.ROLLED_BACK),
            },
        )


def applied(target: Session, ledger_id: UUID) -> dict[int, str]:
    """Positions of the plan's statements that are done, each with its state: `applied` or `begun`."""
    rows = target.execute(
        "SELECT position, state FROM schemadiff.statements WHERE run = %s ORDER BY position", [ledger_id]
    ).fetchall()
    return dict(rows)


def last_mark(target: Session, ledger_id: UUID) -> str | None:
    """The schema's mark after the statement that was recorded last; None if none is recorded.

    That need not be the last of the plan's order: indexes are built beside the copy.
    """
    row = target.execute(
        "SELECT mark FROM schemadiff.statements WHERE run = %s AND state = 'applied' "
        "ORDER BY applied_at DESC LIMIT 1",
        [ledger_id],
    ).fetchone()
    return str(row[0]) if row else None


def record_statement(
    target: Session, ledger_id: UUID, position: int, statement: Statement, state: str, mark: str
) -> None:
    """In the statement's own transaction, or around it where it cannot be in one.

    Of two records the later one has the later time, even if the server's clock is set back between them.
    """
    target.execute(
        "INSERT INTO schemadiff.statements (run, position, sql_digest, state, mark, applied_by, applied_at) "
        "SELECT %(run)s, %(position)s, encode(sha256(convert_to(%(sql)s, 'UTF8')), 'hex'), %(state)s, %(mark)s, "
        "%(by)s, "
        "greatest(clock_timestamp(), max(applied_at) + interval '1 microsecond') "
        "FROM schemadiff.statements WHERE run = %(run)s "
        "ON CONFLICT (run, position) DO UPDATE SET state = excluded.state, mark = excluded.mark, "
        "applied_by = excluded.applied_by, applied_at = excluded.applied_at",
        {
            "run": ledger_id,
            "position": position,
            "sql": statement.sql,
            "state": state,
            "mark": mark,
            "by": own_name(),
        },
    )


def record_attempt(target: Session, ledger_id: UUID, position: int, number: int, sqlstate: str) -> None:
    """A statement that did not get its locks; what it did is undone by now."""
    target.execute(
        "INSERT INTO schemadiff.attempts (run, position, number, sqlstate) VALUES (%s, %s, %s, %s)",
        [ledger_id, position, number, sqlstate],
    )
