"""Putting back what a run parked: its own tables are moved aside, not dropped, then the others return."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log
from migration.core.phases import Phase
from migration.engine import ledger, movements
from migration.engine.failures import failure
from migration.engine.movements import ForeignKey, Moved
from migration.engine.sessions import Session, only_run, open_target
from migration.engine.target_leads import Rewriting, refuse
from schemadiff.connection_errors import is_lost
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName

_PARKED = "schemadiff_parked_"
# A table takes its row type, owned sequences and indexes along, so tables go first.
_ORDER = (
    "table",
    "foreign table",
    "materialized view",
    "view",
    "sequence",
    "domain",
    "type",
    "function",
    "procedure",
    "aggregate",
)
_VERBS = {
    "type": "TYPE",
    "domain": "DOMAIN",
    "function": "FUNCTION",
    "procedure": "PROCEDURE",
    "aggregate": "AGGREGATE",
    "view": "VIEW",
    "materialized view": "MATERIALIZED VIEW",
    "sequence": "SEQUENCE",
    "foreign table": "FOREIGN TABLE",
    "table": "TABLE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """What `restore` would do, for people to see first."""

    put_aside: tuple[Moved, ...]  # made by the run
    put_back: tuple[Moved, ...]  # parked by the run
    keys: tuple[ForeignKey, ...]  # foreign keys as they were
    aside: str  # the schema that takes the run's own objects


def planned_restoration(target: Session, ledger_id: UUID) -> Restoration:
    """Raises NotFound for an unknown run, Refused if it parked nothing, has been restored, or the target leads."""
    run = ledger.find(target, ledger_id)
    if run.phase is Phase.ROLLED_BACK:
        raise Refused(f"Run {ledger_id} has been put back already.")
    moved = movements.moved_by(target, ledger_id)
    put_back = tuple(each for each in moved if each.from_schema is not None)
    if not put_back:
        raise Refused(
            f"Run {ledger_id} ({run.option}) parked nothing, or it was removed since: there is nothing to put back. "
            "What it added to the target's own tables stays."
        )
    refuse(target, _places(moved), Rewriting.RESTORE)
    return Restoration(
        put_aside=tuple(each for each in moved if each.from_schema is None),
        put_back=put_back,
        keys=movements.dropped_by(target, ledger_id),
        aside=f"{_PARKED}{ledger_id.hex[:8]}_undone",
    )


def _places(moved: Sequence[Moved]) -> frozenset[QualifiedName]:
    """Where what is there now would make room, or something would come back to."""
    return frozenset((each.from_schema or each.schema, each.from_name or each.name) for each in moved)


def restore(
    target_dsn: str, ledger_id: UUID, report: Callable[[Event], None] = lambda event: None
) -> Restoration:
    """Put a run's parked objects back in one transaction. Rows written into them are kept with them.

    Raises Refused or RunFailed; nothing has changed then.
    """
    with (
        put_back_or_said("What the run parked"),
        open_target(target_dsn) as target,
        only_run(target),
    ):
        restoration = planned_restoration(target, ledger_id)
        with target.transaction():
            _check_parked(target, restoration)
            _put_aside(target, restoration)
            for each in _sorted(restoration.put_back):
                _move(target, each, str(each.from_schema))
            for key in restoration.keys:
                _add_key(target, key)
            _drop_empty_schemas(target, restoration)
            target.execute("SET LOCAL synchronous_commit = on")
            target.execute(
                "UPDATE schemadiff.runs SET phase = %s, changed_at = clock_timestamp() WHERE id = %s",
                [Phase.ROLLED_BACK.value, ledger_id],
            )
        _tell(restoration, report)
        return restoration


@contextlib.contextmanager
def put_back_or_said(what: str) -> Iterator[None]:
    """PostgreSQL's errors inside leave as RunFailed; one transaction does all, so only a lost COMMIT leaves a doubt."""
    try:
        yield
    except psycopg.Error as exc:
        if is_lost(exc):
            raise RunFailed(
                f"The connection was lost while {what[0].lower()}{what[1:]} was put back. Look whether it is back when "
                "the server is, and give `restore` again if it is not."
            ) from exc
        raise failure(exc, f"{what} could not be put back, and nothing was changed", "Try again") from exc


def _check_parked(target: Session, restoration: Restoration) -> None:
    """Nothing is moved aside for tables that could not come back (dropped, or the ledger came with a dump)."""
    gone = [
        f"{each.schema}.{each.name}"
        for each in restoration.put_back
        if each.kind == "table"
        and ((where := _place(target, each)) is None or where[0] not in (each.schema, each.from_schema))
    ]
    if gone:
        raise RunFailed(
            f"The run had parked {', '.join(gone)}, which is not there any more. Nothing was changed: move back "
            "by hand what is left."
        )


def _put_aside(target: Session, restoration: Restoration) -> None:
    """First what ties others to the run's own tables, then these."""
    for key in restoration.keys:
        _drop_key(target, key)
    target.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(restoration.aside)))
    for each in _sorted(restoration.put_aside):
        if not each.schema.startswith(_PARKED):
            _move(target, each, restoration.aside)


def _drop_empty_schemas(target: Session, restoration: Restoration) -> None:
    """The parked schema is empty now, unless somebody put more into it."""
    for schema in sorted({each.schema for each in restoration.put_back if each.schema.startswith(_PARKED)}):
        with contextlib.suppress(psycopg.errors.DependentObjectsStillExist), target.transaction():
            target.execute(sql.SQL("DROP SCHEMA IF EXISTS {} RESTRICT").format(sql.Identifier(schema)))


def _sorted(objects: Sequence[Moved]) -> list[Moved]:
    return sorted(objects, key=lambda each: (_ORDER.index(each.kind), each.schema, each.name))


def _move(target: Session, each: Moved, to: str) -> None:
    """By its OID, so under whatever name it has now; what others dropped meanwhile stays away."""
    where = _place(target, each)
    if where is None or where[0] == to:
        return
    target.execute(
        sql.SQL("ALTER {} {} SET SCHEMA {}").format(sql.SQL(_VERBS[each.kind]), where[1], sql.Identifier(to))
    )


def _place(target: Session, each: Moved) -> tuple[str, sql.Composable] | None:
    """Schema and full name of the object as it is now."""
    if each.kind in ("function", "procedure", "aggregate"):
        query = (
            "SELECT n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid) FROM "
            "pg_proc p "
            "JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.oid = %s"
        )
    elif each.kind in ("type", "domain"):
        query = (
            "SELECT n.nspname, t.typname, NULL FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace "
            "WHERE t.oid = %s"
        )
    else:
        query = (
            "SELECT n.nspname, c.relname, NULL FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.oid = %s"
        )
    row = target.execute(query, [each.oid]).fetchone()
    if row is None:
        return None
    name: sql.Composable = sql.Identifier(row[0], row[1])
    return row[0], name if row[2] is None else sql.SQL("{}({})").format(name, sql.SQL(row[2]))


def _drop_key(target: Session, key: ForeignKey) -> None:
    """The key that the run put in the place of the original, if it did."""
    table = _place_of_table(target, key)
    if table is not None:
        target.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS {}").format(table, sql.Identifier(key.name))
        )


def _add_key(target: Session, key: ForeignKey) -> None:
    table = _place_of_table(target, key)
    if table is None:
        raise RunFailed(
            f"The table “{key.schema}.{key.table}” is gone, so its foreign key “{key.name}” cannot be put "
            "back. "
            "Make the table again, or clean the run instead."
        )
    target.execute(
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
            table, sql.Identifier(key.name), sql.SQL(key.definition)
        )
    )


def _place_of_table(target: Session, key: ForeignKey) -> sql.Composable | None:
    row = target.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE "
        "c.oid = %s",
        [key.table_oid],
    ).fetchone()
    return sql.Identifier(row[0], row[1]) if row else None


def _tell(restoration: Restoration, report: Callable[[Event], None]) -> None:
    names = tuple(f"{each.from_schema}.{each.from_name}" for each in restoration.put_back)
    report(Log(message=f"{len(names)} objects are back in their places.", details=names))
    if restoration.put_aside:
        aside = tuple(f"{each.schema}.{each.name}" for each in restoration.put_aside)
        report(
            Log(
                message=f"What the run had made lies in the schema {restoration.aside}.",
                level=Level.INFO,
                details=aside,
            )
        )
    if restoration.keys:
        keys = tuple(f"{key.schema}.{key.table}: {key.name}" for key in restoration.keys)
        report(Log(message=f"{len(keys)} foreign keys are as they were.", details=keys))
