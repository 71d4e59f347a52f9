"""Reverse follow: from the moment on at which clients can write to the target, what they write comes into the source.

It is the same machine turned round: slot and publication are on the target, the record of what is applied is in the
source (schema `schemadiff`), in the same transaction as the rows. The way leads through the inverse of the mapping.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from psycopg import sql

from migration.core.errors import RunFailed
from migration.core.inverting import Inverse, inverse_of, merged_tables
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.engine import followers, ledger, repairs, slots, ways_back
from migration.engine.carrying import TargetType, carriage_of, column_types
from migration.engine.changed_check import Direction
from migration.engine.changed_rows import shapes_of
from migration.engine.failures import close_quietly
from migration.engine.followers import Follower
from migration.engine.held import hold
from migration.engine.live_checks import followed_table, lacking_on
from migration.engine.places import origin_of, place_of
from migration.engine.rejects import keys_of
from migration.engine.row_statements import statements_of
from migration.engine.sessions import Session, name_of
from migration.engine.stream import Stream
from migration.engine.ways import Refusing, Way
from migration.engine.ways_back import Leading, reverse_of
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.option import Scope
from schemadiff.core.plan import Plan

OPTION = "way back"
"""What the record in the source says that it is of."""

_REMEDY = (
    "So there is no way back without a loss any more: end it (cutover --end-way-back); `cutover --back --leave-writes` "
    "then goes back without what is missing."
)
_PATIENCE = 60.0  # seconds that a slot may wait for the transactions that are open on its server


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The way back of a run. `certain` is so much of the mapping as holds again for rows that came back."""

    run: UUID
    way: Way
    inverses: tuple[Inverse, ...]

    @property
    def certain(self) -> Mapping:
        return Mapping(tables=tuple(each.certain for each in self.inverses))

    def limits(self) -> tuple[str, ...]:
        """What does not come back as it is, in sentences."""
        return tuple(sentence for inverse in self.inverses for sentence in inverse.limits())


def planned(source: Session, target: Session, spec: RunSpec) -> Planned:
    """Nothing is made yet. Raises Refused where a table has no way back."""
    merged = merged_tables(spec.mapping)
    if merged:
        raise Refused(
            f"{', '.join('.'.join(table) for table in merged)} takes the rows of several tables of the source, and "
            "which row is whose it does not tell, so nothing could be brought back."
        )
    inverses, kept = [], {}
    for entry in spec.mapping.tables:
        here, there = column_types(source, entry.source), column_types(target, entry.target)
        writable = [each.column for each in there if not each.generated]
        inverse = inverse_of(entry, [each.column for each in here if not each.generated], writable)
        inverses.append(inverse)
        kept[entry.target] = _kept(inverse, here, there)
    way = Way(
        run=reverse_of(spec.ledger_id),
        mapping=Mapping(tables=tuple(each.entry for each in inverses)),
        kept=kept,
        refusing=Refusing.STAYS,
        origin="target",
        goal="source",
        remedy=_REMEDY,
    )
    return Planned(run=spec.ledger_id, way=way, inverses=tuple(inverses))


def direction(target: Session, plan: Planned) -> Direction:
    """In which rows are compared that came back."""
    carriages = (carriage_of(target, entry) for entry in plan.certain.tables)
    return Direction(run=plan.way.run, carriages=tuple(carriages), is_back=True)


def check(source: Session, target: Session, plan: Planned) -> None:
    """Raises Refused naming all that is in the way, each with what mends it."""
    lacking = [*lacking_on(target, plan.way.mapping, "target"), *_rights(source, plan.way.mapping)]
    if not lacking:
        for inverse in plan.inverses:
            lacking += _without_way(source, target, plan.way, inverse)
    if lacking:
        raise Refused(
            f"What is written to the target could not be brought back into the source. {' '.join(lacking)} Mend that, "
            "or go without a way back: --no-way-back and the reason."
        )


def make(target_dsn: str, source: Session, target: Session, plan: Planned) -> None:
    """Publication and slot on the target, the record in the source. Waits for transactions that are open there.

    Made anew where something is there already. Raises RunFailed when the wait is too long.
    """
    ways_back.enter(target, plan.run, Leading.PLANNED)
    name, tables = slots.name_for(plan.way.run), [entry.source for entry in plan.way.mapping.tables]
    ledger.prepare(source)
    _forget(source, plan.way.run)
    spec = RunSpec(
        ledger_id=plan.way.run,
        option=OPTION,
        plan=Plan(target_fingerprint="", statements=()),
        mapping=plan.way.mapping,
        scope=Scope(tables=tuple(sorted(tables)), protected=()),
        live=True,
    )
    ledger.begin(source, spec, origin_of(place_of(target), name_of(target)))
    ledger.enter(source, plan.way.run, Phase.WATCH)
    followers.plan(source, plan.way.run, shapes_of(target, tables))
    slots.remove(target, name)
    slots.publish(target, name, tables)
    make_slot(target_dsn, target, name, "target")


def make_slot(dsn: str, session: Session, name: str, side: str) -> None:
    """Raises RunFailed where transactions that are open on that side do not end in time."""
    deadline = time.monotonic() + _PATIENCE
    stream = Stream(dsn)
    try:
        slots.make_slot(stream.session, name, lambda: time.monotonic() > deadline)
    except RunFailed as exc:
        waits = ", ".join(f"{pid} (open for {age:,.0f} s)" for pid, age in slots.oldest_writers(session))
        raise RunFailed(
            f"On the {side} transactions are open that a replication slot has to wait for, and did not end within "
            f"{_PATIENCE:g} s: server processes {waits or 'that have ended by now'}. End them, then try again."
        ) from exc
    finally:
        close_quietly(stream.session)


def open_way(source: Session, target: Session, plan: Planned) -> None:
    """From here on whatever is committed on the target comes into the source. Nobody writes to it just now."""
    for entry in plan.way.mapping.tables:
        refused = keys_of(target, plan.run, entry.target)
        if refused:  # the target never had these rows, so it cannot delete them
            hold(source, plan.way.run, carriage_of(source, entry), refused)
    followers.begin(source, plan.way.run, slots.inserted(target))


def is_open(source: Session, run: UUID) -> bool:
    """Has a place been written down from which on changes come back?"""
    follower = follower_of(source, run)
    return follower is not None and follower.applied > 0


def follower_of(source: Session, run: UUID) -> Follower | None:
    """The record in the source; None where there is none."""
    return followers.find(source, reverse_of(run))


def remove(source: Session, target: Session, run: UUID) -> None:
    """Slot and publication on the target, the record in the source, and its schema where nothing else is in it."""
    slots.remove(target, slots.name_for(reverse_of(run)))
    forget(source, run)


def leave(source: Session, target: Session, run: UUID) -> None:
    """All that is there of it, and say so."""
    remove(source, target, run)
    ways_back.enter(target, run, Leading.ENDED)


def forget(source: Session, run: UUID) -> None:
    """Only what is in the source. Whoever leads the run may be about to do the same."""
    with ledger.locked(source):
        if not ledger.exists(source):
            return
        _forget(source, reverse_of(run))
        if not ledger.runs(source) and not repairs.recorded(source):
            ledger.remove(source)


def _forget(source: Session, reverse: UUID) -> None:
    source.execute("DELETE FROM schemadiff.runs WHERE id = %s", [reverse])


# ----------------------------------------------------------------------------------- below


def _kept(inverse: Inverse, here: Sequence[TargetType], there: Sequence[TargetType]) -> dict[str, str]:
    """What the mapping makes of a source column, where that may be less than there was: it stays, where that says
    nothing else than before."""
    own = {each.column: each for each in here}
    types = {each.column: each for each in there}
    kept = {}
    for each in inverse.returning:
        into = types[each.forward.target]
        value = each.forward.expression or quote(each.column)
        is_same = each.forward.expression is None and into.full == own[each.column].full
        if is_same or not each.is_alone:
            continue
        # The line break ends a comment that the expression may end with.
        kept[each.column] = (
            f"({value}\n)::{into.bare if into.is_shortened else into.full}" if into.in_both else value
        )
    return kept


def _rights(source: Session, mapping: Mapping) -> Iterator[str]:
    """To write the source's tables, and to keep the record there."""
    user = sql.Identifier(source.info.user).as_string(source)
    database = sql.Identifier(source.info.dbname).as_string(source)
    if not _one(source, "SELECT has_database_privilege(current_database(), 'CREATE')"):
        yield f"On the source: GRANT CREATE ON DATABASE {database} TO {user};"
    for entry in mapping.tables:
        name = sql.Identifier(*entry.target).as_string(source)
        if not _one(source, _MAY_WRITE, name):
            yield f"On the source: GRANT SELECT, INSERT, UPDATE, DELETE ON {name} TO {user};"


def _without_way(source: Session, target: Session, way: Way, inverse: Inverse) -> Iterator[str]:
    """Why rows of this table could not be written back."""
    name, back = ".".join(inverse.source), inverse.entry
    if not back.pairs:
        yield f"Nothing of {name} can be read back."
        return
    carriage = carriage_of(source, back)
    for column in carriage.unfilled:
        why = next((each.why for each in inverse.lost if each.column == column.column), "")
        yield (
            f"{name}.{column.column} is NOT NULL and has no default, and does not come back ({why}). On the source: "
            f"ALTER TABLE {name} ALTER {quote(column.column)} SET DEFAULT …;"
        )
    try:
        known = followed_table(target, back.source)
        identity = () if known.is_full else known.identity
        found = statements_of(target, source, carriage, back, identity, way.kept.get(back.source))
    except Refused as refused:
        yield str(refused)
        return
    unsure = [each.column for each in inverse.returning if each.loses and each.column in found.key]
    if unsure:
        yield f"{name} is known by {', '.join(unsure)}, which cannot be told for certain from what the target has."


_MAY_WRITE = """
SELECT bool_and(has_table_privilege(to_regclass(%s), needed))
FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS needed
"""


def _one(session: Session, question: str, *parameters: object) -> object:
    row = session.execute(question.encode(), parameters or None).fetchone()
    return row[0] if row else None
