"""Keys of tables that a run makes and fills: in steps, so that a table's keys and indexes can be built at once.

A key is an index first, which others of the table may be built beside, and becomes a constraint in a moment; a
foreign key is added in a moment, and then validated beside the readers and writers of both tables.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core.catalog import Constraint, ConstraintKind, ObjectRef, Table
from schemadiff.core.ddl import constraints, online
from schemadiff.core.ddl.references import column_ref, not_null_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Duration, Statement

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


def in_steps(statements: Iterable[Statement], source: Inventory, decisions: Decisions) -> Iterator[Statement]:
    """The same result; the order of what is yielded means nothing."""
    for statement in statements:
        found = _added(statement, source, decisions)
        if found is None:
            yield statement
        elif found[1].kind in _KEYS:
            yield from _key(statement, *found)
        else:
            yield from _foreign_key(statement, *found)


def _added(statement: Statement, source: Inventory, decisions: Decisions) -> tuple[Table, Constraint] | None:
    """A key or foreign key of a plain table that the plan makes, where it takes longer than a moment."""
    if statement.ref not in statement.provides or statement.duration is Duration.INSTANT:
        return None
    item = source.get(statement.ref)
    if item is None or not isinstance(item.owner, Table) or not isinstance(item.value, Constraint):
        return None
    table, constraint = item.owner, item.value
    if not decisions.comes(table.ref) or table.partition_key or table.partition_of:
        return None
    if constraint.kind in _KEYS or constraint.kind is ConstraintKind.FOREIGN_KEY:
        return table, constraint
    return None


def _key(statement: Statement, table: Table, key: Constraint) -> Iterator[Statement]:
    built = online.build_new_key(table, key)
    if built is None:
        yield statement
        return
    not_nulls = {not_null_ref(column_ref(table, column)) for column in key.columns}
    known: frozenset[ObjectRef] = statement.requires | not_nulls
    taken = online.take_index(table, key, key.name, instead=False)
    yield replace(built, requires=statement.requires, hazards=statement.hazards)
    yield replace(taken, requires=taken.requires | known, place=statement.place)


def _foreign_key(statement: Statement, table: Table, key: Constraint) -> Iterator[Statement]:
    added = constraints.add_not_valid(table, key)
    yield replace(statement, sql=added.sql, duration=Duration.INSTANT, hazards=())
    yield replace(constraints.validate(table, key), hazards=statement.hazards)
