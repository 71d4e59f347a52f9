"""What is to be done with each object: made, dropped, altered in place, or taken down and put back.

Two steps: each object by itself, then what the first step disturbs. Whatever uses an object that goes, or a
column whose type changes, is taken down before and put back after.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Flag, auto

from schemadiff.core.actions import Action as Action
from schemadiff.core.actions import action_for, without_place
from schemadiff.core.catalog import (
    Column,
    CompositeType,
    Constraint,
    Domain,
    Index,
    Kind,
    ObjectRef,
    Table,
    View,
)
from schemadiff.core.check_copies import CheckCopies
from schemadiff.core.ddl import tables
from schemadiff.core.ddl.columns import changes_type
from schemadiff.core.ddl.composites import lost_attributes
from schemadiff.core.ddl.conversions import is_widening
from schemadiff.core.ddl.domains import looks_at_rows
from schemadiff.core.ddl.printed import reads_back
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.held_types import held_inside
from schemadiff.core.incomplete_indexes import is_made_anew
from schemadiff.core.inheritance import Inheritance
from schemadiff.core.inventory import Inventory, Item, parent_of_share
from schemadiff.core.logged_keys import foreign_keys_in_circles
from schemadiff.core.replaceable import is_of, is_replaceable

# What may hold values of a composite type, and does not look into them by that.
_HOLDERS = frozenset({Kind.COLUMN, Kind.TABLE, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE})

# What a domain's default and checks may use: they are put back without the domain's being replaced.
IN_EXPRESSIONS = frozenset({Kind.FUNCTION, Kind.SEQUENCE, Kind.OPERATOR, Kind.CONFIGURATION, Kind.DICTIONARY})

# No table's rows are dropped for these: where it uses one that goes, the statement fails.
_OF_TABLES = frozenset({Kind.COMPOSITE, Kind.ACCESS_METHOD})


class Again(Flag):
    """What else happens to a column or domain, though it may not differ, for something it uses is rebuilt."""

    NOTHING = 0
    TYPE = auto()  # its type is replaced by another of the same name
    DEFAULT = auto()  # its default, or the domain's checks, use something that goes for a moment


@dataclass(frozen=True, slots=True)
class Decision:
    """`follows`: a child's column or check, which the statement about its parent's alters too."""

    action: Action
    again: Again = Again.NOTHING
    follows: bool = False


class Decisions:
    """By object, sorted; made for a source and a target."""

    def __init__(self, source: Inventory, target: Inventory) -> None:
        self._source, self._target = source, target
        self.inheritance = Inheritance(source, target)
        self.check_copies = CheckCopies(source, target)
        self._found = {ref: self._first(ref) for ref in sorted({*source, *target})}
        tables = [ref for ref, decision in self._found.items() if _is_altered_table(ref, decision)]
        for key in foreign_keys_in_circles(source, target, tables):
            if self._found[key].action is not Action.DROP:
                self._found[key] = replace(self._found[key], action=Action.REBUILD)
        self._spread()

    def __iter__(self) -> Iterator[tuple[ObjectRef, Decision]]:
        return iter(self._found.items())

    def of(self, ref: ObjectRef) -> Decision:
        return self._found[ref]

    def goes(self, ref: ObjectRef) -> bool:
        """Whether the target's object is dropped, if only to be made again."""
        found = self._found.get(ref)
        return found is not None and found.action in (Action.DROP, Action.REBUILD)

    def comes(self, ref: ObjectRef) -> bool:
        """Whether the source's object is created, be it again."""
        found = self._found.get(ref)
        return found is not None and found.action in (Action.CREATE, Action.REBUILD)

    def is_made_anew_alone(self, below: ObjectRef) -> bool:
        """Whether what a child has itself, too, comes otherwise: it goes by its own statement, as it stays there."""
        goes = self.goes(below) and not self._found[below].follows
        return goes and self.inheritance.is_its_own(below)

    def moved_below(self, item: Item) -> frozenset[ObjectRef]:
        """Extensions that are altered: types in an object's own name are called as they are once these have moved."""
        used = (need for need in item.needs if need.kind is Kind.EXTENSION)
        return frozenset(need for need in used if self._found[need].action is Action.ALTER)

    def present_column(self, ref: ObjectRef) -> Column | None:
        """The target's column as it will be when the statements about its table's parent have run."""
        return self.inheritance.settled(ref)

    def changes_type_of(self, ref: ObjectRef) -> bool:
        """Whether values of the target's column are converted, by its own statement or its parent's."""
        decision = self._found[ref]
        if decision.action is not Action.ALTER and not decision.follows:
            return False
        if Again.TYPE in decision.again:
            return True
        return ref in self._source and ref in self._target and changes_type(*self._columns(ref))

    def _columns(self, ref: ObjectRef) -> tuple[Column, Column]:
        source, target = self._source[ref].value, self._target[ref].value
        assert isinstance(source, Column) and isinstance(target, Column)
        return source, target

    def _first(self, ref: ObjectRef) -> Decision:
        source, target = self._source.get(ref), self._target.get(ref)
        follows = self.inheritance.follows(ref)
        if target is None:
            return Decision(Action.CREATE, follows=follows)
        if source is None:
            return Decision(Action.DROP, follows=follows)
        if follows and isinstance(source.value, Column):
            present = self.present_column(ref)
            same = present is not None and without_place(present) == without_place(_column(source))
            return Decision(Action.KEEP if same else Action.ALTER, follows=True)
        action = action_for(source, target)
        is_refused = action is Action.ALTER and self._is_refused(source, target)
        is_refused |= not follows and self.check_copies.is_valid_in_vain(ref)
        is_refused |= is_made_anew(self._source, self._target, ref) or self.inheritance.is_given_up(ref)
        return Decision(Action.REBUILD if is_refused else action, follows=follows)

    def _is_refused(self, source: Item, target: Item) -> bool:
        """ALTER DOMAIN does not find its values inside of other types."""
        match source.value, target.value:
            case Domain() as wanted, Domain() as present:
                return looks_at_rows(wanted, present) and held_inside(self._target, target)
        return False

    def _spread(self) -> None:
        waiting = [ref for ref in self._found if ref in self._target]
        while waiting:
            ref = waiting.pop()
            for user in self._disturbed_by(ref):
                after = self._disturb(user, ref)
                if after != self._found[user]:
                    self._found[user] = after
                    waiting.append(user)

    def _disturbed_by(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        if self.goes(ref):
            yield from (part.ref for part in self._target.parts(ref))
            yield from self._target.users(ref)
            if ref.kind is Kind.TABLE and self.comes(ref):
                yield from self.check_copies.of_new_table(ref)
            parent = parent_of_share(self._target[ref])
            if parent and not self.goes(table_ref(ref.schema, ref.parent)):
                yield parent  # a share is given back by its parent's index only as that goes
        elif ref.kind is Kind.COLUMN and self.changes_type_of(ref):
            yield from self._users_of_type(ref)
            yield from self._parted_by(ref)
        elif self.loses_attributes(ref):
            yield from filter(self._has_expressions, self._target.users(ref))

    def loses_attributes(self, ref: ObjectRef) -> bool:
        """Whether a composite type stays without some of its attributes, which expressions may name."""
        if (
            ref.kind is not Kind.COMPOSITE
            or ref not in self._source
            or ref not in self._target
            or self.goes(ref)
        ):
            return False
        source, target = self._source[ref].value, self._target[ref].value
        assert isinstance(source, CompositeType) and isinstance(target, CompositeType)
        return bool(lost_attributes(source, target))

    def _has_expressions(self, user: ObjectRef) -> bool:
        """What only holds values of a composite type does not mind that an attribute goes."""
        value = self._target[user].value
        if isinstance(value, Domain):
            return bool(value.constraints) or value.default is not None
        return user.kind not in _HOLDERS

    def _users_of_type(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        """Most indexes and constraints may stay where PostgreSQL sees that no value changes."""
        widens = Again.TYPE not in self._found[ref].again and is_widening(*self._columns(ref))
        for user in self._target.users(ref):
            if not (widens and self._may_stay(user)):
                yield user

    def _parted_by(self, column: ObjectRef) -> Iterator[ObjectRef]:
        """The table, where its partitions are told apart by it: PostgreSQL converts no such column."""
        table = self._target[column].owner
        if isinstance(table, Table) and tables.is_in_partition_key(table, column.name):
            yield table.ref

    def _may_stay(self, user: ObjectRef) -> bool:
        """PostgreSQL writes the definition anew itself, from what it prints."""
        value = self._target[user].value
        return isinstance(value, Index | Constraint) and reads_back(value.definition)

    def _disturb(self, user: ObjectRef, by: ObjectRef) -> Decision:
        present = self._found[user]
        if present.action is Action.DROP or user.kind is Kind.SEQUENCE:
            return present
        if user.kind is by.kind is Kind.TABLE and self._leaves(user):
            return present
        if user.kind is Kind.TABLE and by.kind in _OF_TABLES:
            return present
        if user.kind is Kind.EXTENSION and by not in self._source[user].needs:
            return present  # it moves to another schema, and what uses it with it
        if user.kind is Kind.COLUMN and by.kind is not Kind.TABLE and not self._is_view_column(user):
            return self._disturb_column(user, by)
        is_used_there = by.kind in IN_EXPRESSIONS or self.loses_attributes(by)
        uses_in_rules = user.kind is Kind.DOMAIN and is_used_there
        stays = uses_in_rules and not held_inside(self._target, self._target[user])
        if stays and present.action is not Action.REBUILD:
            return replace(present, action=Action.ALTER, again=Again.DEFAULT)
        return replace(present, action=Action.REBUILD)

    def _leaves(self, child: ObjectRef) -> bool:
        """Whether the child is taken off its parent, which may then go without it."""
        wanted, present = self._source[child].value, self._target[child].value
        assert isinstance(wanted, Table) and isinstance(present, Table)
        return present.partition_of is None or wanted.partition_of != present.partition_of

    def _is_view_column(self, ref: ObjectRef) -> bool:
        return isinstance(self._target[ref].owner, View)

    def _disturb_column(self, user: ObjectRef, by: ObjectRef) -> Decision:
        present = self._found[user]
        column = _column(self._target[user])
        if present.action is Action.REBUILD:
            return present
        if by.kind is Kind.COLUMN and (by.schema, by.parent) != (user.schema, user.parent):  # its parent's
            is_kept = table_ref(by.schema, by.parent) in self.inheritance.kept_parents(
                table_ref(user.schema, user.parent)
            )
            is_remade = present.follows and is_kept and self.goes(by)
            return replace(present, action=Action.REBUILD) if is_remade else present
        if column.generated:
            return replace(present, action=Action.REBUILD)
        again = present.again | Again.DEFAULT
        type_ = self._target[by].value
        if is_replaceable(type_) and is_of(column, type_):
            again |= Again.TYPE
        return replace(present, action=Action.ALTER, again=again)


def _column(item: Item) -> Column:
    assert isinstance(item.value, Column)
    return item.value


def _is_altered_table(ref: ObjectRef, decision: Decision) -> bool:
    return ref.kind is Kind.TABLE and decision.action is Action.ALTER
