"""Counts in a source table whether its values fit (`core.fitting`): one pass, over a sample where it is big."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.core.errors import Refused
from schemadiff.core.fitting import Finding, Question, findings
from schemadiff.core.fitting.findings import Counted
from schemadiff.core.fitting.question import Kind
from schemadiff.core.identifiers import literal, qualified, quote
from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.profiles import EXACT_UP_TO, sample_percent
from schemadiff.evidence.reading import reading, run_one, set_aside

_TIMEOUT = "30s"
_MOST_WORDS = 20
_LONGEST_WORD = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """`percent`: the share of the table that was looked at; None for all of it."""

    findings: tuple[Finding, ...]
    percent: float | None = None


def value_fit(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    asked: Sequence[Question],
    *,
    exact_up_to: int = EXACT_UP_TO,
    hidden: frozenset[str] = frozenset(),
) -> Fit:
    """READ ONLY. `hidden` are source columns whose values are not shown. Raises Refused with a sentence."""
    if not asked:
        return Fit(findings=())
    label = ".".join(table)
    try:
        with reading(connection, statement_timeout=_TIMEOUT):
            percent = sample_percent(connection, table, exact_up_to)
            asked, counts, place = _tried(connection, table, asked, percent)
            counts |= _with_words(connection, place, asked, counts, percent, hidden)
    except errors.InsufficientPrivilege as exc:
        raise Refused(
            f"Values of {label} cannot be looked at: the role may not read it. Grant SELECT on it."
        ) from exc
    except (errors.QueryCanceled, errors.LockNotAvailable) as exc:
        raise Refused(
            f"Values of {label} could not be looked at in {_TIMEOUT}: {exc.diag.message_primary}."
        ) from exc
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as exc:
        raise Refused(
            f"Values of {label} cannot be looked at: {exc.diag.message_primary}. The source has changed since the "
            "comparison: compare again."
        ) from exc
    return Fit(findings=findings(asked, counts), percent=percent)


def _tried(
    connection: psycopg.Connection[Any],
    table: QualifiedName,
    asked: Sequence[Question],
    percent: float | None,
) -> tuple[Sequence[Question], dict[int, Counted], str]:
    """Without what an expression gives where one fails on a row: that is told when it is tried by itself."""
    place = _place(table, asked, percent)
    try:
        with set_aside(connection):
            return asked, _counts(connection, place, asked, percent), place
    except (psycopg.DataError, errors.SyntaxError, errors.UndefinedFunction):
        asked = [question for question in asked if not question.computed]
    place = _place(table, asked, percent)
    return asked, _counts(connection, place, asked, percent), place


def _place(table: QualifiedName, asked: Sequence[Question], percent: float | None) -> str:
    """The rows as `t`, with what the expressions in question give."""
    sampled = "" if percent is None else f" TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)"
    given = {q.computed: q.pair.expression for q in asked if q.computed}
    if not given:
        return f"{qualified(*table)} AS t{sampled}"
    columns = "".join(f", ({expression}\n) AS {quote(name)}" for name, expression in given.items())
    return f"(SELECT *{columns} FROM {qualified(*table)}{sampled}) AS t"


def _counts(
    connection: psycopg.Connection[Any], place: str, asked: Sequence[Question], percent: float | None
) -> dict[int, Counted]:
    if not asked:
        return {}
    figures = []
    for question in asked:
        figures.append(f"count(*) FILTER (WHERE {question.predicate})")
        figures.append(f"count(*) FILTER (WHERE ({question.predicate}) AND ({question.mended or 'false'}))")
    row = run_one(connection, f"SELECT {', '.join(figures)} FROM {place}")[0]
    scaled = [_scaled(int(figure or 0), percent) for figure in row]
    return {
        number: Counted(rows=scaled[2 * number], mended=scaled[2 * number + 1])
        for number in range(len(asked))
    }


def _with_words(
    connection: psycopg.Connection[Any],
    place: str,
    asked: Sequence[Question],
    counts: dict[int, Counted],
    percent: float | None,
    hidden: frozenset[str],
) -> dict[int, Counted]:
    found = {}
    for number, question in enumerate(asked):
        if question.kind is not Kind.OTHER_WORDS or not counts[number].rows or question.source.name in hidden:
            continue
        value = f"t.{quote(question.source.name)}::text"
        found[number] = replace(
            counts[number],
            **_words(connection, place, question, f"left({value}, {_LONGEST_WORD})", percent),
            used=_used(connection, place, question, value),
        )
    return found


def _words(
    connection: psycopg.Connection[Any], place: str, question: Question, text: str, percent: float | None
) -> dict[str, Any]:
    rows = run_one(
        connection,
        f"SELECT {text}, count(*) FROM {place} WHERE {question.predicate}"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_WORDS + 1}",
    )
    words = tuple((str(word), _scaled(int(count or 0), percent)) for word, count in rows[:_MOST_WORDS])
    whole = percent is None and all(len(word) < _LONGEST_WORD for word, _ in words)
    return {"words": words, "all_words": whole and len(rows) <= _MOST_WORDS}


def _used(connection: psycopg.Connection[Any], place: str, question: Question, value: str) -> tuple[str, ...]:
    listed = ", ".join(map(literal, question.words))
    rows = run_one(connection, f"SELECT DISTINCT {value} FROM {place} WHERE {value} IN ({listed}) ORDER BY 1")
    return tuple(str(word) for (word,) in rows)


def _scaled(figure: int, percent: float | None) -> int:
    return round(figure * 100 / percent) if percent else figure
