"""The longer ways that let readers and writers go on: built concurrently, added NOT VALID, swapped by name."""

import re
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, Constraint, Index, Kind, ObjectRef, Table, View
from schemadiff.core.ddl.indexes import in_its_tablespace
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import column_ref, constraint_ref, index_ref, label, sql_name
from schemadiff.core.identifiers import qualified, quote, shortened
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Lock, Section, Statement

_BEGINNING = re.compile(r"\ACREATE (UNIQUE )?INDEX (\"(?:[^\"]|\"\")+\"|[^\" ]+) ON (?:ONLY )?(\S+) ")
_COLUMNS = r"\((?:\"(?:[^\"]|\"\")*\"|[^()\"])*\)"
_KEY = re.compile(
    rf"\A(?P<word>UNIQUE|PRIMARY KEY)(?P<nulls> NULLS NOT DISTINCT)? (?P<columns>{_COLUMNS})"
    rf"(?P<include> INCLUDE {_COLUMNS})?(?P<timing> DEFERRABLE(?: INITIALLY DEFERRED)?)?\Z"
)


def building_name(name: str) -> str:
    """What an index is called until it takes that name."""
    return shortened(name, "__building")


def build_index(owner: Table | View, index: Index, name: str) -> Statement:
    """CONCURRENTLY, under a name of its own. Not for a partitioned table."""
    definition = restored(in_its_tablespace(index))
    begun = _BEGINNING.match(definition)
    assert begun is not None
    unique = begun[1] or ""
    sql = f"CREATE {unique}INDEX CONCURRENTLY {quote(name)} ON {begun[3]} {definition[begun.end() :]}"
    return _built(owner, name, sql, is_unique=index.unique)


def index_on(table: Table, index: Index, name: str) -> Index:
    """The index as a partition has it, under that name."""
    definition = index.definition
    begun = _BEGINNING.match(definition)
    assert begun is not None
    only = "ONLY " if table.partition_key else ""
    start = f"CREATE {begun[1] or ''}INDEX {quote(name)} ON {only}{sql_name(table)} "
    return replace(index, name=name, definition=start + definition[begun.end() :])


def attach_index(parent: Table, index: Index, partition: Table, share: Index) -> Statement:
    """The parent's is valid when every partition's is attached."""
    own = index_ref(partition, share)
    below = qualified(partition.schema, share.name)
    return Statement(
        sql=f"ALTER INDEX {qualified(parent.schema, index.name)} ATTACH PARTITION {below}",
        ref=own,
        section=Section.POST_DATA,
        requires=frozenset({index_ref(parent, index), own}),
        lock=lock_of(Command.READ),
    )


def build_key(table: Table, key: Constraint, name: str) -> Statement | None:
    """The index of a unique constraint or primary key; None where it cannot be built apart (WITHOUT OVERLAPS)."""
    what = _index_of_key(table, key)
    if what is None:
        return None
    return _built(table, name, f"CREATE UNIQUE INDEX CONCURRENTLY {quote(name)} {what}", is_unique=True)


def build_new_key(table: Table, key: Constraint) -> Statement | None:
    """The same, in a table that nobody uses yet: under its own name, beside others of the table."""
    what = _index_of_key(table, key)
    if what is None:
        return None
    return Statement(
        sql=f"CREATE UNIQUE INDEX {quote(key.name)} {what}",
        ref=_index_of(table, key.name),
        section=Section.POST_DATA,
        provides=frozenset({_index_of(table, key.name)}),
        lock=lock_of(Command.CREATE_INDEX),
        duration=Duration.BUILDS_INDEX,
    )


def _index_of_key(table: Table, key: Constraint) -> str | None:
    found = _KEY.match(key.definition)
    if found is None or "WITHOUT OVERLAPS" in key.definition:
        return None
    where = f" TABLESPACE {quote(key.tablespace)}" if key.tablespace else ""
    columns = f"{found['columns']}{found['include'] or ''}{found['nulls'] or ''}"
    return f"ON {sql_name(table)} USING btree {columns}{where}"


def take_index(table: Table, key: Constraint, name: str, *, instead: bool) -> Statement:
    """The constraint on an index that is there, which takes its name; `instead` of the one of that name, at once."""
    found = _KEY.match(key.definition)
    assert found is not None
    gone = f"DROP CONSTRAINT {quote(key.name)}, " if instead else ""
    action = f"ADD CONSTRAINT {quote(key.name)} {found['word']} USING INDEX {quote(name)}"
    ref = constraint_ref(table, key)
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {gone}{action}{found['timing'] or ''}",
        ref=ref,
        section=Section.POST_DATA,
        provides=frozenset({ref}),
        requires=frozenset({_index_of(table, name)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def rename_index(owner: Table | View, index: Index, name: str) -> Statement:
    """From the name that it was built under to its own."""
    return Statement(
        sql=f"ALTER INDEX {qualified(owner.schema, name)} RENAME TO {quote(index.name)}",
        ref=index_ref(owner, index),
        section=Section.POST_DATA,
        provides=frozenset({index_ref(owner, index)}),
        requires=frozenset({_index_of(owner, name)}),
        lock=lock_of(Command.READ),
    )


def drop_concurrently(statement: Statement) -> Statement:
    """`DROP INDEX` so that it waits for those who read by the index, and nobody for it."""
    return replace(
        statement,
        sql=statement.sql.replace("DROP INDEX ", "DROP INDEX CONCURRENTLY ", 1),
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        duration=Duration.WAITS,
        in_transaction=False,
    )


def promise_not_null(table: Table, column: Column) -> Statement:
    """A check that says the same, of what is written from now on."""
    name = not_null_check(table, column)
    check = f"CHECK ({quote(column.name)} IS NOT NULL) NOT VALID"
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} ADD CONSTRAINT {quote(name.name)} {check}",
        ref=column_ref(table, column),
        section=Section.PRE_DATA,
        provides=frozenset({name}),
        requires=frozenset({column_ref(table, column)}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def verify_not_null(table: Table, column: Column) -> Statement:
    """With it valid, SET NOT NULL need not look at the rows."""
    name = not_null_check(table, column)
    reason = hazards.may_fail_on_rows(label(table), f"where a row has no {column.name}")
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} VALIDATE CONSTRAINT {quote(name.name)}",
        ref=column_ref(table, column),
        section=Section.PRE_DATA,
        requires=frozenset({name}),
        lock=lock_of(Command.VALIDATE),
        duration=Duration.READS_ROWS,
        hazards=(reason,),
    )


def forget_promise(table: Table, column: Column) -> Statement:
    name = not_null_check(table, column)
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} DROP CONSTRAINT {quote(name.name)}",
        ref=column_ref(table, column),
        section=Section.PRE_DATA,
        lock=lock_of(Command.DROP),
    )


def not_null_check(table: Table, column: Column) -> ObjectRef:
    """Of that name the plan makes a check and drops it again; one that was left behind is dropped first."""
    name = shortened(f"{table.name}_{column.name}", "__not_null")
    return column_ref(table, column)._replace(kind=Kind.CONSTRAINT, name=name)


def _built(owner: Table | View, name: str, sql: str, *, is_unique: bool) -> Statement:
    reasons = [hazards.leaves_invalid_index(name)]
    if is_unique:
        reasons.append(
            hazards.may_fail_on_rows(label(owner), f"where two rows are alike in what {name} says")
        )
    return Statement(
        sql=sql,
        ref=_index_of(owner, name),
        section=Section.POST_DATA,
        provides=frozenset({_index_of(owner, name)}),
        lock=Lock.SHARE_UPDATE_EXCLUSIVE,
        duration=Duration.BUILDS_INDEX,
        hazards=tuple(reasons),
        in_transaction=False,
    )


def _index_of(owner: Table | View, name: str) -> ObjectRef:
    return index_ref(owner, Index(name=name, definition="", method=""))
