"""A comparison as Markdown, for a pull request or a wiki."""

from collections.abc import Iterator

from schemadiff.core.catalog import Catalog, Kind
from schemadiff.core.changes import ObjectDiff
from schemadiff.core.counted import plural_of
from schemadiff.core.proof import proof_lines
from schemadiff.reports.lines import name_of, texts_of, title
from schemadiff.reports.report import (
    GLYPHS,
    STATES,
    WORDS,
    Report,
    headline,
    hidden_heading,
    hidden_lines,
    selection_lines,
    state_of,
    state_of_change,
    verdict,
)
from schemadiff.reports.rows import HEADING


def as_markdown(report: Report) -> str:
    """A heading, the verdict, a table of counts, and a section for each object that differs."""
    lines = [
        "# Comparison",
        "",
        _escaped(headline(report)),
        "",
        *(line for note in report.notes for line in (_escaped(note), "")),
        f"**{verdict(report)}**",
        *_selection(report),
        *_counts(report),
        *(line for entry in report.diff.different for line in _object(entry)),
        *_proposals(report),
        *_left_as_is(report),
        *_rows(report),
        *_proof(report),
        *_breaking(report),
        *_hidden(report),
        *_uncompared("source", report.source),
        *_uncompared("target", report.target),
    ]
    return "\n".join(lines) + "\n"


def _selection(report: Report) -> Iterator[str]:
    if report.selection is not None:
        yield ""
        yield "Selected:"
        yield ""
        yield from (f"- {_escaped(line)}" for line in selection_lines(report))


def _counts(report: Report) -> Iterator[str]:
    yield ""
    yield f"| kind | {' | '.join(f'{GLYPHS[state]} {WORDS[state]}' for state in STATES)} |"
    yield f"| --- |{' ---: |' * len(STATES)}"
    for kind in Kind:
        states = report.states(kind)
        if states:
            yield f"| {plural_of(kind.value)} | {' | '.join(str(states[state]) for state in STATES)} |"


def _object(entry: ObjectDiff) -> Iterator[str]:
    state = state_of(entry)
    yield ""
    yield f"## {GLYPHS[state]} {_escaped(title(entry.ref))}: {WORDS[state]}"
    if entry.own is not None:
        yield ""
        if state == "renamed":
            yield f"- {_escaped(name_of(entry.own))}"
        yield from (f"- {_code(text)}" for text in texts_of(entry.own))
    if entry.parts and state not in ("added", "removed"):
        yield ""
        yield "| change | what | name | |"
        yield "| --- | --- | --- | --- |"
        for change in entry.parts:
            part = state_of_change(change)
            texts = "<br>".join(_code(text) for text in texts_of(change))
            name = _escaped(name_of(change))
            yield f"| {GLYPHS[part]} {WORDS[part]} | {change.ref.kind.value} | {name} | {texts} |"


def _proposals(report: Report) -> Iterator[str]:
    if proposals := report.proposals():
        yield ""
        yield "## Possible renames, none of them confirmed"
        yield ""
        yield from (f"- {_escaped(f'{title(entry.target)} {entry.message}')}" for entry in proposals)


def _proof(report: Report) -> Iterator[str]:
    if report.proof is not None:
        first, *rest = proof_lines(report.proof)
        yield ""
        yield f"## {_escaped(first)}"
        yield ""
        yield from (f"- {_escaped(line)}" for line in rest)


def _left_as_is(report: Report) -> Iterator[str]:
    if sentences := report.left_as_is():
        yield ""
        yield "## Left as it is"
        yield ""
        yield from (f"- {_escaped(sentence)}" for sentence in sentences)


def _rows(report: Report) -> Iterator[str]:
    if report.rows is not None:
        yield ""
        yield f"## {HEADING}"
        yield ""
        for finding in report.rows.findings():
            yield f"- {_escaped(finding.line)}"
            yield from ([f"  {_escaped(finding.sample)}"] if finding.sample else [])
            for remedy in finding.remedies:
                yield f"  - **{remedy.way.value.capitalize()}**: {_escaped(remedy.says)}"
                yield ""
                yield from (f"        {line}" for line in remedy.sql.splitlines())
                yield ""


def _breaking(report: Report) -> Iterator[str]:
    if report.breaking:
        yield ""
        yield "## Would break readers or writers of the target as it is"
        yield ""
        yield from (f"- {_escaped(f'{title(entry.ref)} {entry.reason}')}" for entry in report.breaking)


def _hidden(report: Report) -> Iterator[str]:
    if heading := hidden_heading(report):
        yield ""
        yield f"## {heading}"
        yield ""
        yield from (f"- {_escaped(line)}" for line in hidden_lines(report))
    if report.agreement.kept:
        yield ""
        yield "## Not as the rules say"
        yield ""
        yield from (f"- {_escaped(one.sentence)}" for one in report.agreement.kept)


def _uncompared(side: str, catalog: Catalog) -> Iterator[str]:
    if catalog.uncompared:
        yield ""
        yield f"## Not compared, in the {side}"
        yield ""
        for entry in catalog.uncompared:
            more = entry.count - len(entry.names)
            names = ", ".join(entry.names) + (f" and {more} more" if more > 0 else "")
            yield f"- {entry.count} × {entry.kind}: {_escaped(names)}"


def _escaped(text: str) -> str:
    """Text that Markdown and its HTML take literally, on one line."""
    for character in "\\`*_[]<>|#":
        text = text.replace(character, f"\\{character}")
    return " ".join(text.split("\n"))


def _code(text: str) -> str:
    """A code span, inside of which only backticks and a table's bars mean anything."""
    ticks = "`"
    while ticks in text:
        ticks += "`"
    inner = text.replace("|", "\\|")
    padding = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{ticks}{padding}{inner}{padding}{ticks}" if inner.strip() else ""
