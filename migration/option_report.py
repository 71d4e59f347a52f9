"""The three options side by side, as text, JSON and Markdown. Every figure says how it was measured."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.effort import as_it_stands, estimate, seconds_of_machine, seconds_standing_still
from schemadiff.core.options.option import Measure, Option, OptionName
from schemadiff.core.options.points import Point, Points, points_of
from schemadiff.core.options.weighing import Advice, recommend
from schemadiff.evidence.judgements import Judgement

FORMAT = 1
_NOT_MEASURED = "—"
_NOT_MADE_OUT = "Queries that could not be made out"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionReport:
    """`options` holds a sentence in place of an option that cannot be worked out at all."""

    source: str
    target: str
    tables: tuple[QualifiedName, ...]
    protected: tuple[QualifiedName, ...]
    options: Mapping[OptionName, Option | str]
    measures: Mapping[OptionName, tuple[Measure, ...]]
    judgements: Mapping[OptionName, tuple[Judgement, ...]] = field(default_factory=dict)
    next_steps: Mapping[OptionName, tuple[str, ...]] = field(
        default_factory=dict
    )  # each with how it is asked for
    not_made_out: tuple[str, ...] = ()  # places and why; and what was passed over

    @property
    def blockers(self) -> dict[OptionName, tuple[str, ...]]:
        """What must happen before each option can be run."""
        return {
            name: (option,) if isinstance(option, str) else option.blockers
            for name, option in self.options.items()
        }

    @property
    def advice(self) -> Advice:
        return recommend(self.measures, self.blockers)

    @property
    def unqueried(self) -> tuple[QualifiedName, ...]:
        """Tables in scope that no query names; none where no query is known."""
        judged = [each for found in self.judgements.values() for each in found]
        named = {name.lower() for each in judged for name in each.tables}
        return tuple(
            table
            for table in self.tables
            if judged and not named & {table[1].lower(), ".".join(table).lower()}
        )

    @property
    def sides(self) -> dict[OptionName, Points]:
        return points_of(self.measures)


def as_json(report: OptionReport) -> str:
    """Documented in docs/reference/options.md."""
    advice = report.advice
    document = {
        "format": FORMAT,
        "source": report.source,
        "target": report.target,
        "tables": [".".join(name) for name in report.tables],
        "protected": [".".join(name) for name in report.protected],
        "tables_that_no_query_names": [".".join(name) for name in report.unqueried],
        "options": [_option_out(report, name) for name in OptionName],
        "queries_not_made_out": list(report.not_made_out),
        "recommendation": {
            "option": advice.option.value if advice.option else None,
            "sentence": advice.sentence,
            "reasons": list(advice.reasons),
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def as_text(report: OptionReport) -> str:
    """A table for a terminal, with footnotes."""
    rows, notes = _table(report)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = [f"Three ways from {report.source} to {report.target}", *_scope(report), ""]
    for row in rows:
        lines.append(
            f"{row[0]:<{widths[0]}}"
            + "".join(f"  {c:>{w}}" for c, w in zip(row[1:], widths[1:], strict=True))
        )
    lines += ["", "How it was measured", *(f"  [{number}] {note}" for number, note in enumerate(notes, 1))]
    for name, title, sentences in _remarks(report):
        lines += ["", f"{name.value.capitalize()}: {title}", *(f"  {sentence}" for sentence in sentences)]
    if report.not_made_out:
        lines += ["", _NOT_MADE_OUT, *(f"  {each}" for each in report.not_made_out)]
    lines += ["", "Recommendation", f"  {report.advice.sentence}"]
    lines += [f"  - {reason}" for reason in report.advice.reasons]
    return "\n".join(lines) + "\n"


def as_markdown(report: OptionReport) -> str:
    """The same, to be kept beside an application's code."""
    rows, notes = _table(report)
    lines = [
        f"# Three ways from {_escaped(report.source)} to {_escaped(report.target)}",
        "",
        *_scope(report),
        "",
    ]
    lines += [_markdown_row(rows[0]), "| --- | ---: | ---: | ---: |", *map(_markdown_row, rows[1:]), ""]
    lines += [
        "## How it was measured",
        "",
        *(f"{number}. {_escaped(note)}" for number, note in enumerate(notes, 1)),
    ]
    for name, title, sentences in _remarks(report):
        lines += ["", f"## {name.value.capitalize()}: {title}", ""]
        lines += [f"- {_escaped(sentence)}" for sentence in sentences]
    if report.not_made_out:
        lines += ["", f"## {_NOT_MADE_OUT}", "", *(f"- {_escaped(each)}" for each in report.not_made_out)]
    lines += ["", "## Recommendation", "", _escaped(report.advice.sentence), ""]
    lines += [f"- {_escaped(reason)}" for reason in report.advice.reasons]
    return "\n".join(lines) + "\n"


def _table(report: OptionReport) -> tuple[list[list[str]], list[str]]:
    """Rows of the head and one for each figure, and the footnotes that their marks point at."""
    by_option = {name: {m.key: m for m in report.measures.get(name, ())} for name in OptionName}
    labels = {m.key: m.label for name in OptionName for m in report.measures.get(name, ())}
    notes: list[str] = []
    rows = [["", *(name.value for name in OptionName)]]
    for key, label in labels.items():
        found = [by_option[name].get(key) for name in OptionName]
        rows.append([f"{label} {_marks(found, notes)}", *map(_figure, found)])
    return rows, notes


def _marks(measures: Sequence[Measure | None], notes: list[str]) -> str:
    numbers = []
    for how in dict.fromkeys(measure.how for measure in measures if measure):
        if how not in notes:
            notes.append(how)
        numbers.append(notes.index(how) + 1)
    return f"[{','.join(map(str, sorted(numbers)))}]"


def _figure(measure: Measure | None) -> str:
    return _NOT_MEASURED if measure is None else f"{measure.value:,}"


def _scope(report: OptionReport) -> Iterator[str]:
    yield f"Tables in scope: {_listed(report.tables)}."
    if report.unqueried:
        yield (
            f"No query names {_listed(report.unqueried)}. All figures count what is in scope; --tables says what is "
            "the application's."
        )
    if report.protected:
        yield f"Protected in the target: {_listed(report.protected)}."


def _remarks(report: OptionReport) -> Iterator[tuple[OptionName, str, tuple[str, ...]]]:
    """What is left to say about each option, where there is something."""
    for name in OptionName:
        sides, option = report.sides[name], report.options[name]
        yield from (
            (name, title, sentences)
            for title, sentences in (
                ("for it", _sentences(sides.pros)),
                ("against it", _sentences(sides.cons)),
                ("risks", _sentences(sides.risks)),
                ("what is lost", _sentences(sides.lost)),
                ("before it can be run", report.blockers[name]),
                ("next steps", report.next_steps.get(name, ())),
                (
                    "left as it is",
                    () if isinstance(option, str) else tuple(n.message for n in option.plan.notices),
                ),
            )
            if sentences
        )


def _sentences(points: Sequence[Point]) -> tuple[str, ...]:
    return tuple(point.sentence for point in points)


def _option_out(report: OptionReport, name: OptionName) -> dict[str, Any]:
    option, sides = report.options[name], report.sides[name]
    return {
        "name": name.value,
        "measures": [
            {"key": m.key, "label": m.label, "value": m.value, "how": m.how, "items": list(m.items)}
            for m in report.measures.get(name, ())
        ],
        "queries": [_query_out(each) for each in report.judgements.get(name, ())],
        "estimate": _estimate_out(report.measures.get(name, ())),
        "pros": _sentences(sides.pros),
        "cons": _sentences(sides.cons),
        "risks": _sentences(sides.risks),
        "lost": _sentences(sides.lost),
        "blockers": list(report.blockers[name]),
        "next_steps": list(report.next_steps.get(name, ())),
        "notices": [] if isinstance(option, str) else [notice.message for notice in option.plan.notices],
    }


def _estimate_out(measures: Sequence[Measure]) -> dict[str, Any]:
    """With the default minutes; what people put in is kept with a comparison, in the browser."""
    figures = {measure.key: measure for measure in measures}
    found, stands = estimate(figures, {}), estimate(as_it_stands(figures), {})
    return {
        "hours": {"p10": found.p10, "p50": found.p50, "p80": found.p80},
        "hours_with_suggestions_open": {"p10": stands.p10, "p50": stands.p50, "p80": stands.p80},
        "downtime_seconds": seconds_standing_still(figures),
        "machine_seconds": _machine_out(figures),
    }


def _machine_out(figures: Mapping[str, Measure]) -> dict[str, float | None] | None:
    if "rehearsal_ms" not in figures:
        return None
    found = seconds_of_machine(figures)
    return {"likely": found.seconds, "least": found.least, "most": found.most}


def _query_out(judgement: Judgement) -> dict[str, Any]:
    query, verdict, rewrite = judgement.query, judgement.verdict, judgement.rewrite
    found: dict[str, Any] = {
        "name": query.name,
        "place": query.place,
        "calls": query.calls,
        "roles": list(query.roles),
        "tables": list(judgement.tables),
        "verdict": verdict.outcome.value,
        "detail": verdict.detail,
        "sqlstate": verdict.sqlstate,
    }
    if rewrite is not None and judgement.rewritten is not None:
        found["rewritten"] = {
            "sql": rewrite.sql,
            "verdict": judgement.rewritten.outcome.value,
            "detail": judgement.rewritten.detail,
            "remarks": list(rewrite.remarks),
        }
    return found


def _listed(names: Sequence[QualifiedName]) -> str:
    return ", ".join(".".join(name) for name in names) or "none"


def _markdown_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(_escaped(cell) for cell in cells)} |"


def _escaped(text: str) -> str:
    """A name may hold what Markdown takes for markup."""
    return "".join(f"\\{sign}" if sign in "|*_`<>#" else sign for sign in " ".join(text.split()))
