"""The page of a row check: what is in the way of the plan on the target, and what helps."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from schemadiff.core.masking import MASK, Masked
from schemadiff.models import Comparison, Trial
from schemadiff.pages.trials import TrialChip, trial_chip
from schemadiff.projects import masked_in
from schemadiff.store.trials import SAMPLES

_WORDS = {
    "null": "NULL where none may be",
    "no value": "a value for every row of the new column",
    "breaks a check": "rows against the check",
    "duplicate": "values that are there more than once",
    "overlap": "rows that exclude one another",
    "orphan": "rows that refer to nothing",
    "outside the bounds": "rows that the partition does not take",
    "unconvertible": "values that are none of the new type",
    "too long": "values that are too long",
    "out of range": "values beyond the range",
    "rounded": "values that are rounded or lose a part",
    "time zone": "times without, or losing, their time zone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRemedy:
    """`id` is where the page has its SQL."""

    id: str
    way: str
    says: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """One check. `tone`, `glyph` and `word` are of what it means for the statement; `looks_for` is in words,
    empty for what cannot be counted."""

    id: str
    key: str  # of the object on the comparison's page
    table: str
    columns: str
    looks_for: str
    tone: str
    glyph: str
    word: str
    count: str
    message: str
    statement: str
    headings: tuple[str, ...]
    samples: tuple[tuple[str | None, ...], ...]
    remedies: tuple[ShownRemedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPage:
    """`trial` is None where nobody has asked for one; `found` are the checks that a person should look at."""

    comparison: Comparison
    trial: TrialChip | None
    state: str
    tone: str
    sentence: str
    found: tuple[ShownCheck, ...]
    fine: tuple[ShownCheck, ...]
    are_samples_kept: bool
    others: tuple[TrialChip, ...]
    is_needed: bool
    has_rows: bool
    section: str = "comparisons"

    @property
    def checks(self) -> int:
        return len(self.found) + len(self.fine)

    def counted(self, tone: str) -> int:
        return sum(check.tone == tone for check in self.found)

    @property
    def failing(self) -> int:
        return self.counted("bad")

    @property
    def changing(self) -> int:
        return self.counted("warn")

    @property
    def unknown(self) -> int:
        return self.counted("neutral")


def empty_rows_page(comparison: Comparison, *, is_needed: bool) -> RowsPage:
    return RowsPage(
        comparison=comparison,
        trial=None,
        state="",
        tone="info",
        sentence="",
        found=(),
        fine=(),
        are_samples_kept=False,
        others=(),
        is_needed=is_needed,
        has_rows=comparison.target.connection_id is not None,
    )


def rows_page(
    comparison: Comparison,
    trial: Trial,
    outdated: str,
    others: Sequence[Trial],
    *,
    is_needed: bool,
    with_rows: bool,
) -> RowsPage:
    """`with_rows`: whether the person may see values of rows."""
    result = trial.result or {"checks": []}
    samples = result.get(SAMPLES, {}) if with_rows else {}
    masked = masked_in(comparison.project)
    shown = [
        _check(number, entry, _masked(samples.get(str(number)), masked))
        for number, entry in enumerate(result["checks"])
    ]
    order = {"bad": 0, "warn": 1, "neutral": 2}
    found = sorted((one for one in shown if one.tone != "ok"), key=lambda one: order[one.tone])
    return replace(
        empty_rows_page(comparison, is_needed=is_needed),
        trial=trial_chip(trial, outdated),
        state=trial.state,
        tone=trial_chip(trial, "").tone,
        sentence=trial.sentence,
        found=tuple(found),
        fine=tuple(one for one in shown if one.tone == "ok"),
        are_samples_kept=SAMPLES in result,
        others=tuple(trial_chip(other, "") for other in others if other.pk != trial.pk),
    )


def _masked(samples: dict[str, Any] | None, masked: Masked) -> dict[str, Any] | None:
    """A heading may be of any table, or an expression."""
    if samples is None or not masked.columns:
        return samples
    hidden = [masked.named(name) or masked.mentioned_in(name) for name in samples["columns"]]
    rows = [
        [MASK if hides else value for value, hides in zip(row, hidden, strict=True)]
        for row in samples["rows"]
    ]
    return {**samples, "rows": rows}


def _check(number: int, entry: dict[str, Any], samples: dict[str, Any] | None) -> ShownCheck:
    tone, glyph, word = _state(entry)
    return ShownCheck(
        id=f"check-{number}",
        key=entry["about"],
        table=".".join(entry.get("table", ())) or entry["about"].partition(":")[2],
        columns=", ".join(entry.get("columns", ())),
        looks_for=_WORDS.get(entry["trouble"], ""),
        tone=tone,
        glyph=glyph,
        word=word,
        count=_count(entry),
        message=entry["message"][0].upper() + entry["message"][1:],
        statement=entry["statement"],
        headings=tuple(samples["columns"]) if samples else (),
        samples=tuple(map(tuple, samples["rows"])) if samples else (),
        remedies=tuple(_remedies(number, entry)),
    )


def _state(entry: dict[str, Any]) -> tuple[str, str, str]:
    if not entry["counted"]:
        return "neutral", "○", "not counted"
    if entry["rows"] == 0:
        return "ok", "✓", "clear"
    return ("bad", "✕", "the statement fails") if entry["fails"] else ("warn", "▲", "values change")


def _count(entry: dict[str, Any]) -> str:
    rows, total = entry["rows"], entry.get("of")
    if rows is None:
        return "some rows" if entry["counted"] else ""
    if total is None or total < rows:
        return f"{rows:,} row{'' if rows == 1 else 's'}"
    return f"{rows:,} of {total:,} row{'' if total == 1 else 's'}"


def _remedies(number: int, entry: dict[str, Any]) -> Iterator[ShownRemedy]:
    for place, one in enumerate(entry["remedies"]):
        yield ShownRemedy(id=f"remedy-{number}-{place}", way=one["way"], says=one["says"], sql=one["sql"])
