"""A person goes through the mapping: what fills a column, seen on real rows before it is confirmed."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from django.contrib.auth.models import User
from django.db import transaction

from schemadiff import store
from schemadiff.connections import dsn_of
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Column, Table
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.fitting import Question, questions
from schemadiff.core.identifiers import quote
from schemadiff.core.inverses import check_inverse, given_back, with_value
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.options.mending import Mending
from schemadiff.core.parting import Part
from schemadiff.databases import CannotConnect, connect
from schemadiff.evidence.expression_check import refused_expressions, types_in
from schemadiff.evidence.joint_rules import with_joint_rules
from schemadiff.evidence.mending import mend
from schemadiff.evidence.previews import LONGEST, ROW_CAP, Preview, masked_preview, preview
from schemadiff.evidence.reading import reading, sentence_of
from schemadiff.evidence.target_rules import refused_values
from schemadiff.evidence.value_fit import Fit, value_fit
from schemadiff.models import Comparison, Connection
from schemadiff.projects import masked_in
from schemadiff.store.renames import decide_renames

BY_A_PERSON = "chosen by a person"
FROM_A_FILE = "from a mapping file"
"""Reasons of pairs that nothing suggested, and that have no score for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenOver:
    """How many tables a file replaced, and which it names that are not in the comparison's scope.

    `unchecked` says why the source could not be asked whether it takes the expressions; empty where it did.
    """

    tables: int
    left_out: tuple[str, ...]
    unchecked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Target columns that got an expression, each with why it, and those that only a person can say one for."""

    columns: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Of so many rows that were tried, those whose value comes back as it was."""

    tried: int
    same: int


def fill(
    comparison: Comparison,
    table: TableMapping,
    target_column: str,
    *,
    source: str | None,
    expression: str | None,
    inverse: str | None = None,
    user: User,
) -> None:
    """Say what fills a target column; it counts as confirmed, for a person chose it.

    Raises NotFound for a column that is not there, Refused for one that PostgreSQL itself fills, and for an
    expression that the source's database refuses or that cannot be tried on it.
    """
    giver, column = sides(comparison, table, target_column)
    if source is not None and giver.column(source) is None:
        raise NotFound(f"{'.'.join(table.source)} has no column {source}.")
    if column.generated:
        raise Refused(
            f"{target_column} is generated: PostgreSQL works its values out, nobody may write them."
        )
    pair = ColumnPair(
        target=column.name,
        source=source,
        expression=expression,
        inverse=inverse,
        status=PairStatus.CONFIRMED,
        reasons=(BY_A_PERSON,),
    )
    check_inverse(pair)
    # A preview is refused where PostgreSQL refuses an expression whatever the row.
    if expression is not None:
        preview_of(comparison, table, target_column, source=source, expression=expression)
    if inverse is not None:
        return_of(comparison, table, pair)
    store.set_pair(comparison, table, pair, user=user)


def split(comparison: Comparison, table: TableMapping, parts: Sequence[Part], *, user: User) -> None:
    """Fill several target columns by expressions over one source column, all of them or none; each counts as confirmed.

    The pairs name no source column: none of the targets is what the column became. Raises Refused for fewer than two
    parts or a column named twice, and as `fill` does.
    """
    targets = [part.target for part in parts]
    if len(parts) < 2:
        raise Refused(
            "A column is split into at least two: choose two target columns, each with an expression."
        )
    if twice := sorted({target for target in targets if targets.count(target) > 1}):
        raise Refused(f"{', '.join(twice)} is named twice: each target column gets one expression.")
    with transaction.atomic():
        for part in parts:
            fill(comparison, table, part.target, source=None, expression=part.expression, user=user)


def free_columns(comparison: Comparison, table: TableMapping) -> tuple[Column, ...]:
    """The target columns that nothing fills and that may be written."""
    known = _known(store.mapping_of(comparison), table)
    filled = {pair.target for pair in known.pairs if pair.status is not PairStatus.REJECTED}
    taker = store.catalog_of(comparison.target).table(*table.target)
    columns = taker.columns if taker else ()
    return tuple(column for column in columns if column.name not in filled and not column.generated)


def both_tables(comparison: Comparison, table: TableMapping) -> tuple[Table, Table]:
    """Raises NotFound where one of them is not there."""
    giver = store.catalog_of(comparison.source).table(*table.source)
    taker = store.catalog_of(comparison.target).table(*table.target)
    if giver is None or taker is None:
        raise NotFound(
            f"The comparison has no pair of tables {'.'.join(table.source)} → {'.'.join(table.target)}."
        )
    return giver, taker


def preview_of(
    comparison: Comparison,
    table: TableMapping,
    target_column: str,
    *,
    source: str | None,
    expression: str | None,
) -> Preview:
    """What some rows of the source would become in the target column. Raises Refused without a source database."""
    _, column = sides(comparison, table, target_column)
    masked = masked_in(comparison.project)
    hidden = masked.hides(table.target, target_column) or masked.mentioned_in(expression or "")
    with connect(dsn_of(_connection(comparison))) as connection:
        found = preview(
            connection,
            table.source,
            expression or quote(source or ""),
            column.type,
            limit=ROW_CAP,
            not_null=column.not_null,
        )
        tried = _by_target_rules(comparison, connection, table, target_column, found)
    return masked_preview(tried, masked, table.source, hidden)


def _by_target_rules(
    comparison: Comparison,
    source: psycopg.Connection[Any],
    tables: TableMapping,
    column: str,
    found: Preview,
) -> Preview:
    """With what the target's own rules refuse, where the target can be asked. Cut values are not tried."""
    table = tables.target
    connection = comparison.target.connection
    if connection is None:
        return replace(found, untried="the target's connection was removed")
    tried = [
        place
        for place, row in enumerate(found.rows)
        if row.problem is None and row.after is not None and len(row.after) < LONGEST
    ]
    try:
        with connect(dsn_of(connection)) as target:
            said = refused_values(target, table, column, [found.rows[place].after for place in tried])
            rows = list(found.rows)
            for place, problem in zip(tried, said, strict=True):
                rows[place] = replace(rows[place], problem=problem or None)
            mapping = store.mapping_of(comparison)
            entry = _known(mapping, tables)
            return with_joint_rules(source, target, mapping, entry, column, replace(found, rows=tuple(rows)))
    except CannotConnect:
        return replace(found, untried="the target could not be reached")
    except psycopg.Error as exc:
        return replace(found, untried=f"the target says “{sentence_of(exc).rstrip('.')}”")


def return_of(comparison: Comparison, table: TableMapping, pair: ColumnPair) -> Return:
    """How many of the source's first rows the pair's inverse gives back as they were. Its values are not told.

    Raises Refused for an inverse that is none, and for what PostgreSQL refuses whatever the row.
    """
    check_inverse(pair)
    giver, column = sides(comparison, table, pair.target)
    back = giver.column(given_back(pair))
    if back is None:
        raise NotFound(f"{'.'.join(table.source)} has no column {given_back(pair)}.")
    there = f"(({pair.expression}\n)::{column.type})"
    came = f"(({with_value(pair.inverse or '', there)}\n)::{back.type})::text"
    with connect(dsn_of(_connection(comparison))) as connection:
        found = preview(
            connection,
            table.source,
            f"{came} IS NOT DISTINCT FROM {quote(back.name)}::text",
            "boolean",
            limit=ROW_CAP,
        )
    return Return(tried=len(found.rows), same=sum(row.after == "true" for row in found.rows))


def fit_of(comparison: Comparison, table: TableMapping) -> Fit:
    """Whether the source table's values fit where the mapping takes them as they are, counted now.

    Raises Refused without a source database, and where its rows cannot be looked at.
    """
    mapping = store.mapping_of(comparison)
    asked = questions(
        store.catalog_of(comparison.source),
        store.catalog_of(comparison.target),
        mapping,
        _known(mapping, table),
    )
    masked = masked_in(comparison.project)
    hidden = {q.source.name for q in asked if masked.hides(table.target, q.target.name)}
    with connect(dsn_of(_connection(comparison))) as connection:
        return value_fit(connection, table.source, asked, hidden=masked.of(table.source) | hidden)


def take_remedies(
    comparison: Comparison, tables: Collection[QualifiedName], mending: Mending, *, user: User
) -> Taken:
    """Fill confirmed columns by the expressions that their values need, where nothing is left for a person to say.

    `tables` are source tables. Raises as `fit_of` and `fill` do.
    """
    masked = masked_in(comparison.project)

    def hidden(table: TableMapping, question: Question) -> bool:
        return question.source.name in masked.of(table.source) or masked.hides(
            table.target, question.target.name
        )

    with connect(dsn_of(_connection(comparison))) as connection:
        found = mend(
            connection,
            store.catalog_of(comparison.source),
            store.catalog_of(comparison.target),
            store.mapping_of(comparison),
            mending,
            tables=tables,
            hidden=hidden,
        )
    if found.unread:
        raise Refused(found.unread[0])
    for each in found.remedies:
        pair = each.pair
        fill(comparison, each.table, pair.target, source=pair.source, expression=pair.expression, user=user)
    return Taken(columns=tuple(f"{r.column} ({r.finding.why})" for r in found.remedies), left=found.left)


def _known(mapping: Mapping, table: TableMapping) -> TableMapping:
    found = (each for each in mapping.all_for_source(table.source) if each.target == table.target)
    return next(found, table)


def export(comparison: Comparison) -> str:
    """The mapping as a file that `--mapping` and `take_over` read."""
    return mapping_file.dump(store.mapping_of(comparison))


def take_over(comparison: Comparison, text: str, *, user: User) -> TakenOver:
    """Replace the mapping of the tables that a mapping file names, those in the scope.

    Raises Refused, and changes nothing, where the file names what is not there, or gives a target table that
    another source table fills.
    """
    mapping = mapping_file.load(text)
    mapping_file.check(mapping, store.catalog_of(comparison.source), store.catalog_of(comparison.target))
    wanted = mapping.restricted_to(store.scope_of(comparison).tables)
    if not wanted.tables and not mapping.renames:
        raise Refused("The file names no table of this comparison's scope. Names are schema.table.")
    _refuse_taken(wanted, store.mapping_of(comparison))
    unchecked = _check_expressions(comparison, wanted)
    store.replace_tables(comparison, _said_by_a_file(wanted), user=user)
    decide_renames(comparison, mapping.renames, user)
    left_out = sorted({table.source for table in mapping.tables} - {table.source for table in wanted.tables})
    return TakenOver(
        tables=len(wanted.tables),
        left_out=tuple(".".join(name) for name in left_out),
        unchecked=unchecked,
    )


def _check_expressions(comparison: Comparison, mapping: Mapping) -> str:
    """Raises Refused for what the source refuses whatever the row. Why it could not be asked, else nothing."""
    if not mapping.computes:
        return ""
    type_of = types_in(store.catalog_of(comparison.target))
    try:
        with connect(dsn_of(_connection(comparison))) as connection, reading(connection):
            refused = list(refused_expressions(connection, mapping.tables, type_of))
    except (Refused, CannotConnect) as exc:
        return str(exc)
    if refused:
        more = f" And {len(refused) - 1} more such." if len(refused) > 1 else ""
        raise Refused(
            f"The source refuses an expression of the file, so nothing was changed. {refused[0]}{more}"
        )
    return ""


def tables_of(comparison: Comparison, name: str) -> TableMapping:
    """Which target table takes a source table's rows: the mapping's, else the one of the same name; without pairs.

    `name` is as `TableMapping.name` has it, with a dot. Raises NotFound for one that the scope does not have.
    """
    known = next((each for each in store.mapping_of(comparison).tables if ".".join(each.name) == name), None)
    if known is not None:
        return replace(known, pairs=())
    for table in store.scope_of(comparison).tables:
        if ".".join(table) == name:
            return TableMapping(source=table, target=table)
    raise NotFound(f"This comparison carries no table {name}.")


def is_added(comparison: Comparison, table: TableMapping) -> bool:
    """Do its rows go where those of another source table go, which comes first?"""
    mapping = store.mapping_of(comparison)
    entry = mapping.named(table.name)
    return entry is not None and mapping.is_added(entry)


def sides(comparison: Comparison, table: TableMapping, target_column: str) -> tuple[Table, Column]:
    """The source table and the target column. Raises NotFound where one of them is not there."""
    giver, taker = both_tables(comparison, table)
    column = taker.column(target_column)
    if column is None:
        raise NotFound(f"{'.'.join(table.target)} has no column {target_column}.")
    return giver, column


def _connection(comparison: Comparison) -> Connection:
    connection = comparison.source.connection
    if connection is None:
        raise Refused(
            "The source's connection was removed, so no rows can be read. Add it again to see a preview."
        )
    return connection


def _refuse_taken(wanted: Mapping, known: Mapping) -> None:
    for table in wanted.tables:
        holder = known.for_target(table.target)
        if holder is not None and wanted.for_source(holder.source) is None:
            raise Refused(
                f"{'.'.join(table.target)} already takes the rows of {'.'.join(holder.source)}; the file gives "
                f"it those of {'.'.join(table.source)}. Name both source tables in the file. Nothing was changed."
            )


def _said_by_a_file(mapping: Mapping) -> Mapping:
    """A file holds no reasons; where a pair comes from is one."""
    return Mapping(tables=tuple(replace(table, pairs=tuple(_from_file(table))) for table in mapping.tables))


def _from_file(table: TableMapping) -> Iterator[ColumnPair]:
    return (replace(pair, reasons=(FROM_A_FILE,)) for pair in table.pairs)
