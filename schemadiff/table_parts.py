"""A person splits a source table: which target tables take its rows, and which of them each."""

from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core.catalog import Table
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import (
    ColumnPair,
    Mapping,
    PairStatus,
    QualifiedName,
    TableMapping,
    in_parts,
)
from schemadiff.core.matching import near_misses, pair_fields, source_fields, target_fields
from schemadiff.databases import connect
from schemadiff.evidence.part_rows import PartRows, part_rows
from schemadiff.mapping_review import BY_A_PERSON, both_tables
from schemadiff.models import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class Divided:
    """`entries` are the target tables that take of the source table's rows, in the order of `rows.taken`."""

    entries: tuple[TableMapping, ...]
    rows: PartRows


def possible_targets(
    comparison: Comparison, source: QualifiedName
) -> dict[QualifiedName, tuple[QualifiedName, ...]]:
    """The target tables that do not take of the source table yet, each with the others whose rows it takes."""
    standing = _standing(store.mapping_of(comparison))
    left_out = {entry.target for entry in standing if entry.source == source}
    left_out |= set(store.scope_of(comparison).protected)
    tables = store.catalog_of(comparison.target).tables
    return {
        name: tuple(entry.source for entry in standing if entry.target == name)
        for name in sorted(table.qualified for table in tables if table.partition_of is None)
        if name not in left_out
    }


def likely_columns(source: Table, target: Table) -> dict[str, str]:
    """By target column the source column that the matcher would take for it, for a person to look at."""
    pairs = pair_fields(source_fields(source), target_fields(target), {})
    near = near_misses(
        source_fields(source), target_fields(target), {}, {p.source.name: p.target.name for p in pairs}
    )
    return {pair.target.name: pair.source.name for pair in (*near, *pairs)}


def divided(comparison: Comparison, table: TableMapping) -> Divided:
    """How the source table's rows are divided where `table` has its condition, and all other parts have theirs.

    Raises Refused without a source database, for a condition that it does not take, and where counting takes too long.
    """
    others = [
        entry
        for entry in _standing(store.mapping_of(comparison))
        if entry.source == table.source and entry.target != table.target
    ]
    entries = in_parts((*others, replace(table, part="")))
    connection = comparison.source.connection
    if connection is None:
        raise Refused(
            "The source's connection was removed, so no condition can be tried on its rows. Add it again."
        )
    with connect(dsn_of(connection)) as opened:
        rows = part_rows(opened, table.source, [entry.where for entry in entries])
    return Divided(entries=entries, rows=rows)


def add_part(
    comparison: Comparison, table: TableMapping, columns: Dictionary[str, str], *, user: User
) -> TableMapping:
    """Let a target table take rows of a source table, those that `table.where` says: `columns` are source columns by
    target column. All of it counts as confirmed, for a person chose it. Returns the entry as it is called from now on.

    Raises NotFound for what is not there, Refused for no column, a target table that takes of it already or is
    protected, and as `divided` does.
    """
    giver, taker = both_tables(comparison, table)
    if not columns:
        raise Refused(f"Choose what fills one column of {'.'.join(table.target)} at least.")
    for target, source in columns.items():
        column = taker.column(target)
        if column is None or column.generated or giver.column(source) is None:
            raise NotFound(
                f"{source} of {'.'.join(table.source)} cannot fill {target} of {'.'.join(table.target)}."
            )
    _refuse_taken(comparison, table)
    divided(comparison, table)
    pairs = tuple(
        ColumnPair(target=target, source=source, status=PairStatus.CONFIRMED, reasons=(BY_A_PERSON,))
        for target, source in columns.items()
    )
    with transaction.atomic():
        Comparison.objects.select_for_update(of=("self",)).only("pk").get(pk=comparison.pk)
        _refuse_taken(
            comparison, table
        )  # again: the rows took a while to count, and a button is pressed twice
        store.put_table(comparison, replace(table, pairs=pairs), user=user)
    return _called(comparison, table)


def _refuse_taken(comparison: Comparison, table: TableMapping) -> None:
    if table.target not in possible_targets(comparison, table.source):
        raise Refused(
            f"{'.'.join(table.target)} takes rows of {'.'.join(table.source)} already, or is protected. Choose another "
            "target table."
        )


def set_condition(comparison: Comparison, table: TableMapping, where: str | None, *, user: User) -> None:
    """Say which rows of its source table a target table takes; None: all of them. Raises as `divided` does."""
    divided(comparison, replace(table, where=where))
    store.set_condition(comparison, replace(table, where=where), user=user)


def remove_part(comparison: Comparison, table: TableMapping) -> tuple[TableMapping, ...]:
    """Let a target table take no rows of the source table any more. Returns what goes on to take of them, each with its
    condition as it was.

    Raises Refused where nothing else takes them.
    """
    entries = store.mapping_of(comparison).all_for_source(table.source)
    if len(entries) < 2:
        raise Refused(
            f"{'.'.join(table.source)} is not split: {'.'.join(table.target)} is all that it became."
        )
    store.forget_table(comparison, table)
    return tuple(entry for entry in entries if entry.target != table.target)


def _standing(mapping: Mapping) -> list[TableMapping]:
    """The entries that nobody has said no to as a whole."""
    return [
        entry
        for entry in mapping.tables
        if any(pair.status is not PairStatus.REJECTED for pair in entry.pairs)
    ]


def _called(comparison: Comparison, table: TableMapping) -> TableMapping:
    entries = store.mapping_of(comparison).all_for_source(table.source)
    return next(replace(entry, pairs=()) for entry in entries if entry.target == table.target)
