"""The statements about columns: which attribute changes need which steps, and what each step waits for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain

from schemadiff.core.catalog import (
    Column,
    CompositeType,
    Constraint,
    Kind,
    ObjectRef,
    Table,
)
from schemadiff.core.circular_defaults import functions_of_own_column, functions_of_own_table
from schemadiff.core.ddl import columns, not_null, storage, tables
from schemadiff.core.ddl.composites import moved
from schemadiff.core.ddl.constraints import drop_constraint, is_passed_on
from schemadiff.core.ddl.conversions import base_type, is_widening, keeps_bytes
from schemadiff.core.ddl.references import (
    attachment_ref,
    column_ref,
    default_ref,
    holder_ref,
    part_ref,
    replaced_ref,
    table_ref,
)
from schemadiff.core.decisions import Again, Decisions
from schemadiff.core.defaults_put_back import DefaultsPutBack
from schemadiff.core.held_rows import add_column
from schemadiff.core.held_types import columns_of_rows, stored_as, stored_below
from schemadiff.core.identifiers import quote
from schemadiff.core.inventory import Inventory, Item, parents_columns
from schemadiff.core.not_nulls_below import after_children, altered, in_turn
from schemadiff.core.own_ways import OwnWays
from schemadiff.core.plan import Duration, Lock, Statement
from schemadiff.core.readers import reads_what_goes
from schemadiff.core.replaceable import is_of, is_replaceable
from schemadiff.core.unattached import create_unattached, is_unlike_parent

_TYPES = (
    *(Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE, Kind.BASE_TYPE),
    *(Kind.EXTENSION, Kind.TABLE, Kind.VIEW, Kind.COLLATION),
)
_TEXTS = ("text", "character varying")


class ColumnSteps:
    """For tables of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._own_ways = OwnWays(source, target, decisions)
        self._put_back = DefaultsPutBack(source, target, decisions)

    def create_table(self, table: Table) -> Iterator[Statement]:
        """The table with its columns; a partition with what it has otherwise than its parent."""
        inline = [item for item in self._columns(table) if not self.is_deferred(item)]
        late = {item.ref: functions_of_own_table(self._source, item) for item in inline}
        needs = frozenset[ObjectRef]().union(*(item.needs - late[item.ref] for item in inline))
        needs |= frozenset[ObjectRef]().union(*(columns_of_rows(self._source, item) for item in inline))
        columns_ = [_without_default(item) if late[item.ref] else _value(item) for item in inline]
        is_made_of_parent = table.partition_of is not None and not is_unlike_parent(self._source, table)
        for item in inline:
            if is_made_of_parent or not table.partition_of:
                yield from self._own_ways.of_new_table(table, item)
            for statement in not_null.add_unvalidated(table, _value(item)):
                yield after_children(self._source, item.ref, statement)
            yield from storage.set_column_storage(table, _value(item), self._own_ways.copied(table, item))
            if late[item.ref] and not is_made_of_parent:
                yield replace(self._set_default(table, item), lock=Lock.NONE)
        if is_made_of_parent:
            created = tables.create_partition(table)
        elif table.partition_of:
            created = create_unattached(self._source, table, columns_)
        else:
            created = tables.create_table(table, columns_)
        own = {item.ref for item in inline}
        yield replace(created, requires=(created.requires | needs) - created.provides - own)

    def add_column(self, table: Table, item: Item) -> Iterator[Statement]:
        """To a table that is there, with its default, so that the rows that are there have it too."""
        late = functions_of_own_column(self._source, item)
        column = _without_default(item) if late else _value(item)
        if column.identity and self._has_heirs(table):  # who are numbered by nobody
            yield from columns.alter_identity(table, column, replace(column, identity=None))
            column = replace(column, identity=None, identity_options=None)
        needs = (item.needs - late) | columns_of_rows(self._source, item)
        if self._decisions.inheritance.comes_alone(item.ref):
            needs -= parents_columns(item)
        for each in add_column(self._target, table, column):
            statement = self._after_own(self.with_partitions(each, table), table, item.ref)
            yield replace(statement, requires=statement.requires | needs)
        if late:
            yield self.with_partitions(self._set_default(table, item), table)

    def _has_heirs(self, table: Table) -> bool:
        return any(not child.partition_of for child in self._target.children(table.ref))

    def late_functions(self, item: Item) -> frozenset[ObjectRef]:
        """What the target's column lets go of before it goes itself, or its table."""
        if not isinstance(item.owner, Table):
            return frozenset()
        with_table = self._decisions.goes(item.owner.ref)
        return (functions_of_own_table if with_table else functions_of_own_column)(self._target, item)

    def drop_late_default(self, item: Item) -> Iterator[Statement]:
        late = self.late_functions(item)
        if late and isinstance(item.owner, Table) and not self._decisions.of(item.ref).follows:
            statement = self.with_partitions(columns.drop_default(item.owner, _value(item)), item.owner)
            yield replace(statement, releases=statement.releases | late)

    def _set_default(self, table: Table, item: Item) -> Statement:
        statement = columns.set_default(table, _value(item))
        return replace(statement, requires=statement.requires | item.needs)

    def is_deferred(self, item: Item) -> bool:
        """Whether the column can only be added later: it uses a function that uses its table."""
        return _circles_back(self._source, item)

    def goes_ahead(self, item: Item) -> bool:
        """Whether the column, or another part, has to go before its table, for the same reason."""
        goes = self._decisions.goes
        return _circles_back(self._target, item) or reads_what_goes(self._target, item, goes)

    def alterations(self, ref: ObjectRef) -> Iterator[Statement]:
        """From the target's column to the source's."""
        item = self._source[ref]
        assert isinstance(item.owner, Table)
        present = self._decisions.present_column(ref)
        if present is None:
            return
        for statement in self._steps(item.owner, item, present, self._put_back.again(ref)):
            yield in_turn(self._source, self._target, item.ref, self.with_partitions(statement, item.owner))
        yield from self._own_default_aside(item, present)

    def drop_column(self, table: Table, target: Column) -> Iterator[Statement]:
        """With those of its children, save the ones that stay there."""
        yield from self._drop_with_children(
            table, column_ref(table, target), lambda owner: columns.drop_column(owner, target)
        )

    def drop_check(self, table: Table, target: Constraint) -> Iterator[Statement]:
        """With those of its children, save the ones that stay there."""
        if not is_passed_on(target):
            yield drop_constraint(table, target)
            return
        yield from self._drop_with_children(
            table, part_ref(table, target), lambda owner: drop_constraint(owner, target)
        )

    def with_heirs_of_check(self, statement: Statement, table: Table, check: Constraint) -> Statement:
        if not is_passed_on(check):
            return statement
        return self._after_own(self.with_partitions(statement, table), table, part_ref(table, check))

    def _after_own(self, statement: Statement, table: Table, ref: ObjectRef) -> Statement:
        """Of a parent: what children get themselves, too, comes before it, with what it says of it."""
        own = set(self._coming_alone(table, ref))
        if ref not in statement.provides or not own:
            return statement
        every = {(below.schema, below.parent) for below in own}
        kept = (
            one
            for one in statement.provides
            if (one.schema, one.parent) not in every or one.name.partition("\0")[0] != ref.name
        )
        return replace(statement, provides=frozenset(kept), requires=statement.requires | own)

    def _coming_alone(self, table: Table, ref: ObjectRef) -> Iterator[ObjectRef]:
        """With what children of those get with it."""
        for child in self._source.children(table.ref):
            below = ref._replace(schema=child.schema, parent=child.name)
            if child.ref not in self._target or self._moves(child, table.ref):
                continue
            if self._decisions.inheritance.comes_alone(below):
                yield below
                yield from (
                    below._replace(schema=t.schema, parent=t.name) for t in self._source.below(child.ref)
                )
            else:
                yield from self._coming_alone(child, below)

    def _drop_with_children(
        self, table: Table, ref: ObjectRef, drop: Callable[[Table], Statement]
    ) -> Iterator[Statement]:
        """Where one child's stays, the parent's goes alone, and the other children's after it."""
        inheritance = self._decisions.inheritance
        refs = [
            (child, ref._replace(schema=child.schema, parent=child.name))
            for child in self._kept_children(table)
        ]
        statement = drop(table)
        if not any(inheritance.outlives(below) for _, below in refs):
            spread = self.with_partitions(statement, table)
            stay = {below for below in spread.destroys - {ref} if not self._goes_with_table(below)}
            own = set(self._going_alone(table, ref))
            yield replace(spread, destroys=spread.destroys - own, releases=spread.releases | stay)
            return
        alone = statement.sql.replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1)
        yield replace(statement, sql=alone, releases=statement.releases | {below for _, below in refs})
        for child, below in refs:
            if inheritance.is_left_over(below):
                yield from self._drop_with_children(child, below, drop)

    def _going_alone(self, table: Table, ref: ObjectRef) -> Iterator[ObjectRef]:
        """What children have themselves, too, and what theirs have of them: it goes by its own statement, after."""
        inheritance = self._decisions.inheritance
        for child in self._kept_children(table):
            below = ref._replace(schema=child.schema, parent=child.name)
            if inheritance.goes_alone(below) or self._decisions.is_made_anew_alone(below):
                yield below
                yield from (
                    below._replace(schema=t.schema, parent=t.name) for t in self._target.below(child.ref)
                )
            else:
                yield from self._going_alone(child, below)

    def _goes_with_table(self, part: ObjectRef) -> bool:
        return self._decisions.goes(table_ref(part.schema, part.parent))

    def _kept_children(self, table: Table) -> Iterator[Table]:
        kept_parents = self._decisions.inheritance.kept_parents
        return (child for child in self._target.children(table.ref) if table.ref in kept_parents(child.ref))

    def with_partitions(self, statement: Statement, table: Table) -> Statement:
        """What is done to a parent's column or check is done to its children's too."""
        below = (self._staying_below(inventory, table.ref) for inventory in (self._source, self._target))
        tables_below = list(chain.from_iterable(below))

        def spread(refs: Iterable[ObjectRef], over: Iterable[Table] = tables_below) -> frozenset[ObjectRef]:
            own = [ref for ref in refs if ref.kind in kinds and (ref.schema, ref.parent) == place]
            moved = (ref._replace(schema=t.schema, parent=t.name) for t in over for ref in own)
            return frozenset({*refs, *moved})

        kinds, place = (Kind.COLUMN, Kind.CONSTRAINT), table.qualified
        # what goes need not wait
        kept = [below for below in tables_below if not self._decisions.goes(below.ref)]
        return replace(
            statement,
            provides=spread(statement.provides),
            destroys=spread(statement.destroys),
            releases=spread(statement.releases, kept),
            requires=statement.requires | self._bounds_moved_below(table),
        )

    def _staying_below(self, inventory: Inventory, table: ObjectRef) -> Iterator[Table]:
        """Its children, and theirs, save those that leave it before anything is done to either, or join it after."""
        for child in inventory.children(table):
            if not self._moves(child, table):
                yield child
                yield from self._staying_below(inventory, child.ref)

    def _moves(self, child: Table, table: ObjectRef) -> bool:
        stays = (
            child.ref in self._source and child.ref in self._target and not self._decisions.goes(child.ref)
        )
        return stays and table not in self._decisions.inheritance.kept_parents(child.ref)

    def _bounds_moved_below(self, table: Table) -> frozenset[ObjectRef]:
        """Partitions that are detached for a moment, and would miss what is done to their parent then."""
        pairs = [(below, self._target.get(below.ref)) for below in self._source.below(table.ref)]
        present = ((below, item.value) for below, item in pairs if item and isinstance(item.value, Table))
        return frozenset(
            attachment_ref(below.ref)
            for below, before in present
            if tables.moves_in_place(below, before) and not self._decisions.goes(below.ref)
        )

    def _steps(self, table: Table, item: Item, present: Column, again: Again) -> Iterator[Statement]:
        wanted = _value(item)
        retyped = columns.changes_type(wanted, present) or Again.TYPE in again
        kept = not retyped or (Again.TYPE not in again and is_widening(wanted, present))
        redefault = wanted.default != present.default or Again.DEFAULT in again or not kept
        is_parents = self._is_set_by_parents(item, present)
        if present.generated and not wanted.generated:
            yield self._releasing(columns.drop_expression(table, present), item.ref)
        elif is_parents and wanted.default is None and present.default is not None:
            yield replace(
                columns.drop_default(table, present),
                requires=frozenset({item.ref, *_defaults_above(item)}),
                destroys=frozenset(),
                releases=frozenset(),
            )
        elif present.default is not None and redefault and not present.generated and not is_parents:
            statement = self._put_back.alone(item.ref, columns.drop_default(table, present))
            yield self._releasing(statement, item.ref)
        if retyped:
            yield self._retype(table, item, present, again)
        if wanted.default is not None and redefault and not wanted.generated:
            statement = self._put_back.alone(item.ref, columns.set_default(table, wanted))
            after = item.needs - {item.ref} | _defaults_above(item)
            yield replace(statement, requires=statement.requires | after)
        if wanted.generated and present.generated and wanted.default != present.default:  # a child's own
            yield replace(columns.set_expression(table, wanted), requires=item.needs | {item.ref})
        yield from altered(self._source, self._target, table, wanted, present)
        yield from columns.alter_identity(table, wanted, present)
        stored = replace(present, storage=None, compression=None) if retyped else present
        yield from storage.set_column_storage(table, wanted, stored)

    def _is_set_by_parents(self, item: Item, present: Column) -> bool:
        """Whether a child's default is not its own any more when the statements about its parent's have run."""
        target = self._target.get(item.ref)
        is_following = self._decisions.of(item.ref).follows
        return is_following and target is not None and _value(target).default != present.default

    def _own_default_aside(self, item: Item, present: Column) -> Iterator[Statement]:
        """A child's own default may not suit the type that its parent's statement gives it."""
        target = self._target.get(item.ref)
        if not self._decisions.of(item.ref).follows or target is None or not isinstance(item.owner, Table):
            return
        own = _value(target)
        if own.default is not None and not own.generated and columns.changes_type(own, present):
            yield self._releasing(columns.drop_default(item.owner, own), item.ref)

    def _releasing(self, statement: Statement, ref: ObjectRef) -> Statement:
        """With all that the target's column uses, its table aside."""
        item = self._target.get(ref)
        return replace(statement, releases=statement.releases | item.needs) if item else statement

    def _retype(self, table: Table, item: Item, present: Column, again: Again) -> Statement:
        stored = stored_below(self._target, item.ref), stored_below(self._source, item.ref)
        if Again.TYPE in again and _value(item).type == present.type:
            statement = columns.move_to_successor(table, _value(item), self._moved(item), stored)
        else:
            statement = columns.retype(table, _value(item), present, stored)
            if self._is_stored_alike(item, present) or self._holds_nothing(table):
                statement = replace(statement, duration=Duration.INSTANT, hazards=())
        target = self._target[item.ref]
        holders = {holder_ref(ref) for ref in item.needs if ref.kind is Kind.COMPOSITE}
        used = (ref for ref in target.needs if ref.kind in _TYPES and ref != table.ref)
        released = {ref for ref in used if ref not in item.needs or self._decisions.goes(ref)}
        return replace(
            statement,
            requires=statement.requires | {ref for ref in item.needs if ref.kind in _TYPES} | holders,
            releases=statement.releases | {self._as_it_was(ref) for ref in released},
        )

    def _holds_nothing(self, table: Table) -> bool:
        """Whether it is a partitioned table whose partitions have all gone by then."""
        gone = (self._decisions.goes(child.ref) for child in self._target.below(table.ref))
        return table.partition_key is not None and all(gone)

    def _is_stored_alike(self, item: Item, present: Column) -> bool:
        """Whether a domain comes or goes that says nothing of its text's values: they stay as they are."""
        wanted = stored_as(self._source, item, _value(item).type, checked=False)
        found = stored_as(self._target, self._target[item.ref], present.type, checked=True)
        if wanted is None or found is None or base_type(wanted) not in _TEXTS:
            return False
        return keeps_bytes(wanted, found)

    def _moved(self, item: Item) -> str:
        """The way of a value to the type of the same name."""
        column = _value(item)
        for ref in item.needs:
            wanted, present = self._source.get(ref), self._target.get(ref)
            if wanted is None or present is None or ref.kind is not Kind.COMPOSITE:
                continue
            source, target = wanted.value, present.value
            assert isinstance(source, CompositeType) and isinstance(target, CompositeType)
            if is_of(column, source):
                return moved(quote(column.name), column.type, source, target)
        return columns.through_text(column)

    def _as_it_was(self, ref: ObjectRef) -> ObjectRef:
        """A type that is replaced has left its name to its successor by the time that columns move over."""
        value = self._target[ref].value
        if is_replaceable(value) and self._decisions.comes(ref):
            return replaced_ref(value)
        return ref

    def _columns(self, table: Table) -> Iterator[Item]:
        return (self._source[column_ref(table, column)] for column in table.columns)


def _without_default(item: Item) -> Column:
    return replace(_value(item), default=None)


def _defaults_above(item: Item) -> frozenset[ObjectRef]:
    """Those of the parents' columns: to set them is to set the children's."""
    above = (need for need in item.needs if need.kind is Kind.COLUMN and need.name == item.ref.name)
    return frozenset(default_ref(ref) for ref in above if ref.parent != item.ref.parent)


def _circles_back(inventory: Inventory, item: Item) -> bool:
    if not isinstance(item.owner, Table):
        return False
    if isinstance(item.value, Column) and (item.owner.partition_of or not item.value.generated):
        return False  # a plain default is set, and dropped, by itself
    functions = [need for need in item.needs if need.kind is Kind.FUNCTION]
    parts = [item.owner.ref, *(part.ref for part in inventory.parts(item.owner.ref))]
    return any(inventory.reaches(function, part) for function in functions for part in parts)


def _value(item: Item) -> Column:
    assert isinstance(item.value, Column)
    return item.value
