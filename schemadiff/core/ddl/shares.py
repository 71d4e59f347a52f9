"""Partitions' shares of their parents' indexes: made one by one and attached, or renamed after PostgreSQL made them."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import index_text
from schemadiff.core.catalog import Constraint, Index, IndexShare, ObjectRef, Table
from schemadiff.core.ddl import constraints, indexes, storage
from schemadiff.core.ddl.references import alone_ref, part_ref
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Section, Statement


def create_alone(table: Table, part: Index | Constraint) -> Statement:
    """Without what partitions get: those get theirs one by one."""
    if isinstance(part, Index):
        statement = indexes.create_index_alone(table, part)
    else:
        added = constraints.add_constraint(table, part)
        statement = replace(added, sql=added.sql.replace("ALTER TABLE ", "ALTER TABLE ONLY ", 1))
    return replace(statement, provides=statement.provides | {alone_ref(part_ref(table, part))})


def create_share(table: Table, share: IndexShare, parent: ObjectRef) -> Iterator[Statement]:
    """Made as an index or constraint of its own, and attached."""
    ref = part_ref(table, share)
    made = create_alone(table, share.part)
    yield replace(made, ref=ref, provides=frozenset({alone_ref(ref)}))
    yield replace(attach_share(table, share, parent), requires=frozenset({alone_ref(ref), alone_ref(parent)}))


def attach_share(table: Table, share: IndexShare, parent: ObjectRef) -> Statement:
    """The parent's index is whole when all have been attached."""
    ref = part_ref(table, share)
    return Statement(
        sql=f"ALTER INDEX {qualified(*share.share_of)} ATTACH PARTITION {qualified(table.schema, share.name)}",
        ref=ref,
        section=Section.POST_DATA,
        provides=frozenset({ref, parent}),
        requires=frozenset({ref, alone_ref(parent)}),
        lock=lock_of(Command.READ),
    )


def rename_share(table: Table, share: IndexShare, requires: frozenset[ObjectRef]) -> Statement:
    """From the name that PostgreSQL gave it as the partition was made."""
    assert share.usual_name is not None
    return Statement(
        sql=f"ALTER INDEX {qualified(table.schema, share.usual_name)} RENAME TO {quote(share.name)}",
        ref=part_ref(table, share),
        section=Section.POST_DATA,
        provides=frozenset({part_ref(table, share)}),
        requires=requires,
        lock=lock_of(Command.READ),
    )


def mark_share(table: Table, source: IndexShare, target: Index | Constraint | None) -> Iterator[Statement]:
    """What is said of the share alone; of a new one its storage parameters are those that it was made with."""
    ref = part_ref(table, source)
    for statement in storage.mark_index(table, replace(source.part, name=source.name), target):
        yield replace(statement, ref=ref, requires=frozenset({ref}))


def options_of(part: Index | Constraint) -> tuple[str, ...]:
    return part.options if isinstance(part, Constraint) else index_text.options(part.definition)


def as_made(part: Index | Constraint, parent: Index | Constraint) -> Index | Constraint:
    """The share as PostgreSQL makes it of its parent: with nothing said of it alone."""
    if isinstance(part, Constraint):
        return replace(part, options=options_of(parent), clustered=False, replica_identity=False)
    definition = parent.definition if isinstance(parent, Index) else part.definition
    return replace(part, definition=definition, clustered=False, replica_identity=False, statistics=())
