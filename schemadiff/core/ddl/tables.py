"""Tables and partitions as wholes; what is in them has files of its own."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, Constraint, ObjectRef, Part, Persistence, Table
from schemadiff.core.ddl.columns import changes_type, column_clause, sequence_refs, typed_clause
from schemadiff.core.ddl.fdw_options import options_action, options_clause, secrets
from schemadiff.core.ddl.not_null import comes_unvalidated, partition_clause, repeated_clause
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import (
    attachment_ref,
    column_ref,
    default_ref,
    label,
    loose_ref,
    not_null_ref,
    part_ref,
    persistence_ref,
    relation_word,
    room_ref,
    sql_name,
    unattached_ref,
)
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Hazard, Section, Statement


def create_table(table: Table, columns: Sequence[Column]) -> Statement:
    """With these columns, and without constraints: those are statements of their own."""
    if table.of_type:
        clauses = [clause for column in columns if (clause := typed_clause(table, column))]
        body = f"OF {qualified(*table.of_type)}{_lines(clauses)}"
    else:
        clauses = [
            column_clause(table, column) if column.local else repeated_clause(column) for column in columns
        ]
        body = _lines([clause for clause in clauses if clause]) or " ()"
    parents = ", ".join(qualified(*parent) for parent in table.inherits)
    inherits = f"\nINHERITS ({parents})" if parents else ""
    statement = _created(table, f"{_create(table)} {body.strip()}{inherits}{_kept_by(table)}", columns)
    return replace(statement, lock=lock_of(Command.CREATE_CHILD)) if table.inherits else statement


def _lines(clauses: Sequence[str]) -> str:
    lines = ",\n".join(f"    {clause}" for clause in clauses)
    return f" (\n{lines}\n)" if clauses else ""


def create_partition(table: Table) -> Statement:
    """The columns are the parent's."""
    assert table.partition_of is not None
    repeated = [clause for column in table.columns if (clause := partition_clause(column))]
    parent = f"PARTITION OF {qualified(*table.partition_of)}{_lines(repeated)}"
    sql = f"{_create(table)} {parent} {table.partition_bound}"
    statement = _created(table, sql + _kept_by(table), table.columns)
    provides = statement.provides | {room_ref(table.partition_of)}
    return replace(statement, provides=provides, lock=lock_of(Command.CREATE_PARTITION))


def create_unattached(table: Table, columns: Sequence[Column], checks: Sequence[Constraint]) -> Statement:
    """A partition to be, with its parents' checks: it is attached by a statement of its own."""
    clauses = [column_clause(table, replace(column, identity=None)) for column in columns]
    clauses += [f"CONSTRAINT {quote(check.name)} {restored(check.definition)}" for check in checks]
    made = _created(table, f"{_create(table)}{_lines(clauses) or ' ()'}{_kept_by(table)}", columns)
    return replace(made, provides=frozenset({table.ref, unattached_ref(table.ref)}))


def attach_new(table: Table, *, requires: Set[ObjectRef], after: Set[ObjectRef]) -> Statement:
    """When its parents' columns and checks are as its own; `after` is what has to be gone by then."""
    assert table.partition_of is not None
    attached = _attached(table)
    made = _created(table, attached.sql, table.columns)
    own = {not_null_ref(column_ref(table, column)) for column in filter(comes_unvalidated, table.columns)}
    return replace(
        attached,
        provides=frozenset({*made.provides, *after, room_ref(table.partition_of)} - own),
        requires=frozenset({unattached_ref(table.ref), *requires, *own}),
        lock=lock_of(Command.ATTACH_NEW_PARTITION),
        duration=Duration.INSTANT,
        hazards=(),
    )


def drop_table(table: Table) -> Statement:
    return Statement(
        sql=f"DROP {relation_word(table)} {sql_name(table)}",
        ref=table.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({table.ref, *_parts(table), *_room(table)}),
        lock=lock_of(Command.DROP),
        hazards=() if table.foreign else (hazards.data_loss(f"every row of {label(table)}"),),
    )


def set_persistence(table: Table) -> Statement:
    word = "LOGGED" if table.persistence is Persistence.PERMANENT else "UNLOGGED"
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} SET {word}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({persistence_ref(table.ref)}),
        lock=lock_of(Command.ALTER_TABLE),
        duration=Duration.REWRITES_ROWS,
        hazards=hazards.table_rewrite(label(table)),
    )


def set_access_method(table: Table) -> Statement:
    """Since 15; a partitioned table's is what its new partitions get, or nothing is said of them (since 17)."""
    none = "DEFAULT" if table.partition_key else "heap"
    method = quote(table.access_method) if table.access_method else none
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} SET ACCESS METHOD {method}",
        ref=table.ref,
        section=Section.PRE_DATA,
        lock=lock_of(Command.ALTER_TABLE),
        duration=Duration.INSTANT if table.partition_key else Duration.REWRITES_ROWS,
        hazards=() if table.partition_key else hazards.table_rewrite(label(table)),
    )


def set_foreign_options(source: Table, target: Table) -> Iterator[Statement]:
    if source.foreign and target.foreign:
        action = options_action(dict(source.foreign.options), dict(target.foreign.options))
        if action:
            yield Statement(
                sql=f"ALTER FOREIGN TABLE {sql_name(source)} {action}",
                ref=source.ref,
                section=Section.PRE_DATA,
                lock=lock_of(Command.ALTER_TABLE),
            )


def move_partition(source: Table, target: Table) -> Iterator[Statement]:
    """Detach from where the target has it, attach where the source has it."""
    if target.partition_of is not None:
        yield detach(target)
    if source.partition_of is not None:
        attached = _attached(source)
        in_place = moves_in_place(source, target)
        yield replace(attached, requires=frozenset({source.ref})) if in_place else attached


def retypes_partition_key(source: Table, target: Table) -> bool:
    """Whether a column that tells the partitions apart gets another type or collation, which PostgreSQL does to none.

    A key's expressions are not taken apart: every column that they seem to name counts.
    """
    if source.partition_key is None or target.partition_key is None:
        return False
    pairs = ((column, source.column(column.name)) for column in target.columns)
    retyped = (column.name for column, wanted in pairs if wanted and changes_type(wanted, column))
    return any(is_in_partition_key(target, name) for name in retyped)


def is_in_partition_key(table: Table, column: str) -> bool:
    """An expression that seems to name the column counts."""
    return table.partition_key is not None and _names(table.partition_key, column)


def _names(key: str, column: str) -> bool:
    return re.search(rf'(?<![\w"]){re.escape(quote(column))}(?![\w"])', key) is not None


def moves_in_place(source: Table, target: Table) -> bool:
    """Whether the partition stays its parent's, with other bounds. Its columns are its parent's all the while."""
    same = source.partition_of is not None and source.partition_of == target.partition_of
    return same and source.partition_bound != target.partition_bound


def detach(table: Table) -> Statement:
    assert table.partition_of is not None
    return Statement(
        sql=f"ALTER TABLE {qualified(*table.partition_of)} DETACH PARTITION {sql_name(table)}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({loose_ref(table.ref)}),
        destroys=frozenset({attachment_ref(table.ref), room_ref(table.partition_of)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def _attached(table: Table) -> Statement:
    assert table.partition_of is not None
    reason = hazards.may_fail_on_rows(label(table), "where a row is outside of the partition's bound")
    blocked = hazards.blocks_reads(label(table), "its rows are held against the partition's bound")
    parent = qualified(*table.partition_of)
    return Statement(
        sql=f"ALTER TABLE {parent} ATTACH PARTITION {sql_name(table)} {table.partition_bound}",
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({attachment_ref(table.ref), room_ref(table.partition_of)}),
        requires=frozenset({table.ref, *_whole(table)}),
        lock=lock_of(Command.ATTACH_PARTITION),
        duration=Duration.READS_ROWS,
        hazards=(blocked, reason),
    )


def _whole(table: Table) -> Iterator[ObjectRef]:
    """What is taken for the parent's as it is attached."""
    own = (constraint for constraint in table.constraints if constraint.local)
    parts: tuple[Part, ...] = (*table.columns, *own, *table.indexes)
    yield from (part_ref(table, part) for part in parts)
    yield from (not_null_ref(column_ref(table, column)) for column in table.columns)


def _created(table: Table, sql: str, columns: Sequence[Column]) -> Statement:
    refs = [column_ref(table, column) for column in columns]
    invisible = [made for ref in refs for made in (default_ref(ref), not_null_ref(ref))]
    sequences = [ref for column in columns for ref in sequence_refs(table, column)]
    inherited = [part_ref(table, check) for check in table.constraints if not check.local]
    return Statement(
        sql=sql,
        ref=table.ref,
        section=Section.PRE_DATA,
        provides=frozenset({table.ref, attachment_ref(table.ref), *refs, *invisible, *sequences, *inherited}),
        lock=lock_of(Command.CREATE),
        hazards=tuple(_left_out(table)),
    )


def _left_out(table: Table) -> Iterator[Hazard]:
    if table.foreign is None:
        return
    names = secrets(dict(table.foreign.options))
    names += [
        f"{name} of {column.name}" for column in table.columns for name in secrets(dict(column.fdw_options))
    ]
    if names:
        yield hazards.secret_left_out(f"foreign table {label(table)}", tuple(names))


def _parts(table: Table) -> Iterator[ObjectRef]:
    """What goes with its table."""
    yield from (part_ref(table, part) for part in table.parts)
    for column in table.columns:
        yield from sequence_refs(table, column)


def _room(partition: Table) -> Iterator[ObjectRef]:
    if partition.partition_of:
        yield room_ref(partition.partition_of)


def _create(table: Table) -> str:
    unlogged = "UNLOGGED " if table.persistence is Persistence.UNLOGGED else ""
    return f"CREATE {unlogged}{relation_word(table)} {qualified(table.schema, table.name)}"


def _kept_by(table: Table) -> str:
    """What stands behind the columns: the partition key, and what keeps the rows."""
    if table.foreign:
        return f" SERVER {quote(table.foreign.server)}{options_clause(dict(table.foreign.options))}"
    partitioned = f" PARTITION BY {table.partition_key}" if table.partition_key else ""
    method = f" USING {quote(table.access_method)}" if table.access_method else ""
    return partitioned + method + (f" TABLESPACE {quote(table.tablespace)}" if table.tablespace else "")
