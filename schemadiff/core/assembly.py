"""Decisions -> statements, each with what it requires and releases on either side."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.attachment_steps import AttachmentSteps, parent_left
from schemadiff.core.catalog import (
    Column,
    Constraint,
    ConstraintKind,
    DefaultPrivileges,
    DefinedObject,
    Domain,
    Extension,
    Function,
    Index,
    IndexShare,
    Kind,
    ObjectMember,
    ObjectRef,
    Part,
    Schema,
    Sequence,
    Table,
    Trigger,
    UserType,
    View,
)
from schemadiff.core.column_steps import ColumnSteps
from schemadiff.core.ddl import (
    comments,
    domains,
    extensions,
    functions,
    not_null,
    parts,
    policies,
    schemas,
    sequences,
    storage,
    types,
    views,
)
from schemadiff.core.ddl.references import attachment_ref, loose_ref, table_ref
from schemadiff.core.decisions import IN_EXPRESSIONS, Action, Again, Decisions
from schemadiff.core.defined_steps import DefinedSteps
from schemadiff.core.former_keys import FormerKeys
from schemadiff.core.held_types import columns_of_rows
from schemadiff.core.inventory import Inventory, Item, parent_of_share, parents_columns
from schemadiff.core.logged_keys import LoggedKeys
from schemadiff.core.new_relations import NewRelations
from schemadiff.core.not_nulls_below import given_up
from schemadiff.core.own_ways import OwnWays, plainly_stored
from schemadiff.core.plan import Hazard, Lock, Statement
from schemadiff.core.replaceable import is_replaceable
from schemadiff.core.sequence_steps import SequenceSteps
from schemadiff.core.share_steps import ShareSteps
from schemadiff.core.table_steps import TableSteps
from schemadiff.core.tablespace_steps import TablespaceSteps
from schemadiff.core.trigger_steps import TriggerSteps
from schemadiff.core.type_steps import TypeSteps
from schemadiff.core.unattached import is_unlike_parent

_MADE_OF_TYPES = (Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE)
_PUBLIC = Schema(name="public").ref
_STANDARD_COMMENT = "standard public schema"  # initdb's, on the schema public


class Assembly:
    """One pass over everything decided; the order of what it yields means nothing.

    `tablespace` is the target database's own.
    """

    def __init__(self, source: Inventory, target: Inventory, tablespace: str) -> None:
        self._source, self._target = source, target
        self._decisions = Decisions(source, target)
        self._steps = ColumnSteps(source, target, self._decisions)
        self._new = NewRelations(source, self._decisions)
        self._own_ways = OwnWays(source, target, self._decisions)
        self._shares = ShareSteps(source, target, self._decisions)
        self._attachments = AttachmentSteps(source, target, self._decisions)
        self._defined = DefinedSteps(source, target, self._decisions)
        self._triggers = TriggerSteps(source, target, self._decisions)
        self._sequences = SequenceSteps(source, target, self._decisions)
        self._logged_keys = LoggedKeys(source, target, self._decisions.goes)
        self._tables = TableSteps(target, self._decisions, self._steps, self._sequences, self._logged_keys)
        self._former_keys = FormerKeys(target, self._decisions)
        self._types = TypeSteps(source, target, self._decisions)
        self._tablespaces = TablespaceSteps(source, target, self._decisions, self._shares, tablespace)

    @property
    def decisions(self) -> Decisions:
        return self._decisions

    def statements(self) -> Iterator[Statement]:
        yield from self._attachments.statements()
        yield from map(self._attachments.gated, self._other_statements())

    def _other_statements(self) -> Iterator[Statement]:
        for ref, decision in self._decisions:
            if self._decisions.goes(ref):
                yield from self._down(self._target[ref])
            if self._decisions.comes(ref):
                yield from self._up(self._source[ref])
            if decision.action is Action.ALTER:
                yield from self._altered(ref)
            if ref in self._source:
                yield from self._comment(self._source[ref])
                yield from self._moved(self._source[ref])
                yield from self._checks_below(self._source[ref])
        yield from given_up(self._source, self._target, self._decisions)
        yield from self._sequences.ownership()
        yield from self._sequences.persistence()
        yield from self._sequences.types_of_identity()
        yield from self._settings()

    def _moved(self, item: Item) -> Iterator[Statement]:
        for statement in self._tablespaces.statements(item):
            yield self._new.without_rows(item, statement)

    def _down(self, item: Item) -> Iterator[Statement]:
        if is_replaceable(item.value):
            yield from self._types.down(item)
            return
        if isinstance(item.value, DefinedObject | ObjectMember):
            yield from self._defined.down(item)
            return
        late = self._steps.late_functions(item)
        yield from self._steps.drop_late_default(item)
        if self._goes_by_itself(item):
            return
        if isinstance(item.value, Table):
            yield from self._tables.down(item, item.value)
            return
        for dropped in self._drops(item):
            statement = self._former_keys.gone_with(item, dropped)
            yield replace(
                statement,
                destroys=statement.destroys | self._sequences.owned_by(item),
                releases=statement.releases
                | (self._held_by(item) - late)
                | self._logged_keys.released_by(item)
                | columns_of_rows(self._target, item),
                hazards=(*statement.hazards, *self._missed(item)),
            )

    def _held_by(self, item: Item) -> frozenset[ObjectRef]:
        """What it needs, and a view's parts, which go with it."""
        if not isinstance(item.value, View):
            return item.needs - parents_columns(item)
        every = (item, *self._target.parts(item.ref))
        stay = (one for one in every if one is item or not self._tables.goes_ahead(one))
        needs = frozenset[ObjectRef]().union(*(one.needs for one in stay))
        return needs - {one.ref for one in every}

    def _missed(self, item: Item) -> Iterator[Hazard]:
        """What people may rely on and do not get back."""
        if item.owner is None or self._decisions.comes(item.ref) or self._decisions.goes(item.owner.ref):
            return
        if self._shares.takes_place_of(item):
            return
        table, name = item.owner.ref.label, item.ref.name
        if isinstance(item.value, Index):
            yield hazards.index_dropped(name, table)
        if isinstance(item.value, Constraint) or (isinstance(item.value, Index) and item.value.unique):
            yield hazards.rule_dropped(name, table)

    def _goes_by_itself(self, item: Item) -> bool:
        """Whether another statement takes the object along."""
        if item.owner is not None:
            if isinstance(item.value, Column) and isinstance(item.owner, View):
                return item.value.default is None or self._decisions.goes(item.owner.ref)
            if isinstance(item.value, IndexShare):
                return True
            if isinstance(item.value, Trigger) and item.value.share:
                return self._triggers.goes_by_itself(item)
            if self._decisions.goes(item.owner.ref):
                return not self._tables.goes_ahead(item)
            return self._decisions.of(item.ref).follows
        if isinstance(item.value, Table) and item.value.partition_of:
            return self._decisions.goes(table_ref(*item.value.partition_of))
        if isinstance(item.value, Function):
            return self._types.goes_along(item.ref)
        return isinstance(item.value, Sequence) and self._sequences.owner_goes(item.value)

    def _drops(self, item: Item) -> Iterator[Statement]:
        owner = item.owner
        match item.value:
            case Schema() as value:
                yield schemas.drop_schema(value)
            case Extension() as value:
                yield extensions.drop_extension(value)
            case Sequence() as value:
                yield sequences.drop_sequence(value)
            case View() as value:
                yield views.drop_view(value)
            case Function() as value:
                yield replace(functions.drop_function(value), requires=self._decisions.moved_below(item))
            case Column() as value if isinstance(owner, Table):
                yield from self._steps.drop_column(owner, value)
            case Column() as value if isinstance(owner, View):
                yield views.drop_column_default(owner, value)
            case Constraint(kind=ConstraintKind.CHECK) as value if isinstance(owner, Table):
                yield from self._steps.drop_check(owner, value)
            case Trigger(share=True):
                yield from self._triggers.set_share(item, None)
            case value if owner and isinstance(value, Part):
                for statement in parts.drop_part(owner, value):
                    yield self._shares.with_shares(item, statement)

    def _up(self, item: Item) -> Iterator[Statement]:
        yield from self._types.shell(item)
        if isinstance(item.value, DefinedObject | ObjectMember):
            yield from self._defined.up(item)
            return
        if self._comes_by_itself(item):
            if isinstance(item.value, Column) and self._decisions.of(item.ref).follows:
                yield from self._own_ways.of_new_column(item)
            return
        if isinstance(item.value, Column) and isinstance(item.owner, Table):
            for statement in self._steps.add_column(item.owner, item):
                yield self._new.without_rows(item, statement)
        # a share says itself when it waits for its parent
        needs = self._types.needs(item) - {parent_of_share(item)}
        for created in self._creations(item):
            statement = self._former_keys.gone_before(item, created)
            requires = statement.requires | needs | self._logged_keys.awaited_by(item)
            yield self._new.without_rows(item, replace(statement, requires=requires))

    def _comes_by_itself(self, item: Item) -> bool:
        """Whether another statement brings the object along."""
        if isinstance(item.value, Constraint):
            is_inherited = item.value.inherited and not item.value.local
            comes = item.owner is not None and self._decisions.comes(item.owner.ref)
            is_parents = (is_inherited and comes) or self._decisions.inheritance.is_given_up(item.ref)
            return self._decisions.of(item.ref).follows or is_parents
        if not isinstance(item.value, Column):
            return False
        if isinstance(item.owner, View):
            return False
        if self._decisions.of(item.ref).follows:
            return True
        comes = item.owner is not None and self._decisions.comes(item.owner.ref)
        return comes and not self._steps.is_deferred(item)

    def _creations(self, item: Item) -> Iterator[Statement]:
        owner = item.owner
        match item.value:
            case Schema() as value:
                yield schemas.create_schema(value)
            case Extension() as value:
                yield extensions.create_extension(value)
            case value if isinstance(value, UserType):
                yield from self._types.creations(item)
            case Sequence() as value:
                yield sequences.create_sequence(value)
            case Table() as value:
                for statement in self._steps.create_table(value):
                    yield self._with_shares_of_table(value, statement)
                if value.partition_of and is_unlike_parent(self._source, value):
                    yield self._with_shares_of_table(value, self._attachments.of_new_partition(value))
                yield from policies.set_row_security(value, None)
                yield from storage.set_table_storage(value, None)
            case View() as value:
                yield views.create_view(value)
            case Function() as value:
                yield functions.create_function(value)
            case Column() as value if isinstance(owner, Table):
                yield from not_null.add_unvalidated(owner, value)
                yield from storage.set_column_storage(owner, value, plainly_stored(value))
            case Column() as value if isinstance(owner, View):
                if value.default is not None:
                    yield views.set_column_default(owner, value)
                yield from storage.set_column_storage(owner, value, plainly_stored(value))
            case Constraint(kind=ConstraintKind.CHECK) as value if isinstance(owner, Table):
                for statement in parts.create_part(owner, value):
                    spread = self._steps.with_heirs_of_check(statement, owner, value)
                    yield self._decisions.check_copies.added(item, spread)
            case IndexShare():
                yield from self._shares.create(item)
            case Trigger(share=True) as value:
                yield from self._triggers.set_share(item, value)
            case Index() | Constraint() as value if owner and self._shares.is_made_alone(item):
                yield from self._shares.create_alone(item)
                yield from storage.mark_index(owner, value, None)
            case value if owner and isinstance(value, Part):
                for statement in parts.create_part(owner, value):
                    yield self._shares.with_shares(item, statement)

    def _with_shares_of_table(self, table: Table, statement: Statement) -> Statement:
        if attachment_ref(table.ref) not in statement.provides:
            return statement
        return replace(statement, provides=statement.provides | self._shares.of_new_table(table))

    def _altered(self, ref: ObjectRef) -> Iterator[Statement]:
        source, target = self._source[ref], self._target[ref]
        if isinstance(source.value, Column) and isinstance(source.owner, Table):
            yield from self._steps.alterations(ref)
            return
        if isinstance(source.value, DefinedObject | ObjectMember):
            yield from self._defined.altered(source, target)
            return
        if isinstance(source.value, Constraint) and self._decisions.of(ref).follows:
            return
        if isinstance(target.value, Domain) and Again.DEFAULT in self._decisions.of(ref).again:
            used = frozenset(need for need in target.needs if need.kind in (*IN_EXPRESSIONS, Kind.COMPOSITE))
            for statement in domains.strip(target.value):
                yield replace(statement, releases=used)
            target = replace(target, value=domains.bare(target.value))
        for statement in self._alterations(source, target):
            if isinstance(target.value, Domain) and not self._holds_values(ref):
                statement = replace(statement, lock=Lock.NONE)
            needs = source.needs - {parent_of_share(source)}
            left = parent_left(source, target)
            if loose_ref(ref) in statement.provides:  # none of the parents to come has to be there
                needs, left = frozenset(), frozenset()
            released = target.needs - source.needs - left
            yield replace(
                statement, requires=statement.requires | needs, releases=statement.releases | released
            )

    def _holds_values(self, type_: ObjectRef) -> bool:
        """Whether a column is of the type, or of one made of it."""
        users = self._target.users(type_)
        return any(
            user.kind is Kind.COLUMN or (user.kind in _MADE_OF_TYPES and self._holds_values(user))
            for user in users
        )

    def _alterations(self, source: Item, target: Item) -> Iterable[Statement]:
        owner = source.owner
        match source.value, target.value:
            case Extension() as wanted, Extension() as present:
                yield from extensions.alter_extension(wanted, present)
            case wanted, present if isinstance(wanted, UserType) and isinstance(present, UserType):
                yield from types.alter_type(wanted, present)
            case Sequence() as wanted, Sequence() as present:
                yield from sequences.alter_sequence(wanted, present)
            case Table() as wanted, Table() as present:
                yield from self._tables.altered(wanted, present)
                yield from self._attachments.moved(wanted, present)
            case View() as wanted, View() as present:
                yield from views.alter_view(wanted, present)
            case Column() as wanted, Column() as present if isinstance(owner, View):
                yield from views.alter_column(owner, wanted, present)
            case Function() as wanted, Function():
                reasons = tuple(self._stale(source.ref))
                yield replace(functions.create_function(wanted), hazards=reasons)
            case Trigger(share=True) as wanted, _:
                yield from self._triggers.set_share(source, wanted)
            case Trigger() as wanted, Trigger() as present if owner:
                yield from parts.alter_part(owner, wanted, present)
                yield from self._triggers.set_shares_again(source)
            case IndexShare(), _:
                yield from self._shares.alter(source, target)
            case wanted, present if owner and isinstance(wanted, Part) and isinstance(present, Part):
                yield from parts.alter_part(owner, wanted, present)

    def _stale(self, function: ObjectRef) -> Iterator[Hazard]:
        """What keeps results of the function as it was: indexes, stored columns."""
        for ref in self._target.users(function):
            value = self._target[ref].value
            stored = isinstance(value, Column) and value.generated
            if (stored or isinstance(value, Index)) and self._decisions.of(ref).action is Action.KEEP:
                yield hazards.stale_results(f"{ref.kind.value} {ref.label}", function.label)

    def _comment(self, item: Item) -> Iterator[Statement]:
        value = item.value
        if isinstance(value, Extension | ObjectMember | DefaultPrivileges):
            return
        present = None if self._decisions.comes(item.ref) else self._target[item.ref].value
        comment = (
            None
            if present is None or isinstance(present, Extension | ObjectMember | DefaultPrivileges)
            else present.comment
        )
        if item.ref == _PUBLIC and (value.comment, comment) == (_STANDARD_COMMENT, None):
            return
        if isinstance(value, Column) and isinstance(item.owner, Table):
            yield from not_null.comment_on_not_null(
                item.owner, value, present if isinstance(present, Column) else None
            )
        if value.comment != comment:
            yield self._new.without_rows(item, comments.comment_on(item.ref, value, item.owner))

    def _checks_below(self, check: Item) -> Iterator[Statement]:
        if not self._decisions.of(check.ref).follows:
            comes = self._decisions.comes(check.ref)
            for statement in self._decisions.check_copies.validated(check, anew=comes):
                yield self._new.without_rows(self._source[statement.ref], statement)

    def _settings(self) -> Iterator[Statement]:
        for ref, decision in self._decisions:
            if ref.kind is Kind.FUNCTION and decision.action not in (Action.KEEP, Action.DROP):
                function = self._source[ref].value
                assert isinstance(function, Function)
                yield functions.leave_bodies_unchecked(function)
                return
