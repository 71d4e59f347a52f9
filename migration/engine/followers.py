"""How far a run has followed its source, kept in the target: in the same transaction as what was applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from psycopg.types.json import Jsonb

from migration.core.positions import Lsn, lsn_of, text_of
from migration.engine import ledger
from migration.engine.sessions import Session
from migration.engine.slots import name_for
from schemadiff.core.mapping import QualifiedName

Shape: TypeAlias = tuple[tuple[str, int, int], ...]
"""A source table's columns as the log knows them: name, type's OID, modifier."""


class Following(StrEnum):
    PLANNED = "planned"  # there may be a slot, or not yet
    BEGUN = "following"  # the slot is there, rows are copied and changes applied
    FENCED = "fenced"  # the source takes no more writes of the application
    ENDED = "ended"  # the target has everything, and takes the writes now
    LEFT = "left"  # and nothing of it is on the source any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """`applied` is 0 where there is no slot yet; `slot` is empty where there will be none. Of the transaction whose
    commit lies at `part`, the first `skipped` changes are in the target, too."""

    run: UUID
    slot: str
    state: Following
    shapes: Mapping[QualifiedName, Shape]
    applied: Lsn = 0
    part: Lsn = 0
    skipped: int = 0
    settled_after: Lsn = 0
    committed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Changes of one source table since its copy."""

    table: QualifiedName
    inserts: int
    updates: int
    deletes: int
    truncates: int


def plan(target: Session, run: UUID, shapes: Mapping[QualifiedName, Shape]) -> None:
    """Before anything is made on the source, so that whatever is left there is known here."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "INSERT INTO schemadiff.followers (run, slot, state, tables) VALUES (%s, %s, 'planned', %s) "
            "ON CONFLICT (run) DO UPDATE SET tables = excluded.tables",
            [run, name_for(run), Jsonb(_shapes_to_json(shapes))],
        )
        with target.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO schemadiff.followed (run, source_schema, source_table) VALUES (%s, %s, %s) "
                "ON CONFLICT DO NOTHING",
                [(run, *table) for table in sorted(shapes)],
            )


def plan_rounds(target: Session, run: UUID, shapes: Mapping[QualifiedName, Shape]) -> None:
    """Of a run that compares: nothing is made on the source, so it has no slot."""
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(
            "INSERT INTO schemadiff.followers (run, slot, state, tables) VALUES (%s, '', 'following', %s) "
            "ON CONFLICT (run) DO NOTHING",
            [run, Jsonb(_shapes_to_json(shapes))],
        )


def begin(target: Session, run: UUID, start: Lsn) -> None:
    """The slot is there. No row has been copied before this is written."""
    _write(
        target, "state = 'following', applied = %s, settled_after = %s", run, text_of(start), text_of(start)
    )


def settle_after(target: Session, run: UUID, place: Lsn) -> None:
    """Rows are copied by a snapshot that was taken before this place, and after the slot was made."""
    _write(target, "settled_after = greatest(settled_after, %s::pg_lsn)", run, text_of(place))


def enter(target: Session, run: UUID, state: Following) -> None:
    _write(target, "state = %s", run, state.value)


def forget_slot(target: Session, run: UUID) -> None:
    """It is gone from the source; the fence there, if there is one, is not."""
    enter(target, run, Following.LEFT)


def keep_fence(target: Session, run: UUID, undoing: Sequence[str]) -> None:
    """Before the fence is raised: whoever lifts it, be it after a crash, finds here how."""
    _write(target, "state = 'fenced', fence = %s", run, Jsonb(list(undoing)))


def forget_fence(target: Session, run: UUID, state: Following) -> None:
    """It has been lifted."""
    _write(target, "state = %s, fence = NULL", run, state.value)


def kept_fence(target: Session, run: UUID) -> tuple[str, ...]:
    """What lifts the fence; empty where none was raised."""
    row = target.execute("SELECT fence FROM schemadiff.followers WHERE run = %s", [run]).fetchone()
    return tuple(row[0]) if row and row[0] else ()


def learn_shapes(target: Session, run: UUID, shapes: Mapping[QualifiedName, Shape]) -> None:
    """The tables of the source are others now."""
    _write(target, "tables = %s", run, Jsonb(_shapes_to_json(shapes)))


def find(target: Session, run: UUID) -> Follower | None:
    """None where that run does not follow."""
    return next((each for each in followers(target) if each.run == run), None)


def followers(target: Session) -> tuple[Follower, ...]:
    """All of them, those of the latest runs first."""
    if not ledger.exists(target) or not _exist(target):
        return ()
    rows = target.execute(
        "SELECT f.run, f.slot, f.state, f.tables, coalesce(f.applied, '0/0')::text, coalesce(f.part, '0/0')::text, "
        "f.skipped, coalesce(f.settled_after, '0/0')::text, f.committed_at "
        "FROM schemadiff.followers f JOIN schemadiff.runs r ON r.id = f.run ORDER BY r.started_at DESC, r.id"
    ).fetchall()
    return tuple(
        Follower(
            run=row[0],
            slot=row[1],
            state=Following(row[2]),
            shapes=_shapes_from_json(row[3]),
            applied=lsn_of(row[4]),
            part=lsn_of(row[5]),
            skipped=row[6],
            settled_after=lsn_of(row[7]),
            committed_at=row[8],
        )
        for row in rows
    )


def followed(target: Session, run: UUID) -> tuple[Followed, ...]:
    """What was applied of each table."""
    rows = target.execute(
        "SELECT source_schema, source_table, inserts, updates, deletes, truncates FROM schemadiff.followed "
        "WHERE run = %s ORDER BY 1, 2",
        [run],
    ).fetchall()
    return tuple(
        Followed(table=(row[0], row[1]), inserts=row[2], updates=row[3], deletes=row[4], truncates=row[5])
        for row in rows
    )


OVER = "schemadiff.is_over"
"""No setting has that name, so asking for it is an error: whose transaction it is in, it takes all of it back."""
CHECKPOINT = (
    f"UPDATE schemadiff.followers SET applied = CASE WHEN state IN ('{Following.ENDED}', '{Following.LEFT}') "
    f"THEN current_setting('{OVER}')::pg_lsn ELSE $2::pg_lsn END, part = nullif($3::pg_lsn, '0/0'), "
    "skipped = $4::bigint, committed_at = $5::timestamptz, applied_at = clock_timestamp() WHERE run = $1::uuid"
)
"""To be prepared: run, applied, part, skipped, when the source committed it. Once the other side leads nothing is
taken any more: a follower that has not heard of it would bring back what is older there."""
COUNTED = (
    "WITH counted AS (UPDATE schemadiff.followed SET inserts = inserts + $4::bigint, updates = updates + $5::bigint, "
    "deletes = deletes + $6::bigint, truncates = truncates + $7::bigint "
    "WHERE run = $1::uuid AND source_schema = $2::text AND source_table = $3::text) "
    "INSERT INTO schemadiff.changed (run, source_schema, source_table, keys) "
    "VALUES ($1::uuid, $2::text, $3::text, $8::text)"
)
"""To be prepared: run, schema, table, how many of each kind, and the keys of the rows (as in changed_keys)."""


def _write(target: Session, what: str, run: UUID, *values: object) -> None:
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        target.execute(f"UPDATE schemadiff.followers SET {what} WHERE run = %s".encode(), [*values, run])


def _exist(target: Session) -> bool:
    """A ledger of an earlier format has none."""
    row = target.execute("SELECT to_regclass('schemadiff.followers') IS NOT NULL").fetchone()
    return bool(row and row[0])


def _shapes_to_json(shapes: Mapping[QualifiedName, Shape]) -> list[object]:
    return [[*table, [list(column) for column in shapes[table]]] for table in sorted(shapes)]


def _shapes_from_json(data: Sequence[Sequence[object]]) -> dict[QualifiedName, Shape]:
    shapes: dict[QualifiedName, Shape] = {}
    for schema, name, columns in data:
        assert isinstance(columns, list)
        shapes[str(schema), str(name)] = tuple((column[0], column[1], column[2]) for column in columns)
    return shapes
