"""Another name, another schema: what keeps everything that an object holds and all that uses it."""

from collections.abc import Iterator

from schemadiff.core.catalog import (
    CompositeType,
    Domain,
    EnumType,
    Function,
    Kind,
    ObjectRef,
    RangeType,
    Table,
    View,
)
from schemadiff.core.ddl.references import relation_word, routine_name, sql_name
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Lock, Section, Statement

# An index is locked itself, and its table is not.
_OF_RELATIONS = frozenset({Kind.TABLE, Kind.VIEW, Kind.COLUMN, Kind.CONSTRAINT, Kind.TRIGGER})
_ON_TABLE = {Kind.TRIGGER: "TRIGGER", Kind.RULE: "RULE", Kind.POLICY: "POLICY"}


def rename_whole(ref: ObjectRef, value: object, place: tuple[str, str], name: str) -> Statement:
    """A top-level object, an index or a statistics object, which stands at `place` at the moment."""
    return _statement(ref, f"{_subject(ref, value, place)} RENAME TO {quote(name)}")


def set_schema(ref: ObjectRef, value: object, place: tuple[str, str], schema: str) -> Statement:
    return _statement(ref, f"{_subject(ref, value, place)} SET SCHEMA {quote(schema)}")


def rename_part(ref: ObjectRef, owner: object, relation: tuple[str, str], name: str, other: str) -> Statement:
    """A part of the relation that is called `relation` at the moment."""
    if ref.kind in _ON_TABLE:
        subject = f"ALTER {_ON_TABLE[ref.kind]} {quote(name)} ON {qualified(*relation)} RENAME"
    else:
        word = _relation_word(owner)
        subject = f"ALTER {word} {qualified(*relation)} RENAME {ref.kind.name} {quote(name)}"
    return _statement(ref, f"{subject} TO {quote(other)}")


def rename_companions(
    ref: ObjectRef, range_: RangeType, place: tuple[str, str], names: tuple[str, str], others: tuple[str, str]
) -> Iterator[Statement]:
    """What comes with a range type that is called otherwise already: its multirange type, the functions that make
    values. `names` and `others` are of range and multirange, as they were and as they are to be."""
    schema = place[0]
    if names[1] != others[1]:
        yield _statement(ref, f"ALTER TYPE {qualified(schema, names[1])} RENAME TO {quote(others[1])}")
    for of_range, arguments in _constructors(range_, place):
        name, other = (names[0], others[0]) if of_range else (names[1], others[1])
        if name != other:
            yield _statement(
                ref, f"ALTER FUNCTION {qualified(schema, name)}({arguments}) RENAME TO {quote(other)}"
            )


def move_companions(
    ref: ObjectRef, range_: RangeType, place: tuple[str, str], multirange: str, schema: str
) -> Iterator[Statement]:
    """Of a range type that is at `place` already, from the schema where it was."""
    yield _statement(ref, f"ALTER TYPE {qualified(schema, multirange)} SET SCHEMA {quote(place[0])}")
    for of_range, arguments in _constructors(range_, place):
        name = qualified(schema, place[1] if of_range else multirange)
        yield _statement(ref, f"ALTER FUNCTION {name}({arguments}) SET SCHEMA {quote(place[0])}")


def _constructors(range_: RangeType, place: tuple[str, str]) -> Iterator[tuple[bool, str]]:
    """Whether it has the range type's name or the multirange type's, and its arguments."""
    own = qualified(*place)
    yield True, f"{range_.type}, {range_.type}"
    yield True, f"{range_.type}, {range_.type}, text"
    yield from ((False, arguments) for arguments in ("", own, f"{own}[]"))


def rename_schema(ref: ObjectRef, name: str, other: str) -> Statement:
    return _statement(ref, f"ALTER SCHEMA {quote(name)} RENAME TO {quote(other)}")


def rename_label(enum: EnumType, label: str, other: str) -> Statement:
    """Every value, and every expression that PostgreSQL keeps, has the other label by that."""
    return _statement(
        enum.ref, f"ALTER TYPE {sql_name(enum)} RENAME VALUE {literal(label)} TO {literal(other)}"
    )


def rename_attribute(composite: CompositeType, name: str, other: str) -> Statement:
    return _statement(
        composite.ref, f"ALTER TYPE {sql_name(composite)} RENAME ATTRIBUTE {quote(name)} TO {quote(other)}"
    )


def _subject(ref: ObjectRef, value: object, place: tuple[str, str]) -> str:
    if isinstance(value, Function):
        schema, name = place
        signature = routine_name(value).removeprefix(routine_word(value) + " ")
        arguments = signature.removeprefix(qualified(value.schema, value.name))
        return f"ALTER {routine_word(value)} {qualified(schema, name)}{arguments}"
    return f"ALTER {_word(ref, value)} {qualified(*place)}"


def routine_word(function: Function) -> str:
    return routine_name(function).partition(" ")[0]


def _word(ref: ObjectRef, value: object) -> str:
    match ref.kind:
        case Kind.TABLE | Kind.VIEW:
            return _relation_word(value)
        case Kind.ENUM | Kind.COMPOSITE | Kind.RANGE:
            return "TYPE"
        case Kind.STATISTICS:
            return "STATISTICS"
        case _:
            return "DOMAIN" if isinstance(value, Domain) else ref.kind.value.upper()


def _relation_word(value: object) -> str:
    return relation_word(value) if isinstance(value, Table | View) else "TABLE"


def _statement(ref: ObjectRef, sql: str) -> Statement:
    lock = lock_of(Command.ALTER_TABLE) if ref.kind in _OF_RELATIONS else Lock.NONE
    return Statement(sql=sql, ref=ref, section=Section.PRE_DATA, provides=frozenset({ref}), lock=lock)
