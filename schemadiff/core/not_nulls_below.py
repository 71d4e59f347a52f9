"""NOT NULLs that children say themselves as well as their parents: they come before their parents', and go after."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, ConstraintKind, Kind, ObjectRef, Table
from schemadiff.core.ddl.not_null import (
    alter_not_null,
    comes_unvalidated,
    drop_not_null,
    inherited_name,
    is_repeated,
    is_usual,
    is_validated,
    name_for_partitions,
    own_name,
    rename_to_inherited,
    renames,
    set_not_null,
    under_its_name,
)
from schemadiff.core.ddl.references import column_ref, not_null_ref, table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inheritance import not_nulls_above, primary_keys_above, validated_below
from schemadiff.core.inventory import Inventory, Item, Value
from schemadiff.core.plan import Section, Statement


def altered(
    source: Inventory, target: Inventory, table: Table, wanted: Column, present: Column
) -> Iterator[Statement]:
    """Where a child calls its NOT NULL otherwise PostgreSQL renames none: the parent's goes and comes, its partitions'
    along with it, each under the name that it is to have. So does one that is new."""
    is_new = wanted.not_null and not present.not_null and is_validated(wanted)
    is_renamed = renames(table, wanted, present) and _can_come_anew(target, table, wanted, present)
    if not is_new and not is_renamed:
        yield from alter_not_null(table, wanted, present)
        return
    if is_renamed:
        yield drop_not_null(table, present)
    names = {
        child.ref: own
        for child in source.partitions_below(table.ref)
        if (own := child.column(wanted.name)) and _comes_before(target, child, own, own_name(table, wanted))
    }
    children = [child for child in source.partitions_below(table.ref) if child.ref in names]
    for child in children:
        below = {one.ref for one in source.partitions_below(child.ref)} & names.keys()
        statement = set_not_null(child, under_its_name(child, names[child.ref]))
        yield replace(statement, requires=statement.requires | _states(below, wanted))
    statement = set_not_null(table, wanted)
    yield replace(statement, requires=statement.requires | _states(names, wanted))


def _comes_before(target: Inventory, child: Table, own: Column, above: str) -> bool:
    """Whether a partition gets its NOT NULL under another name than its parent's would give it."""
    item = target.get(child.ref)
    if item is None or not isinstance(item.value, Table) or item.value.partition_of != child.partition_of:
        return False
    present = item.value.column(own.name)
    is_alone = present is None or not present.not_null or present.inherited_not_null is not None
    name = inherited_name(child, own)
    return is_alone and is_validated(own) and name is not None and name != above


def _states(tables: Iterable[ObjectRef], column: Column) -> frozenset[ObjectRef]:
    columns = (ref._replace(kind=Kind.COLUMN, parent=ref.name, name=column.name) for ref in tables)
    return frozenset(map(not_null_ref, columns))


def _can_come_anew(target: Inventory, table: Table, wanted: Column, present: Column) -> bool:
    if wanted.identity or present.identity:
        return False
    if any(_is_primary_key(part.value, present.name) for part in target.parts(table.ref)):
        return False
    old = own_name(table, present)
    below = ((child, child.column(present.name)) for child in target.below(table.ref))
    return any(own and own.not_null and name_for_partitions(child, own) != old for child, own in below)


def in_turn(source: Inventory, target: Inventory, column: ObjectRef, statement: Statement) -> Statement:
    """The statement about the parent's column: what it leaves to its children's is not its own doing."""
    state = not_null_ref(column)
    above = not_nulls_above(source, column)
    if state in statement.destroys and not statement.provides and above:
        return _alone(statement, state, above, primary_keys_above(source, column))
    if state in statement.destroys and not statement.provides:
        stay = _said_below(target, column)
        return replace(statement, destroys=statement.destroys - stay, releases=statement.releases | stay)
    if state in statement.provides and not statement.destroys:
        come = _named_by_themselves(source, column) - _there_below(target, column)
        requires = statement.requires | come
        statement = replace(statement, provides=statement.provides - requires, requires=requires)
        return after_children(source, column, statement)
    return statement


def after_children(source: Inventory, column: ObjectRef, statement: Statement) -> Statement:
    """A NOT NULL that is not valid is added once the children are there: a new child's would be valid."""
    children = frozenset(
        column_ref(table, own)
        for table in source.below(table_ref(column.schema, column.parent))
        if not table.partition_of and (own := table.column(column.name)) and comes_unvalidated(own)
    )
    return replace(statement, requires=statement.requires | children)


def drop_below(table: Table, column: Column, above: Set[ObjectRef], keys: Set[ObjectRef]) -> Statement:
    """Of a child's column that was made with what its parents have, and got it of their primary keys."""
    state = not_null_ref(column_ref(table, column))
    return _alone(drop_not_null(table, column), state, above, keys)


def _alone(statement: Statement, state: ObjectRef, above: Set[ObjectRef], keys: Set[ObjectRef]) -> Statement:
    """After its parents', which set it of the children too; the children's are their own affair."""
    return replace(
        statement,
        sql=statement.sql.replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1),
        section=Section.POST_DATA if keys else statement.section,
        requires=statement.requires | above | keys | {statement.ref, state},
        provides=frozenset() if keys else frozenset({state}),
        destroys=frozenset(),
        releases=frozenset(),
    )


def _said_below(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    return frozenset(ref for ref, own in _below(inventory, column) if is_repeated(own))


def _named_by_themselves(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    """Any other name may be the parent's, which PostgreSQL gives when the parent's comes first."""
    return frozenset(ref for ref, own in _below(inventory, column) if is_repeated(own) and is_usual(own))


def _there_below(inventory: Inventory, column: ObjectRef) -> frozenset[ObjectRef]:
    return frozenset(ref for ref, own in _below(inventory, column) if own.not_null)


def given_up(source: Inventory, target: Inventory, decisions: Decisions) -> Iterator[Statement]:
    """Own NOT NULLs of children that are to have their parents' which come now: they would keep their names. A
    partition's are the parent's from then on."""
    for ref, decision in decisions:
        wanted, present = source.get(ref), target.get(ref)
        if not decision.follows or wanted is None or present is None:
            continue
        if not isinstance(wanted.value, Column) or not isinstance(present.value, Column):
            continue
        is_to_be_parents = wanted.value.not_null and wanted.value.inherited_not_null is not None
        is_own = present.value.not_null and present.value.inherited_not_null is None
        if is_to_be_parents and is_own and not _is_held(target, decisions, ref):
            assert isinstance(present.owner, Table)
            if _keeps_a_name(source, wanted) or _stays_valid(source, wanted):
                yield from rename_to_inherited(present.owner, wanted.value, present.value)
            else:
                yield drop_not_null(present.owner, present.value)


def _keeps_a_name(source: Inventory, column: Item) -> bool:
    """Whether a partition's NOT NULL is called otherwise than one that comes with its parent's is."""
    table, own = column.owner, column.value
    if not isinstance(table, Table) or not isinstance(own, Column) or table.partition_of is None:
        return False
    parent = source[table_ref(*table.partition_of)].value
    above = parent.column(own.name) if isinstance(parent, Table) else None
    assert isinstance(parent, Table) and above is not None
    return inherited_name(table, own) != name_for_partitions(parent, above)


def _stays_valid(source: Inventory, column: Item) -> bool:
    """Whether a partition's is valid below its parent's that is not: one that comes with it would not be."""
    is_partitions = isinstance(column.owner, Table) and column.owner.partition_of is not None
    return is_partitions and validated_below(source, column.ref) is not None


def _is_held(target: Inventory, decisions: Decisions, column: ObjectRef) -> bool:
    """Whether a parent has it already, or a primary key that stays needs it."""
    table = table_ref(column.schema, column.parent)
    parents = decisions.inheritance.kept_parents(table)
    above = (column._replace(schema=parent.schema, parent=parent.name) for parent in parents)
    keys = (part for part in target.parts(table) if _is_primary_key(part.value, column.name))
    is_needed = any(not decisions.goes(key.ref) for key in keys)
    return is_needed or any(_is_not_null(target, ref) for ref in above)


def _is_primary_key(value: Value, column: str) -> bool:
    return (
        isinstance(value, Constraint) and value.kind is ConstraintKind.PRIMARY_KEY and column in value.columns
    )


def _is_not_null(inventory: Inventory, column: ObjectRef) -> bool:
    item = inventory.get(column)
    return item is not None and isinstance(item.value, Column) and item.value.not_null


def _below(inventory: Inventory, column: ObjectRef) -> Iterator[tuple[ObjectRef, Column]]:
    for table in inventory.below(table_ref(column.schema, column.parent)):
        if own := table.column(column.name):
            yield not_null_ref(column_ref(table, own)), own
