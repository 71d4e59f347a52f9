"""What a server that fires no triggers does not look at, looked at after rows were written: keys, and lost rows.

Found wrong, the server raises the error that it would have raised itself, so that the row at fault is found and
refused like any other.
"""

from collections.abc import Iterable

from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.orphans import Reference
from migration.engine.row_parking import ROWS, Patient, equal
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

_DEFERRABLE = """
SELECT k.conname, k.contype = 'x',
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (n, place)
             JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.place)
FROM pg_catalog.pg_constraint k
WHERE k.conrelid = pg_catalog.to_regclass(%s) AND k.contype IN ('p', 'u', 'x') AND k.condeferrable
ORDER BY k.conname
"""


def check_written(target: Session, patient: Patient) -> None:
    """Raises a psycopg.Error where a row of ROWS, as it is in the table now, has a foreign key that is not met.

    Only keys are looked at that may have come apart after the rows were looked at before they were written: those
    within the table, those of which not all columns come, and MATCH FULL.
    """
    for reference in patient.references:
        whole = set(reference.columns) <= set(patient.columns)
        if reference.referred == patient.table or not whole or reference.full:
            _raise_where(target, _unmet(patient, reference), "23503", reference)


def check_all_there(target: Session, patient: Patient, near: sql.Composable) -> None:
    """Raises a psycopg.Error where a trigger has left out a row of ROWS."""
    lost = sql.SQL("SELECT FROM {rows} r WHERE NOT EXISTS (SELECT FROM {table} t WHERE {same} AND {near})")
    _raise_where(
        target,
        lost.format(rows=ROWS, table=patient.name, same=equal("t", patient.key, "r", patient.key), near=near),
        "P0001",
        None,
    )


def _unmet(patient: Patient, reference: Reference) -> sql.Composed:
    return sql.SQL(
        "SELECT FROM {table} t JOIN {rows} r ON {same} WHERE {filled} "
        "AND NOT EXISTS (SELECT FROM {referred} p WHERE {there})"
    ).format(
        table=patient.name,
        rows=ROWS,
        same=equal("t", patient.key, "r", patient.key),
        filled=reference.filled("t"),
        referred=sql.Identifier(*reference.referred),
        there=reference.met("t", "p"),
    )


def _raise_where(target: Session, found: sql.Composed, code: str, reference: Reference | None) -> None:
    told = "the row is not in the table after it was written: a trigger left it out"
    names: sql.Composable = sql.SQL("")
    if reference is not None:
        told = f'violates foreign key constraint "{reference.name}"'
        names = sql.SQL(", CONSTRAINT = {}, COLUMN = {}").format(
            sql.Literal(reference.name), sql.Literal(", ".join(reference.columns))
        )
    body = sql.SQL(
        "BEGIN IF EXISTS ({found}) THEN RAISE EXCEPTION USING ERRCODE = {code}, MESSAGE = {told}{names}; END IF; END"
    ).format(found=found, code=sql.Literal(code), told=sql.Literal(told), names=names)
    target.execute(sql.SQL("DO {}").format(sql.Literal(body.as_string(target))))


def deferrable_keys(target: Session, table: QualifiedName) -> tuple[tuple[str, bool, tuple[str, ...]], ...]:
    """The keys that PostgreSQL checks by triggers: name, whether it is an exclusion, columns."""
    rows = target.execute(_DEFERRABLE, [sql.Identifier(*table).as_string(target)]).fetchall()
    return tuple((row[0], row[1], tuple(row[2])) for row in rows)


def check_deferrable_keys(target: Session, tables: Iterable[QualifiedName]) -> None:
    """Raises RunFailed where rows break a deferrable key, which was not looked at when they were written."""
    for table in sorted(set(tables)):
        for name, is_exclusion, columns in deferrable_keys(target, table):
            if not is_exclusion and (count := _doubled(target, table, columns)):
                raise RunFailed(
                    f"The deferrable key {name} of {'.'.join(table)} does not hold: values of {', '.join(columns)} "
                    f"that come more than once: {count:,}. It is not checked while triggers are not fired. Correct "
                    "the rows in the source and put the target back, or make the key NOT DEFERRABLE and run anew."
                )


def _doubled(target: Session, table: QualifiedName, columns: tuple[str, ...]) -> int:
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    filled = sql.SQL(" AND ").join(sql.SQL("{} IS NOT NULL").format(sql.Identifier(each)) for each in columns)
    row = target.execute(
        sql.SQL(
            "SELECT count(*) FROM (SELECT FROM {} WHERE {} GROUP BY {} HAVING count(*) > 1) AS doubled"
        ).format(sql.Identifier(*table), filled, listed)
    ).fetchone()
    return int(row[0]) if row else 0
