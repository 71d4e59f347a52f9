"""What tables have besides columns: keys, checks, exclusions, indexes, statistics, policies, rules, triggers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.generator.choices import Choices
from tests.generator.expressions import INDEXABLE, Field, truth, value
from tests.generator.functions import Function, callables, default_calls
from tests.generator.functions import Sequence as OwnSequence
from tests.generator.names import fresh_name
from tests.generator.pieces import Key, Piece, World, dotted, quoted
from tests.generator.tables import Relation, Table
from tests.generator.views import View

_ACTIONS = ("", "", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON UPDATE CASCADE", " ON DELETE RESTRICT")
_TIMING = ("", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED")


@dataclass(frozen=True, kw_only=True)
class Part(Piece):
    """Belongs to a relation, and is made by a statement with its name in it."""

    kind = "part"
    sql: str
    what: str  # constraint, index, trigger...
    on: Key  # its relation
    unique: tuple[str, ...] = ()  # columns that a foreign key may refer to

    @property
    def required(self) -> frozenset[Key]:
        return self.needs | {self.on}

    @property
    def provided(self) -> frozenset[Key]:
        more = {("unique", *self.on[1:], *self.unique)} if self.unique else set()
        return frozenset({self.key, ("what", self.what, *self.key), *more})

    def script(self) -> str:
        return self.sql + ";"


def new_part(choices: Choices, world: World) -> Piece | None:
    """On some table."""
    tables = world.of(Table)
    return part_on(choices, world, choices.pick(tables)) if tables else None


def part_on(choices: Choices, world: World, table: Table, name: str | None = None) -> Piece | None:
    name = name or fresh_name(choices, world)
    makers = (
        _primary_key, _unique, _check, _check, _foreign_key, _foreign_key, _foreign_key, _index, _index, _index,
        _exclusion, _statistics, _policy, _rule, _trigger, _trigger, _late_default, _ownership,
    )  # fmt: skip
    return next((made for _ in range(4) if (made := choices.pick(makers)(choices, world, table, name))), None)


def keyed(choices: Choices, world: World, table: Table) -> Piece | None:
    """A primary key, which most tables have."""
    return _primary_key(choices, world, table, fresh_name(choices, world))


def alter_part(choices: Choices, world: World, part: Part) -> Piece:
    """Another of the same name on the same table: mostly of the same kind."""
    table = world.get(part.on)
    if not isinstance(table, Table):
        return part
    for _ in range(8):
        fresh = part_on(choices, world, table, part.name)
        if isinstance(fresh, Part) and fresh.what == part.what:
            return fresh
    return part


def indexable(fields: Sequence[Field]) -> list[Field]:
    return [field for field in fields if field.family in INDEXABLE]


def _part(
    table: Relation, name: str, what: str, sql: str, needs: frozenset[Key], **more: tuple[str, ...]
) -> Part:
    return Part(
        schema=table.schema, name=name, sql=sql, what=what, on=table.key,
        needs=needs | {("is", "table", *table.key)}, unique=more.get("unique", ()),
    )  # fmt: skip


def _constraint(table: Table, name: str, said: str, needs: frozenset[Key], **more: tuple[str, ...]) -> Part:
    sql = f"ALTER TABLE {table.sql_name} ADD CONSTRAINT {quoted(name)} {said}"
    return _part(table, name, "constraint", sql, needs, **more)


def _primary_key(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    if _has_key(world, table) or table.parent:
        return None
    first = table.fields[0]
    timing = choices.pick(_TIMING) if choices.chance(20) else ""
    unique = () if timing else (first.name,)
    said = f"PRIMARY KEY ({quoted(first.name)}){timing}"
    return _constraint(table, name, said, frozenset({first.key}), unique=unique)


def _has_key(world: World, table: Table) -> bool:
    return any("PRIMARY KEY" in part.sql and part.on == table.key for part in world.of(Part))


def _unique(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    fields = _with_partition_key(table, choices.some(indexable(table.fields), 2))
    columns = ", ".join(quoted(field.name) for field in fields)
    nulls = " NULLS NOT DISTINCT" if choices.chance(20) else ""
    include = f" INCLUDE ({quoted(table.fields[0].name)})" if choices.chance(15) else ""
    timing = choices.pick(_TIMING)
    needs = frozenset({*(f.key for f in fields), table.fields[0].key})
    unique = () if timing else tuple(sorted(f.name for f in fields))
    return _constraint(table, name, f"UNIQUE{nulls} ({columns}){include}{timing}", needs, unique=unique)


def _with_partition_key(table: Table, fields: list[Field]) -> list[Field]:
    first = table.fields[0]
    return [first, *(f for f in fields if f != first)] if table.strategy or table.parent else fields


def _check(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    expression = truth(choices, table.fields, callables(world))
    more = choices.pick(("", "", " NOT VALID", " NO INHERIT"))
    if more == " NO INHERIT" and (table.strategy or table.parent):
        more = ""
    return _constraint(table, name, f"CHECK ({expression.sql}){more}", expression.needs)


def _foreign_key(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    keys = [p for p in world.of(Part) if len(p.unique) == 1]
    own = [field for field in table.fields if field.family in ("int", "text")]
    if not keys or not own:
        return None
    key = choices.pick(keys)
    referenced = world.get(key.on)
    field = choices.pick(own)
    if not isinstance(referenced, Table) or referenced.unlogged != table.unlogged:
        return None
    there = next((f for f in referenced.fields if f.name == key.unique[0]), None)
    if (
        there is None
        or there.family != field.family
        or "char(" in _type(referenced, there.name) + _type(table, field.name)
    ):
        return None
    action = "" if field.generated else choices.pick(_ACTIONS)
    valid = " NOT VALID" if choices.chance(10) and not table.strategy else ""
    said = (
        f"FOREIGN KEY ({quoted(field.name)}) REFERENCES {referenced.sql_name} ({quoted(there.name)})"
        f"{choices.pick(('', '', ' MATCH FULL'))}{action}{choices.pick(_TIMING)}{valid}"
    )
    needs = frozenset({field.key, there.key, referenced.key, ("unique", *referenced.key[1:], there.name)})
    return _constraint(table, name, said, needs)


def _type(table: Table, column: str) -> str:
    return next(c.type.sql for c in table.columns if c.name == column)


def _exclusion(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    if table.strategy or table.parent:
        return None
    field = choices.pick(indexable(table.fields))
    condition = truth(choices, table.fields, callables(world))
    said = f"EXCLUDE USING btree ({quoted(field.name)} WITH =) WHERE ({condition.sql})"
    return _constraint(table, name, said, condition.needs | {field.key})


def _index(choices: Choices, world: World, table: Table, name: str) -> Piece:
    return index_on(choices, world, table, name, table.fields)


def index_on(choices: Choices, world: World, relation: Relation, name: str, fields: Sequence[Field]) -> Part:
    """A plain one, unique, of an expression, partial, or with included columns."""
    chosen = choices.some(indexable(fields) or list(fields[:1]), 3)
    terms = [_term(choices, world, field) for field in chosen]
    needs = frozenset[Key]().union(*(needed for _, needed in terms))
    sql = f"INDEX {quoted(name)} ON {relation.sql_name} ({', '.join(term for term, _ in terms)})"
    if choices.chance(15):
        extra = choices.pick(fields)
        sql, needs = f"{sql} INCLUDE ({quoted(extra.name)})", needs | {extra.key}
    if choices.chance(15):
        sql += " WITH (fillfactor = 60)"
    if choices.chance(25):
        condition = truth(choices, fields, callables(world))
        sql, needs = f"{sql} WHERE {condition.sql}", needs | condition.needs
    unique = "UNIQUE " if choices.chance(15) and not _is_partitioned(relation) else ""
    part = _part(relation, name, "index", f"CREATE {unique}{sql}", needs)
    return part if isinstance(relation, Table) else replace(part, needs=needs)


def _is_partitioned(relation: Relation) -> bool:
    return isinstance(relation, Table) and bool(relation.strategy or relation.parent)


def _term(choices: Choices, world: World, field: Field) -> tuple[str, frozenset[Key]]:
    if choices.chance(25):
        expression = value(choices, field, callables(world))
        return f"({expression.sql})", expression.needs
    direction = choices.pick(("", "", "", " DESC", " DESC NULLS LAST", " NULLS FIRST"))
    return f"{quoted(field.name)}{direction}", frozenset({field.key})


def _statistics(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    fields = [field for field in indexable(table.fields) if not field.generated]
    if len(fields) < 2:
        return None
    columns = ", ".join(quoted(field.name) for field in fields[:2])
    kinds = choices.pick(("", " (ndistinct)", " (dependencies, mcv)"))
    sql = f"CREATE STATISTICS {dotted(table.schema, name)}{kinds} ON {columns} FROM {table.sql_name}"
    return _part(table, name, "statistics", sql, frozenset(f.key for f in fields[:2]))


def _policy(choices: Choices, world: World, table: Table, name: str) -> Piece:
    expression = truth(choices, table.fields, callables(world))
    command = choices.pick(("ALL", "SELECT", "UPDATE", "DELETE"))
    kind = choices.pick(("PERMISSIVE", "RESTRICTIVE"))
    sql = f"CREATE POLICY {quoted(name)} ON {table.sql_name} AS {kind} FOR {command} USING ({expression.sql})"
    return _part(table, name, "policy", sql, expression.needs)


def _rule(choices: Choices, world: World, table: Table, name: str) -> Piece:
    field = choices.pick(table.fields)
    event = choices.pick(("UPDATE", "DELETE"))
    condition = f"old.{quoted(field.name)} IS NULL"
    sql = f"CREATE RULE {quoted(name)} AS ON {event} TO {table.sql_name} WHERE {condition} DO INSTEAD NOTHING"
    return _part(table, name, "rule", sql, frozenset({field.key}))


def _trigger(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    functions = [f for f in world.of(Function) if f.use == "trigger"]
    if not functions:
        return None
    function, field = choices.pick(functions), choices.pick(table.fields)
    events = choices.pick(("INSERT", "INSERT OR UPDATE", f"UPDATE OF {quoted(field.name)}", "DELETE"))
    time = choices.pick(("BEFORE", "AFTER"))
    constraint = time == "AFTER" and not table.strategy and choices.chance(25)
    word = "CONSTRAINT TRIGGER" if constraint else "TRIGGER"
    timing = choices.pick(_TIMING) if constraint else ""
    when, needs = "", frozenset({field.key, function.shape})
    if events.startswith("UPDATE") and choices.chance(40) and not field.generated:
        when = f" WHEN (old.{quoted(field.name)} IS NOT NULL)"
    sql = (
        f"CREATE {word} {quoted(name)} {time} {events} ON {table.sql_name}{timing} FOR EACH ROW{when}"
        f" EXECUTE FUNCTION {function.sql_name}()"
    )
    if choices.chance(10):
        sql += f"; ALTER TABLE {table.sql_name} DISABLE TRIGGER {quoted(name)}"
    return _part(table, name, "trigger", sql, needs)


def _late_default(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    """Said after the table is made, so that the function may read the table itself."""
    plain = [c for c in table.columns if not (c.default or c.identity or c.serial or c.generated)]
    calls = [(c, call) for c in plain for call in default_calls(world, c.type)]
    if not calls or table.parent:
        return None
    column, call = choices.pick(calls)
    sql = f"ALTER TABLE {table.sql_name} ALTER COLUMN {quoted(column.name)} SET DEFAULT {call.sql}"
    field = next(field for field in table.fields if field.name == column.name)
    return _part(table, name, "default", sql, call.needs | {field.key})


def _ownership(choices: Choices, world: World, table: Table, name: str) -> Piece | None:
    sequences = [sequence for sequence in world.of(OwnSequence) if sequence.schema == table.schema]
    if not sequences:
        return None
    sequence, field = choices.pick(sequences), choices.pick(table.fields)
    sql = f"ALTER SEQUENCE {sequence.sql_name} OWNED BY {table.sql_name}.{quoted(field.name)}"
    return _part(table, name, "ownership", sql, frozenset({field.key, ("is", "sequence", *sequence.key)}))


def new_view_part(choices: Choices, world: World) -> Piece | None:
    """An index on a materialized view, a trigger or rule on a view."""
    views = world.of(View)
    if not views:
        return None
    view, name = choices.pick(views), fresh_name(choices, world)
    if view.materialized:
        if not indexable(view.fields):
            return None
        part = index_on(choices, world, view, name, view.fields)
        return replace(part, needs=part.needs | {("is", "matview", *view.key)})
    if choices.chance(50):
        return _instead_rule(view, name)
    functions = [f for f in world.of(Function) if f.use == "trigger"]
    if not functions:
        return None
    function = choices.pick(functions)
    sql = (
        f"CREATE TRIGGER {quoted(name)} INSTEAD OF INSERT ON {view.sql_name} FOR EACH ROW"
        f" EXECUTE FUNCTION {function.sql_name}()"
    )
    return Part(
        schema=view.schema,
        name=name,
        sql=sql,
        what="trigger",
        on=view.key,
        needs=frozenset({function.shape, ("is", "view", *view.key)}),
    )


def _instead_rule(view: View, name: str) -> Part:
    sql = f"CREATE RULE {quoted(name)} AS ON DELETE TO {view.sql_name} DO INSTEAD NOTHING"
    return Part(
        schema=view.schema,
        name=name,
        sql=sql,
        what="rule",
        on=view.key,
        needs=frozenset({("is", "view", *view.key)}),
    )
