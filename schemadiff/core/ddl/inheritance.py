"""Parents and types of tables: INHERIT and NO INHERIT, OF and NOT OF."""

from collections.abc import Set

from schemadiff.core.catalog import ObjectRef, Table
from schemadiff.core.ddl.references import loose_ref, sql_name, table_ref, tied_ref
from schemadiff.core.identifiers import qualified
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement

Name = tuple[str, str]


def leave_parent(table: Table, parent: Name) -> Statement:
    """What it had from there, it has by itself from then on."""
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} NO INHERIT {qualified(*parent)}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({loose_ref(table.ref)}),
        releases=frozenset({table_ref(*parent)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def join_parent(table: Table, parent: Name, *, requires: Set[ObjectRef], after: Set[ObjectRef]) -> Statement:
    """When its columns and checks are as the parent's; `after` is what has to be gone by then."""
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} INHERIT {qualified(*parent)}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({tied_ref(table.ref, parent), *after}),
        requires=frozenset(requires),
        lock=lock_of(Command.ALTER_TABLE),
    )


def leave_type(table: Table) -> Statement:
    assert table.of_type is not None
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} NOT OF",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({loose_ref(table.ref)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def join_type(table: Table, *, requires: Set[ObjectRef], after: Set[ObjectRef]) -> Statement:
    assert table.of_type is not None
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} OF {qualified(*table.of_type)}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({tied_ref(table.ref, table.of_type), *after}),
        requires=frozenset(requires),
        lock=lock_of(Command.ALTER_TABLE),
    )
