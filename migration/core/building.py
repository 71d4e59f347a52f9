"""Which statements of a plan may be at work at once: indexes and keys beside the copy, foreign keys side by side."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import Kind
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Duration, Lock, Plan, Section, Statement

_PARTS = (Kind.CONSTRAINT, Kind.INDEX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A statement and its place in the plan, by which the ledger knows it."""

    position: int
    statement: Statement

    @property
    def table(self) -> QualifiedName:
        """The table that it is about."""
        ref = self.statement.ref
        return (ref.schema, ref.parent or ref.name)


def builds(plan: Plan, done: Collection[int]) -> tuple[Planned, ...]:
    """Indexes and keys that are still to be built, and need nothing but their table's rows and what comes before
    the rows.

    The ledger keeps no statement's needs, so this goes by what may stand in their way: of the statements after
    the rows only one about the same table that takes longer than a moment, such as NOT NULL, which is checked
    first. Those about the catalog alone (comments, owners, parameters) change nothing in an index.
    """
    return tuple(
        planned
        for planned in _free(plan, done)
        if planned.statement.duration is Duration.BUILDS_INDEX and planned.statement.ref.kind in _PARTS
    )


def keys(plan: Plan, done: Collection[int]) -> tuple[Planned, ...]:
    """What is still to become a key in a moment; none while an index is to be built."""
    if builds(plan, done):
        return ()
    return tuple(
        planned
        for planned in _free(plan, done)
        if planned.statement.ref.kind is Kind.CONSTRAINT
        and planned.statement.duration is Duration.INSTANT
        and planned.statement.lock is Lock.ACCESS_EXCLUSIVE
    )


def checks(plan: Plan, done: Collection[int]) -> tuple[Planned, ...]:
    """Foreign keys and checks that are still to be added or validated; none while a key is to be made."""
    if builds(plan, done) or keys(plan, done):
        return ()
    return tuple(
        planned
        for planned in _free(plan, done)
        if planned.statement.ref.kind is Kind.CONSTRAINT
        and planned.statement.duration in (Duration.READS_ROWS, Duration.INSTANT)
    )


def go_together(first: Statement, second: Statement) -> bool:
    """May both be at work on one table? Only indexes, beside indexes: a key locks its table for itself."""
    return first.ref.kind is second.ref.kind is Kind.INDEX


def _free(plan: Plan, done: Collection[int]) -> Iterator[Planned]:
    held_back: set[QualifiedName] = set()
    for position, statement in enumerate(plan.statements):
        planned = Planned(position=position, statement=statement)
        if statement.section is not Section.POST_DATA or position in done:
            continue
        if statement.ref.kind not in _PARTS and statement.duration is not Duration.INSTANT:
            held_back.add(planned.table)
        elif statement.in_transaction and planned.table not in held_back:
            yield planned
