"""NOT NULL: a property of the column up to 17, a constraint with a name since 18."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, NotNull, Table
from schemadiff.core.ddl.references import column_ref, label, not_null_ref, sql_name, unattached_ref
from schemadiff.core.identifiers import literal, made_name, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Section, Statement


def not_null_clause(column: Column) -> str:
    """As CREATE TABLE and ADD COLUMN take it: there is no NOT VALID."""
    if not column.not_null or not _says(column).validated or _is_said_above(column):
        return ""
    return _named(column) + "NOT NULL" + _inheritance(column)


def _is_said_above(column: Column) -> bool:
    """Whether a child that has the column itself, too, leaves its NOT NULL to its parent."""
    return column.local and column.inherited and column.inherited_not_null is not None


def repeated_clause(column: Column) -> str:
    """What CREATE TABLE says of a column that is inherited; empty where its parent says all."""
    is_repeated = column.not_null and not column.local and _says(column).repeated
    return f"{_named(column)}NOT NULL {quote(column.name)}" if is_repeated else ""


def is_repeated(column: Column) -> bool:
    """Whether a child says itself what its parent says, too."""
    return column.not_null and _says(column).repeated


def is_validated(column: Column) -> bool:
    return _says(column).validated


def is_usual(column: Column) -> bool:
    """Whether its NOT NULL has the name that PostgreSQL gives."""
    return _says(column).name is None


def partition_clause(column: Column) -> str:
    """What CREATE TABLE … PARTITION OF says of a column whose NOT NULL the partition repeats; else empty."""
    return f"{quote(column.name)} {_named(column)}NOT NULL" if is_repeated(column) else ""


def set_not_null(table: Table, source: Column) -> Statement:
    says = _says(source)
    action = f"ALTER COLUMN {quote(source.name)} SET NOT NULL"
    if says.name or says.inherited_by_none or not says.validated:
        validity = "" if says.validated else " NOT VALID"
        action = f"ADD {_named(source)}NOT NULL {quote(source.name)}{_inheritance(source)}{validity}"
    ref = column_ref(table, source)
    reasons = (
        hazards.blocks_reads(label(table), f"its rows are searched for nulls in {source.name}"),
        hazards.may_fail_on_rows(label(table), f"where a row has no {source.name}"),
    )
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {action}",
        ref=ref,
        section=Section.PRE_DATA,
        provides=frozenset({not_null_ref(ref)}),
        requires=frozenset({ref}),
        lock=lock_of(Command.ALTER_TABLE),
        duration=Duration.READS_ROWS if says.validated else Duration.INSTANT,
        hazards=reasons if says.validated else (),
    )


def add_unvalidated(table: Table, source: Column) -> Iterator[Statement]:
    """The NOT NULL that a new column was made without. One that is the parent's comes with the parent's, or of a
    partition that is made by itself before it is attached: PARTITION OF would make it valid."""
    if comes_unvalidated(source) and table.partition_of:
        statement = set_not_null(table, under_its_name(table, source))
        yield replace(statement, requires=frozenset({unattached_ref(table.ref)}))
    elif source.not_null and not is_validated(source) and not comes_unvalidated(source):
        yield set_not_null(table, source)


def comes_unvalidated(column: Column) -> bool:
    """Whether it has a NOT NULL of its parent's alone, that is not valid."""
    return column.not_null and column.inherited_not_null is not None and not is_validated(column)


def drop_not_null(table: Table, column: Column) -> Statement:
    ref = column_ref(table, column)
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} ALTER COLUMN {quote(column.name)} DROP NOT NULL",
        ref=ref,
        section=Section.PRE_DATA,
        destroys=frozenset({not_null_ref(ref)}),
        releases=frozenset({ref}),
        lock=lock_of(Command.ALTER_TABLE),
    )


def alter_not_null(table: Table, source: Column, target: Column) -> Iterator[Statement]:
    """From the target's to the source's, comments aside."""
    if not source.not_null or not target.not_null:
        if source.not_null:
            yield set_not_null(table, source)
        elif target.not_null:
            yield drop_not_null(table, target)
        return
    wanted, present = _says(source), _says(target)
    if present.validated and not wanted.validated:
        yield drop_not_null(table, target)
        yield set_not_null(table, source)
        return
    yield from _altered(table, source, target)
    if wanted.repeated and not present.repeated:
        yield set_not_null(table, Column(name=source.name, position=0, type=source.type))


def comment_on_not_null(table: Table, source: Column, target: Column | None) -> Iterator[Statement]:
    wanted = _says(source).comment if source.not_null else None
    if wanted == (_says(target).comment if target else None) or not source.not_null:
        return
    text = "NULL" if wanted is None else literal(wanted)
    ref = column_ref(table, source)
    name = inherited_name(table, source) or own_name(table, source)
    yield Statement(
        sql=f"COMMENT ON CONSTRAINT {quote(name)} ON {sql_name(table)} IS {text}",
        ref=ref,
        section=Section.POST_DATA,
        requires=frozenset({ref, not_null_ref(ref)}),
        lock=lock_of(Command.READ),
    )


def validate(table: Table, source: Column, name: str) -> Statement:
    """An inherited one comes, and is renamed, with the parent's."""
    reason = hazards.may_fail_on_rows(label(table), f"where a row has no {source.name}")
    state = frozenset({not_null_ref(column_ref(table, source))})
    is_parents = source.inherited_not_null is not None
    return replace(
        _on_constraint(table, source, f"VALIDATE CONSTRAINT {quote(name)}"),
        requires=state if is_parents else frozenset(),
        releases=frozenset() if is_parents else state,
        lock=lock_of(Command.VALIDATE),
        duration=Duration.READS_ROWS,
        hazards=(reason,),
    )


def _altered(table: Table, source: Column, target: Column) -> Iterator[Statement]:
    """An inherited one keeps its name: PostgreSQL renames it with the parent's only."""
    wanted, present = _says(source), _says(target)
    old, new, state = (
        own_name(table, target),
        own_name(table, source),
        not_null_ref(column_ref(table, source)),
    )
    if wanted.inherited_by_none != present.inherited_by_none:
        word = "NO INHERIT" if wanted.inherited_by_none else "INHERIT"
        statement = _on_constraint(table, source, f"ALTER CONSTRAINT {quote(old)} {word}")
        yield replace(statement, releases=frozenset({state}))
    if wanted.validated and not present.validated:
        yield validate(table, source, inherited_name(table, target) or old)
    if renames(table, source, target):
        statement = _on_constraint(table, source, f"RENAME CONSTRAINT {quote(old)} TO {quote(new)}")
        yield replace(statement, provides=frozenset({state}), destroys=frozenset({state}))


def renames(table: Table, source: Column, target: Column) -> bool:
    """Whether a NOT NULL that both have, and that is the table's own alone, is called otherwise."""
    if not source.not_null or not target.not_null or source.inherited_not_null is not None:
        return False
    is_own = not (_says(source).repeated or _says(target).repeated)
    return is_own and own_name(table, source) != own_name(table, target)


def inherited_name(table: Table, column: Column) -> str | None:
    """The name that a NOT NULL has in a partition, where it is the parent's and is known: since 18."""
    name = column.inherited_not_null if column.not_null else None
    return made_name(table.name, column.name, "not_null") if name == "" else name


def rename_to_inherited(table: Table, source: Column, target: Column) -> Iterator[Statement]:
    """A partition's own NOT NULL, to the name that it has as its parent's: it stays, and becomes the parent's."""
    old, new = own_name(table, target), inherited_name(table, source)
    if new is not None and old != new:
        state = not_null_ref(column_ref(table, source))
        statement = _on_constraint(table, source, f"RENAME CONSTRAINT {quote(old)} TO {quote(new)}")
        yield replace(statement, destroys=frozenset({state}))  # the parent says it from then on


def name_for_partitions(table: Table, column: Column) -> str:
    """The name that a partition's NOT NULL gets where nothing is said of it."""
    return inherited_name(table, column) or own_name(table, column)


def under_its_name(table: Table, column: Column) -> Column:
    """The column of a partition to be, with a NOT NULL of its own under the name that it has as the parent's."""
    name = inherited_name(table, column)
    if name is None:
        return column
    says = NotNull(name=name if column.inherited_not_null else None, validated=is_validated(column))
    return replace(column, not_null_as=says)


def _on_constraint(table: Table, column: Column, action: str) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {action}",
        ref=column_ref(table, column),
        section=Section.PRE_DATA,
        lock=lock_of(Command.ALTER_TABLE),
    )


def _says(column: Column) -> NotNull:
    return column.not_null_as or NotNull()


def own_name(table: Table, column: Column) -> str:
    """The name that its NOT NULL says, or that PostgreSQL gives."""
    return _says(column).name or made_name(table.name, column.name, "not_null")


def _named(column: Column) -> str:
    name = _says(column).name
    return f"CONSTRAINT {quote(name)} " if name else ""


def _inheritance(column: Column) -> str:
    return " NO INHERIT" if _says(column).inherited_by_none else ""
