"""Types by family (what can be done with a value stays the same within one), and types that schemas bring."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from tests.generator.choices import Choices
from tests.generator.names import column_name, fresh_name
from tests.generator.pieces import Expression, Key, Piece, World, quoted

_Any = TypeVar("_Any")

PLAIN = {
    "int": ("integer", "bigint", "smallint"),
    "text": ("text", "varchar(40)", "varchar(200)", "varchar", 'text COLLATE "C"', "char(9)"),
    "num": ("numeric(12,2)", "numeric", "numeric(20,4)", "double precision", "real"),
    "bool": ("boolean",),
    "time": ("timestamptz", "timestamp", "date", "timestamptz(3)"),
    "json": ("jsonb", "json"),
    "other": ("uuid", "bytea", "inet", "interval", "time", "bit(4)", "int4range", "tsvector", "money"),
    "array": ("text[]", "int[]", "numeric(8,2)[]", "timestamp[]"),
}
_USUAL = ("int", "int", "text", "text", "num", "bool", "time", "json", "other", "array")
_DEFAULTS = {
    "int": ("7", "'-1'::integer", "0"),
    "text": ("'x'", "'it''s'", "''", "upper('a'::text)", "CURRENT_USER"),
    "num": ("1.5", "0", "'-2'"),
    "bool": ("true", "false"),
    "time": ("now()", "CURRENT_TIMESTAMP", "'2024-01-02'"),
    "json": ("'{}'", """'{"a": [1]}'"""),
}


@dataclass(frozen=True)
class Type:
    """A type as a column is given it."""

    sql: str
    family: str
    needs: frozenset[Key] = frozenset()
    label: str | None = None  # of an enum: one that it has


@dataclass(frozen=True, kw_only=True)
class Schema(Piece):
    kind = "schema"

    @property
    def key(self) -> Key:
        return ("schema", self.name)

    @property
    def required(self) -> frozenset[Key]:
        return frozenset()

    def script(self) -> str:
        return "" if self.name == "public" else f"CREATE SCHEMA {quoted(self.name)};"


@dataclass(frozen=True, kw_only=True)
class Enum(Piece):
    kind = "type"
    labels: tuple[str, ...]

    @property
    def provided(self) -> frozenset[Key]:
        return frozenset({self.key, *(("label", *self.key, label) for label in self.labels)})

    def script(self) -> str:
        return f"CREATE TYPE {self.sql_name} AS ENUM ({', '.join(map(_text, self.labels))});"

    def smaller(self) -> Iterator[Piece]:
        if len(self.labels) > 1:
            yield from (replace(self, labels=_without(self.labels, n)) for n in range(len(self.labels)))


@dataclass(frozen=True, kw_only=True)
class Domain(Piece):
    kind = "type"
    base: Type
    not_null: bool = False
    default: str | None = None
    check: Expression | None = None

    @property
    def required(self) -> frozenset[Key]:
        more = self.check.needs if self.check else frozenset()
        return self.needs | self.base.needs | more | {("schema", self.schema)}

    def script(self) -> str:
        default = f" DEFAULT {self.default}" if self.default else ""
        check = f" CONSTRAINT sound CHECK ({self.check.sql})" if self.check else ""
        return (
            f"CREATE DOMAIN {self.sql_name} AS {self.base.sql}{default}{' NOT NULL' * self.not_null}{check};"
        )

    def smaller(self) -> Iterator[Piece]:
        if self.check or self.default or self.not_null:
            yield replace(self, check=None)
            yield replace(self, default=None)
            yield replace(self, not_null=False)


@dataclass(frozen=True, kw_only=True)
class Composite(Piece):
    kind = "type"
    attributes: tuple[tuple[str, Type], ...]

    @property
    def required(self) -> frozenset[Key]:
        return frozenset({("schema", self.schema)}).union(self.needs, *(t.needs for _, t in self.attributes))

    def script(self) -> str:
        lines = ", ".join(f"{quoted(name)} {type_.sql}" for name, type_ in self.attributes)
        return f"CREATE TYPE {self.sql_name} AS ({lines});"

    def smaller(self) -> Iterator[Piece]:
        if len(self.attributes) > 1:
            for place in range(len(self.attributes)):
                yield replace(self, attributes=_without(self.attributes, place))


@dataclass(frozen=True, kw_only=True)
class Range(Piece):
    kind = "type"
    subtype: str

    def script(self) -> str:
        return f"CREATE TYPE {self.sql_name} AS RANGE (subtype = {self.subtype});"


def choose_type(choices: Choices, world: World) -> Type:
    """A plain one, or one of the world's, or an array of it."""
    own = [piece for piece in world if isinstance(piece, Enum | Domain | Composite | Range)]
    if not own or choices.chance(70):
        return plain_type(choices, choices.pick(_USUAL))
    type_ = type_of(choices.pick(own))
    if choices.chance(15):
        return Type(f"{type_.sql}[]", "array", type_.needs)
    return type_


def plain_type(choices: Choices, family: str) -> Type:
    return Type(choices.pick(PLAIN[family]), family)


def near_type(choices: Choices, type_: Type, world: World) -> Type:
    """Another type, mostly of the same family."""
    if type_.family in PLAIN and choices.chance(80):
        return plain_type(choices, type_.family)
    return choose_type(choices, world)


def type_of(piece: Enum | Domain | Composite | Range) -> Type:
    needs = frozenset({piece.key})
    match piece:
        case Enum():
            label = piece.labels[0]
            return Type(piece.sql_name, f"enum {piece.schema}.{piece.name}", needs, label)
        case Domain():
            return Type(piece.sql_name, piece.base.family, needs)
        case _:
            return Type(piece.sql_name, f"own {piece.schema}.{piece.name}", needs)


def constant(choices: Choices, type_: Type) -> Expression | None:
    """A default for a column of that type."""
    if type_.family.startswith("enum"):
        if type_.label is None:
            return None
        label: Key = ("label", *next(iter(type_.needs)), type_.label)
        return Expression(f"{_text(type_.label)}::{type_.sql}", type_.family, frozenset({label}))
    if type_.family not in _DEFAULTS:
        return Expression("NULL", type_.family) if choices.chance(20) else None
    return Expression(choices.pick(_DEFAULTS[type_.family]), type_.family)


def new_schema(choices: Choices, world: World) -> Piece:
    return Schema(schema="", name=fresh_name(choices, world))


def new_type(choices: Choices, world: World) -> Piece:
    schema = choose_schema(choices, world)
    name = fresh_name(choices, world)
    match choices.number(0, 5):
        case 0 | 1:
            return Enum(schema=schema, name=name, labels=_labels(choices, ()))
        case 2 | 3:
            return _new_domain(choices, world, schema, name)
        case 4:
            return _new_composite(choices, world, schema, name)
        case _:
            return Range(
                schema=schema, name=name, subtype=choices.pick(("float8", "text", "int8", "timestamptz"))
            )


def alter_type(choices: Choices, world: World, piece: Piece) -> Piece:
    match piece:
        case Enum():
            return replace(piece, labels=_labels(choices, piece.labels))
        case Domain():
            fresh = _new_domain(choices, world, piece.schema, piece.name)
            base = fresh.base if choices.chance(25) else piece.base
            check = fresh.check if fresh.base.family == base.family else None
            default = fresh.default if fresh.base.family == base.family else None
            return replace(piece, base=base, not_null=fresh.not_null, check=check, default=default)
        case Composite():
            return _alter_composite(choices, world, piece)
        case Range():
            return replace(piece, subtype=choices.pick(("float8", "text", "int8", "timestamptz")))
    return piece


def choose_schema(choices: Choices, world: World) -> str:
    return choices.pick([piece.name for piece in world.of(Schema)])


def _new_domain(choices: Choices, world: World, schema: str, name: str) -> Domain:
    base = plain_type(choices, choices.pick(("int", "text", "num")))
    checks = {"int": "VALUE > 0", "text": "length(VALUE) < 100", "num": "VALUE >= 0.5"}
    check = Expression(checks[base.family], "bool") if choices.chance(50) else None
    default = constant(choices, base)
    return Domain(
        schema=schema,
        name=name,
        base=base,
        not_null=choices.chance(15),
        default=default.sql if default and choices.chance(30) else None,
        check=check,
    )


def _new_composite(choices: Choices, world: World, schema: str, name: str) -> Composite:
    attributes: dict[str, Type] = {}
    for _ in range(choices.number(1, 4)):
        attributes[column_name(choices, set(attributes))] = choose_type(choices, world)
    return Composite(schema=schema, name=name, attributes=tuple(attributes.items()))


def _alter_composite(choices: Choices, world: World, piece: Composite) -> Composite:
    attributes = list(piece.attributes)
    place = choices.number(0, len(attributes) - 1)
    loop_free = World(p for p in world if not isinstance(p, Composite | Domain))
    match choices.number(0, 2):
        case 0:
            name = column_name(choices, {name for name, _ in attributes})
            attributes.append((name, choose_type(choices, loop_free)))
        case 1 if len(attributes) > 1:
            del attributes[place]
        case _:
            name, type_ = attributes[place]
            attributes[place] = (name, near_type(choices, type_, loop_free))
    return replace(piece, attributes=tuple(attributes))


def _labels(choices: Choices, present: tuple[str, ...]) -> tuple[str, ...]:
    """Some more, or one less, or in another order."""
    if not present:
        return ("new", "open", "it's done", "Closed")[: choices.number(1, 4)]
    place = choices.number(0, len(present) - 1)
    fresh = next(f"state {n}" for n in range(len(present) + 1) if f"state {n}" not in present)
    match choices.number(0, 3):
        case 0:
            return _without(present, place) or present
        case 1:
            return (*present[place:], *present[:place])
        case _:
            return (*present[:place], fresh, *present[place:])


def _without(these: tuple[_Any, ...], place: int) -> tuple[_Any, ...]:
    return (*these[:place], *these[place + 1 :])


def _text(label: str) -> str:
    return "'" + label.replace("'", "''") + "'"
