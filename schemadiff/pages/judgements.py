"""The application's queries one by one under an option, narrowed by what they touch and where they come from."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from schemadiff.core.csv_lines import csv_line
from schemadiff.core.options.option import OptionName
from schemadiff.evidence.queries import QueryOutcome
from schemadiff.models import Comparison, QueryGap, QueryJudgement, QueryJudging

MOST_SHOWN = 200
LOOKS = {
    QueryOutcome.SAME.value: ("ok", "✓"),
    QueryOutcome.CHANGED.value: ("warn", "▲"),
    QueryOutcome.FAILS.value: ("bad", "✕"),
    QueryOutcome.NOT_JUDGED.value: ("neutral", "○"),
}
_FIELDS = (
    "name",
    "place",
    "calls",
    "roles",
    "tables",
    "verdict",
    "sqlstate",
    "detail",
    "sql",
    "rewritten",
    "rewritten_verdict",
    "rewritten_detail",
    "remarks",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for. Empty: everything."""

    option: str
    verdict: str = ""
    table: str = ""
    place: str = ""
    role: str = ""

    def address(self, **changes: str) -> str:
        """As a query string, with some of it otherwise."""
        asked = {
            "option": self.option,
            "verdict": self.verdict,
            "table": self.table,
            "place": self.place,
            "role": self.role,
        } | changes
        return urlencode({key: value for key, value in asked.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One option or verdict that can be chosen, with how many queries that is and how many calls."""

    value: str
    label: str
    count: int
    calls: int
    address: str
    chosen: bool
    look: str = ""
    glyph: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    judgement: QueryJudgement
    look: str
    glyph: str
    rewritten_look: str
    rewritten_glyph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementsPage:
    comparison: Comparison | None  # None: judged on a database, in `judging`
    judging: QueryJudging | None
    wanted: Wanted
    options: tuple[Tab, ...]
    verdicts: tuple[Tab, ...]
    tables: tuple[str, ...]
    roles: tuple[str, ...]
    lines: tuple[Line, ...]
    hidden: int
    count: int  # of the option, whatever is narrowed
    works: int  # of those that fail or change: what the mapping's rewriting gives
    counted: bool  # how often a query was called is known of one at least
    gaps: tuple[QueryGap, ...]
    section: str = "comparisons"

    @property
    def all_address(self) -> str:
        """Of everything, whatever is narrowed."""
        return Wanted(option=self.wanted.option).address()

    @property
    def address(self) -> str:
        return self.wanted.address()

    @property
    def is_narrowed(self) -> bool:
        wanted = self.wanted
        return bool(wanted.verdict or wanted.table or wanted.place or wanted.role)


def wanted_in(asked: QueryDict, judged: Sequence[QueryJudgement]) -> Wanted:
    """What is not known is left out; without an option the first that was judged."""
    known = [name.value for name in OptionName if any(row.option == name.value for row in judged)]
    option = asked.get("option", "")
    verdict = asked.get("verdict", "")
    return Wanted(
        option=option if option in known else next(iter(known), ""),
        verdict=verdict if verdict in LOOKS else "",
        table=asked.get("table", "")[:200],
        place=asked.get("place", "").strip()[:200],
        role=asked.get("role", "")[:63],
    )


def wanted_for(*, verdict: str, table: str, place: str, role: str) -> Wanted:
    """In a judging on a database, which knows no option."""
    return Wanted(option="", verdict=verdict, table=table, place=place, role=role)


def narrowed(judged: Sequence[QueryJudgement], wanted: Wanted) -> tuple[QueryJudgement, ...]:
    return tuple(
        row
        for row in judged
        if row.option == wanted.option
        and wanted.verdict in ("", row.outcome)
        and (not wanted.table or wanted.table in row.tables)
        and (not wanted.role or wanted.role in row.roles)
        and wanted.place.lower() in f"{row.place} {row.name}".lower()
    )


def judgements_page(
    judged_in: Comparison | QueryJudging,
    judged: Sequence[QueryJudgement],
    wanted: Wanted,
    gaps: Sequence[QueryGap],
) -> JudgementsPage:
    of_option = [row for row in judged if row.option == wanted.option]
    found = narrowed(judged, wanted)
    changed = [row for row in of_option if row.outcome in ("changed shape", "fails")]
    return JudgementsPage(
        comparison=judged_in if isinstance(judged_in, Comparison) else None,
        judging=judged_in if isinstance(judged_in, QueryJudging) else None,
        wanted=wanted,
        options=tuple(_options(judged, wanted)),
        verdicts=tuple(_verdicts(of_option, wanted)),
        tables=tuple(sorted({table for row in of_option for table in row.tables})),
        roles=tuple(sorted({role for row in of_option for role in row.roles})),
        lines=tuple(map(_line, found[:MOST_SHOWN])),
        hidden=max(len(found) - MOST_SHOWN, 0),
        count=len(of_option),
        works=sum(1 for row in changed if row.rewritten_outcome in ("same", "changed shape")),
        counted=any(row.calls is not None for row in of_option),
        gaps=tuple(gaps),
    )


def as_csv(rows: Sequence[QueryJudgement]) -> Iterator[str]:
    """A line for each query; lists are joined with semicolons."""
    yield csv_line(_FIELDS)
    for row in rows:
        values = _as_object(row)
        yield csv_line([_cell(values[name]) for name in _FIELDS])


def as_json(judged_in: Comparison | QueryJudging, wanted: Wanted, rows: Sequence[QueryJudgement]) -> str:
    about: dict[str, object] = (
        {"comparison": judged_in.number, "option": wanted.option}
        if isinstance(judged_in, Comparison)
        else {
            "judged_on": judged_in.connection_words,
            "compared_with": judged_in.reference_words,
            "at": judged_in.at.isoformat(),
        }
    )
    document = {**about, "queries": [_as_object(row) for row in rows]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def _as_object(row: QueryJudgement) -> dict[str, object]:
    return {
        "name": row.name,
        "place": row.place,
        "calls": row.calls,
        "roles": row.roles,
        "tables": row.tables,
        "verdict": row.outcome,
        "sqlstate": row.sqlstate,
        "detail": row.detail,
        "sql": row.sql,
        "rewritten": row.rewritten,
        "rewritten_verdict": row.rewritten_outcome,
        "rewritten_detail": row.rewritten_detail,
        "remarks": row.remarks,
    }


def _options(judged: Sequence[QueryJudgement], wanted: Wanted) -> Iterator[Tab]:
    counts = Counter(row.option for row in judged)
    for name in OptionName:
        if counts[name.value]:
            yield Tab(
                value=name.value,
                label=name.value.capitalize(),
                count=counts[name.value],
                calls=0,
                address=wanted.address(option=name.value),
                chosen=name.value == wanted.option,
            )


def _verdicts(of_option: Sequence[QueryJudgement], wanted: Wanted) -> Iterator[Tab]:
    for outcome, (look, glyph) in LOOKS.items():
        rows = [row for row in of_option if row.outcome == outcome]
        chosen = wanted.verdict == outcome
        yield Tab(
            value=outcome,
            label=outcome,
            count=len(rows),
            calls=sum(row.calls or 0 for row in rows),
            address=wanted.address(verdict="" if chosen else outcome),
            chosen=chosen,
            look=look,
            glyph=glyph,
        )


def _line(row: QueryJudgement) -> Line:
    look, glyph = LOOKS[row.outcome]
    again = LOOKS.get(row.rewritten_outcome, ("", ""))
    return Line(judgement=row, look=look, glyph=glyph, rewritten_look=again[0], rewritten_glyph=again[1])
