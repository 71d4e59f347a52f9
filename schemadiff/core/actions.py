"""What is to be done with one object by itself: nothing, an alteration, or its making anew."""

from dataclasses import replace
from enum import Enum

from schemadiff.core import index_text
from schemadiff.core.catalog import (
    Column,
    Constraint,
    DefaultPrivileges,
    DefinedObject,
    Extension,
    Function,
    Index,
    IndexShare,
    NotNull,
    ObjectMember,
    Policy,
    Sequence,
    StatisticsObject,
    Table,
    Trigger,
    UserType,
    View,
)
from schemadiff.core.ddl.columns import can_alter_column
from schemadiff.core.ddl.constraints import can_alter_constraint
from schemadiff.core.ddl.defined import can_alter, can_alter_member
from schemadiff.core.ddl.functions import can_replace_function
from schemadiff.core.ddl.policies import can_alter_policy
from schemadiff.core.ddl.tables import retypes_partition_key
from schemadiff.core.ddl.types import can_alter_type
from schemadiff.core.ddl.views import can_alter_view, is_same_view
from schemadiff.core.inventory import Item, Value


class Action(Enum):
    KEEP = "the same on both sides, comments aside"
    CREATE = "only in the source"
    DROP = "only in the target"
    ALTER = "altered in place"
    REBUILD = "dropped and created"


def action_for(source: Item, target: Item) -> Action:
    """For an object that both sides have."""
    source, target = _anywhere(source), _anywhere(target)
    if isinstance(source.owner, Table) and source.owner.partition_key:
        source, target = _as_if_whole(source), _as_if_whole(target)
    if _is_same(source.value, target.value) and not _has_its_key_retyped(source.value, target.value):
        return Action.KEEP
    if (
        isinstance(source.owner, Table)
        and source.owner.partition_key
        and _differ_in_options(source.value, target.value)
    ):
        return Action.REBUILD  # PostgreSQL alters no partitioned index's
    if source.holder is not None:
        return Action.ALTER if can_alter_member(source.holder) else Action.REBUILD
    return Action.ALTER if _can_alter(source.value, target.value) else Action.REBUILD


def _has_its_key_retyped(source: Value, target: Value) -> bool:
    return isinstance(source, Table) and isinstance(target, Table) and retypes_partition_key(source, target)


def _is_same(source: Value, target: Value) -> bool:
    """Comments, parts and places in the table aside."""
    if source == target:
        return True
    match source, target:
        case Table(), Table():
            return _own(source) == _own(target)
        case View(), View():
            return is_same_view(source, target)
        case Column(), Column():
            return without_place(source) == without_place(target)
        case Sequence(), Sequence():
            return (source.options, source.persistence) == (target.options, target.persistence)
        case IndexShare(), IndexShare():
            return _says(source) == _says(target)
        case Index(), Index() if target.valid and not source.valid and source.definition == target.definition:
            return _marks_of(source) == _marks_of(target)  # nobody wants an index that failed to be built
        case Extension(), Extension():
            return source == target
        case DefaultPrivileges(), DefaultPrivileges():
            return True  # see default_privileges.py
        case DefinedObject(), DefinedObject():
            return (source.definition, source.settings) == (target.definition, target.settings)
        case ObjectMember(), ObjectMember():
            return source == target
        case _:
            return _uncommented(source) == _uncommented(target)


def _can_alter(source: Value, target: Value) -> bool:
    match source, target:
        case source, target if isinstance(source, UserType) and isinstance(target, UserType):
            return can_alter_type(source, target)
        case DefinedObject(), DefinedObject():
            return can_alter(source, target)
        case Table(), Table():
            same_key = source.partition_key == target.partition_key
            same_server = _server(source) == _server(target)
            return same_key and same_server and not retypes_partition_key(source, target)
        case View(), View():
            return can_alter_view(source, target)
        case Function(), Function():
            return can_replace_function(source, target)
        case Column(), Column():
            return can_alter_column(source, target)
        case Constraint(), Constraint():
            return can_alter_constraint(source, target)
        case Trigger(), Trigger():
            return replace(source, enabled=target.enabled, comment=target.comment) == target
        case Policy(), Policy():
            return can_alter_policy(source, target)
        case StatisticsObject(), StatisticsObject():
            return (source.schema, source.definition) == (target.schema, target.definition)
        case IndexShare(), IndexShare():
            return source.share_of == target.share_of
        case IndexShare(index=Index() as wanted), Index():
            return index_text.without_options(wanted.definition) == index_text.without_options(
                target.definition
            )
        case IndexShare(), _:
            return False
        case _, IndexShare():
            return False
        case Index(), Index():
            return _unmarked(source) == _unmarked(target)
        case _:
            return True


def _own(table: Table) -> tuple[object, ...]:
    return (
        table.persistence,
        table.partition_key,
        table.partition_of,
        table.partition_bound,
        table.inherits,
        table.of_type,
        table.row_security,
        table.forced_row_security,
        table.options,
        table.replica_identity,
        table.access_method,
        table.foreign,
    )


def _server(table: Table) -> str | None:
    """No foreign table becomes an ordinary one, or another server's."""
    return table.foreign.server if table.foreign else None


def _anywhere(item: Item) -> Item:
    """To move an index to another tablespace is another matter."""
    match item.value:
        case Index() | Constraint() as value if value.tablespace:
            return replace(item, value=replace(value, tablespace=None))
        case _:
            return item


def _as_if_whole(item: Item) -> Item:
    """A partitioned table's index is valid when every partition has its share, which is said of those."""
    return replace(item, value=replace(item.value, valid=True)) if isinstance(item.value, Index) else item


def _says(share: IndexShare) -> tuple[object, ...]:
    part = share.part
    options = part.options if isinstance(part, Constraint) else index_text.options(part.definition)
    return (share.share_of, options, part.clustered, part.replica_identity)


def _marks_of(index: Index) -> tuple[object, ...]:
    return (index.clustered, index.replica_identity, index.statistics)


def _differ_in_options(source: Value, target: Value) -> bool:
    match source, target:
        case Index(), Index():
            return index_text.options(source.definition) != index_text.options(target.definition)
        case Constraint(), Constraint():
            return source.options != target.options
        case _:
            return False


def _unmarked(index: Index) -> Index:
    """Without what can be said of it anew."""
    definition = index_text.without_options(index.definition)
    return replace(
        index, definition=definition, clustered=False, replica_identity=False, statistics=(), comment=None
    )


def without_place(column: Column) -> Column:
    says = column.not_null_as or NotNull()
    says = replace(says, name=None if says.repeated else says.name, comment=None)
    return replace(column, position=0, inherited=False, local=True, not_null_as=says, comment=None)


def _uncommented(value: Value) -> Value:
    assert not isinstance(value, Extension | ObjectMember | DefaultPrivileges)
    if isinstance(value, Constraint):
        return replace(value, inherited=False, local=True, comment=None)
    return replace(value, comment=None)
