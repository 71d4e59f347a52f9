"""Stored generated columns that compute something else, and stay where they are: SET EXPRESSION, since 17.

Before, and where more of the column changes, it is dropped and added anew, and so goes last.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from schemadiff.core.access import Access
from schemadiff.core.catalog import Column, Generated, Kind, ObjectRef, Table
from schemadiff.core.ddl.columns import set_expression
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Statement

_SINCE = 170000


def with_expressions_set(
    statements: Iterable[Statement],
    source: tuple[Inventory, Iterable[Access]],
    target: tuple[Inventory, Iterable[Access]],
    server_version: int,
) -> list[Statement]:
    """The statements, with one in place of two where a column may stay; each side with what is said of access."""
    every = list(statements)
    if server_version < _SINCE:
        return every
    about: defaultdict[ObjectRef, list[Statement]] = defaultdict(list)
    for statement in every:
        if statement.ref.kind is Kind.COLUMN:
            about[statement.ref].append(statement)
    remade = _remade(every)
    said = [{entry.ref: entry for entry in access} for _, access in (source, target)]
    instead: dict[int, Statement | None] = {}
    for ref, found in about.items():
        if not _computes_only_otherwise(source[0], target[0], ref) or said[0].get(ref) != said[1].get(ref):
            continue
        gone = [one for one in found if ref in one.destroys and ref not in one.provides]
        made = [one for one in found if ref in one.provides and ref not in one.destroys]
        if len(gone) == len(made) == 1 and not gone[0].releases & made[0].requires & remade:
            instead |= {id(gone[0]): None, id(made[0]): _in_one(source[0][ref], gone[0], made[0])}
    left = (instead.get(id(statement), statement) for statement in every)
    return [statement for statement in left if statement is not None]


def _remade(statements: Iterable[Statement]) -> frozenset[ObjectRef]:
    """What is taken down and put back, as a column is whose type changes: what computes with it goes before and
    comes after."""
    gone, made = set[ObjectRef](), set[ObjectRef]()
    for statement in statements:
        gone |= statement.destroys
        made |= statement.provides
    return frozenset(gone & made)


def _computes_only_otherwise(source: Inventory, target: Inventory, ref: ObjectRef) -> bool:
    pair = source.get(ref), target.get(ref)
    items = [item for item in pair if item is not None and _is_alone(source, target, item)]
    columns = [item.value for item in items if isinstance(item.value, Column)]
    if len(columns) < 2 or columns[0].generated is not Generated.STORED:
        return False
    wanted, present = (replace(column, default=None, position=0) for column in columns)
    return columns[0].default != columns[1].default and wanted == present


def _is_alone(source: Inventory, target: Inventory, item: Item) -> bool:
    """Whether its table has neither parents nor children."""
    table = item.owner
    if not isinstance(table, Table) or table.parents or table.partition_key:
        return False
    return not any(side.children(table.ref) for side in (source, target))


def _in_one(item: Item, gone: Statement, made: Statement) -> Statement:
    assert isinstance(item.owner, Table) and isinstance(item.value, Column)
    return replace(
        set_expression(item.owner, item.value),
        provides=made.provides,
        requires=made.requires | gone.requires,
        destroys=gone.destroys,
        releases=gone.releases | made.releases,
        lock=made.lock,
        duration=made.duration,
        hazards=made.hazards,
    )
