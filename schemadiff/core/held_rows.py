"""New columns with a default of tables whose rows another table's columns hold: PostgreSQL adds none there."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, Table
from schemadiff.core.ddl import columns, not_null
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import (
    column_ref,
    default_ref,
    label,
    not_null_ref,
    sql_name,
    unfilled_ref,
)
from schemadiff.core.held_types import is_held
from schemadiff.core.identifiers import quote
from schemadiff.core.inventory import Inventory
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Section, Statement


def add_column(target: Inventory, table: Table, column: Column) -> Iterator[Statement]:
    """To a table that is there: at once, or empty first, the rows that are there filled, default and NOT NULL set."""
    if not (column.default is not None and not column.generated and is_held(target, table.ref)):
        yield columns.add_column(table, column)
        return
    ref = column_ref(table, column)
    bare = columns.add_column(table, replace(column, default=None, not_null=False, not_null_as=None))
    filled = {default_ref(ref), not_null_ref(ref), ref}
    yield replace(bare, provides=bare.provides - filled | {unfilled_ref(ref)})
    yield _fill(table, column)
    yield columns.set_default(table, column)
    if column.not_null and not_null.is_validated(column):
        yield not_null.set_not_null(table, column)


def _fill(table: Table, column: Column) -> Statement:
    """Rows of the table that columns hold stay without a value. Triggers of the table's fire."""
    ref = column_ref(table, column)
    during = f"{column.name} is filled in every row, for which its triggers fire"
    return Statement(
        sql=f"UPDATE {sql_name(table)} SET {quote(column.name)} = {restored(column.default or 'NULL')}",
        ref=ref,
        section=Section.PRE_DATA,
        provides=frozenset({ref}),
        requires=frozenset({unfilled_ref(ref)}),
        lock=lock_of(Command.WRITE),
        duration=Duration.READS_ROWS,
        hazards=(hazards.blocks_writes(label(table), during),),
    )
