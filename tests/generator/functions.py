"""Functions: immutable ones for expressions, ones for defaults, trigger functions, ones over tables; aggregates."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.generator.choices import Choices
from tests.generator.expressions import Callable_, Field
from tests.generator.names import fresh_name
from tests.generator.pieces import Expression, Key, Piece, World, quoted
from tests.generator.types import Composite, Domain, Enum, Range, Type, choose_schema, type_of

_SQL = {"int": "bigint", "text": "text", "num": "numeric", "bool": "boolean"}
_BODIES = {
    ("int", "int"): ("$1 + 1", "$1 * 3"),
    ("int", "bool"): ("$1 > 3", "$1 < 100000"),
    ("int", "text"): ("'n' || $1", "'no. ' || $1"),
    ("text", "text"): ("upper($1)", "lower($1) || '.'"),
    ("text", "bool"): ("length($1) > 1", "$1 <> 'no'"),
    ("text", "int"): ("length($1)", "length($1) + 1"),
    ("num", "num"): ("$1 * 2", "round($1, 2)"),
    ("num", "bool"): ("$1 > 0", "$1 < 1000"),
}
_STYLES = ("sql", "plpgsql", "atomic")
_EXTRAS = (
    "",
    " STRICT",
    " COST 7",
    " PARALLEL SAFE",
    " SECURITY DEFINER",
    " SET work_mem TO '8MB'",
    " LEAKPROOF",
)


@dataclass(frozen=True, kw_only=True)
class Function(Piece):
    """`use` says where it may be called: expression, default, trigger, nowhere."""

    kind = "function"
    arguments: str
    returns: str
    body: str
    style: str = "sql"
    use: str = "nowhere"
    argument_family: str = ""
    result_family: str = ""
    volatility: str = "IMMUTABLE"
    extra: str = ""

    @property
    def provided(self) -> frozenset[Key]:
        shape = ("calls", *self.key, self.use, self.argument_family, self.result_family)
        return frozenset({self.key, shape})

    @property
    def shape(self) -> Key:
        return ("calls", *self.key, self.use, self.argument_family, self.result_family)

    def script(self) -> str:
        head = f"CREATE FUNCTION {self.sql_name}({self.arguments}) RETURNS {self.returns}"
        if self.style == "atomic":
            return f"{head} LANGUAGE sql {self.volatility}{self.extra} BEGIN ATOMIC SELECT {self.body}; END;"
        if self.style == "plpgsql":
            body = self.body if self.use == "trigger" else f"RETURN {self.body};"
            return f"{head} LANGUAGE plpgsql {self.volatility}{self.extra} AS $f$ BEGIN {body} END $f$;"
        return f"{head} LANGUAGE sql {self.volatility}{self.extra} AS $f$ SELECT {self.body} $f$;"

    def smaller(self) -> Iterator[Piece]:
        if self.extra:
            yield replace(self, extra="")
        if self.style == "atomic":
            yield replace(self, style="sql")


@dataclass(frozen=True, kw_only=True)
class Procedure(Piece):
    kind = "function"
    body: str
    arguments: str = ""

    def script(self) -> str:
        return f"CREATE PROCEDURE {self.sql_name}({self.arguments}) LANGUAGE plpgsql AS $f$ BEGIN {self.body} END $f$;"


@dataclass(frozen=True, kw_only=True)
class Aggregate(Piece):
    kind = "function"
    step: str
    initial: str

    def script(self) -> str:
        step = f"SFUNC = {self.step}, STYPE = bigint, INITCOND = '{self.initial}'"
        return f"CREATE AGGREGATE {self.sql_name}(bigint) ({step});"


@dataclass(frozen=True, kw_only=True)
class Sequence(Piece):
    kind = "relation"
    options: str = ""

    @property
    def provided(self) -> frozenset[Key]:
        return frozenset({self.key, ("is", "sequence", *self.key)})

    def script(self) -> str:
        return f"CREATE SEQUENCE {self.sql_name}{self.options};"

    def smaller(self) -> Iterator[Piece]:
        if self.options:
            yield replace(self, options="")


def callables(world: World) -> list[Callable_]:
    """Those that may stand in an expression."""
    return [
        Callable_(f.sql_name, f.argument_family, f.result_family, f.shape)
        for f in world.of(Function)
        if f.use == "expression"
    ]


def default_calls(world: World, type_: Type) -> list[Expression]:
    """Calls that give a default for a column of that type."""
    found = [
        Expression(f"{f.sql_name}()", type_.family, frozenset({f.shape}))
        for f in world.of(Function)
        if f.use == "default" and f.result_family == type_.family
    ]
    if type_.family == "int":
        found += [
            Expression(
                f"nextval('{s.sql_name.replace(chr(39), chr(39) * 2)}'::regclass)",
                "int",
                frozenset({("is", "sequence", *s.key)}),
            )
            for s in world.of(Sequence)
        ]
    return found


def new_sequence(choices: Choices, world: World) -> Piece:
    options = (
        "",
        " START WITH 5",
        " INCREMENT BY 3 CACHE 7",
        " AS integer MAXVALUE 5000 CYCLE",
        " INCREMENT BY -1",
    )
    return Sequence(
        schema=choose_schema(choices, world), name=fresh_name(choices, world), options=choices.pick(options)
    )


def new_function(choices: Choices, world: World) -> Piece:
    schema, name = choose_schema(choices, world), fresh_name(choices, world)
    match choices.number(0, 9):
        case 0 | 1 | 2:
            return _expression_function(choices, schema, name)
        case 3 | 4:
            return _default_function(choices, world, schema, name)
        case 5 | 6:
            return trigger_function(choices, schema, name)
        case 7:
            return _typed_function(choices, world, schema, name)
        case 8:
            return Procedure(schema=schema, name=name, body=choices.pick(("NULL;", "RAISE NOTICE 'x';")))
        case _:
            return Aggregate(schema=schema, name=name, step="int8pl", initial=str(choices.number(0, 2)))


def alter_function(choices: Choices, world: World, piece: Piece) -> Piece:
    match piece:
        case Procedure():
            return replace(
                piece, body="PERFORM 1;", arguments=choices.pick(("", "a int", "b text DEFAULT 'x'"))
            )
        case Aggregate():
            return replace(
                piece, step=choices.pick(("int8pl", "int8larger")), initial=str(choices.number(0, 5))
            )
        case Sequence():
            fresh = new_sequence(choices, world)
            assert isinstance(fresh, Sequence)
            return replace(piece, options=fresh.options)
        case Function(use="expression"):
            fresh_function = _expression_function(choices, piece.schema, piece.name)
            return fresh_function if choices.chance(30) else _same_shape(choices, piece)
        case Function(use="default"):
            fresh_default = _default_function(choices, world, piece.schema, piece.name)
            return fresh_default if choices.chance(50) else replace(piece, extra=choices.pick(_EXTRAS))
        case Function(use="trigger"):
            return trigger_function(choices, piece.schema, piece.name)
        case Function():
            return replace(piece, extra=choices.pick(_EXTRAS))
    return piece


def trigger_function(choices: Choices, schema: str, name: str) -> Function:
    bodies = ("RETURN NEW;", "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW;", "RETURN NULL;")
    return Function(
        schema=schema,
        name=name,
        arguments="",
        returns="trigger",
        body=choices.pick(bodies),
        style="plpgsql",
        use="trigger",
        volatility="VOLATILE",
    )


def _expression_function(choices: Choices, schema: str, name: str) -> Function:
    argument, result = choices.pick(list(_BODIES))
    argument_name = choices.pick(("a ", "b ", ""))
    return Function(
        schema=schema,
        name=name,
        arguments=f"{argument_name}{_SQL[argument]}",
        returns=_SQL[result],
        body=choices.pick(_BODIES[argument, result]),
        style=choices.pick(_STYLES),
        use="expression",
        argument_family=argument,
        result_family=result,
        extra=choices.pick(_EXTRAS) if choices.chance(30) else "",
    )


def _same_shape(choices: Choices, piece: Function) -> Function:
    bodies = _BODIES[piece.argument_family, piece.result_family]
    return replace(piece, body=choices.pick(bodies), style=choices.pick(_STYLES), extra=choices.pick(_EXTRAS))


def _default_function(choices: Choices, world: World, schema: str, name: str) -> Function:
    family = choices.pick(("int", "text", "num", "time"))
    bodies = {"int": "7::bigint", "text": "'made'::text", "num": "2.5::numeric", "time": "now()"}
    returns = {**_SQL, "time": "timestamptz"}[family]
    return Function(
        schema=schema,
        name=name,
        arguments=choices.pick(("", "", "a int DEFAULT 3", "VARIADIC a text[] DEFAULT '{}'")),
        returns=returns,
        body=bodies[family],
        style=choices.pick(_STYLES),
        use="default",
        result_family=family,
        volatility=choices.pick(("STABLE", "VOLATILE")),
    )


def _typed_function(choices: Choices, world: World, schema: str, name: str) -> Piece:
    """Of a type that the schema brings: it comes and goes with that type."""
    own = [piece for piece in world if isinstance(piece, Enum | Domain | Composite | Range)]
    if not own:
        return trigger_function(choices, schema, name)
    type_ = type_of(choices.pick(own))
    arguments, returns, body = choices.pick(
        (
            # a bare $1 would be printed as the argument's name, and that reads back as something else
            (f"a {type_.sql}", type_.sql, "a"),
            (f"a {type_.sql}, OUT b text, OUT c {type_.sql}", "record", "'x'::text, a"),
            (f"a {type_.sql}[]", f"SETOF {type_.sql}", "unnest($1)"),
            (f"a {type_.sql} DEFAULT NULL", "text", "'x'::text"),
            ("a int", f"TABLE (n int, v {type_.sql})", f"1, NULL::{type_.sql}"),
        )
    )
    return Function(
        schema=schema,
        name=name,
        arguments=arguments,
        returns=returns,
        body=body,
        style=choices.pick(("sql", "atomic")),
        volatility="STABLE",
        needs=type_.needs,
    )


def over_relation(choices: Choices, world: World, relation: Any, field: Field) -> Function:
    """Reads a relation, or takes its rows."""
    schema, name = choose_schema(choices, world), fresh_name(choices, world)
    column = quoted(field.name)
    arguments, returns, body = choices.pick(
        (
            ("", "bigint", f"count({column}) FROM {relation.sql_name}"),
            ("", f"SETOF {relation.sql_name}", f"* FROM {relation.sql_name}"),
            (f"r {relation.sql_name}", "boolean", f"(r).{column} IS NOT NULL"),
            ("", "bigint", f"count(*) FROM {relation.sql_name} WHERE {column} IS NOT NULL"),
        )
    )
    return Function(
        schema=schema,
        name=name,
        arguments=arguments,
        returns=returns,
        body=body,
        style=choices.pick(("sql", "atomic")),
        use="default" if returns == "bigint" else "nowhere",
        result_family="int",
        volatility=choices.pick(("STABLE", "VOLATILE")),
        needs=frozenset({relation.key, field.key}),
    )
