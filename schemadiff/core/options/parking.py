"""What of the target is put aside before tables are made anew, and what may not be."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from schemadiff.core.catalog import (
    Catalog,
    CompositeType,
    Constraint,
    ConstraintKind,
    DefinedObject,
    Domain,
    EnumType,
    Extension,
    Function,
    Kind,
    ObjectRef,
    RangeType,
    Schema,
    Sequence,
    StatisticsObject,
    Table,
)
from schemadiff.core.ddl import constraints
from schemadiff.core.ddl.defined_names import subject
from schemadiff.core.ddl.enums import is_extension_of
from schemadiff.core.ddl.references import part_ref, routine_name
from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.inventory import Inventory
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.options.grafting import Needed, Needs
from schemadiff.core.options.scoping import label, with_partitions
from schemadiff.core.plan import Notice, Section, Statement
from schemadiff.core.snapshot import fingerprint

_PREFIX = "schemadiff_parked_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`wanted` comes from the source, `aside` goes out of its way."""

    wanted: tuple[Needed, ...]
    aside: tuple[Needed, ...]
    notices: tuple[Notice, ...]


def parked_schema(target: Catalog) -> str:
    """The schema that takes what is put aside: one for each state of the target."""
    return _PREFIX + fingerprint(target)[:8]


def tables_to_park(target: Catalog, tables: Iterable[Table]) -> tuple[Table, ...]:
    """The target's tables of the same names, with their partitions.

    Raises Refused for a partition whose table would stay.
    """
    found: dict[tuple[str, str], Table] = {}
    for name in sorted(table.qualified for table in tables):
        if present := target.table(*name):
            found.update((table.qualified, table) for table in with_partitions(target, present))
    for table in found.values():
        if table.partition_of and table.partition_of not in found:
            raise Refused(
                f"{label(table.qualified)} is a partition of {label(table.partition_of)}, which would stay. "
                f"Take {label(table.partition_of)} along, or leave {label(table.qualified)} out."
            )
    return tuple(table for _, table in sorted(found.items()))


def choose(rest: Catalog, needs: Needs, target: Catalog) -> Choice:
    """For each object that the new tables need: made, taken as the target has it, or made after another is put aside.

    Raises Refused where the target's own use of an object of that name and another definition stands against it,
    and where something needs a table or view that will not be there.
    """
    inventory = Inventory(rest)
    _refuse_absent(needs, rest)
    wanted: list[Needed] = []
    aside: list[Needed] = []
    notices: list[Notice] = []
    for value in needs.objects:
        item = inventory.get(value.ref)
        present = item.value if item else None
        if present is None:
            wanted.append(value)
        elif not _same(value, present):
            notices += _conflict(value, present, inventory, wanted, aside)
    return Choice(wanted=tuple(wanted), aside=tuple(aside), notices=tuple(notices))


def without_objects(catalog: Catalog, gone: Iterable[Needed]) -> Catalog:
    """The catalog without these types, sequences and functions."""
    refs = {value.ref for value in gone}
    return replace(
        catalog,
        enums=tuple(v for v in catalog.enums if v.ref not in refs),
        domains=tuple(v for v in catalog.domains if v.ref not in refs),
        composites=tuple(v for v in catalog.composites if v.ref not in refs),
        ranges=tuple(v for v in catalog.ranges if v.ref not in refs),
        sequences=tuple(v for v in catalog.sequences if v.ref not in refs),
        functions=tuple(v for v in catalog.functions if v.ref not in refs),
        defined=tuple(v for v in catalog.defined if v.ref not in refs),
        dependencies=tuple(d for d in catalog.dependencies if not {d.dependent, d.on} & refs),
    )


def refuse_taken_names(rest: Catalog, tables: Iterable[Table]) -> None:
    """Tables, views, sequences and indexes share their names within a schema."""
    taken = dict(_relation_names(rest))
    for table in tables:
        for name, what in _names_of(table):
            if name in taken:
                raise Refused(
                    f"The source's {what} {label(name)} cannot be made: the target has {taken[name]} of that name, "
                    "which would stay. Rename it first, or take its table along."
                )


def statements(
    target: Catalog,
    parked: tuple[Table, ...],
    objects: Iterable[Needed],
    keys: Iterable[tuple[Table, Constraint]],
) -> Iterator[Statement]:
    """The section PARK; nothing if nothing is in the way."""
    schema = Schema(name=parked_schema(target))
    moves = [_move_table(target, table, schema) for table in parked]
    moves += [_move_statistics(table, each, schema) for table in parked for each in table.statistics]
    moves += [_move_object(value, schema) for value in objects]
    if moves:
        yield _create(schema)
    yield from moves
    for table, key in keys:
        name = key.references or ("", "")
        statement = constraints.drop_constraint(table, key)
        referenced = ObjectRef(kind=Kind.TABLE, schema=name[0], name=name[1])
        yield replace(statement, section=Section.PARK, releases=statement.releases | {referenced})


def notices(target: Catalog, parked: tuple[Table, ...]) -> Iterator[Notice]:
    """What follows the parked tables, and what will find the new ones under their names."""
    inventory = Inventory(target)
    names = {table.qualified for table in parked}
    refs = {ref for table in parked for ref in (table.ref, *(p.ref for p in inventory.parts(table.ref)))}
    followers = {user for ref in refs for user in inventory.users(ref)} - refs
    for ref in sorted(ref for ref in followers if ref.kind in (Kind.VIEW, Kind.FUNCTION)):
        yield Notice(
            ref=ref,
            message=f"The {ref.kind.value} {ref.label} goes on using the tables that are put aside. "
            "Make it anew if it shall use the new ones.",
        )
    for function in target.functions:
        mentioned = sorted(name for name in names if _mentions(function, name[1]))
        if mentioned and function.ref not in followers:
            yield Notice(
                ref=function.ref,
                message=f"The function {function.ref.label} mentions {', '.join(label(n) for n in mentioned)} in its "
                "body and will find the new tables: check that they have the columns that it uses.",
            )


def _conflict(
    value: Needed, present: object, inventory: Inventory, wanted: list[Needed], aside: list[Needed]
) -> Iterator[Notice]:
    if isinstance(value, Schema | Extension):
        if isinstance(value, Extension):
            yield Notice(
                ref=value.ref,
                message=f"The extension {value.name} stays as the target has it: its version or schema differs "
                "from the source's.",
            )
        return
    if isinstance(value, DefinedObject) and not value.schema:
        yield Notice(
            ref=value.ref,
            message=f"The {value.kind.value} {value.name} stays as the target has it, and not as the source.",
        )
        return
    if isinstance(value, EnumType) and isinstance(present, EnumType) and is_extension_of(value, present):
        wanted.append(value)
        yield Notice(
            ref=value.ref,
            message=f"The enum {value.ref.label} gets the source's further labels, which cannot be taken back.",
        )
        return
    if users := inventory.users(value.ref):
        raise Refused(
            f"The {value.ref.kind.value} {value.ref.label} is another in the source than in the target, where "
            f"{users[0].kind.value} {users[0].label} uses it{_others(len(users) - 1)}. Make them alike first, or "
            "give one of them another name."
        )
    if isinstance(value, RangeType):
        raise Refused(
            f"The range type {value.ref.label} is another in the source than in the target, and PostgreSQL cannot put "
            "one aside with its multirange type and functions. Make them alike first, or rename one of them."
        )
    wanted.append(value)
    aside.append(_kept(value, present))
    yield Notice(
        ref=value.ref,
        message=f"The target's {value.ref.kind.value} {value.ref.label} is another than the source's, and only what "
        "is put aside uses it: it is put aside too.",
    )


def _others(count: int) -> str:
    return f", and {count} more do" if count > 1 else ", and one more does" if count else ""


def _kept(value: Needed, present: object) -> Needed:
    assert isinstance(present, type(value))
    return present


def _same(value: Needed, present: object) -> bool:
    """Comments aside; a sequence counts as another, for its position belongs to the target's rows."""
    if isinstance(value, Schema):
        return True
    if isinstance(value, Sequence):
        return False
    if isinstance(value, Extension) or isinstance(present, Extension):
        return value == present
    assert isinstance(present, type(value))
    return replace(value, comment=None) == replace(present, comment=None)


def _refuse_absent(needs: Needs, rest: Catalog) -> None:
    there = {table.ref for table in rest.tables} | {
        ObjectRef(kind=Kind.TABLE, schema=view.schema, name=view.name) for view in rest.views
    }
    for ref in needs.relations:
        if ObjectRef(kind=Kind.TABLE, schema=ref.schema, name=ref.name) not in there:
            raise Refused(
                f"The tables that are carried over need {ref.label}, which the target does not have and which is "
                "not carried over. Take it along."
            )


def _relation_names(catalog: Catalog) -> Iterator[tuple[tuple[str, str], str]]:
    yield from (((s.schema, s.name), "a sequence") for s in catalog.sequences)
    yield from (((v.schema, v.name), "a view") for v in catalog.views)
    for table in catalog.tables:
        for name, what in _names_of(table):
            yield name, f"the {what} on {table.ref.label}" if name != table.qualified else "a table"
    for view in catalog.views:
        yield from (((view.schema, i.name), f"the index on {view.ref.label}") for i in view.indexes)


def _names_of(table: Table) -> Iterator[tuple[tuple[str, str], str]]:
    yield table.qualified, "table"
    yield from (((table.schema, index.name), "index") for index in table.indexes)
    for constraint in table.constraints:
        if constraint.kind not in (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY):
            yield (table.schema, constraint.name), "key"
    for column in table.columns:
        if column.identity_sequence:
            yield (table.schema, column.identity_sequence), "sequence"


def _create(schema: Schema) -> Statement:
    return Statement(
        sql=f"CREATE SCHEMA {quote(schema.name)}",
        ref=schema.ref,
        section=Section.PARK,
        provides=frozenset({schema.ref}),
    )


def _move_table(target: Catalog, table: Table, schema: Schema) -> Statement:
    """Its parts and owned sequences go along, save statistics objects; every row stays."""
    parts = {part_ref(table, part) for part in table.parts}
    sequences = {s.ref for s in target.sequences if s.owned_by and s.owned_by[:2] == table.qualified}
    return Statement(
        sql=f"ALTER TABLE {qualified(table.schema, table.name)} SET SCHEMA {quote(schema.name)}",
        ref=table.ref,
        section=Section.PARK,
        requires=frozenset({schema.ref}),
        destroys=frozenset({table.ref, *parts, *sequences}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def _move_object(value: Needed, schema: Schema) -> Statement:
    return Statement(
        sql=f"ALTER {_subject(value)} SET SCHEMA {quote(schema.name)}",
        ref=value.ref,
        section=Section.PARK,
        requires=frozenset({schema.ref}),
        destroys=frozenset({value.ref}),
    )


def _move_statistics(table: Table, statistics: StatisticsObject, schema: Schema) -> Statement:
    ref = part_ref(table, statistics)
    return Statement(
        sql=f"ALTER STATISTICS {qualified(statistics.schema, statistics.name)} SET SCHEMA {quote(schema.name)}",
        ref=ref,
        section=Section.PARK,
        requires=frozenset({schema.ref}),
        destroys=frozenset({ref}),
    )


def _subject(value: Needed) -> str:
    match value:
        case EnumType() | CompositeType():
            return f"TYPE {qualified(value.schema, value.name)}"
        case Domain():
            return f"DOMAIN {qualified(value.schema, value.name)}"
        case Sequence():
            return f"SEQUENCE {qualified(value.schema, value.name)}"
        case Function():
            return routine_name(value)
        case DefinedObject():
            return subject(value)
        case _:
            raise ValueError(f"{value.ref.label} cannot be put into another schema.")


def _mentions(function: Function, table: str) -> bool:
    """Bodies are texts to PostgreSQL; a word that is the table's name is taken for it."""
    return re.search(rf"(?<![\w.]){re.escape(table)}(?!\w)", function.definition) is not None
