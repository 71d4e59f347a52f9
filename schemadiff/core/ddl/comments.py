"""COMMENT ON every kind of object."""

from typing import TypeAlias

from schemadiff.core.access import InnerComment
from schemadiff.core.catalog import (
    Column,
    CompositeType,
    Constraint,
    DefinedObject,
    Domain,
    EnumType,
    Function,
    Index,
    IndexShare,
    ObjectRef,
    Part,
    Policy,
    RangeType,
    Rule,
    Schema,
    Sequence,
    StatisticsObject,
    Table,
    Trigger,
    UserType,
    View,
)
from schemadiff.core.ddl.defined_names import subject as defined_subject
from schemadiff.core.ddl.references import relation_word, routine_name, sql_name
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement

Commented: TypeAlias = Schema | UserType | Sequence | Table | View | Function | DefinedObject | Part


def comment_on(ref: ObjectRef, value: Commented, owner: Table | View | None) -> Statement:
    """`owner` is the relation of a part."""
    text = "NULL" if value.comment is None else literal(value.comment)
    return Statement(
        sql=f"COMMENT ON {subject(value, owner)} IS {text}",
        ref=ref,
        section=Section.POST_DATA,
        requires=frozenset({ref}),
        lock=lock_of(Command.COMMENT if isinstance(value, Table | View | Column) else Command.READ),
    )


def comment_within(
    ref: ObjectRef, value: Commented, owner: Table | View | None, inner: InnerComment, text: str | None
) -> Statement:
    """On what belongs to the object and is none of its own; `text` is None to take the comment away."""
    written = "NULL" if text is None else literal(text)
    return Statement(
        sql=f"COMMENT ON {_inner_subject(value, owner, inner)} IS {written}",
        ref=ref,
        section=Section.POST_DATA,
        requires=frozenset({ref}),
        lock=lock_of(Command.READ),  # an index's or a sequence's own, not its table's
    )


def _inner_subject(value: Commented, owner: Table | View | None, inner: InnerComment) -> str:
    match value:
        case Constraint() | IndexShare() if owner is not None:
            return f"INDEX {qualified(owner.schema, value.name)}"
        case Column() if owner is not None and value.identity_sequence is not None:
            return f"SEQUENCE {qualified(owner.schema, value.identity_sequence)}"
        case CompositeType():
            return f"COLUMN {sql_name(value)}.{quote(inner.name)}"
        case Domain():
            return f"CONSTRAINT {quote(inner.name)} ON DOMAIN {sql_name(value)}"
        case _:
            raise ValueError(f"There is no comment of {inner.of.value} on {type(value).__name__}.")


def subject(value: Commented, owner: Table | View | None) -> str:
    """What the statement names, `FUNCTION public.f(integer)`: SECURITY LABEL and mostly ALTER say the same."""
    match value:
        case Schema():
            return f"SCHEMA {quote(value.name)}"
        case EnumType() | CompositeType() | RangeType():
            return f"TYPE {sql_name(value)}"
        case Domain():
            return f"DOMAIN {sql_name(value)}"
        case Sequence():
            return f"SEQUENCE {qualified(value.schema, value.name)}"
        case Table() | View():
            return f"{relation_word(value)} {sql_name(value)}"
        case Function():
            return routine_name(value)
        case DefinedObject():
            return defined_subject(value)
        case _:
            assert owner is not None
            return _part_subject(value, owner)


def _part_subject(value: Part, owner: Table | View) -> str:
    match value:
        case Column():
            return f"COLUMN {sql_name(owner)}.{quote(value.name)}"
        case Constraint():
            return f"CONSTRAINT {quote(value.name)} ON {sql_name(owner)}"
        case IndexShare(constraint=Constraint()):
            return f"CONSTRAINT {quote(value.name)} ON {sql_name(owner)}"
        case Index() | IndexShare():
            return f"INDEX {qualified(owner.schema, value.name)}"
        case Trigger():
            return f"TRIGGER {quote(value.name)} ON {sql_name(owner)}"
        case Rule():
            return f"RULE {quote(value.name)} ON {sql_name(owner)}"
        case Policy():
            return f"POLICY {quote(value.name)} ON {sql_name(owner)}"
        case StatisticsObject():
            return f"STATISTICS {qualified(value.schema, value.name)}"
