"""Columns: added, dropped, altered attribute by attribute."""

import re
from collections.abc import Iterator, Set
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Column, Generated, Identity, ObjectRef, SequenceOptions, Table
from schemadiff.core.ddl.conversions import conversion, is_widening, keeps_bytes, loses_in_silence
from schemadiff.core.ddl.not_null import not_null_clause
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import (
    column_ref,
    default_ref,
    label,
    not_null_ref,
    position_ref,
    sequence_ref,
    sql_name,
)
from schemadiff.core.ddl.sequences import (
    advance,
    all_option_clauses,
    option_clauses,
    restart_clauses,
    restart_hazards,
    step_into_bounds,
)
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.locks import Command, lock_of
from schemadiff.core.plan import Duration, Hazard, Section, Statement

_CALL = re.compile(r"(?<!::)\b([a-z_][\w.]*)\(", re.IGNORECASE)
_TEXT = re.compile(r"'(?:[^']|'')*'")
_STABLE = frozenset(
    {"now", "extract", "varying", "character", "numeric", "timezone", "date_trunc", "interval"}
)


def column_clause(table: Table, column: Column) -> str:
    """The column as CREATE TABLE and ADD COLUMN take it."""
    parts = [quote(column.name), column.type]
    if column.collation:
        parts.append(f"COLLATE {column.collation}")
    parts += _value_clauses(table, column)
    parts.append(not_null_clause(column))
    return " ".join(part for part in parts if part)


def typed_clause(table: Table, column: Column) -> str:
    """What a typed table's column has that its type's attribute cannot have; empty if there is nothing."""
    parts = [part for part in (*_value_clauses(table, column), not_null_clause(column)) if part]
    return f"{quote(column.name)} WITH OPTIONS {' '.join(parts)}" if parts else ""


def add_column(table: Table, column: Column) -> Statement:
    """A constant is written to no row; what is computed is written to all (manual, ALTER TABLE, Notes)."""
    ref = column_ref(table, column)
    reasons: list[Hazard] = []
    if is_computed := _is_computed(column):
        reasons += hazards.table_rewrite(label(table))
    if column.not_null and column.default is None and column.identity is None:
        condition = f"if there are rows: {column.name} has no default"
        reasons.append(hazards.may_fail_on_rows(label(table), condition))
    statement = _alter(
        table,
        column,
        f"ADD COLUMN {column_clause(table, column)}",
        provides={ref, default_ref(ref), not_null_ref(ref), *sequence_refs(table, column)},
        duration=Duration.REWRITES_ROWS if is_computed else Duration.INSTANT,
        reasons=tuple(reasons),
    )
    return replace(statement, place=column.position)


def drop_column(table: Table, column: Column) -> Statement:
    """A generated column loses nothing that its expression would not give again."""
    lost = hazards.data_loss(f"every value of {label(table)}.{column.name}")
    return _alter(
        table,
        column,
        f"DROP COLUMN {quote(column.name)}",
        destroys={column_ref(table, column), *sequence_refs(table, column)},
        reasons=() if column.generated else (lost,),
        command=Command.DROP,
    )


def can_alter_column(source: Column, target: Column) -> bool:
    """What is computed otherwise is made anew, save that a stored column may become a plain one."""
    if source.generated is None:
        return target.generated is not Generated.VIRTUAL
    computed = (target.generated, target.default, target.type, target.collation)
    return (source.generated, source.default, source.type, source.collation) == computed


def changes_type(source: Column, target: Column) -> bool:
    return (source.type, source.collation) != (target.type, target.collation)


def retype(table: Table, source: Column, target: Column, stored: tuple[str, str]) -> Statement:
    """`ALTER COLUMN … TYPE … USING`; without a rewrite where PostgreSQL sees that the bytes stay the same.

    `stored` are the target's and the source's types below domains.
    """
    if table.foreign or is_widening(source, target):  # a foreign table's values are read as that type
        return _retype(table, source, "")
    cast = conversion(quote(source.name), target.type, source.type)
    statement = _retype(table, source, f" USING {cast}")
    if keeps_bytes(source.type, target.type):
        return statement
    found = (*_losses(table, source, stored), *_retype_hazards(table, source))
    return replace(statement, duration=Duration.REWRITES_ROWS, hazards=found)


def _losses(table: Table, source: Column, stored: tuple[str, str]) -> Iterator[Hazard]:
    if loses_in_silence(*stored):
        yield hazards.data_loss(f"what values of {label(table)}.{source.name} hold beyond {source.type}")


def through_text(column: Column) -> str:
    """A value of the type of the same name that replaces the column's."""
    text = "text[]" if column.type.endswith("[]") else "text"
    return f"{quote(column.name)}::{text}::{column.type}"


_TEXTS = ("text", "character varying")  # without a limit: no value is looked at


def move_to_successor(table: Table, source: Column, expression: str, stored: tuple[str, str]) -> Statement:
    """To the type of the same name that replaces the column's type; a text changes its collation only.

    `stored` is as for `retype`.
    """
    if table.foreign or source.type in _TEXTS:
        return _retype(table, source, "")
    statement = _retype(table, source, f" USING {expression}")
    reasons = (*_losses(table, source, stored), *_retype_hazards(table, source))
    return replace(statement, duration=Duration.REWRITES_ROWS, hazards=reasons)


def _retype(table: Table, source: Column, cast: str) -> Statement:
    name = quote(source.name)
    collation = f" COLLATE {source.collation}" if source.collation else ""
    ref = column_ref(table, source)
    return _alter(
        table,
        source,
        f"ALTER COLUMN {name} TYPE {source.type}{collation}{cast}",
        provides={ref},
        destroys={ref},
    )


def drop_default(table: Table, target: Column) -> Statement:
    ref = column_ref(table, target)
    return _alter(
        table,
        target,
        f"ALTER COLUMN {quote(target.name)} DROP DEFAULT",
        destroys={default_ref(ref)},
        releases={ref},
    )


def set_default(table: Table, source: Column) -> Statement:
    ref = column_ref(table, source)
    return _alter(
        table,
        source,
        f"ALTER COLUMN {quote(source.name)} SET DEFAULT {restored(source.default or 'NULL')}",
        provides={default_ref(ref)},
        requires={ref},
    )


def set_expression(table: Table, source: Column) -> Statement:
    """Since 17: every value that is stored is computed anew."""
    expression = restored(source.default or "NULL")
    action = f"ALTER COLUMN {quote(source.name)} SET EXPRESSION AS ({expression})"
    if source.generated is not Generated.STORED:
        return _alter(table, source, action)
    rewrite = hazards.table_rewrite(label(table))
    return _alter(table, source, action, duration=Duration.REWRITES_ROWS, reasons=rewrite)


def drop_expression(table: Table, target: Column) -> Statement:
    """The values stay as they were computed last."""
    ref = column_ref(table, target)
    return _alter(
        table,
        target,
        f"ALTER COLUMN {quote(target.name)} DROP EXPRESSION",
        destroys={default_ref(ref)},
        releases={ref},
    )


def alter_identity(table: Table, source: Column, target: Column) -> Iterator[Statement]:
    """From none, to none, or to other options."""
    if source.identity is None and target.identity is not None:
        yield _drop_identity(table, target)
    elif source.identity is not None and target.identity is None:
        yield _add_identity(table, source)
        yield _advance_identity(table, source)
    elif source.identity is not None and target.identity is not None:
        if _identity(source) != _identity(target):
            yield from _set_identity(table, source, target)
        if source.identity_sequence != target.identity_sequence:
            yield _rename_sequence(table, source, target)


def _identity(column: Column) -> tuple[Identity | None, SequenceOptions | None]:
    return column.identity, column.identity_options


def _drop_identity(table: Table, target: Column) -> Statement:
    ref = column_ref(table, target)
    return _alter(
        table,
        target,
        f"ALTER COLUMN {quote(target.name)} DROP IDENTITY",
        destroys={default_ref(ref), *sequence_refs(table, target)},
        releases={ref, not_null_ref(ref)},
    )


def _add_identity(table: Table, source: Column) -> Statement:
    ref = column_ref(table, source)
    return _alter(
        table,
        source,
        f"ALTER COLUMN {quote(source.name)} ADD {_identity_clause(table, source)}",
        provides={default_ref(ref), *sequence_refs(table, source)},
        requires={ref, not_null_ref(ref)},
    )


def _advance_identity(table: Table, source: Column) -> Statement:
    ref = column_ref(table, source)
    name = qualified(table.schema, identity_sequence_name(table, source))
    options = source.identity_options or SequenceOptions()
    statement = advance(name, sql_name(table), quote(source.name), options, ref)
    return replace(statement, requires=frozenset({ref, default_ref(ref)}))


def _set_identity(table: Table, source: Column, target: Column) -> Iterator[Statement]:
    """Every option is written out: after a change of type, which has changed them too."""
    ref = column_ref(table, source)
    wanted, present = (
        source.identity_options or SequenceOptions(),
        target.identity_options or SequenceOptions(),
    )
    arguments = f"{literal(sql_name(table))}, {literal(source.name)}"
    sequence = f"pg_catalog.pg_get_serial_sequence({arguments})::pg_catalog.regclass"
    restart = restart_clauses(wanted, present)
    yield from step_into_bounds(sequence, wanted, present, ref)
    clauses = " ".join([*(f"SET {clause}" for clause in all_option_clauses(wanted)), *restart])
    yield _alter(
        table,
        source,
        f"ALTER COLUMN {quote(source.name)} SET GENERATED {_identity_word(source)} {clauses}",
        provides={default_ref(ref)},
        requires={ref, position_ref(ref)},
        reasons=restart_hazards(restart, f"{label(table)}.{source.name}"),
    )


def _rename_sequence(table: Table, source: Column, target: Column) -> Statement:
    present, wanted = identity_sequence_name(table, target), identity_sequence_name(table, source)
    return Statement(
        sql=f"ALTER SEQUENCE {qualified(table.schema, present)} RENAME TO {quote(wanted)}",
        ref=column_ref(table, source),
        section=Section.PRE_DATA,
        provides=frozenset({sequence_ref(table.schema, wanted)}),
        destroys=frozenset({sequence_ref(table.schema, present)}),
    )


def _value_clauses(table: Table, column: Column) -> list[str]:
    if column.generated:
        return [f"GENERATED ALWAYS AS ({restored(column.default or 'NULL')}) {column.generated.name}"]
    if column.identity:
        return [_identity_clause(table, column)]
    return [f"DEFAULT {restored(column.default)}"] if column.default is not None else []


def _identity_clause(table: Table, column: Column) -> str:
    clauses = option_clauses(column.identity_options or SequenceOptions(type=column.type))
    name = identity_sequence_name(table, column)
    if name != _usual_sequence(table, column):
        clauses.insert(0, f"SEQUENCE NAME {qualified(table.schema, name)}")
    options = f" ({' '.join(clauses)})" if clauses else ""
    return f"GENERATED {_identity_word(column)} AS IDENTITY{options}"


def _identity_word(column: Column) -> str:
    return "ALWAYS" if column.identity is Identity.ALWAYS else "BY DEFAULT"


def identity_sequence_name(table: Table, column: Column) -> str:
    return column.identity_sequence or _usual_sequence(table, column)


def _usual_sequence(table: Table, column: Column) -> str:
    return f"{table.name}_{column.name}_seq"


def sequence_refs(table: Table, column: Column) -> set[ObjectRef]:
    """The sequence of an identity column, by the name that it takes."""
    return {sequence_ref(table.schema, identity_sequence_name(table, column))} if column.identity else set()


def _is_computed(column: Column) -> bool:
    """Whether every row gets its own value: computed, numbered, or from a default that may be volatile."""
    if column.generated:
        return column.generated is Generated.STORED
    called = {name.lower() for name in _CALL.findall(_TEXT.sub("''", column.default or ""))}
    return column.identity is not None or not called <= _STABLE


def _retype_hazards(table: Table, source: Column) -> tuple[Hazard, ...]:
    condition = f"where {source.name} cannot become {source.type}"
    return (*hazards.table_rewrite(label(table)), hazards.may_fail_on_rows(label(table), condition))


def _alter(
    table: Table,
    column: Column,
    action: str,
    *,
    provides: Set[ObjectRef] = frozenset(),
    requires: Set[ObjectRef] = frozenset(),
    destroys: Set[ObjectRef] = frozenset(),
    releases: Set[ObjectRef] = frozenset(),
    duration: Duration = Duration.INSTANT,
    reasons: tuple[Hazard, ...] = (),
    command: Command = Command.ALTER_TABLE,
) -> Statement:
    return Statement(
        sql=f"ALTER TABLE {sql_name(table)} {action}",
        ref=column_ref(table, column),
        section=Section.PRE_DATA,
        provides=frozenset(provides),
        requires=frozenset(requires),
        destroys=frozenset(destroys),
        releases=frozenset(releases),
        lock=lock_of(command),
        duration=duration,
        hazards=reasons,
    )
