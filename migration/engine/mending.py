"""Putting single rows of one target table right, a batch in a transaction: written, or parked and removed.

Whatever a row was before is kept in `schemadiff.repaired_rows` first. Foreign keys hold before and after: a row
whose referenced row is missing is not written, one that others refer to is not removed, nothing cascades.
"""

from collections.abc import Callable, Iterator, Sequence

import psycopg
from psycopg import sql

from migration.core.reasons import is_about_a_row, sentence
from migration.engine.orphans import Reference
from migration.engine.row_parking import (
    EVERY,
    KEYS,
    ROWS,
    Outcome,
    Patient,
    Repaired,
    equal,
    listed,
    note_hashes,
    park_removed,
    park_rows,
)
from migration.engine.rows_written import check_written
from migration.engine.sessions import Session

STILL_REFERRED = "23503"  # as PostgreSQL says it of a row that others refer to

Fill = Callable[[Sequence[str]], None]
"""Puts the rows with these keys into ROWS. A psycopg.Error about a row is that row's fault."""


def write_rows(target: Session, repair: int, patient: Patient, keys: Sequence[str], fill: Fill) -> Outcome:
    """Make the target's rows with these keys as `fill` says they should be. Rows that cannot be stay as they are."""
    try:
        with target.transaction():
            target.execute("SET CONSTRAINTS ALL IMMEDIATE")
            fill(keys)
            outcome = Outcome()
            _set_orphans_aside(target, patient, outcome)
            _set_moved_keys_aside(target, patient, outcome)
            ids = park_rows(target, repair, patient, outcome)
            update_rows(target, patient)
            insert_rows(target, patient)
            check_written(target, patient)
            note_hashes(target, patient, ids)
            return outcome
    except psycopg.Error as error:
        if not is_about_a_row(error.sqlstate or ""):
            raise
        return _one_by_one(target, repair, patient, keys, fill, error)


def _one_by_one(
    target: Session, repair: int, patient: Patient, keys: Sequence[str], fill: Fill, error: psycopg.Error
) -> Outcome:
    """Find the row at fault by halves; the others are written."""
    outcome = Outcome()
    if len(keys) == 1:
        diag = error.diag
        reason = sentence(
            error.sqlstate or "", constraint=diag.constraint_name or "", column=diag.column_name or ""
        )
        outcome.refuse(reason, 1)
        return outcome
    middle = len(keys) // 2
    for half in (keys[:middle], keys[middle:]):
        outcome.add(write_rows(target, repair, patient, half, fill))
    return outcome


def _set_orphans_aside(target: Session, patient: Patient, outcome: Outcome) -> None:
    """Rows whose referenced row is neither there nor comes with them."""
    found = True
    while found:
        found = False
        for reference in patient.references:
            if set(reference.columns) <= set(patient.columns):
                count = target.execute(orphans(patient, reference)).rowcount
                if count:
                    found = True
                    column = ", ".join(reference.columns)
                    outcome.refuse(sentence("23503", constraint=reference.name, column=column), count)


def orphans(patient: Patient, reference: Reference) -> sql.Composed:
    """Deletes the rows `r` whose referenced row is neither there nor comes with them."""
    own = reference.referred == patient.table and set(reference.referred_columns) <= set(patient.columns)
    return sql.SQL(
        "DELETE FROM {rows} r WHERE {filled} AND NOT EXISTS (SELECT FROM {referred} p WHERE {there} FOR KEY SHARE)"
        " AND {not_coming}"
    ).format(
        rows=ROWS,
        filled=reference.filled("r"),
        referred=sql.Identifier(*reference.referred),
        there=reference.met("r", "p"),
        not_coming=sql.SQL("NOT EXISTS (SELECT FROM {} q WHERE {})").format(ROWS, reference.met("r", "q"))
        if own
        else sql.SQL("true"),
    )


def _set_moved_keys_aside(target: Session, patient: Patient, outcome: Outcome) -> None:
    for reference, statement in moved_keys(patient):
        count = target.execute(statement).rowcount
        if count:
            outcome.refuse(_still_referred(reference), count)


def moved_keys(patient: Patient) -> Iterator[tuple[Reference, sql.Composed]]:
    """Delete the rows `r` that would get another value in a column by which others refer to them."""
    for reference in patient.referring:
        moving = [each for each in reference.referred_columns if each in patient.columns]
        if not moving or set(moving) <= set(patient.key):
            continue
        yield (
            reference,
            sql.SQL(
                "DELETE FROM {rows} r USING {table} t WHERE {same} AND ({was}) IS DISTINCT FROM ({will}) "
                "AND EXISTS (SELECT FROM {child} c WHERE {tied})"
            ).format(
                rows=ROWS,
                table=patient.name,
                same=equal("t", patient.key, "r", patient.key),
                was=listed(moving, "t"),
                will=listed(moving, "r"),
                child=sql.Identifier(*reference.table),
                tied=reference.met("c", "t"),
            ),
        )


def _still_referred(reference: Reference) -> str:
    return f"rows of {'.'.join(reference.table)} still refer to it ({reference.name})"


def update_rows(target: Session, patient: Patient, only: sql.Composable = EVERY) -> None:
    """Those that are there become what ROWS has; `only` is a condition about `t` and `r`."""
    columns = [each for each in patient.columns if each not in (*patient.key, *patient.fixed)]
    if not columns:
        return
    target.execute(
        sql.SQL("UPDATE {table} t SET {set} FROM {rows} r WHERE {same} AND {only}").format(
            table=patient.name,
            set=sql.SQL(", ").join(
                sql.SQL("{0} = r.{0}").format(sql.Identifier(column)) for column in columns
            ),
            rows=ROWS,
            same=equal("t", patient.key, "r", patient.key),
            only=only,
        )
    )


def insert_rows(target: Session, patient: Patient, near: sql.Composable = EVERY) -> None:
    """Those of ROWS that are not there; `near` holds for every `t` that may be one of them."""
    target.execute(
        sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {values} FROM {rows} r "
            "WHERE NOT EXISTS (SELECT FROM {table} t WHERE {same} AND {near})"
        ).format(
            table=patient.name,
            columns=listed(patient.columns),
            values=listed(patient.columns, "r"),
            rows=ROWS,
            same=equal("t", patient.key, "r", patient.key),
            near=near,
        )
    )


def remove_rows(target: Session, repair: int, patient: Patient, chosen: sql.Composable) -> Outcome:
    """Park and delete the rows `t` for which the condition holds; those that others refer to stay."""
    outcome = Outcome()
    with target.transaction():
        target.execute("SET CONSTRAINTS ALL IMMEDIATE")
        _choose(target, patient, chosen)
        _set_referred_aside(target, patient, outcome)
        same = equal("t", patient.key, "k", patient.key)
        outcome.done[Repaired.REMOVED] = park_removed(target, repair, patient)
        target.execute(
            sql.SQL("DELETE FROM {table} t USING {keys} k WHERE {same}").format(
                table=patient.name, keys=KEYS, same=same
            )
        )
    return outcome


def _choose(target: Session, patient: Patient, chosen: sql.Composable) -> None:
    """Locked, so that nobody refers to them anew meanwhile."""
    target.execute(
        sql.SQL(
            "INSERT INTO {keys} SELECT DISTINCT {columns} FROM (SELECT {listed} FROM {table} t WHERE {chosen} "
            "FOR UPDATE) t"
        ).format(
            keys=KEYS,
            columns=listed(patient.key, "t"),
            listed=listed(patient.key, "t"),
            table=patient.name,
            chosen=chosen,
        )
    )


def _set_referred_aside(target: Session, patient: Patient, outcome: Outcome) -> None:
    found = True
    while found:
        found = False
        for reference in patient.referring:
            count = target.execute(_referred(patient, reference)).rowcount
            if count:
                found = True
                outcome.refuse(_still_referred(reference), count)


def _referred(patient: Patient, reference: Reference) -> sql.Composed:
    """Rows that go themselves do not hold another one back."""
    own = reference.table == patient.table
    return sql.SQL(
        "DELETE FROM {keys} k USING {table} t WHERE {same} "
        "AND EXISTS (SELECT FROM {child} c WHERE {tied} AND {staying})"
    ).format(
        keys=KEYS,
        table=patient.name,
        same=equal("t", patient.key, "k", patient.key),
        child=sql.Identifier(*reference.table),
        tied=reference.met("c", "t"),
        staying=sql.SQL("NOT EXISTS (SELECT FROM {} g WHERE {})").format(
            KEYS, equal("g", patient.key, "c", patient.key)
        )
        if own
        else sql.SQL("true"),
    )
