"""The rows that a repair is about to touch: which table's, how they are named, and kept as they were.

Whatever a row was before is in `schemadiff.repaired_rows` before it is touched, so that it can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from psycopg import sql

from migration.engine.carrying import TargetType
from migration.engine.orphans import Reference, references_of
from migration.engine.queries import query
from migration.engine.row_hash import row_hash
from migration.engine.sessions import Session
from schemadiff.core.mapping import QualifiedName

ROWS_TABLE = ("pg_temp", "schemadiff_rows")
ROWS, KEYS = sql.Identifier(*ROWS_TABLE), sql.Identifier("pg_temp", "schemadiff_keys")
"""A session's own tables: rows that are to be written, keys of rows that are to go."""
EVERY: sql.Composable = sql.SQL("true")
"""A condition that always holds."""


class Repaired(StrEnum):
    """What was done to a row."""

    INSERTED = "inserted"
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How many rows of each kind; `refused` counts rows that stayed as they were, by reason."""

    done: dict[Repaired, int] = field(default_factory=lambda: dict.fromkeys(Repaired, 0))
    refused: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.done.values())

    def refuse(self, reason: str, count: int) -> None:
        self.refused[reason] = self.refused.get(reason, 0) + count

    def add(self, other: "Outcome") -> None:
        for kind, count in other.done.items():
            self.done[kind] += count
        for reason, count in other.refused.items():
            self.refuse(reason, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """The table, the columns that are written, and those that name a row. `types` are all of its columns."""

    table: QualifiedName
    columns: tuple[str, ...]
    key: tuple[str, ...]
    types: tuple[TargetType, ...]
    references: tuple[Reference, ...]
    referring: tuple[Reference, ...]
    fixed: tuple[str, ...]  # GENERATED ALWAYS AS IDENTITY: no UPDATE may set them

    @property
    def name(self) -> sql.Composable:
        return sql.Identifier(*self.table)


def patient_of(
    target: Session,
    table: QualifiedName,
    columns: Sequence[str],
    key: Sequence[str],
    types: Sequence[TargetType],
) -> Patient:
    """Ask what ties the table to others, and make the session's own tables for it."""
    patient = Patient(
        table=table,
        columns=tuple(columns),
        key=tuple(key),
        types=tuple(each for each in types if not each.generated),
        references=references_of(target, table),
        referring=_referring(target, table),
        fixed=fixed_columns(target, table),
    )
    for own, names in ((ROWS, patient.columns), (KEYS, patient.key)):
        target.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(own))
        target.execute(
            sql.SQL(
                "CREATE TEMPORARY TABLE {} ON COMMIT DELETE ROWS AS SELECT {} FROM {} WITH NO DATA"
            ).format(own, listed(names), patient.name)
        )
    return patient


def _referring(target: Session, table: QualifiedName) -> tuple[Reference, ...]:
    rows = target.execute(query("referring"), [sql.Identifier(*table).as_string(target)]).fetchall()
    return tuple(
        Reference(
            name=row[0],
            table=(row[1], row[2]),
            columns=tuple(row[3]),
            referred=table,
            referred_columns=tuple(row[4]),
            collations=tuple(row[5]),
        )
        for row in rows
    )


def fixed_columns(target: Session, table: QualifiedName) -> tuple[str, ...]:
    """Those that are GENERATED ALWAYS AS IDENTITY: no UPDATE may set them."""
    rows = target.execute(
        "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = pg_catalog.to_regclass(%s) "
        "AND attidentity = 'a' AND attnum > 0 ORDER BY attnum",
        [sql.Identifier(*table).as_string(target)],
    ).fetchall()
    return tuple(row[0] for row in rows)


def park_rows(target: Session, repair: int, patient: Patient, outcome: Outcome) -> list[int]:
    """What is there now, before it is overwritten; and which rows are new."""
    updated = park_updated(target, repair, patient)
    inserted = target.execute(
        sql.SQL(
            "{into} SELECT {place}, {key}, 'inserted', NULL FROM {rows} r WHERE NOT EXISTS "
            "(SELECT FROM {table} t WHERE {same}) RETURNING id"
        ).format(
            into=_INTO,
            place=_place(repair, patient),
            key=texts("r", patient.key),
            table=patient.name,
            rows=ROWS,
            same=equal("t", patient.key, "r", patient.key),
        )
    ).fetchall()
    outcome.done[Repaired.UPDATED] += len(updated)
    outcome.done[Repaired.INSERTED] += len(inserted)
    return [*updated, *(row[0] for row in inserted)]


def park_updated(target: Session, repair: int, patient: Patient, only: sql.Composable = EVERY) -> list[int]:
    """The rows that ROWS is to overwrite, as they are; of those for which `only` holds (of `t` and `r`)."""
    rows = target.execute(
        sql.SQL(
            "{into} SELECT {place}, {key}, 'updated', {former} FROM {table} t JOIN {rows} r ON {same} "
            "WHERE {only} FOR UPDATE OF t RETURNING id"
        ).format(
            into=_INTO,
            place=_place(repair, patient),
            key=texts("t", patient.key),
            former=_former(patient),
            table=patient.name,
            rows=ROWS,
            same=equal("t", patient.key, "r", patient.key),
            only=only,
        )
    ).fetchall()
    return [row[0] for row in rows]


def unlike(patient: Patient) -> sql.Composable:
    """Does `r` have another value than `t` in a column that is written? As a verification sees it."""
    written = [each for each in patient.types if each.column in patient.columns]
    one, other = (
        sql.SQL(", ").join(each.hashable(sql.Identifier(alias, each.column)) for each in written)
        for alias in ("t", "r")
    )
    return sql.SQL("ROW({}) IS DISTINCT FROM ROW({})").format(one, other)


_INTO = sql.SQL(
    "INSERT INTO schemadiff.repaired_rows "
    "(repair, target_schema, target_table, key_columns, key, kind, former)"
)


def _place(repair: int, patient: Patient) -> sql.Composable:
    return sql.SQL("{}, {}, {}, {}::text[]").format(
        sql.Literal(repair), *map(sql.Literal, patient.table), sql.Literal(list(patient.key))
    )


def _former(patient: Patient) -> sql.Composable:
    """The row as JSON of texts: what a value is written as, it is read from again, whatever its type."""
    names = [each.column for each in patient.types]
    return sql.SQL("json_object({}::text[], {})").format(sql.Literal(names), texts("t", names))


def park_removed(target: Session, repair: int, patient: Patient) -> int:
    """The rows whose keys are in KEYS; returns how many."""
    return target.execute(
        sql.SQL(
            "{into} SELECT {place}, {key}, 'removed', {former} FROM {table} t JOIN {keys} k ON {same}"
        ).format(
            into=_INTO,
            place=_place(repair, patient),
            key=texts("t", patient.key),
            former=_former(patient),
            table=patient.name,
            keys=KEYS,
            same=equal("t", patient.key, "k", patient.key),
        )
    ).rowcount


def note_hashes(target: Session, patient: Patient, ids: list[int]) -> None:
    target.execute(
        sql.SQL(
            "UPDATE schemadiff.repaired_rows p SET written = {hash} FROM {table} t JOIN {rows} r ON {same} "
            "WHERE p.id = ANY ({ids}::bigint[]) AND p.key = {key}"
        ).format(
            hash=hash_of(patient, "t"),
            table=patient.name,
            rows=ROWS,
            same=equal("t", patient.key, "r", patient.key),
            ids=sql.Literal(ids),
            key=texts("t", patient.key),
        )
    )


def hash_of(patient: Patient, alias: str) -> sql.Composable:
    """The strict hash of a whole row of the table."""
    return row_hash([each.hashed(sql.Identifier(alias, each.column)) for each in patient.types])


def listed(names: Sequence[str], alias: str | None = None) -> sql.Composed:
    """`a, b`, or `t.a, t.b`."""
    return sql.SQL(", ").join(
        sql.Identifier(name) if alias is None else sql.Identifier(alias, name) for name in names
    )


def texts(alias: str, names: Sequence[str]) -> sql.Composed:
    """Their texts as an array, under one collation: columns of several could not be compared with anything."""
    return sql.SQL("ARRAY[{}]").format(
        sql.SQL(", ").join(
            sql.SQL('{}::text COLLATE "C"').format(sql.Identifier(alias, name)) for name in names
        )
    )


def equal(one: str, columns: Sequence[str], other: str, others: Sequence[str]) -> sql.Composed:
    """`one.a = other.x AND one.b = other.y`."""
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(one, column), sql.Identifier(other, theirs))
        for column, theirs in zip(columns, others, strict=True)
    )
