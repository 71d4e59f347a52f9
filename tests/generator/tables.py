"""Tables with their columns: plain, partitioned, and partitions."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.generator.choices import Choices
from tests.generator.expressions import Field, value
from tests.generator.functions import callables, default_calls
from tests.generator.names import column_name, fresh_name
from tests.generator.pieces import Expression, Key, Piece, World, dotted, quoted
from tests.generator.types import Type, choose_schema, choose_type, constant, near_type, plain_type

_OPTIONS = (
    "fillfactor = 70",
    "fillfactor = 90",
    "autovacuum_enabled = false",
    "toast.autovacuum_enabled = false",
)
_IDENTITY = (
    "ALWAYS AS IDENTITY",
    "BY DEFAULT AS IDENTITY",
    "BY DEFAULT AS IDENTITY (START WITH 100 INCREMENT BY 5)",
)
_SERIAL = {"integer": "serial", "bigint": "bigserial", "smallint": "smallserial"}


@dataclass(frozen=True)
class Column:
    name: str
    type: Type
    not_null: bool = False
    default: Expression | None = None
    identity: str | None = None
    serial: bool = False
    generated: Expression | None = None
    extras: tuple[str, ...] = ()  # SET STATISTICS 7

    @property
    def needs(self) -> frozenset[Key]:
        computed = [e.needs for e in (self.default, self.generated) if e]
        return self.type.needs.union(*computed)

    @property
    def clause(self) -> str:
        type_ = _SERIAL[self.type.sql] if self.serial else self.type.sql
        said = [quoted(self.name), type_]
        if self.default:
            said.append(f"DEFAULT {self.default.sql}")
        if self.identity:
            said.append(f"GENERATED {self.identity}")
        if self.generated:
            said.append(f"GENERATED ALWAYS AS ({self.generated.sql}) STORED")
        return " ".join([*said, "NOT NULL"] if self.not_null else said)


@dataclass(frozen=True, kw_only=True)
class Relation(Piece):
    """Anything with columns."""

    kind = "relation"

    @property
    def fields(self) -> tuple[Field, ...]:
        return ()

    @property
    def provided(self) -> frozenset[Key]:
        return frozenset({self.key, *(field.key for field in self.fields)})


def field_of(
    relation: Relation, name: str, family: str, type_: Type | None, generated: bool = False
) -> Field:
    key = ("column", relation.schema, relation.name, name, family)
    is_enum = type_ is not None and type_.label is not None
    type_key = next(iter(type_.needs)) if type_ and is_enum else None
    return Field(name, family, key, type_.label if type_ else None, type_key, generated)


@dataclass(frozen=True, kw_only=True)
class Table(Relation):
    """A partition or heir has its parents' columns; it is given them when a parent changes."""

    columns: tuple[Column, ...]
    unlogged: bool = False
    options: tuple[str, ...] = ()
    strategy: str | None = None  # RANGE ("c1"): what it is partitioned by
    parent: Key | None = None
    bound: str | None = None
    inherits: tuple[Key, ...] = ()  # tables whose columns come before its own
    inherited: int = 0  # how many of them
    switches: tuple[str, ...] = ()  # ENABLE ROW LEVEL SECURITY, REPLICA IDENTITY FULL

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(
            field_of(self, column.name, column.type.family, column.type, column.generated is not None)
            for column in self.columns
        )

    @property
    def required(self) -> frozenset[Key]:
        if self.parent:
            parents = {("partitioned", *self.parent, self.parent_strategy)}
            return frozenset({("schema", self.schema), *parents})
        own = {field.key for field in self.fields}
        parents = {("is", "table", *parent) for parent in self.inherits}
        return frozenset({("schema", self.schema), *parents}).union(*(c.needs for c in self.columns)) - own

    @property
    def parent_strategy(self) -> str:
        return (self.bound or "").split(" ", 1)[0]

    @property
    def provided(self) -> frozenset[Key]:
        more = {("partitioned", *self.key, self.strategy.split(" ")[0])} if self.strategy else set()
        return super().provided | more | {("is", "table", *self.key)}

    def script(self) -> str:
        word = "UNLOGGED TABLE" if self.unlogged else "TABLE"
        by = f" PARTITION BY {self.strategy}" if self.strategy else ""
        options = f" WITH ({', '.join(self.options)})" if self.options and not self.strategy else ""
        if self.parent:
            bound = (self.bound or "").split(" ", 1)[1]
            parent = f"{quoted(self.parent[1])}.{quoted(self.parent[2])}"
            made = f"CREATE {word} {self.sql_name} PARTITION OF {parent} {bound}{by}{options};"
            return "\n".join([made, *self._switches()])
        lines = ", ".join(column.clause for column in self.columns[self.inherited :])
        parents = ", ".join(dotted(*parent[1:]) for parent in self.inherits)
        heir = f" INHERITS ({parents})" if parents else ""
        made = f"CREATE {word} {self.sql_name} ({lines}){heir}{by}{options};"
        return "\n".join([made, *self._switches(), *self._extras()])

    def _switches(self) -> Iterator[str]:
        yield from (f"ALTER TABLE {self.sql_name} {switch};" for switch in self.switches)

    def _extras(self) -> Iterator[str]:
        for column in self.columns:
            for extra in column.extras:
                yield f"ALTER TABLE {self.sql_name} ALTER COLUMN {quoted(column.name)} {extra};"

    def smaller(self) -> Iterator[Piece]:
        if self.parent or self.inherits:
            return
        for place, column in enumerate(self.columns):
            if len(self.columns) > 1 and quoted(column.name) not in (self.strategy or ""):
                yield replace(self, columns=(*self.columns[:place], *self.columns[place + 1 :]))
            for less in _plainer(column):
                yield replace(self, columns=(*self.columns[:place], less, *self.columns[place + 1 :]))
        if self.options or self.switches or self.unlogged:
            yield replace(self, options=(), switches=(), unlogged=False)


def relations(world: World) -> list[Relation]:
    return [piece for piece in world if isinstance(piece, Relation)]


def new_table(choices: Choices, world: World) -> Piece:
    schema, name = choose_schema(choices, world), fresh_name(choices, world)
    columns: tuple[Column, ...] = (_key_column(choices),)
    for _ in range(choices.number(1, 5)):
        columns = (*columns, new_column(choices, world, schema, name, columns))
    table = Table(schema=schema, name=name, columns=columns)
    if choices.chance(20) and not columns[0].identity and not columns[0].serial:
        return replace(
            table, strategy=f"{choices.pick(('RANGE', 'LIST', 'HASH'))} ({quoted(columns[0].name)})"
        )
    if choices.chance(15) and not _is_serial(table):
        table = replace(table, unlogged=True)
    return with_settings(choices, table)


def new_partition(choices: Choices, world: World) -> Piece | None:
    parents = [table for table in world.of(Table) if table.strategy]
    if not parents:
        return None
    parent = choices.pick(parents)
    strategy = (parent.strategy or "").split(" ")[0]
    taken = {table.bound for table in world.of(Table) if table.parent == parent.key}
    bound = next((b for b in _bounds(strategy) if f"{strategy} {b}" not in taken), None)
    if bound is None or (parent.parent and choices.chance(60)):
        return None
    sub = (
        f"{choices.pick(('RANGE', 'HASH'))} ({quoted(parent.columns[0].name)})"
        if choices.chance(10)
        else None
    )
    table = Table(
        schema=choose_schema(choices, world) if choices.chance(20) else parent.schema,
        name=fresh_name(choices, world),
        columns=tuple(replace(column, extras=()) for column in parent.columns),
        parent=parent.key,
        bound=f"{strategy} {bound}",
        strategy=sub,
    )
    return table if sub else with_settings(choices, table)


def alter_table(choices: Choices, world: World, table: Table) -> World:
    """One change; of a partitioned table, in its partitions too."""
    changed = _altered_partition(choices, table) if table.parent else _altered(choices, world, table)
    world = world.with_piece(changed)
    return world if changed.columns == table.columns else _spread(world, changed)


def _is_serial(table: Table) -> bool:
    return any(column.serial for column in table.columns)


def _spread(world: World, parent: Table) -> World:
    for partition in world.of(Table):
        if partition.parent == parent.key:
            columns = tuple(replace(column, extras=()) for column in parent.columns)
            changed = replace(partition, columns=columns)
            world = _spread(world.with_piece(changed), changed)
    return world


def _altered_partition(choices: Choices, table: Table) -> Table:
    if choices.chance(40) and not table.strategy:  # taken off, and a table of its own from now on
        return replace(table, parent=None, bound=None)
    return table if table.strategy else with_settings(choices, table)


def _altered(choices: Choices, world: World, table: Table) -> Table:
    columns = table.columns
    place = choices.number(0, len(columns) - 1)
    column = columns[place]
    is_key = quoted(column.name) in (table.strategy or "")
    match choices.number(0, 7):
        case 0 | 1:
            fresh = new_column(choices, world, table.schema, table.name, columns)
            at = choices.number(1, len(columns)) if choices.chance(20) else len(columns)
            return replace(table, columns=(*columns[:at], fresh, *columns[at:]))
        case 2 if len(columns) > 2 and not is_key:
            return _sound(replace(table, columns=(*columns[:place], *columns[place + 1 :])))
        case 3 if not table.strategy:
            return with_settings(choices, table)
        case 4 if not table.strategy:
            return replace(table, unlogged=not table.unlogged) if not _is_serial(table) else table
        case _ if is_key:
            return table
        case _:
            changed = _altered_column(choices, world, table, column)
            return _sound(replace(table, columns=(*columns[:place], changed, *columns[place + 1 :])))


def _sound(table: Table) -> Table:
    """Without generated columns that were computed from what is no longer there."""
    own = {field.key for field in table.fields}
    prefix = ("column", table.schema, table.name)

    def stands(column: Column) -> bool:
        needs = column.generated.needs if column.generated else frozenset[Key]()
        return all(need in own for need in needs if need[:3] == prefix)

    return replace(table, columns=tuple(column for column in table.columns if stands(column)))


def _altered_column(choices: Choices, world: World, table: Table, column: Column) -> Column:
    match choices.number(0, 5):
        case 0 | 1:
            return _retyped(choices, world, column)
        case 2 if not (column.identity or column.serial):
            return replace(column, not_null=not column.not_null)
        case 3 if not (column.identity or column.serial or column.generated):
            return replace(column, default=_default(choices, world, column.type))
        case 4 if column.type.sql in _SERIAL and not (column.generated or table.strategy or table.unlogged):
            return _numbered(choices, replace(column, default=None, identity=None, serial=False))
        case 5 if column.generated:
            others = tuple(c for c in table.columns if c.name != column.name)
            return _generated(choices, world, table.schema, table.name, others, column.name) or column
        case _:
            return replace(column, extras=_extras(choices, column.type))


def _retyped(choices: Choices, world: World, column: Column) -> Column:
    if column.generated:
        return column
    if column.identity or column.serial:
        return replace(column, type=plain_type(choices, "int"))
    type_ = near_type(choices, column.type, world)
    keeps = column.default and type_.family == column.type.family
    default = column.default if keeps else _default(choices, world, type_)
    return replace(column, type=type_, default=default, extras=())


def _key_column(choices: Choices) -> Column:
    column = Column("id", plain_type(choices, "int"), not_null=True)
    return _numbered(choices, column) if choices.chance(60) else column


def _numbered(choices: Choices, column: Column) -> Column:
    if choices.chance(50):
        return replace(column, serial=True, not_null=True)
    return replace(column, identity=choices.pick(_IDENTITY), not_null=True)


def new_column(
    choices: Choices, world: World, schema: str, table: str, columns: tuple[Column, ...]
) -> Column:
    name = column_name(choices, {column.name for column in columns})
    if choices.chance(12):
        generated = _generated(choices, world, schema, table, columns, name)
        if generated:
            return generated
    type_ = choose_type(choices, world)
    default = _default(choices, world, type_) if choices.chance(40) else None
    extras = _extras(choices, type_) if choices.chance(15) else ()
    return Column(name, type_, not_null=choices.chance(25), default=default, extras=extras)


def _generated(
    choices: Choices, world: World, schema: str, table: str, columns: tuple[Column, ...], name: str
) -> Column | None:
    relation = Table(schema=schema, name=table, columns=columns)
    usable = [
        field for field in relation.fields if field.family in ("int", "text", "num") and not field.generated
    ]
    if not usable:
        return None
    expression = value(choices, choices.pick(usable), callables(world))
    types = {"int": "bigint", "text": "text", "num": "numeric", "bool": "boolean"}
    if expression.family not in types:
        return None
    return Column(name, Type(types[expression.family], expression.family), generated=expression)


def _default(choices: Choices, world: World, type_: Type) -> Expression | None:
    calls = default_calls(world, type_)
    return choices.pick(calls) if calls and choices.chance(40) else constant(choices, type_)


def _extras(choices: Choices, type_: Type) -> tuple[str, ...]:
    if type_.family in ("text", "json") and not type_.sql.startswith("char("):
        return (choices.pick(("SET STORAGE EXTERNAL", "SET STORAGE MAIN", "SET COMPRESSION pglz")),)
    return (choices.pick(("SET STATISTICS 7", "SET (n_distinct = 5)", "SET STATISTICS 0")),)


def with_settings(choices: Choices, table: Table) -> Table:
    options = tuple(choices.some(_OPTIONS[choices.number(0, 1) :], 2)) if choices.chance(25) else ()
    if options and options[0].split(" ")[0] == options[-1].split(" ")[0]:
        options = options[:1]
    switches = ("ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY", "REPLICA IDENTITY FULL")
    return replace(
        table, options=options, switches=tuple(choices.some(switches, 2)) if choices.chance(15) else ()
    )


def _bounds(strategy: str) -> list[str]:
    if strategy == "RANGE":
        ranges = [f"FOR VALUES FROM ({n * 10}) TO ({n * 10 + 10})" for n in range(3)]
        return [*ranges, "DEFAULT"]
    if strategy == "LIST":
        return ["FOR VALUES IN (1, 2)", "FOR VALUES IN (3)", "FOR VALUES IN (4, NULL)", "DEFAULT"]
    return [f"FOR VALUES WITH (modulus 3, remainder {n})" for n in range(3)]


def _plainer(column: Column) -> Iterator[Column]:
    if column.default or column.extras or (column.not_null and not column.identity and not column.serial):
        yield replace(column, default=None, extras=(), not_null=column.not_null and bool(column.identity))
        yield replace(column, extras=())
        yield replace(column, default=None)
        yield replace(column, not_null=bool(column.identity or column.serial))
    if column.identity or column.serial:
        yield replace(column, identity=None, serial=False, not_null=False)
