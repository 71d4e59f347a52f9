"""A comparison as one HTML file that needs nothing else: no script, no font, no picture."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from schemadiff.core.catalog import Catalog, Kind
from schemadiff.core.changes import Change, ObjectDiff
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
from schemadiff.reports.rows import HEADING, Finding


def as_html(report: Report) -> str:
    """The whole page; everything that comes from the databases is escaped."""
    style = files(__package__).joinpath("report.css").read_text(encoding="utf-8")
    body = "\n".join(
        [
            f"<h1>{escape(headline(report))}</h1>",
            *(f"<p>{escape(note)}</p>" for note in report.notes),
            f'<p class="verdict">{escape(verdict(report))}</p>',
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
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(headline(report))}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _selection(report: Report) -> Iterator[str]:
    if report.selection is not None:
        yield "<p>Selected:</p><ul>"
        yield from (f"<li>{escape(line)}</li>" for line in selection_lines(report))
        yield "</ul>"


def _counts(report: Report) -> Iterator[str]:
    yield "<table><thead><tr><th>kind</th>"
    yield from (f'<th class="num">{GLYPHS[state]} {WORDS[state]}</th>' for state in STATES)
    yield "</tr></thead><tbody>"
    for kind in Kind:
        states = report.states(kind)
        if states:
            cells = "".join(f'<td class="num">{states[state]}</td>' for state in STATES)
            yield f"<tr><th>{plural_of(kind.value)}</th>{cells}</tr>"
    yield "</tbody></table>"


def _object(entry: ObjectDiff) -> Iterator[str]:
    state = state_of(entry)
    anchor = escape(entry.ref.key, quote=True)
    yield f'<details open id="{anchor}"><summary class="{state}">'
    yield f"{GLYPHS[state]} {escape(title(entry.ref))}: {WORDS[state]}</summary>"
    if entry.parts or entry.own is not None:
        yield "<table><thead><tr><th>change</th><th>what</th><th>name</th><th>difference</th></tr></thead><tbody>"
        yield from (_row(change) for change in entry.changes)
        yield "</tbody></table>"
    yield "</details>"


def _row(change: Change) -> str:
    state = state_of_change(change)
    texts = "<br>".join(f"<code>{escape(text)}</code>" for text in texts_of(change))
    return (
        f'<tr class="{state}"><td>{GLYPHS[state]} {WORDS[state]}</td><td>{change.ref.kind.value}</td>'
        f"<td><code>{escape(name_of(change))}</code></td><td>{texts}</td></tr>"
    )


def _left_as_is(report: Report) -> Iterator[str]:
    if sentences := report.left_as_is():
        yield "<h2>Left as it is</h2><ul>"
        yield from (f"<li>{escape(sentence)}</li>" for sentence in sentences)
        yield "</ul>"


def _proposals(report: Report) -> Iterator[str]:
    if proposals := report.proposals():
        yield "<h2>Possible renames, none of them confirmed</h2><ul>"
        yield from (f"<li>{escape(f'{title(entry.target)} {entry.message}')}</li>" for entry in proposals)
        yield "</ul>"


def _proof(report: Report) -> Iterator[str]:
    if report.proof is not None:
        first, *rest = proof_lines(report.proof)
        yield f"<h2>{escape(first)}</h2><ul>"
        yield from (f"<li>{escape(line)}</li>" for line in rest)
        yield "</ul>"


def _rows(report: Report) -> Iterator[str]:
    if report.rows is not None:
        yield f"<h2>{HEADING}</h2><ul>"
        yield from (_finding(finding) for finding in report.rows.findings())
        yield "</ul>"


def _finding(finding: Finding) -> str:
    sample = f"<br>{escape(finding.sample)}" if finding.sample else ""
    remedies = "".join(
        f"<li><b>{one.way.value.capitalize()}</b>: {escape(one.says)}<pre>{escape(one.sql)}</pre></li>"
        for one in finding.remedies
    )
    ways = f"<details><summary>What helps</summary><ul>{remedies}</ul></details>" if remedies else ""
    return f"<li>{escape(finding.line)}{sample}{ways}</li>"


def _breaking(report: Report) -> Iterator[str]:
    if report.breaking:
        yield "<h2>Would break readers or writers of the target as it is</h2><ul>"
        for entry in report.breaking:
            yield f"<li>{escape(title(entry.ref))} {escape(entry.reason)}</li>"
        yield "</ul>"


def _hidden(report: Report) -> Iterator[str]:
    if heading := hidden_heading(report):
        yield f"<h2>{heading}</h2><ul>"
        yield from (f"<li>{escape(line)}</li>" for line in hidden_lines(report))
        yield "</ul>"
    if report.agreement.kept:
        yield "<h2>Not as the rules say</h2><ul>"
        yield from (f"<li>{escape(one.sentence)}</li>" for one in report.agreement.kept)
        yield "</ul>"


def _uncompared(side: str, catalog: Catalog) -> Iterator[str]:
    if catalog.uncompared:
        yield f"<h2>Not compared, in the {side}</h2><ul>"
        for entry in catalog.uncompared:
            more = entry.count - len(entry.names)
            names = ", ".join(entry.names) + (f" and {more} more" if more > 0 else "")
            yield f"<li>{entry.count} × {escape(entry.kind)}: {escape(names)}</li>"
        yield "</ul>"
