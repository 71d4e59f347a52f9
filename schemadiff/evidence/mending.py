"""The expressions that a mapping's values need, found in the source's rows: a step of transform worked out."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import psycopg

from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.fitting import Finding, Kind, Question, questions
from schemadiff.core.mapping import ColumnPair, Mapping, QualifiedName, TableMapping
from schemadiff.core.options.mending import KINDS, Mending
from schemadiff.evidence.value_fit import value_fit

Hidden: TypeAlias = Callable[[TableMapping, Question], bool]
"""Whether the words of a question's column may not be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """`table` names the two tables only."""

    table: TableMapping
    pair: ColumnPair  # with the expression
    finding: Finding

    @property
    def column(self) -> str:
        return f"{'.'.join(self.table.target)}.{self.pair.target}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """The mapping with what values need, and target columns (schema.table.column) that a person must say it for.

    `unread` says in sentences which tables could not be looked at.
    """

    mapping: Mapping
    remedies: tuple[Remedy, ...] = ()
    left: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def nothing_hidden(table: TableMapping, question: Question) -> bool:
    return False


def mend(
    connection: psycopg.Connection[Any],
    source: Catalog,
    target: Catalog,
    mapping: Mapping,
    mending: Mending,
    *,
    tables: Collection[QualifiedName] | None = None,
    hidden: Hidden = nothing_hidden,
) -> Mended:
    """One step, in confirmed pairs alone, of all source tables without `tables`. READ ONLY.

    A key that is numbered anew comes before what refers to it. One expression a column, the one that concerns most
    rows.
    """
    work = _Work(connection=connection, source=source, target=target, mending=mending, hidden=hidden)
    names = [t.name for t in mapping.tables if tables is None or t.source in tables]
    done = Mended(mapping=mapping)
    for kinds in _turns(KINDS[mending]):
        for name in names:
            done = _with_table(work, done, name, kinds)
    filled = {remedy.column for remedy in done.remedies}
    return replace(
        done, left=tuple(sorted(set(done.left) - filled)), unread=tuple(dict.fromkeys(done.unread))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    connection: psycopg.Connection[Any]
    source: Catalog
    target: Catalog
    mending: Mending
    hidden: Hidden


def _turns(kinds: frozenset[Kind]) -> Iterator[frozenset[Kind]]:
    first = kinds & {Kind.OWN_NUMBER}
    if first:
        yield first
    yield kinds - first


def _with_table(work: _Work, done: Mended, name: QualifiedName, kinds: frozenset[Kind]) -> Mended:
    table = done.mapping.named(name)
    if table is None:
        return done
    confirmed = {pair.target: pair for pair in table.accepted()}
    asked = [
        question
        for question in questions(work.source, work.target, done.mapping, table)
        if question.target.name in confirmed and _may_say(question, kinds)
    ]
    hidden = frozenset(q.source.name for q in asked if work.hidden(table, q))
    try:
        found = value_fit(work.connection, table.source, asked, hidden=hidden).findings
    except SchemadiffError as error:
        return replace(done, unread=(*done.unread, str(error)))
    place = replace(table, pairs=())
    remedies: dict[str, Remedy] = {}
    left = set()
    for finding in (each for each in found if each.kind in kinds):
        if not finding.expression or finding.is_draft:
            left.add(f"{'.'.join(table.target)}.{finding.target}")
        elif finding.target not in remedies:
            pair = replace(confirmed[finding.target], expression=finding.expression, inverse=None)
            remedies[finding.target] = Remedy(table=place, pair=pair, finding=finding)
    return replace(
        done,
        mapping=_replaced(done.mapping, table, {target: each.pair for target, each in remedies.items()}),
        remedies=(*done.remedies, *remedies.values()),
        left=(*done.left, *left),
    )


def _may_say(question: Question, kinds: frozenset[Kind]) -> bool:
    """Where there is more than one row that an empty key could mean, the key is merely empty."""
    return question.kind in kinds or (question.kind is Kind.ONLY_ROW and Kind.EMPTY in kinds)


def _replaced(mapping: Mapping, table: TableMapping, pairs: dict[str, ColumnPair]) -> Mapping:
    if not pairs:
        return mapping
    mended = replace(table, pairs=tuple(pairs.get(pair.target, pair) for pair in table.pairs))
    return replace(mapping, tables=tuple(mended if each is table else each for each in mapping.tables))


def mendable(
    connection: psycopg.Connection[Any], source: Catalog, target: Catalog, mapping: Mapping
) -> dict[Mending, tuple[str, ...]]:
    """The columns that each step would fill, taken by itself; tables that cannot be looked at are left out."""
    return {
        mending: tuple(each.column for each in mend(connection, source, target, mapping, mending).remedies)
        for mending in Mending
    }
