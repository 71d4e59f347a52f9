"""Indexes that no constraint owns."""

import re
from dataclasses import replace

from schemadiff.core import hazards, index_text
from schemadiff.core.catalog import Index, Table, View
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import index_ref, label
from schemadiff.core.identifiers import qualified
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Section, Statement

# pg_get_indexdef says ONLY of a partitioned table's index; without it the partitions get theirs at once.
_ONLY = re.compile(r"\A(CREATE (?:UNIQUE )?INDEX (?:\"(?:[^\"]|\"\")+\"|[^\" ]+) ON )ONLY ")


def create_index(owner: Table | View, index: Index) -> Statement:
    """With its partitions'."""
    statement = create_index_alone(owner, index)
    return replace(statement, sql=_ONLY.sub(r"\1", statement.sql))


def create_index_alone(owner: Table | View, index: Index) -> Statement:
    reasons = [hazards.blocks_writes(label(owner), f"{index.name} is built")]
    if index.unique:
        reasons.append(
            hazards.may_fail_on_rows(label(owner), f"where two rows are alike in what {index.name} says")
        )
    return Statement(
        sql=restored(in_its_tablespace(index)),
        ref=index_ref(owner, index),
        section=Section.POST_DATA,
        provides=frozenset({index_ref(owner, index)}),
        lock=lock_of(Command.CREATE_INDEX),
        duration=Duration.BUILDS_INDEX,
        hazards=tuple(reasons),
    )


def in_its_tablespace(index: Index) -> str:
    """Its definition, which pg_get_indexdef prints without that."""
    return (
        index_text.in_tablespace(index.definition, index.tablespace) if index.tablespace else index.definition
    )


def drop_index(owner: Table | View, index: Index) -> Statement:
    return Statement(
        sql=f"DROP INDEX {qualified(owner.schema, index.name)}",
        ref=index_ref(owner, index),
        section=Section.PRE_DATA,
        destroys=frozenset({index_ref(owner, index)}),
        lock=lock_of(Command.DROP),
    )
