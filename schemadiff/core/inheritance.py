"""What a table has from others: a partition from the table that it is a part of, a child from its parents.

A statement about a parent's column or check is one about the children's too, so theirs follow it: they need
none of their own, save where they differ from what the parent's statements leave of them.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from schemadiff.core.catalog import Column, Constraint, Kind, NotNull, ObjectRef, Table
from schemadiff.core.ddl import not_null
from schemadiff.core.ddl.constraints import body, is_passed_on
from schemadiff.core.ddl.references import constraint_ref, not_null_ref, table_ref
from schemadiff.core.inventory import Inventory, Item

# What a column has that is made or gets another type, until something else is said.
_USUAL_STORAGE: dict[str, Any] = {"storage": None, "compression": None}

# What a parent's statements change of a child's column. Identities are read of the parent alone: since 17 a
# partition's is the parent's, before a partition has one only where it was given one of its own.
_PASSED_ON = ("type", "collation", "default", "not_null", "generated")


class Inheritance:
    """Of the tables that both sides have."""

    def __init__(self, source: Inventory, target: Inventory) -> None:
        self._source, self._target = source, target

    def kept_parents(self, table: ObjectRef) -> tuple[ObjectRef, ...]:
        """Those that it has and keeps: the first of the source's, as many as it has in that order."""
        wanted, present = _table(self._source, table), _table(self._target, table)
        if wanted is None or present is None or not present.parents:
            return ()
        if wanted.partition_of or present.partition_of:
            return _refs(wanted) if wanted.partition_of == present.partition_of else ()
        return tuple(_shared(_refs(wanted), _refs(present)))

    def follows(self, ref: ObjectRef) -> bool:
        """Whether the parents' statements alone make, alter or drop this column or check of a child."""
        if ref.kind not in (Kind.COLUMN, Kind.CONSTRAINT):
            return False
        parents = self.kept_parents(table_ref(ref.schema, ref.parent))
        if not any(self._passes_on(parent, ref) for parent in parents):
            return False
        wanted, present = self._source.get(ref), self._target.get(ref)
        outlives = wanted is None and present is not None and _is_own(present)
        if outlives or self.comes_alone(ref):
            return False
        return all(_is_inherited(item) for item in (wanted, present) if item)

    def settled(self, ref: ObjectRef) -> Column | None:
        """What the parents' statements leave of a child's column; any other column as the target has it."""
        own = _column(self._target.get(ref))
        if not self.follows(ref):
            return own
        for parent in self.kept_parents(table_ref(ref.schema, ref.parent)):
            wanted = _column(self._source.get(_alike(parent, ref)))
            present = _column(self._target.get(_alike(parent, ref)))
            if wanted is not None and (own is None or present is None):
                own = replace(
                    wanted, **_USUAL_STORAGE, statistics=None, options=(), fdw_options=(), comment=None
                )
            elif wanted is not None and present is not None and own is not None:
                if not wanted.not_null and not_nulls_above(self._source, _alike(parent, ref)):
                    present = replace(present, not_null=False)  # dropped of the parent alone
                comes = not own.not_null or self._gives_up(ref, own) or _is_parents_alone(own, present)
                own = _after(own, wanted, present)
                if comes and wanted.not_null and _becomes_unvalidated(wanted, present):
                    own = self._unvalidated(own, _alike(parent, ref))
        if own is not None and not own.not_null and self._gets_not_null(ref):
            own = replace(own, not_null=True)
        return own if ref in self._source else None

    def _gives_up(self, ref: ObjectRef, own: Column) -> bool:
        """Whether a child's own NOT NULL goes for its parents'; a partition's becomes theirs."""
        wanted, table = (
            _column(self._source.get(ref)),
            _table(self._source, table_ref(ref.schema, ref.parent)),
        )
        is_theirs = wanted is not None and wanted.inherited_not_null is not None
        return own.inherited_not_null is None and is_theirs and table is not None and not table.partition_of

    def _unvalidated(self, own: Column, above: ObjectRef) -> Column:
        """A child's, as the NOT NULL that its parent gets leaves it."""
        table, column = (
            _table(self._source, table_ref(above.schema, above.parent)),
            _column(self._source.get(above)),
        )
        assert table is not None and column is not None
        name = not_null.name_for_partitions(table, column)
        return replace(own, not_null_as=NotNull(validated=False), inherited_not_null=name)

    def _gets_not_null(self, ref: ObjectRef) -> bool:
        """Whether a parent, or one of theirs, sets it of its own and with that of all below, or gets a primary key."""
        keys = primary_keys_above(self._source, ref)
        pairs = ((self._source[key], self._target.get(key)) for key in keys)
        is_made = any(present is None or present.value != wanted.value for wanted, present in pairs)
        return is_made or self._is_set_above(ref)

    def _is_set_above(self, ref: ObjectRef) -> bool:
        for parent in self.kept_parents(table_ref(ref.schema, ref.parent)):
            above = _alike(parent, ref)
            is_set = above in self._target and not _is_not_null_below(self._target, above)
            if (is_set and _is_not_null_below(self._source, above)) or self._is_set_above(above):
                return True
        return False

    def outlives(self, child: ObjectRef) -> bool:
        """Whether a child's column or check stays when its parent's goes, though it was inherited only."""
        if child not in self._source or child not in self._target:
            return False
        return not self.follows(child) and not _is_own(self._target[child])

    def comes_alone(self, child: ObjectRef) -> bool:
        """Whether a child gets a column or check that it has itself, too: first, and its parent's is merged with it.

        So does a check of its own that says something else, for what it says now outlives its parent's.
        """
        if child not in self._source:
            return False
        item, present = self._source[child], self._target.get(child)
        comes = present is None or (_says_otherwise(item, present) and _is_own(present))
        return comes and _is_own(item) and _is_inherited(item)

    def goes_alone(self, child: ObjectRef) -> bool:
        """Whether a child has a column or check itself, too, and loses it: its parent's goes, and leaves it there."""
        return child not in self._source and child in self._target and _is_own(self._target[child])

    def is_given_up(self, child: ObjectRef) -> bool:
        """Whether a child's own check goes for one that its parents get, and is to be theirs alone."""
        item, present = self._source.get(child), self._target.get(child)
        if item is None or present is None or not isinstance(item.value, Constraint):
            return False
        if _is_own(item) or _is_inherited(present) or _parents(item) != _parents(present):
            return False
        above = [ref for parent in _parents(item) if (ref := _alike(parent, child)) in self._source]
        return bool(above) and not any(ref in self._target for ref in above)

    def is_its_own(self, child: ObjectRef) -> bool:
        """Whether a child of the target has a column or check by itself, too."""
        return child in self._target and _is_own(self._target[child])

    def is_left_over(self, child: ObjectRef) -> bool:
        """Whether what goes with the parent's has to go by itself, if the parent's goes alone."""
        return child not in self._source and child in self._target and not _is_own(self._target[child])

    def _passes_on(self, parent: ObjectRef, ref: ObjectRef) -> bool:
        for item in (self._source.get(_alike(parent, ref)), self._target.get(_alike(parent, ref))):
            if item and (not isinstance(item.value, Constraint) or is_passed_on(item.value)):
                return True
        return False


def not_nulls_above(source: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    """Those of its parents, and theirs, that a child's column is made with. Up to 17 it may be nullable, though."""
    return frozenset(
        not_null_ref(ref) for ref in _columns_above(source, column) if _is_not_null_below(source, ref)
    )


def _is_parents_alone(own: Column, present: Column) -> bool:
    """Whether a child's NOT NULL goes as the parent's is made anew."""
    return present.not_null and own.inherited_not_null is not None and not not_null.is_repeated(own)


def _becomes_unvalidated(wanted: Column, present: Column) -> bool:
    return not not_null.is_validated(wanted) and (not present.not_null or not_null.is_validated(present))


def _after(own: Column, wanted: Column, present: Column) -> Column:
    """`own` with every attribute that the parent's statements change from `present` to `wanted`."""
    changes = {
        name: getattr(wanted, name) for name in _PASSED_ON if getattr(wanted, name) != getattr(present, name)
    }
    if changes.get("not_null") is False and own.not_null_as and own.not_null_as.repeated:
        says = replace(own.not_null_as, repeated=False)  # what it says itself stays
        changes |= {"not_null": True, "not_null_as": None if says == NotNull() else says}
    if changes.keys() & {"type", "collation"}:
        changes |= _USUAL_STORAGE
        if present.default is not None:
            changes["default"] = wanted.default  # taken down and put back, of the children too
    return replace(own, **changes)


def validated_below(source: Inventory, column: ObjectRef) -> str | None:
    """The name of a child's NOT NULL that comes with its parents', where rows that theirs may hold it has not."""
    own = _column(source.get(column))
    if own is None or own.inherited_not_null is None or not own.not_null or not not_null.is_validated(own):
        return None
    if any(_comes_valid(source, parent) for parent in _parents_columns(source, column)):
        return None
    for ref in _columns_above(source, column):
        table, above = _table(source, table_ref(ref.schema, ref.parent)), _column(source.get(ref))
        if table and above and above.not_null and not not_null.is_validated(above):
            return not_null.name_for_partitions(table, above)
    return None


def primary_keys_above(source: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    """Each sets NOT NULL of its columns, and of the children's too, as it is made."""
    columns = list(_columns_above(source, column))
    tables = (table for ref in columns if (table := _table(source, table_ref(ref.schema, ref.parent))))
    keys = ((table, table.primary_key) for table in tables)
    return frozenset(constraint_ref(table, key) for table, key in keys if key and column.name in key.columns)


def _comes_valid(source: Inventory, column: ObjectRef) -> bool:
    own = _column(source.get(column))
    is_valid = own is not None and not_null.is_validated(own) and _is_not_null_below(source, column)
    return is_valid and validated_below(source, column) is None


def _parents_columns(source: Inventory, column: ObjectRef) -> Iterator[ObjectRef]:
    item = source.get(column)
    table = item.owner if item else None
    for schema, name in table.parents if isinstance(table, Table) else ():
        yield column._replace(schema=schema, parent=name)


def _columns_above(source: Inventory, column: ObjectRef) -> Iterator[ObjectRef]:
    for ref in _parents_columns(source, column):
        yield ref
        yield from _columns_above(source, ref)


def _is_not_null_below(source: Inventory, column: ObjectRef) -> bool:
    own = item.value if (item := source.get(column)) else None
    is_own_alone = isinstance(own, Column) and own.not_null_as and own.not_null_as.inherited_by_none
    return isinstance(own, Column) and own.not_null and not is_own_alone


def _table(inventory: Inventory, ref: ObjectRef) -> Table | None:
    item = inventory.get(ref)
    return item.value if item and isinstance(item.value, Table) else None


def _refs(table: Table) -> tuple[ObjectRef, ...]:
    return tuple(table_ref(*parent) for parent in table.parents)


def _shared(wanted: tuple[ObjectRef, ...], present: tuple[ObjectRef, ...]) -> Iterator[ObjectRef]:
    """How far the wanted ones are among the present ones, in that order."""
    waiting = iter(present)
    for ref in wanted:
        if ref not in waiting:
            return
        yield ref


def _alike(parent: ObjectRef, ref: ObjectRef) -> ObjectRef:
    return ref._replace(schema=parent.schema, parent=parent.name)


def _column(item: Item | None) -> Column | None:
    return item.value if item and isinstance(item.value, Column) else None


def _is_inherited(item: Item) -> bool:
    match item.value:
        case Column() as column:
            return column.inherited or (isinstance(item.owner, Table) and item.owner.partition_of is not None)
        case Constraint() as constraint:
            return constraint.inherited
        case _:
            return False


def _parents(part: Item) -> tuple[ObjectRef, ...]:
    return _refs(part.owner) if isinstance(part.owner, Table) else ()


def _says_otherwise(source: Item, target: Item) -> bool:
    match source.value, target.value:
        case Constraint() as wanted, Constraint() as present:
            return body(wanted) != body(present)
        case _:
            return False


def _is_own(item: Item) -> bool:
    """Whether the table has it by itself, too."""
    match item.value:
        case Column() as column:
            return column.local and not (isinstance(item.owner, Table) and item.owner.partition_of)
        case Constraint() as constraint:
            return constraint.local
        case _:
            return True
