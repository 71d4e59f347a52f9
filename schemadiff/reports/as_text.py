"""A comparison as text for a terminal."""

from collections.abc import Iterable, Iterator
from itertools import groupby

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
from schemadiff.reports.rows import HEADING

_WIDEST_NAME = 40


def as_text(report: Report) -> str:
    """Verdict, counts by kind, each object that differs, what would break, what was not compared."""
    blocks = [
        [headline(report), *report.notes, verdict(report)],
        list(_selection(report)),
        list(_counts(report)),
        *(list(_object(entry)) for entry in report.diff.different),
        list(_proposals(report)),
        list(report.left_as_is()),
        list(_rows(report)),
        list(_proof(report)),
        list(_breaking(report)),
        list(_hidden(report)),
        [f"{one.sentence[0].upper()}{one.sentence[1:]}" for one in report.agreement.kept],
        list(_uncompared("source", report.source)),
        list(_uncompared("target", report.target)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _selection(report: Report) -> Iterator[str]:
    if report.selection is not None:
        yield "Selected:"
        yield from (f"  {line}" for line in selection_lines(report))


def _counts(report: Report) -> Iterator[str]:
    if report.diff.is_empty:
        return
    for kind in Kind:
        states = report.states(kind)
        if states:
            shown = ", ".join(f"{states[state]} {WORDS[state]}" for state in STATES if states[state])
            yield f"  {plural_of(kind.value) + ':':<12} {shown}"


def _object(entry: ObjectDiff) -> Iterator[str]:
    state = state_of(entry)
    if state in ("added", "removed") and entry.own is not None:
        yield f"{GLYPHS[state]} {title(entry.ref)}: {WORDS[state]} ({', '.join(texts_of(entry.own))})"
        return
    yield f"{GLYPHS[state]} {title(entry.ref)}: {WORDS[state]}{_new_name(entry)}{_same(entry)}"
    if entry.own is not None:
        yield from (f"    {text}" for text in texts_of(entry.own))
    for kind, changes in groupby(entry.parts, key=lambda change: change.ref.kind):
        yield from _parts(kind, list(changes))


def _new_name(entry: ObjectDiff) -> str:
    return f" {name_of(entry.own)}" if entry.own is not None and state_of(entry) == "renamed" else ""


def _same(entry: ObjectDiff) -> str:
    return f", {entry.same_parts} of its parts the same" if entry.same_parts else ""


def _parts(kind: Kind, changes: list[Change]) -> Iterator[str]:
    """The changes of one kind of part, names and texts aligned."""
    yield f"    {plural_of(kind.value)}"
    width = min(max(len(name_of(change)) for change in changes), _WIDEST_NAME)
    for change in changes:
        first, *rest = texts_of(change) or ("",)
        yield f"      {GLYPHS[state_of_change(change)]} {name_of(change):<{width}}  {first}".rstrip()
        yield from (f"        {'':<{width}}  {text}" for text in rest)


def _proposals(report: Report) -> Iterator[str]:
    if proposals := report.proposals():
        yield "Possible renames, none of them confirmed:"
        yield from (f"  {title(entry.target)} {entry.message}" for entry in proposals)


def _rows(report: Report) -> Iterator[str]:
    if report.rows is not None:
        yield f"{HEADING}:"
        for finding in report.rows.findings():
            yield f"  {finding.line}"
            yield from ([f"    {finding.sample}"] if finding.sample else [])
            for remedy in finding.remedies:
                yield f"    {remedy.way.value.capitalize()}: {remedy.says}"
                yield from (f"      {line}" for line in remedy.sql.splitlines())


def _proof(report: Report) -> Iterator[str]:
    if report.proof is not None:
        first, *rest = proof_lines(report.proof)
        yield first
        yield from (f"  {line}" for line in rest)


def _breaking(report: Report) -> Iterator[str]:
    if report.breaking:
        yield "Would break readers or writers of the target as it is:"
        yield from (f"  {title(entry.ref)} {entry.reason}" for entry in report.breaking)


def _hidden(report: Report) -> Iterator[str]:
    if heading := hidden_heading(report):
        yield f"{heading}:"
        yield from (f"  {line}" for line in hidden_lines(report))


def _uncompared(side: str, catalog: Catalog) -> Iterator[str]:
    if catalog.uncompared:
        yield f"Not compared, in the {side}:"
        for entry in catalog.uncompared:
            yield f"  {entry.count} × {entry.kind}: {_names(entry.names, entry.count)}"


def _names(names: Iterable[str], count: int) -> str:
    shown = list(names)
    more = count - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
