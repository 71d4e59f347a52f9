"""What runs leave in the target (ledger, rejects, parked schemas): listed first, then removed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from psycopg import sql

from migration.core.phases import ENDS, Phase
from migration.engine import followers, ledger, repairs
from migration.engine.failures import explained
from migration.engine.leaving import on_source, remove_from, slot_of
from migration.engine.left_behind import fences_left, remove_way, told, ways_left
from migration.engine.queries import query
from migration.engine.sessions import Session, only_run, open_target
from schemadiff.core.errors import NotFound, Refused

_ENDED = {
    Phase.FINISH: "finished",
    Phase.CANCELLED: "cancelled",
    Phase.FAILED: "failed and resumable",
    Phase.ROLLED_BACK: "put back",
}
SLOT = "replication slot"
_ALONE = (SLOT, "parked schema", "run", "ledger", "repairs")
_PARKED = "schemadiff\\_parked\\_%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """One thing that a run left. `size` is in bytes (0 where it is not known by itself)."""

    kind: str  # run, replication slot, record, fence, parked schema, ledger, repairs
    name: str
    size: int
    ledger_id: UUID | None
    what: str  # a sentence for people
    alone: bool = False  # may it be removed by itself, now?


@explained("What runs have left could not be listed", "Try again")
def leftovers(
    target_dsn: str, ledger_id: UUID | None = None, source_dsn: str | None = None
) -> tuple[Leftover, ...]:
    """All of them, or one run's. Raises NotFound for an unknown run.

    How much a slot holds is asked of the source, where that is given.
    """
    with open_target(target_dsn) as target:
        return _leftovers(target, ledger_id, source_dsn)


def _leftovers(
    target: Session, ledger_id: UUID | None, source_dsn: str | None = None
) -> tuple[Leftover, ...]:
    if ledger_id is not None:
        ledger.find(target, ledger_id)
    listed = [
        *_runs(target, ledger_id),
        *_slots(target, ledger_id, source_dsn),
        *_ways_back(target, ledger_id),
        *_fences(target, ledger_id),
        *_schemas(target, ledger_id),
    ]
    if ledger_id is None and ledger.exists(target):
        size = _size(target, ledger.SCHEMA)
        listed.append(
            Leftover(
                kind="ledger",
                name=ledger.SCHEMA,
                size=size,
                ledger_id=None,
                what="The ledger of all runs, with their rejects.",
            )
        )
    if ledger_id is None:
        listed += _repairs(target)
    ended = {run.id for run in ledger.runs(target) if run.phase in ENDS}
    return tuple(replace(each, alone=_is_alone(each, listed, ended)) for each in listed)


def _is_alone(leftover: Leftover, listed: Sequence[Leftover], ended: set[UUID]) -> bool:
    """What a run still needs to be resumed goes with the run only, and a run's entry knows what else is its own."""
    match leftover.kind:
        case "run":
            others = any(each.ledger_id == leftover.ledger_id and each is not leftover for each in listed)
            return leftover.ledger_id in ended and not others
        case "ledger":
            return all(each.ledger_id is None for each in listed)
        case kind:
            return kind in _ALONE and (leftover.ledger_id is None or leftover.ledger_id in ended)


def _slots(target: Session, ledger_id: UUID | None, source_dsn: str | None) -> list[Leftover]:
    """What runs that follow have made on their sources."""
    found = []
    for follower in on_source(target, ledger_id):
        slot = slot_of(source_dsn, target, follower.run) if source_dsn is not None else None
        where = ledger.origin(target, follower.run).name
        held = (
            "holds back the source's log"
            if slot is None
            else "is so much of the source's log that it holds back"
        )
        if source_dsn is not None and slot is None:
            held = "is gone already"
        found.append(
            Leftover(
                kind=SLOT,
                name=follower.slot,
                size=slot.held if slot else 0,
                ledger_id=follower.run,
                what=f"On the source {where}, with the publication of that name; it {held}.",
            )
        )
    return found


def _fences(target: Session, ledger_id: UUID | None) -> list[Leftover]:
    """What a cut-over took from roles on the source. Only the record goes; they do not get it back by that."""
    return [
        Leftover(
            kind="fence",
            name=str(follower.run),
            size=0,
            ledger_id=follower.run,
            what="On the source roles may write no more. `cutover … --back --leave-writes` lifts that; without the "
            f"record somebody has to do it by hand: {'; '.join(lifting)}.",
        )
        for follower in followers.followers(target)
        if ledger_id in (None, follower.run) and (lifting := followers.kept_fence(target, follower.run))
    ]


def _ways_back(target: Session, ledger_id: UUID | None) -> list[Leftover]:
    """What brings into a source what is written to this target, and what keeps roles from writing to it."""
    found = [
        Leftover(kind=kind, name=name, size=size, ledger_id=way.run, what=what)
        for way in ways_left(target, ledger_id)
        for kind, name, size, what in told(target, way)
    ]
    return found + [
        Leftover(
            kind="fence",
            name=str(way.run),
            size=0,
            ledger_id=way.run,
            what="On this target roles may write no more. The next `cutover` lifts that; without the record somebody "
            f"has to do it by hand: {'; '.join(way.fence)}.",
        )
        for way in fences_left(target, ledger_id)
    ]


def _repairs(target: Session) -> list[Leftover]:
    made = repairs.recorded(target)
    if not made:
        return []
    rows = sum(repair.rows for repair in made)
    what = f"The record of {len(made):,} repairs, with what {rows:,} rows were before: none can be undone after that."
    return [Leftover(kind="repairs", name="repairs", size=0, ledger_id=None, what=what)]


def _runs(target: Session, ledger_id: UUID | None) -> list[Leftover]:
    found = []
    for run in ledger.runs(target):
        if ledger_id in (None, run.id):
            rejects = _count(target, run.id)
            what = f"Run of {run.started_at} UTC ({run.option}), {_ENDED.get(run.phase, 'unfinished')}"
            what += f", with {rejects:,} rejects." if rejects else "."
            found.append(Leftover(kind="run", name=str(run.id), size=0, ledger_id=run.id, what=what))
    return found


def _count(target: Session, ledger_id: UUID) -> int:
    row = target.execute(
        "SELECT count(*) FROM schemadiff.rejects WHERE run = %s AND NOT recovered", [ledger_id]
    ).fetchone()
    return int(row[0]) if row else 0


def _schemas(target: Session, ledger_id: UUID | None) -> list[Leftover]:
    owners = _owners(target)
    rows = target.execute(
        "SELECT n.nspname, count(c.oid) FROM pg_namespace n LEFT JOIN pg_class c ON c.relnamespace = n.oid "
        "AND c.relkind IN ('r', 'p') WHERE n.nspname LIKE %s GROUP BY n.nspname ORDER BY n.nspname",
        [_PARKED],
    ).fetchall()
    return [
        Leftover(
            kind="parked schema",
            name=name,
            size=_size(target, name),
            ledger_id=owners.get(name),
            what=f"{tables} tables that were put aside, with their rows.",
        )
        for name, tables in rows
        if name in owners and ledger_id in (None, owners[name])
    ]


def _owners(target: Session) -> dict[str, UUID]:
    """Which run put something into which parked schema. What no run made is nobody's to remove.

    A schema is named after the state of the target: a run that was put back has none, and a later one may
    have used the same name.
    """
    if not ledger.exists(target):
        return {}
    rows = target.execute(
        "SELECT m.schema, m.run FROM schemadiff.moved m JOIN schemadiff.runs r ON r.id = m.run "
        "WHERE m.schema LIKE %s AND m.from_schema IS NOT NULL AND r.phase <> %s ORDER BY r.started_at",
        [_PARKED, Phase.ROLLED_BACK.value],
    ).fetchall()
    owners: dict[str, UUID] = dict(rows)
    for run in ledger.runs(target):
        owners[f"schemadiff_parked_{run.id.hex[:8]}_undone"] = run.id
    return owners


def _size(target: Session, schema: str) -> int:
    row = target.execute(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relkind IN ('r', 'm', 'S')",
        [schema],
    ).fetchone()
    return int(row[0]) if row else 0


@explained("What runs have left could not all be removed", "Try again")
def clean(
    target_dsn: str,
    ledger_id: UUID | None = None,
    source_dsn: str | None = None,
    *,
    is_source_gone: bool = False,
) -> tuple[Leftover, ...]:
    """Remove a run's leftovers, or all runs' with the ledger; returns what was removed.

    Raises Refused, with nothing removed, if something outside a parked schema depends on what lies in it, a run can
    still be resumed and was not named, or there is a slot on a source that is not given and not gone for good.
    """
    with open_target(target_dsn) as target, only_run(target):
        listed = _leftovers(target, ledger_id, source_dsn)
        _refuse_resumable(target, ledger_id)
        _remove_slots(target, ledger_id, source_dsn, is_source_gone=is_source_gone)
        with target.transaction():
            target.execute("SET LOCAL synchronous_commit = on")
            for leftover in listed:
                if leftover.kind == "parked schema":
                    _drop_schema(target, leftover.name)
            if ledger_id is not None:
                target.execute("DELETE FROM schemadiff.runs WHERE id = %s", [ledger_id])
            else:
                repairs.remove(target)
                ledger.remove(target)
        return listed


@explained("What a run has left could not be removed", "Try again")
def clean_one(
    target_dsn: str, kind: str, name: str, ledger_id: UUID | None, source_dsn: str | None = None
) -> Leftover:
    """Remove one thing that a run left (of all runs: `ledger_id` is None), and nothing else; returns it.

    Raises NotFound, Refused; nothing was removed then.
    """
    with open_target(target_dsn) as target, only_run(target):
        wanted = (kind, name, ledger_id)
        found = [each for each in _leftovers(target, ledger_id) if _named(each) == wanted]
        if not found:
            raise NotFound(f"No run has left a {kind} {name}, or it was removed meanwhile.")
        if not found[0].alone:
            raise Refused(
                f"The {kind} {name} cannot be removed by itself: something else that is left needs it, or the run can "
                "still be resumed. Remove the rest first, or all that the run left."
            )
        if kind == SLOT:
            _remove_slots(target, ledger_id, source_dsn, is_source_gone=False)
        else:
            _remove_here(target, found[0])
        return found[0]


def _named(leftover: Leftover) -> tuple[str, str, UUID | None]:
    return leftover.kind, leftover.name, leftover.ledger_id


def _remove_here(target: Session, leftover: Leftover) -> None:
    with target.transaction():
        target.execute("SET LOCAL synchronous_commit = on")
        match leftover.kind:
            case "parked schema":
                _drop_schema(target, leftover.name)
                target.execute("DELETE FROM schemadiff.moved WHERE schema = %s", [leftover.name])
            case "run":
                target.execute("DELETE FROM schemadiff.runs WHERE id = %s", [leftover.ledger_id])
            case "repairs":
                repairs.remove(target)
            case _:
                ledger.remove(target)


def _remove_slots(
    target: Session, ledger_id: UUID | None, source_dsn: str | None, *, is_source_gone: bool
) -> None:
    following, returning = on_source(target, ledger_id), ways_left(target, ledger_id)
    if following and source_dsn is None and not is_source_gone:
        raise Refused(
            f"The replication slot {following[0].slot} on the source "
            f"{ledger.origin(target, following[0].run).name} would be forgotten and hold back its log for ever. Give "
            "that source with --source, or say --source-is-gone if it is."
        )
    if returning and source_dsn is None and not is_source_gone:
        raise Refused(
            f"The source {ledger.origin(target, returning[0].run).name} has the record of what came back into it. "
            "Give that source with --source, or say --source-is-gone if it is."
        )
    for way in returning:
        remove_way(source_dsn, target, way)
    for follower in following if source_dsn is not None else ():
        remove_from(source_dsn or "", target, follower.run)


def _refuse_resumable(target: Session, ledger_id: UUID | None) -> None:
    unfinished = [run for run in ledger.runs(target) if run.phase not in ENDS]
    if ledger_id is None and unfinished:
        raise Refused(
            f"Run {unfinished[0].id} has not ended and can be resumed. Resume it, or remove it by name "
            "with --run "
            f"{unfinished[0].id}."
        )


def _drop_schema(target: Session, schema: str) -> None:
    """Without CASCADE over its border: what others need stays, and they are named. So does what others put in."""
    strangers = _strangers(target, schema)
    if strangers:
        raise Refused(
            f"The schema {schema} cannot be removed: {', '.join(strangers)} in it was put there by no run. "
            "Move or drop that first."
        )
    outside = _dependents(target, schema)
    if outside:
        raise Refused(
            f"The schema {schema} cannot be removed: {', '.join(outside)} outside of it needs what lies in "
            "it. "
            "Drop or change that first."
        )
    target.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(schema)))


def _strangers(target: Session, schema: str) -> list[str]:
    """Tables and views in the schema that the ledger knows nothing of."""
    rows = target.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') "
        "AND NOT EXISTS (SELECT FROM schemadiff.moved m WHERE m.oid = c.oid) ORDER BY 1",
        [schema],
    ).fetchall()
    return [row[0] for row in rows]


def _dependents(target: Session, schema: str) -> list[str]:
    """Tables and views outside the schema that a foreign key, view, default or type ties to it."""
    rows = target.execute(
        query("dependents"),
        [schema],
    ).fetchall()
    return [row[0] for row in rows]
