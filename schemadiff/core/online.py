"""A plan's statements taken another way: longer, and so that readers and writers of the tables go on.

What has no such way (rewrites, exclusion constraints, keys of partitioned tables) stays as it is, with its hazards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    Index,
    IndexShare,
    Kind,
    ObjectRef,
    Table,
    View,
)
from schemadiff.core.ddl import constraints, online
from schemadiff.core.ddl.references import column_ref, not_null_ref, unvalidated_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory
from schemadiff.core.online_partitions import PartitionedIndexes
from schemadiff.core.plan import Duration, Lock, Statement

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


class Online:
    """For a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._partitioned = PartitionedIndexes(source, target, decisions)

    def instead_of(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        """The same result; the order of what is yielded means nothing."""
        every = tuple(statements)
        drops = {s.ref: s for s in every if s.ref in s.destroys and s.ref.kind is Kind.CONSTRAINT}
        swapped = {ref for ref in drops if self._is_swapped(ref)}
        for statement in every:
            if statement.ref in swapped and statement is drops[statement.ref]:
                continue  # in one statement with what comes in its place
            yield from self._instead(_unpromised(statement), drops.get(statement.ref))

    def _instead(self, statement: Statement, drop: Statement | None) -> Iterable[Statement]:
        if statement.lock is Lock.NONE or self._is_new(statement.ref):
            return (statement,)
        ref, item = statement.ref, self._source.get(statement.ref)
        if ref.kind is Kind.INDEX and ref in statement.destroys:
            return self._index_dropped(statement)
        if item is None or item.owner is None:
            return (statement,)
        match item.value:
            case Index() as index if ref in statement.provides:
                return self._index_made(statement, item.owner, index)
            case IndexShare() as share if isinstance(item.owner, Table):
                return self._partitioned.share_made(statement, item.owner, share)
            case Constraint() as constraint if isinstance(item.owner, Table) and ref in statement.provides:
                return self._constraint_made(statement, item.owner, constraint, drop)
            case Column() as column if isinstance(item.owner, Table):
                return self._column_altered(statement, item.owner, column)
        return (statement,)

    def _is_new(self, ref: ObjectRef) -> bool:
        """Whether the relation is made by the plan: nobody uses it yet."""
        owners = (
            ObjectRef(kind=kind, schema=ref.schema, name=ref.parent) for kind in (Kind.TABLE, Kind.VIEW)
        )
        return any(self._decisions.comes(owner) for owner in owners)

    def _index_dropped(self, statement: Statement) -> Iterator[Statement]:
        item = self._target[statement.ref]
        is_parents = isinstance(item.owner, Table) and item.owner.partition_key is not None
        yield statement if is_parents else online.drop_concurrently(statement)

    def _index_made(self, statement: Statement, owner: Table | View, index: Index) -> Iterator[Statement]:
        if isinstance(owner, Table) and owner.partition_key is not None:
            yield from self._partitioned.instead(statement, owner, index)
        elif not self._is_replaced_by_itself(statement.ref):
            built = online.build_index(owner, index, index.name)
            yield replace(built, requires=statement.requires)
        else:
            name = online.building_name(index.name)
            built = online.build_index(owner, index, name)
            yield replace(built, requires=statement.requires, releases=frozenset({statement.ref}))
            yield online.rename_index(owner, index, name)

    def _constraint_made(
        self, statement: Statement, table: Table, constraint: Constraint, drop: Statement | None
    ) -> Iterable[Statement]:
        if statement.duration is Duration.INSTANT:
            return (statement,)
        if constraint.kind in _KEYS and not table.partition_key:
            return self._key_made(statement, table, constraint, drop)
        is_check = constraint.kind is ConstraintKind.CHECK
        is_reference = constraint.kind is ConstraintKind.FOREIGN_KEY
        if is_check or (is_reference and not table.partition_key):
            return self._validated_later(statement, table, constraint)
        return (statement,)

    def _validated_later(
        self, statement: Statement, table: Table, constraint: Constraint
    ) -> Iterator[Statement]:
        """It is there once it is valid: a table that joins a parent with one that is not is refused."""
        added = constraints.add_not_valid(table, constraint)
        there, promised = frozenset({statement.ref}), frozenset({unvalidated_ref(statement.ref)})
        provides = statement.provides - there | promised
        yield replace(statement, sql=added.sql, provides=provides, duration=Duration.INSTANT, hazards=())
        validated = replace(constraints.validate(table, constraint), section=statement.section)
        yield replace(validated, requires=promised, provides=there)

    def _key_made(
        self, statement: Statement, table: Table, key: Constraint, drop: Statement | None
    ) -> Iterator[Statement]:
        """The index is there before the old key goes, so rows are told apart at every moment."""
        name = online.building_name(key.name)
        built = online.build_key(table, key, name)
        if built is None:
            yield statement
            return
        not_nulls = frozenset(not_null_ref(column_ref(table, column)) for column in key.columns)
        yield replace(built, requires=statement.requires)
        is_swap = drop is not None and self._is_swapped(statement.ref)
        taken = online.take_index(table, key, name, instead=is_swap)
        taken = replace(taken, requires=taken.requires | statement.requires | not_nulls)
        if drop is not None and is_swap:
            taken = replace(taken, destroys=drop.destroys, releases=drop.releases)
        yield taken

    def _column_altered(self, statement: Statement, table: Table, column: Column) -> Iterator[Statement]:
        """SET NOT NULL on a column that is there."""
        state = not_null_ref(statement.ref)
        is_search = statement.duration is Duration.READS_ROWS and state in statement.provides
        if not is_search or statement.ref in statement.provides or self._comes_anew(statement.ref):
            yield statement
            return
        check = online.not_null_check(table, column)
        verified = check._replace(name=f"{check.name}\0verified")
        yield replace(online.promise_not_null(table, column), requires=statement.requires)
        yield replace(online.verify_not_null(table, column), provides=frozenset({verified}))
        yield replace(
            statement, requires=statement.requires | {verified}, duration=Duration.INSTANT, hazards=()
        )
        yield replace(online.forget_promise(table, column), requires=frozenset({state, verified}))

    def _comes_anew(self, column: ObjectRef) -> bool:
        """Whether a NOT NULL goes only to come back under another name."""
        item = self._target.get(column)
        return item is not None and isinstance(item.value, Column) and item.value.not_null

    def _is_swapped(self, ref: ObjectRef) -> bool:
        """Whether a key takes another's place and its index can be built before."""
        item = self._source.get(ref)
        if item is None or not isinstance(item.owner, Table) or not isinstance(item.value, Constraint):
            return False
        key, table = item.value, item.owner
        if key.kind not in _KEYS or table.partition_key or self._is_new(ref):
            return False
        is_built = online.build_key(table, key, online.building_name(key.name)) is not None
        return is_built and self._is_replaced_by_itself(ref)

    def _is_replaced_by_itself(self, ref: ObjectRef) -> bool:
        """Whether it is dropped and made for what it says, and not for a column or function that changes."""
        if not (self._decisions.goes(ref) and self._decisions.comes(ref)):
            return False
        needs: frozenset[ObjectRef] = self._target[ref].needs | self._source[ref].needs
        return not any(self._is_disturbed(need) for need in needs)

    def _is_disturbed(self, need: ObjectRef) -> bool:
        if need not in self._target:
            return False
        if self._decisions.goes(need):
            return True
        return need.kind is Kind.COLUMN and self._decisions.changes_type_of(need)


def _unpromised(statement: Statement) -> Statement:
    """A constraint that goes is gone before one of its name is there again, valid or not."""
    gone = frozenset(unvalidated_ref(ref) for ref in statement.destroys if ref.kind is Kind.CONSTRAINT)
    return replace(statement, destroys=statement.destroys | gone) if gone else statement
