"""What becomes of each of the application's queries under an option: as it is, and rewritten by the mapping."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import psycopg

from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.judging_roles import judge_as_sent
from schemadiff.evidence.queries import Judged, NamedQuery, QueryOutcome, QueryVerdict, compare, judge
from schemadiff.evidence.query_files import Embed
from schemadiff.evidence.rewriting import Names, Rewrite, rewritten, tables_of

_Judge: TypeAlias = Callable[[psycopg.Connection[Any], Sequence[NamedQuery]], Sequence[Judged]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """`rewrite` is None where the mapping changes nothing in the query; `rewritten` judges that rewriting."""

    query: NamedQuery
    verdict: QueryVerdict
    tables: tuple[str, ...] = ()
    rewrite: Rewrite | None = None
    rewritten: QueryVerdict | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnResult:
    """All queries on an option's result, and those that the mapping rewrites; both go by the query's name."""

    judged: tuple[Judged, ...] = ()
    rewrites: tuple[tuple[str, Rewrite], ...] = ()
    rejudged: tuple[Judged, ...] = ()


def judge_result(
    connection: psycopg.Connection[Any], queries: Sequence[NamedQuery], names: Names | None
) -> OnResult:
    """`names` says what became of the source's columns; without it nothing is rewritten."""
    return _on_result(connection, queries, names, judge)


def _on_result(
    connection: psycopg.Connection[Any], queries: Sequence[NamedQuery], names: Names | None, judge: _Judge
) -> OnResult:
    judged = judge(connection, queries)
    if names is None:
        return OnResult(judged=tuple(judged))
    found = ((query, rewritten(query.sql, names)) for query in queries)
    rewrites = [(query, rewrite) for query, rewrite in found if rewrite is not None]
    return OnResult(
        judged=tuple(judged),
        rewrites=tuple((query.name, rewrite) for query, rewrite in rewrites),
        rejudged=tuple(
            judge(
                connection,
                [
                    replace(query, sql=rewrite.sql, embed=_renamed(query.embed, names))
                    for query, rewrite in rewrites
                ],
            )
        ),
    )


def judge_databases(
    source: psycopg.Connection[Any],
    other: psycopg.Connection[Any],
    queries: Sequence[NamedQuery],
    names: Names | None = None,
    *,
    seconds: float,
) -> tuple[Judgement, ...]:
    """What becomes of queries that work on `source` on any `other` database; `seconds` are for each of the two.

    With `names`, what became of the source's columns there, each is rewritten, too. Both connections must be idle.
    """
    notes: dict[str, str] = {}

    def as_sent(connection: psycopg.Connection[Any], asked: Sequence[NamedQuery]) -> tuple[Judged, ...]:
        found = judge_as_sent(connection, asked, seconds=seconds)
        notes.update((each.judged.name, each.note) for each in found if each.note)
        return tuple(each.judged for each in found)

    on_source = as_sent(source, queries)
    notes.clear()
    found = judgements(queries, on_source, _on_result(other, queries, names, as_sent), is_whole=True)
    return tuple(_noted(each, notes.get(each.query.name, "")) for each in found)


def _noted(each: Judgement, note: str) -> Judgement:
    return (
        replace(each, verdict=replace(each.verdict, detail=f"{each.verdict.detail} {note}")) if note else each
    )


def _renamed(embed: Embed | None, names: Names) -> Embed | None:
    """In the target's names; a hint stays what it is, for whoever rewrites the query to look at."""
    if embed is None:
        return None

    def there(name: QualifiedName) -> QualifiedName:
        known = names.find(*name)
        return known.target if known is not None and known.target is not None else name

    return replace(embed, parent=there(embed.parent), child=there(embed.child))


def judgements(
    queries: Sequence[NamedQuery], on_source: Sequence[Judged], result: OnResult, *, is_whole: bool
) -> tuple[Judgement, ...]:
    """In the order of the queries. `is_whole`: nothing of the result could not be made."""
    verdicts = {verdict.name: verdict for verdict in _verdicts(on_source, result.judged, is_whole)}
    again = {verdict.name: verdict for verdict in _verdicts(on_source, result.rejudged, is_whole)}
    rewrites = dict(result.rewrites)
    return tuple(
        Judgement(
            query=query,
            verdict=verdicts[query.name],
            tables=tables_of(query.sql),
            rewrite=rewrites.get(query.name),
            rewritten=again[query.name] if query.name in rewrites else None,
        )
        for query in queries
        if query.name in verdicts
    )


def _verdicts(
    on_source: Sequence[Judged], on_result: Sequence[Judged], is_whole: bool
) -> tuple[QueryVerdict, ...]:
    found = compare(on_source, on_result)
    return found if is_whole else tuple(map(_uncertain, found))


def _uncertain(verdict: QueryVerdict) -> QueryVerdict:
    """Where not everything could be made, a query may fail for that reason alone."""
    if verdict.outcome is not QueryOutcome.FAILS:
        return verdict
    detail = f"It fails where not every object could be made, perhaps for that reason: {verdict.detail}"
    return replace(verdict, outcome=QueryOutcome.NOT_JUDGED, detail=detail)
