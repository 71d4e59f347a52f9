"""What has to hold before anything is written: two databases, versions, encodings, rights, the schema."""

from collections.abc import Sequence

import psycopg
from psycopg import sql

from migration.core.errors import SameDatabase
from migration.core.spec import RunSpec
from migration.engine import ledger, movements, ways_back
from migration.engine.failures import failure
from migration.engine.places import Place, is_same, may_be_standby, place_of
from migration.engine.queries import query
from migration.engine.sessions import Session, name_of
from schemadiff.connection_errors import is_lost
from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.errors import Refused, TargetMoved
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Section
from schemadiff.core.snapshot import fingerprint
from schemadiff.introspection import CannotRead, read_catalog

OLDEST = 140_000  # hash_record_extended, by which rows are compared, is new in 14


def check_sides(source: Session, target: Session) -> tuple[Place, Place]:
    """Raises SameDatabase or Refused. To be called before the first write."""
    here, there = place_of(source), place_of(target)
    if is_same(here, there):
        raise SameDatabase(
            f"Source and target are the same database ({name_of(target)}): nothing was written. "
            "Give another target."
        )
    if may_be_standby(here, there):
        raise Refused(
            f"The source {name_of(source)} is a standby, and whether of the target {name_of(target)} cannot be "
            "told: at least one side may not say its system identifier. On that side: GRANT EXECUTE ON FUNCTION "
            "pg_control_system() to the role; or give the source's primary. Nothing was written."
        )
    for session, place, side in ((source, here, "source"), (target, there, "target")):
        if place.version < OLDEST:
            raise Refused(
                f"The {side} {name_of(session)} runs PostgreSQL {place.version // 10_000}; 14 or later is "
                "needed."
            )
    if there.in_recovery:
        raise Refused(f"The target {name_of(target)} is a standby and takes no writes. Give its primary.")
    _check_encodings(source, here, target, there)
    return here, there


def _check_encodings(source: Session, here: Place, target: Session, there: Place) -> None:
    for session, place, side in ((source, here, "source"), (target, there, "target")):
        if place.encoding == "SQL_ASCII":
            raise Refused(
                f"The {side} {name_of(session)} has the encoding SQL_ASCII, which says nothing about what "
                "its bytes "
                "mean. Convert it to a database in UTF8 first."
            )
    if there.encoding not in ("UTF8", here.encoding):
        raise Refused(
            f"The source is encoded in {here.encoding}, the target in {there.encoding}, which cannot hold "
            "every text "
            "of it. Use a target in UTF8."
        )


def check_rights(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming what may not be read or written, and the GRANT that helps."""
    lacking = [
        *_unreadable(source, [entry.source for entry in spec.mapping.tables], "source"),
        *_unreadable(target, spec.scope.protected, "target"),
        *_unwritable(target, spec),
        *_no_room_for_ledger(target),
    ]
    if lacking:
        raise Refused("The run lacks rights. " + " ".join(lacking))


def _unreadable(session: Session, tables: Sequence[QualifiedName], side: str) -> list[str]:
    sentences = []
    for schema, table in tables:
        name = sql.Identifier(schema, table).as_string(session)
        row = session.execute(
            "SELECT to_regclass(%(n)s) IS NOT NULL, has_schema_privilege(to_regnamespace(%(s)s), 'USAGE'), "
            "has_table_privilege(to_regclass(%(n)s), 'SELECT')",
            {"n": name, "s": sql.Identifier(schema).as_string(session)},
        ).fetchone()
        assert row is not None
        if not row[0]:
            sentences.append(f"The {side} has no table “{schema}.{table}”, or its schema may not be used.")
        elif not row[1]:
            sentences.append(f"In the {side}: GRANT USAGE ON SCHEMA {schema} TO {session.info.user};")
        elif not row[2]:
            sentences.append(f"In the {side}: GRANT SELECT ON {schema}.{table} TO {session.info.user};")
    return sentences


def _unwritable(target: Session, spec: RunSpec) -> list[str]:
    """Tables that stay and are to take rows: they are read again for the comparison. Those made are the role's."""
    aside = {s.ref for s in spec.plan.statements if s.section is Section.PARK}
    tables = {entry.target for entry in spec.mapping.tables}
    staying = sorted(
        table for table in tables if ObjectRef(kind=Kind.TABLE, schema=table[0], name=table[1]) not in aside
    )
    rows = target.execute(
        query("unwritable"), {"schemas": [s for s, _ in staying], "names": [name for _, name in staying]}
    ).fetchall()
    return [f"In the target: GRANT {lacking} TO {target.info.user};" for (lacking,) in rows]


def _no_room_for_ledger(target: Session) -> list[str]:
    row = target.execute(
        "SELECT coalesce(has_schema_privilege(to_regnamespace('schemadiff'), 'CREATE'), "
        "has_database_privilege(current_database(), 'CREATE'))"
    ).fetchone()
    if row and row[0]:
        return []
    return [f"In the target: GRANT CREATE ON DATABASE {target.info.dbname} TO {target.info.user};"]


def check_target(target: Session, spec: RunSpec) -> str:
    """Raises TargetMoved unless the target's schema is the plan's, or what this run has made of it so far.

    Returns the schema's mark, taken before that look: no later change can hide in it. Where a cut-over was begun
    there is nothing left of the plan, rights may have been taken from roles on the target, and a follower looks
    itself at what it needs: then it is not compared.
    """
    if ways_back.find(target, spec.ledger_id) is not None:
        return movements.mark_of(target)
    expected, mark = ledger.last_mark(target, spec.ledger_id), movements.mark_of(target)
    if expected is None:
        check_unmoved(target, spec)
    elif mark != expected:
        raise TargetMoved(
            f"The schema of the target {name_of(target)} was changed by somebody else after this run had "
            "begun. "
            "Undo that change and resume, or put everything back with `restore` and compare again."
        )
    return mark


def check_unmoved(target: Session, spec: RunSpec) -> None:
    """Raises TargetMoved unless the target's schema is the one that the plan was made for."""
    if fingerprint(_catalog(target)) != spec.plan.target_fingerprint:
        raise TargetMoved(
            f"The schema of the target {name_of(target)} is no longer the one that this plan was made for. "
            "Take a new snapshot, compare again, and start the run with the new plan."
        )


def _catalog(target: Session) -> Catalog:
    """Raises RunFailed where the connection is lost on the way, for the run can be resumed then."""
    try:
        return read_catalog(target)
    except CannotRead as exc:
        if isinstance(exc.__cause__, psycopg.Error) and is_lost(exc.__cause__):
            raise failure(exc.__cause__, "The target's schema could not be read") from exc
        raise
