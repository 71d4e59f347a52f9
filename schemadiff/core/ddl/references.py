"""Names of the things that statements provide and destroy, the invisible ones too.

A column's default, its NOT NULL and a type that has been renamed out of the way are no objects of a catalog,
but statements wait for one another because of them. Their names hold a zero byte, as no real name can.
"""

from schemadiff.core.catalog import (
    Column,
    CompositeType,
    Constraint,
    DefinedObject,
    EnumType,
    Function,
    Index,
    IndexShare,
    Kind,
    ObjectRef,
    Part,
    Policy,
    Rule,
    StatisticsObject,
    Table,
    Trigger,
    UserType,
    View,
)
from schemadiff.core.identifiers import qualified

_ACCESS = "access"

_KINDS: dict[type[Part], Kind] = {
    Column: Kind.COLUMN,
    Constraint: Kind.CONSTRAINT,
    Index: Kind.INDEX,
    IndexShare: Kind.INDEX,
    Trigger: Kind.TRIGGER,
    Rule: Kind.RULE,
    Policy: Kind.POLICY,
    StatisticsObject: Kind.STATISTICS,
}


def part_ref(owner: Table | View, part: Part) -> ObjectRef:
    """Whatever it is of the relation."""
    return ObjectRef(kind=_KINDS[type(part)], schema=owner.schema, parent=owner.name, name=part.name)


def column_ref(owner: Table | View, column: Column | str) -> ObjectRef:
    name = column if isinstance(column, str) else column.name
    return ObjectRef(kind=Kind.COLUMN, schema=owner.schema, parent=owner.name, name=name)


def default_ref(column: ObjectRef) -> ObjectRef:
    """The column's default value."""
    return _invisible(column, "default")


def not_null_ref(column: ObjectRef) -> ObjectRef:
    """The column's NOT NULL."""
    return _invisible(column, "not null")


def table_ref(schema: str, name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.TABLE, schema=schema, name=name)


def sequence_ref(schema: str, name: str) -> ObjectRef:
    """A sequence of its own or an identity column's: they share their names."""
    return ObjectRef(kind=Kind.SEQUENCE, schema=schema, name=name)


def owner_ref(sequence: ObjectRef) -> ObjectRef:
    """That the sequence belongs to a column."""
    return _invisible(sequence, "owner")


def position_ref(sequence: ObjectRef) -> ObjectRef:
    """That the sequence stands within its bounds to come; an identity column stands for its own."""
    return _invisible(sequence, "position")


def persistence_ref(table: ObjectRef) -> ObjectRef:
    """Whether the table is logged, and with it the sequences of its columns."""
    return _invisible(table, "persistence")


def former_persistence_ref(table: ObjectRef) -> ObjectRef:
    """That the table is still logged, or unlogged, as it was."""
    return _invisible(table, "former persistence")


def unfilled_ref(column: ObjectRef) -> ObjectRef:
    """That the column is there, if with no value in any row yet."""
    return _invisible(column, "unfilled")


def unvalidated_ref(constraint: ObjectRef) -> ObjectRef:
    """That the constraint is there, if not for the rows that were there before."""
    return _invisible(constraint, "unvalidated")


def attachment_ref(partition: ObjectRef) -> ObjectRef:
    """That the table is a partition of another."""
    return _invisible(partition, "attachment")


def unattached_ref(partition: ObjectRef) -> ObjectRef:
    """That the table is there, if not as a partition yet."""
    return _invisible(partition, "unattached")


def loose_ref(table: ObjectRef) -> ObjectRef:
    """That the table has left the parents and the type that it is to leave."""
    return _invisible(table, "loose")


def room_ref(parent: tuple[str, str]) -> ObjectRef:
    """That the partitions to come find their bounds free: all that leave the table, or move in it, have left."""
    return _invisible(table_ref(*parent), "room")


def tied_ref(table: ObjectRef, to: tuple[str, str]) -> ObjectRef:
    """That the table has that parent, or is of that type."""
    return _invisible(table, f"tied to {to[0]}\0{to[1]}")


def composite_ref(schema: str, name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.COMPOSITE, schema=schema, name=name)


def alone_ref(index: ObjectRef) -> ObjectRef:
    """That the index or constraint is there, if without its partitions' shares."""
    return _invisible(index, "alone")


def firing_ref(trigger: ObjectRef) -> ObjectRef:
    """When the trigger fires, as far as it is said apart from making it."""
    return _invisible(trigger, "firing")


def former_ref(key: ObjectRef) -> ObjectRef:
    """The key as a foreign key might take it for its own before it goes."""
    return _invisible(key, "former")


def clustering_ref(owner: ObjectRef) -> ObjectRef:
    """By which index CLUSTER goes."""
    return _invisible(owner, "clustering")


def replaced_ref(type_: UserType | DefinedObject) -> ObjectRef:
    """The type as it was, under the name that it has until nothing uses it any more."""
    return _invisible(type_.ref, "replaced")


def holder_ref(composite: ObjectRef) -> ObjectRef:
    """The type that holds arrays of the composite type while they move to its successor."""
    return _invisible(composite, "holder")


def out_of_the_way_ref(type_: UserType | DefinedObject) -> ObjectRef:
    """That the type has left its name to its successor; what comes with it goes by that."""
    return _invisible(type_.ref, "out of the way")


def shell_ref(type_: ObjectRef) -> ObjectRef:
    """The type's name alone: the functions that a type is made with need no more."""
    return _invisible(type_, "shell")


def bare_ref(defined: ObjectRef) -> ObjectRef:
    """The object without its members: what uses it waits for them too, they only for this."""
    return _invisible(defined, "bare")


def publishing_ref(publication: ObjectRef) -> ObjectRef:
    """How the publication publishes, which may allow its tables' row filters or not."""
    return _invisible(publication, "publishing")


def label_ref(enum: EnumType, position: int) -> ObjectRef:
    """The enum's label at that position of the source."""
    return _invisible(enum.ref, f"label {position:06}")


def enum_label_ref(enum: EnumType, label: str) -> ObjectRef:
    """The label as a mapping names it."""
    return ObjectRef(kind=Kind.LABEL, schema=enum.schema, parent=enum.name, name=label)


def attribute_ref(composite: CompositeType, name: str) -> ObjectRef:
    return ObjectRef(kind=Kind.ATTRIBUTE, schema=composite.schema, parent=composite.name, name=name)


def access_ref(ref: ObjectRef, step: int) -> ObjectRef:
    """That so many statements about an object's owner and grants have run."""
    return _invisible(ref, f"{_ACCESS} {step:04}")


def is_access_ref(ref: ObjectRef) -> bool:
    return f"\0{_ACCESS} " in ref.name


def settings_ref() -> ObjectRef:
    """The session's settings that creating functions relies on."""
    return ObjectRef(kind=Kind.FUNCTION, schema="", name="check_function_bodies\0setting")


def _invisible(ref: ObjectRef, what: str) -> ObjectRef:
    return ObjectRef(kind=ref.kind, schema=ref.schema, parent=ref.parent, name=f"{ref.name}\0{what}")


def constraint_ref(table: Table, constraint: Constraint) -> ObjectRef:
    return ObjectRef(kind=Kind.CONSTRAINT, schema=table.schema, parent=table.name, name=constraint.name)


def index_ref(owner: Table | View, index: Index) -> ObjectRef:
    return ObjectRef(kind=Kind.INDEX, schema=owner.schema, parent=owner.name, name=index.name)


def trigger_ref(owner: Table | View, trigger: Trigger) -> ObjectRef:
    return ObjectRef(kind=Kind.TRIGGER, schema=owner.schema, parent=owner.name, name=trigger.name)


def sql_name(owner: Table | View | UserType | DefinedObject) -> str:
    return qualified(owner.schema, owner.name)


def label(owner: Table | View) -> str:
    """The relation as people read it."""
    return owner.ref.label


def routine_name(function: Function) -> str:
    """`FUNCTION public.f(integer)`, as DROP and COMMENT take it."""
    word = {"procedure": "PROCEDURE", "aggregate": "AGGREGATE"}.get(function.kind, "FUNCTION")
    arguments = function.arguments or ("*" if function.kind == "aggregate" else "")
    return f"{word} {qualified(function.schema, function.name)}({arguments})"


def relation_word(owner: Table | View) -> str:
    match owner:
        case View(materialized=True):
            return "MATERIALIZED VIEW"
        case View():
            return "VIEW"
        case Table():
            return "FOREIGN TABLE" if owner.foreign else "TABLE"
