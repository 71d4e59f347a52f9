"""Rows over the rows that a table has already: each is kept as it was before it becomes the source's.

They come through a table of the session's own. Equal rows are left alone, different ones updated, missing ones
inserted. The foreign keys of the rows that come are looked up, for the session fires no triggers: so nothing
refers to a row that is not there, not even for a moment.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.reasons import sentence
from migration.core.spec import RunSpec
from migration.engine import repairs
from migration.engine.carrying import Carriage, carriage_of, column_types
from migration.engine.chunking import source_key
from migration.engine.held import has_rows
from migration.engine.keys import Key, find_key
from migration.engine.mending import STILL_REFERRED, insert_rows, moved_keys, orphans, update_rows
from migration.engine.orphans import MISSING
from migration.engine.rejects import Refusal
from migration.engine.row_parking import (
    EVERY,
    ROWS,
    ROWS_TABLE,
    Patient,
    fixed_columns,
    note_hashes,
    park_updated,
    patient_of,
    texts,
    unlike,
)
from migration.engine.rows_written import check_all_there, check_written, deferrable_keys
from migration.engine.sessions import Session, may_make_temporary
from migration.engine.table_copy import Copied
from schemadiff.core.catalog import Kind
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import TableMapping
from schemadiff.core.plan import Section

# Types whose values are written alike on both sides, by what they are the same kind of: source's, then target's.
_KINDS = (
    (frozenset({"smallint", "integer", "bigint"}), frozenset({"int2", "int4", "int8"})),
    (frozenset({"uuid"}), frozenset({"uuid"})),
    (frozenset({"text"}), frozenset({"text"})),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overwriting:
    """How a table's rows are overwritten. `own_key` are the target columns that name a row of the source."""

    patient: Patient
    record: int  # of the repair that keeps what was there
    own_key: tuple[str, ...]
    has_triggers: bool  # of the table's own, which may leave a row out

    def incoming(self, carriage: Carriage) -> Carriage:
        """The same rows on their way into the session's own table."""
        return replace(carriage, target=ROWS_TABLE)


def key_of_rows(target: Session, carriage: Carriage, source_key: Key) -> tuple[str, ...]:
    """The target columns that take the source's key as it is and by which the target tells its rows apart.

    None where there are no such columns.
    """
    own = own_key(carriage, source_key)
    return own if own and find_key(target, carriage.target, own) is not None else ()


def own_key(carriage: Carriage, source_key: Key) -> tuple[str, ...]:
    """The target columns whose texts name a row of the source; none where they may be written differently."""
    columns = [carriage.target_column_of(name) for name in source_key.columns]
    same = [
        column.name
        for column, own_type in zip(columns, source_key.types, strict=True)
        if column is not None
        and any(own_type in here and column.type.name in there for here, there in _KINDS)
    ]
    return tuple(same) if len(same) == len(columns) else ()


def overwriting_of(target: Session, carriage: Carriage, source_key: Key) -> Overwriting | None:
    """Get ready, if rows of this table are to be overwritten. Raises RunFailed if it has lost its key."""
    if carriage.kept_by is None:
        return None
    own = key_of_rows(target, carriage, source_key)
    if not own:
        raise RunFailed(
            f"“{'.'.join(carriage.target)}” has no key any more by which its rows could be overwritten. "
            "Put the key back and resume the run."
        )
    patient = patient_of(
        target,
        carriage.target,
        [column.name for column in carriage.columns],
        own,
        column_types(target, carriage.target),
    )
    return Overwriting(
        patient=patient, record=carriage.kept_by, own_key=own, has_triggers=_has_triggers(target, patient)
    )


def _has_triggers(target: Session, patient: Patient) -> bool:
    row = target.execute(
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgenabled <> 'D' "
        "AND (NOT tgisinternal OR tgparentid <> 0 AND tgconstrrelid = 0 AND tgconstrindid = 0) "  # a share, up to 14
        "AND tgrelid IN (SELECT pg_catalog.to_regclass(%(name)s) UNION ALL "
        "SELECT relid FROM pg_catalog.pg_partition_tree(pg_catalog.to_regclass(%(name)s))))",
        {"name": patient.name.as_string(target)},
    ).fetchone()
    return bool(row and row[0])


def refuse_without_key(source: Session, target: Session, spec: RunSpec) -> None:
    """Raises Refused naming the tables with rows that could not be overwritten: no key of theirs is carried."""
    parked = {
        (each.ref.schema, each.ref.name)
        for each in spec.plan.section(Section.PARK)
        if each.ref.kind is Kind.TABLE
    }
    entries = [entry for entry in spec.mapping.tables if entry.target not in parked]
    lacking = [".".join(entry.target) for entry in entries if not _has_key(source, target, entry)]
    if lacking:
        raise Refused(
            f"{', '.join(sorted(lacking))}: rows are there, and no key tells which of them the source has, too. "
            "To overwrite them, the key of the source's table has to be carried as it is into columns by which the "
            "target keeps its rows unique (whole numbers, uuid or text). Give the target such a key, empty the "
            "table, or run without overwriting. Nothing was written."
        )
    if entries:
        _refuse_without_room(target)
    for entry in entries:
        _refuse_what_stays(target, entry)


def _refuse_without_room(target: Session) -> None:
    """Rows come through a table of the session's own."""
    if not may_make_temporary(target):
        raise Refused(
            f"Overwriting rows takes the right to make temporary tables. In the target: GRANT TEMPORARY ON DATABASE "
            f"{target.info.dbname} TO {target.info.user}; Nothing was written."
        )


def _refuse_what_stays(target: Session, entry: TableMapping) -> None:
    """What no UPDATE may set, and keys that are checked by triggers, which a run does not fire."""
    where, types = ".".join(entry.target), column_types(target, entry.target)
    if not types or not has_rows(target, entry.target):
        return
    filled = {pair.target for pair in entry.accepted() if pair.source or pair.expression}
    key = find_key(target, entry.target)
    named = filled - set(key.columns if key else ())
    fixed = [each for each in fixed_columns(target, entry.target) if each in named]
    if fixed:
        raise Refused(
            f"{where}: {', '.join(fixed)} is GENERATED ALWAYS AS IDENTITY and no key, so it cannot be overwritten. "
            "Leave it out of the mapping, or ALTER it to GENERATED BY DEFAULT. Nothing was written."
        )
    if keys := [name for name, _, _ in deferrable_keys(target, entry.target)]:
        raise Refused(
            f"{where}: its key {', '.join(keys)} is deferrable, and would not be checked while rows are overwritten. "
            "Make it NOT DEFERRABLE for the run, or run without overwriting. Nothing was written."
        )


def _has_key(source: Session, target: Session, entry: TableMapping) -> bool:
    """True as well where there is no row, or no table yet."""
    there = {each.column for each in column_types(target, entry.target)}
    pairs = tuple(pair for pair in entry.accepted() if pair.target in there)
    if not pairs or not has_rows(target, entry.target):
        return True
    carriage = carriage_of(target, replace(entry, pairs=pairs))
    return bool(key_of_rows(target, carriage, source_key(source, entry.source)))


def mark_overwritten(
    source: Session, target: Session, carriages: Sequence[Carriage], record: int
) -> list[Carriage]:
    """Each carriage, with the record that keeps what is overwritten where the table has a key for it.

    Those without one have no rows, and none can refer to theirs.
    """
    return [
        replace(carriage, kept_by=record)
        if key_of_rows(target, carriage, source_key(source, carriage.source))
        else carriage
        for carriage in carriages
    ]


def begin_record(target: Session, spec: RunSpec, source: str) -> int:
    """The record that keeps what this run overwrites: the one that it has, or a new one."""
    return repairs.of_run(target, spec.ledger_id) or repairs.begin(
        target,
        author=spec.author or "a run",
        reason=f"Run {spec.ledger_id} overwrites rows that are in the source, too",
        source=source,
        run=spec.ledger_id,
    )


def make_room(target: Session) -> None:
    """Of a piece that was written before in this transaction nothing may be left."""
    target.execute(sql.SQL("DELETE FROM {}").format(ROWS))


def put_in(target: Session, over: Overwriting, copied: Copied) -> Copied:
    """Take the rows that have come into the table; those whose foreign keys are not met come back as refusals."""
    refusals = [*refused_orphans(target, over.patient, over.own_key), *_refused_moves(target, over)]
    near = _near(target, over.patient)
    different = sql.SQL("{} AND {}").format(near, unlike(over.patient))
    ids = park_updated(target, over.record, over.patient, different)
    if ids:
        update_rows(target, over.patient, different)
        note_hashes(target, over.patient, ids)
    insert_rows(target, over.patient, near)
    check_written(target, over.patient)
    if over.has_triggers:
        check_all_there(target, over.patient, near)
    return replace(copied, refusals=tuple(refusals))


def _near(target: Session, patient: Patient) -> sql.Composable:
    """A condition that holds for every `t` that a row of ROWS may be for: a span of the key, so that no chunk
    makes the server read the whole table."""
    column = sql.Identifier(patient.key[0])
    ends = target.execute(
        sql.SQL(
            "(SELECT r.{0}::text FROM {1} r ORDER BY r.{0} LIMIT 1) UNION ALL "
            "(SELECT r.{0}::text FROM {1} r ORDER BY r.{0} DESC LIMIT 1)"
        ).format(column, ROWS)
    ).fetchall()
    if not ends:
        return EVERY
    own_type = next(each.full for each in patient.types if each.column == patient.key[0])
    low, high = (sql.SQL("{}::{}").format(sql.Literal(row[0]), sql.SQL(own_type)) for row in ends)
    return sql.SQL("t.{} BETWEEN {} AND {}").format(column, low, high)


def refused_orphans(target: Session, patient: Patient, own_key: Sequence[str]) -> list[Refusal]:
    """The rows `r` whose foreign keys are not met, taken out of ROWS.

    Until no more are found: a row that is refused may have been another's parent.
    """
    refusals: list[Refusal] = []
    found = True
    while found:
        found = False
        for reference in patient.references:
            if not set(reference.columns) <= set(patient.columns):
                continue
            returned = sql.SQL(" RETURNING {}, {}").format(texts("r", own_key), texts("r", reference.columns))
            for key, values in target.execute(orphans(patient, reference) + returned).fetchall():
                found = True
                column = ", ".join(reference.columns)
                refusals.append(
                    Refusal(
                        key=tuple(key),
                        sqlstate=MISSING,
                        constraint=reference.name,
                        column=column,
                        message=f"Key ({column})=({', '.join(each or 'null' for each in values)}) is not present "
                        f'in table "{reference.referred[1]}".',
                        reason=sentence(MISSING, constraint=reference.name, column=column),
                    )
                )
    return refusals


def _refused_moves(target: Session, over: Overwriting) -> list[Refusal]:
    """Rows that would get another value in a column by which others refer to them."""
    return [
        Refusal(
            key=tuple(row[0]),
            sqlstate=STILL_REFERRED,
            constraint=reference.name,
            column=", ".join(reference.referred_columns),
            message=f'Key is still referenced from table "{reference.table[1]}".',
            reason=f"its row in the target has another {', '.join(reference.referred_columns)}, and rows of "
            f"{'.'.join(reference.table)} refer to that ({reference.name})",
        )
        for reference, statement in moved_keys(over.patient)
        for row in target.execute(
            statement + sql.SQL(" RETURNING {}").format(texts("r", over.own_key))
        ).fetchall()
    ]
