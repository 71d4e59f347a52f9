"""Counts in a source table whether its values fit (`core.fitting`): one pass, over a sample where it is big."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.core.errors import Refused
from schemadiff.core.fitting import Finding, Question, findings
from schemadiff.core.fitting.findings import Counted
from schemadiff.core.fitting.questions import Kind
from schemadiff.core.identifiers import qualified, quote
from schemadiff.core.mapping import QualifiedName
from schemadiff.evidence.profiles import EXACT_UP_TO, sample_percent
from schemadiff.evidence.reading import reading

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
            place = f"{qualified(*table)} AS t"
            if percent is not None:
                place += f" TABLESAMPLE SYSTEM ({percent}) REPEATABLE (1)"
            counts = _counts(connection, place, asked, percent)
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


def _counts(
    connection: psycopg.Connection[Any], place: str, asked: Sequence[Question], percent: float | None
) -> dict[int, Counted]:
    figures = []
    for question in asked:
        figures.append(f"count(*) FILTER (WHERE {question.predicate})")
        figures.append(f"count(*) FILTER (WHERE ({question.predicate}) AND ({question.mended}))")
    row = connection.execute(f"SELECT {', '.join(figures)} FROM {place}".encode()).fetchone() or ()
    scaled = [_scaled(figure, percent) for figure in row]
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
        text = f"left(t.{quote(question.source.name)}::text, {_LONGEST_WORD})"
        rows = connection.execute(
            (
                f"SELECT {text}, count(*) FROM {place} WHERE {question.predicate}"
                f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {_MOST_WORDS}"
            ).encode()
        ).fetchall()
        words = tuple((word, _scaled(count, percent)) for word, count in rows)
        found[number] = Counted(rows=counts[number].rows, mended=counts[number].mended, words=words)
    return found


def _scaled(figure: int, percent: float | None) -> int:
    return round(figure * 100 / percent) if percent else figure
