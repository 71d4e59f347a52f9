"""The statements that give objects their other names, in an order in which no name is taken when it is needed.

PostgreSQL is followed step by step: what has which name at the moment, and what goes along with a table that moves
to another schema (its indexes, the sequences of its columns) or with a partitioned table's column.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemadiff.core.catalog import Catalog, Function, Kind, ObjectRef, RangeType, Schema
from schemadiff.core.ddl import renames as ddl
from schemadiff.core.ddl.schemas import create_schema
from schemadiff.core.identifiers import shortened
from schemadiff.core.plan import Statement
from schemadiff.core.renaming.confirmed import Rename
from schemadiff.core.renaming.things import Place, Thing, things_of

_ASIDE = "__aside"
# A function names types in its arguments, so it goes before they do.
_FIRST = (Kind.FUNCTION,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """`names`: what each object that changed its name or schema is called at last, also what was only in the way."""

    statements: tuple[Statement, ...]
    names: dict[ObjectRef, ObjectRef]
    made: tuple[Schema, ...] = ()  # schemas that had to be there first


def moves(wanted: Iterable[Rename], target: Catalog, source: Catalog) -> Moves:
    """Renames of everything but schemas. Where the source's schema is not there yet, it is made."""
    found = _Simulation(target)
    made = tuple(_missing_schemas(wanted := tuple(wanted), source, target))
    found.carry_out(wanted, source)
    return Moves(
        statements=(*map(create_schema, made), *found.statements), names=dict(found.names()), made=made
    )


def _missing_schemas(wanted: Iterable[Rename], source: Catalog, target: Catalog) -> Iterator[Schema]:
    there = {schema.name for schema in target.schemas}
    needed = {rename.source.schema for rename in wanted if not rename.source.parent} - there
    yield from (Schema(name=schema.name) for schema in source.schemas if schema.name in needed)


@dataclass(slots=True, kw_only=True, eq=False)
class _Task:
    thing: Thing
    schema: str
    name: str
    ref: ObjectRef  # as the source has it

    @property
    def is_done(self) -> bool:
        return (self.thing.schema, self.thing.name) == (self.schema, self.name)


@dataclass(slots=True)
class _Simulation:
    target: Catalog
    things: dict[ObjectRef, Thing] = field(init=False)
    holders: dict[Place, Thing] = field(init=False, default_factory=dict)
    statements: list[Statement] = field(init=False, default_factory=list)
    multiranges: dict[ObjectRef, str] = field(init=False, default_factory=dict)  # the source's

    def __post_init__(self) -> None:
        self.things = things_of(self.target)
        for thing in self.things.values():
            self._put(thing)

    def carry_out(self, wanted: Iterable[Rename], source: Catalog) -> None:
        functions = {function.ref: function.name for function in source.functions}
        self.multiranges = {range_.ref: range_.multirange for range_ in source.ranges}
        tasks = [self._task(rename, functions) for rename in sorted(wanted, key=_order)]
        tasks = [task for task in tasks if not task.is_done]
        while tasks:
            before = len(self.statements)
            for task in tasks:
                self._advance(task, task.ref)
            tasks = [task for task in tasks if not task.is_done]
            if tasks and len(self.statements) == before:
                self._make_room(tasks)

    def names(self) -> Iterator[tuple[ObjectRef, ObjectRef]]:
        """Of what is called otherwise than at first."""
        for ref, thing in self.things.items():
            if isinstance(thing.value, RangeType):
                multirange = ref._replace(name=thing.value.multirange)
                yield multirange, ref._replace(schema=thing.schema, name=thing.multirange)
            if (thing.schema, thing.name) != thing.first:
                yield ref, _called(thing)

    def _task(self, rename: Rename, functions: dict[ObjectRef, str]) -> _Task:
        """A function's reference has its arguments behind its name, which do not change by its renaming."""
        thing = self.things[rename.target]
        is_part = thing.parent is not None
        schema = thing.schema if is_part or thing.is_bound else rename.source.schema
        name = functions.get(rename.source, rename.source.name)
        name = thing.name if is_part and thing.is_bound else name
        return _Task(thing=thing, schema=schema, name=name, ref=rename.source)

    def _advance(self, task: _Task, ref: ObjectRef) -> None:
        thing = task.thing
        if thing.parent is not None or thing.is_bound:
            task.schema = thing.schema  # wherever its relation has gone
        if thing.schema != task.schema and not self._blockers_of_move(thing, task.schema):
            self._move(thing, task.schema, ref)
        if thing.name != task.name and not self._blockers(thing, thing.schema, task.name):
            self._rename(thing, task.name, ref)

    def _make_room(self, tasks: list[_Task]) -> None:
        """Every task waits for a name. What keeps it and is no task itself goes aside for good, else the
        first of the circle for a moment."""
        waiting = {task.thing for task in tasks}
        for task in tasks:
            for blocker in self._in_the_way(task):
                if blocker not in waiting:
                    self._put_aside(blocker)
                    return
        self._put_aside(next(task.thing for task in tasks if _ASIDE not in task.thing.name))

    def _in_the_way(self, task: _Task) -> list[Thing]:
        found = self._blockers(task.thing, task.schema, task.name)
        if task.thing.schema != task.schema:
            found += self._blockers_of_move(task.thing, task.schema)
        return found

    def _put_aside(self, thing: Thing) -> None:
        name, count = shortened(thing.name, _ASIDE), 1
        while self._blockers(thing, thing.schema, name):
            count += 1
            name = shortened(thing.name, f"{_ASIDE}_{count}")
        self._rename(thing, name, thing.ref)

    def _blockers(self, thing: Thing, schema: str, name: str) -> list[Thing]:
        held = (self.holders.get(place) for place in thing.places(schema, name))
        return [holder for holder in held if holder is not None and holder is not thing]

    def _blockers_of_move(self, thing: Thing, schema: str) -> list[Thing]:
        every = (thing, *thing.follows)
        return [holder for one in every for holder in self._blockers(one, schema, one.name)]

    def _move(self, thing: Thing, schema: str, ref: ObjectRef) -> None:
        self.statements.append(ddl.set_schema(ref, thing.value, (thing.schema, thing.name), schema))
        before = thing.schema
        for one in (thing, *thing.follows):
            self._take(one)
            one.schema = schema
            self._put(one)
        if isinstance(thing.value, RangeType):
            place = (thing.schema, thing.name)
            self.statements += ddl.move_companions(ref, thing.value, place, thing.multirange, before)

    def _rename(self, thing: Thing, name: str, ref: ObjectRef) -> None:
        self.statements.append(self._renaming(thing, name, ref))
        self._rename_companions(thing, name, ref)
        for one in (thing, *_all_below(thing)):
            self._take(one)
            one.name = name
            self._put(one)

    def _rename_companions(self, thing: Thing, name: str, ref: ObjectRef) -> None:
        """A range type's; its multirange type is called as the source's is, where this is no step on the way."""
        if not isinstance(thing.value, RangeType):
            return
        other = self.multiranges.get(ref, thing.multirange) if name == ref.name else thing.multirange
        place, names = (thing.schema, name), (thing.name, thing.multirange)
        self.statements += ddl.rename_companions(ref, thing.value, place, names, (name, other))
        thing.multirange = other

    def _renaming(self, thing: Thing, name: str, ref: ObjectRef) -> Statement:
        parent = thing.parent
        if parent is None or thing.ref.kind in (Kind.INDEX, Kind.STATISTICS):
            return ddl.rename_whole(ref, thing.value, (thing.schema, thing.name), name)
        relation = (parent.schema, parent.name)
        return ddl.rename_part(ref, parent.value, relation, thing.name, name)

    def _put(self, thing: Thing) -> None:
        for place in thing.places(thing.schema, thing.name):
            self.holders[place] = thing

    def _take(self, thing: Thing) -> None:
        for place in thing.places(thing.schema, thing.name):
            if self.holders.get(place) is thing:
                del self.holders[place]


def _order(rename: Rename) -> tuple[bool, bool, Rename]:
    return bool(rename.target.parent), rename.target.kind not in _FIRST, rename


def _all_below(thing: Thing) -> Iterator[Thing]:
    for one in thing.below:
        yield one
        yield from _all_below(one)


def _called(thing: Thing) -> ObjectRef:
    name = f"{thing.name}({thing.value.arguments})" if isinstance(thing.value, Function) else thing.name
    parent = thing.parent.name if thing.parent else ""
    schema = thing.parent.schema if thing.parent else thing.schema
    return thing.ref._replace(schema=schema, parent=parent, name=name)
