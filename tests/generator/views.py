"""Views and materialized views over tables and one another."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.generator.choices import Choices
from tests.generator.expressions import Field, truth, value
from tests.generator.functions import callables
from tests.generator.names import column_name, fresh_name
from tests.generator.pieces import Expression, Key, Piece, World, quoted
from tests.generator.tables import Relation, field_of, relations
from tests.generator.types import choose_schema


@dataclass(frozen=True, kw_only=True)
class View(Relation):
    outputs: tuple[tuple[str, Expression], ...]
    body: str  # FROM … WHERE …
    materialized: bool = False
    options: str = ""
    no_data: bool = False

    @property
    def fields(self) -> tuple[Field, ...]:
        return tuple(field_of(self, name, expression.family, None) for name, expression in self.outputs)

    @property
    def required(self) -> frozenset[Key]:
        return frozenset({("schema", self.schema)}).union(self.needs, *(e.needs for _, e in self.outputs))

    @property
    def provided(self) -> frozenset[Key]:
        return super().provided | {("is", "matview" if self.materialized else "view", *self.key)}

    def script(self) -> str:
        columns = ", ".join(f"{expression.sql} AS {quoted(name)}" for name, expression in self.outputs)
        word = "MATERIALIZED VIEW" if self.materialized else "VIEW"
        options = "" if self.materialized else self.options
        data = " WITH NO DATA" if self.materialized and self.no_data else ""
        return f"CREATE {word} {self.sql_name}{options} AS SELECT {columns} {self.body}{data};"

    def smaller(self) -> Iterator[Piece]:
        if len(self.outputs) > 1:
            for place in range(len(self.outputs)):
                yield replace(self, outputs=(*self.outputs[:place], *self.outputs[place + 1 :]))
        if self.options or self.no_data:
            yield replace(self, options="", no_data=False)


def new_view(choices: Choices, world: World) -> Piece | None:
    return view_named(choices, world, choose_schema(choices, world), fresh_name(choices, world))


def view_named(choices: Choices, world: World, schema: str, name: str) -> View | None:
    there = [relation for relation in relations(world) if relation.name != name]
    if not there:
        return None
    first = choices.pick(there)
    fields, body, needs = [("a.", field) for field in first.fields], f"FROM {first.sql_name} a", {first.key}
    second = choices.pick(there)
    joined = _join(first, second) if second is not first and choices.chance(40) else None
    if joined:
        condition, more = joined
        fields += [("b.", field) for field in second.fields]
        body, needs = f"{body} JOIN {second.sql_name} b ON {condition}", needs | {second.key, *more}
    if choices.chance(30):
        where = truth(choices, first.fields, callables(world), "a.")
        body, needs = f"{body} WHERE {where.sql}", needs | where.needs
    return View(
        schema=schema,
        name=name,
        outputs=_outputs(choices, world, fields),
        body=body,
        needs=frozenset(needs),
        materialized=choices.chance(25),
        options=choices.pick(
            ("", "", "", " WITH (security_barrier = true)", " WITH (security_invoker = true)")
        ),
        no_data=choices.chance(20),
    )


def alter_view(choices: Choices, world: World, view: View) -> Piece:
    match choices.number(0, 4):
        case 0:
            return replace(view, materialized=not view.materialized)
        case 1:
            name = column_name(choices, {name for name, _ in view.outputs})
            return replace(view, outputs=(*view.outputs, (name, Expression("1", "int"))))
        case 2 if len(view.outputs) > 1:
            return replace(view, outputs=view.outputs[:-1])
        case 3:
            return replace(
                view, options=choices.pick(("", " WITH (security_barrier = true)")), no_data=not view.no_data
            )
        case _:
            tables_only = World(piece for piece in world if not isinstance(piece, View))
            return view_named(choices, tables_only, view.schema, view.name) or view


def _outputs(
    choices: Choices, world: World, fields: list[tuple[str, Field]]
) -> tuple[tuple[str, Expression], ...]:
    found: dict[str, Expression] = {}
    for prefix, field in choices.some(fields, 4):
        name = field.name if field.name not in found else column_name(choices, set(found))
        if choices.chance(40):
            found[name] = value(choices, field, callables(world), prefix)
        else:
            found[name] = Expression(prefix + quoted(field.name), field.family, frozenset({field.key}))
    return tuple(found.items())


def _join(first: Relation, second: Relation) -> tuple[str, frozenset[Key]] | None:
    left = next((field for field in first.fields if field.family == "int"), None)
    right = next((field for field in second.fields if field.family == "int"), None)
    if left is None or right is None:
        return None
    return f"a.{quoted(left.name)} = b.{quoted(right.name)}", frozenset({left.key, right.key})
