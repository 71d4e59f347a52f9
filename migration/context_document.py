"""The context document: where are we, and why did we decide so. For somebody who was not there."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from migration.core.document import Block, Bullets, Heading, Paragraph, Table, to_html, to_markdown
from migration.core.flag_effects import in_words
from migration.core.progress import phase_word
from migration.flag_board import Board
from migration.status import RunLine, Status
from schemadiff.models import Decision

FORMATS = {"markdown": "text/markdown", "html": "text/html"}


def write(status: Status, format_name: str) -> str:
    """The document as `markdown` or `html`. It holds no row values and no passwords."""
    blocks = document(status)
    if format_name == "html":
        return to_html(blocks, title=_title(status))
    return to_markdown(blocks)


def document(status: Status) -> tuple[Block, ...]:
    """The document's parts; those about which nothing is known are left out."""
    about = [Paragraph(text=status.project.about)] if status.project.about else []
    return (
        Heading(text=_title(status), level=1),
        *about,
        Paragraph(text=status.verdict.text),
        Paragraph(text=_as_of(status)),
        *_blockers(status),
        *_stages(status),
        *_decision(status),
        *_past_decisions(status),
        *_runs(status),
        *_flags(status.boards),
        *_lessons(status),
    )


def _title(status: Status) -> str:
    return f"{status.project.name}: where we are, and why"


def _as_of(status: Status) -> str:
    if status.updated_at is None:
        return "Nothing has been recorded yet."
    return f"As of {_moment(status.updated_at)}, the newest run, decision or change of a flag."


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%d %b %Y %H:%M %Z}" if at else "—"


def _blockers(status: Status) -> tuple[Block, ...]:
    if not status.blockers:
        return ()
    return Heading(text="What blocks"), Bullets(items=tuple(entry.text for entry in status.blockers))


def _stages(status: Status) -> tuple[Block, ...]:
    if not status.stages:
        return ()
    rows = tuple(
        (
            stage.number,
            stage.title,
            stage.get_state_display(),
            stage.planned or "—",
            stage.actual or "—",
            f"{stage.finished_on:%d %b %Y}" if stage.finished_on else "—",
            stage.result or "—",
        )
        for stage in status.stages
    )
    head = ("stage", "what", "state", "planned", "actual", "date", "result")
    return Heading(text="Stages"), Table(head=head, rows=rows)


def _decision(status: Status) -> tuple[Block, ...]:
    current = status.decision
    if current is None:
        return ()
    blocks: list[Block] = [Heading(text=f"The decision: {current.option}"), *_reasons(current)]
    blocks.extend(_superseded(status.superseded))
    return tuple(blocks)


def _reasons(decision: Decision) -> tuple[Block, ...]:
    comparison = decision.comparison
    rests = (
        f"Decided by {decision.signed_by} on {_moment(decision.decided_at)}, on comparison #{comparison.number}: "
        f"{comparison.source.label} (schema {decision.source_fingerprint[:8]}) → "
        f"{comparison.target.label} (schema {decision.target_fingerprint[:8]})."
    )
    rejected = tuple(
        f"Not {entry['option']}: {entry['why_not'] or 'no reason was written down.'}"
        for entry in decision.alternatives
    )
    return (
        Paragraph(text=decision.reason),
        Paragraph(text=rests),
        Bullets(items=rejected),
        *_figures(decision),
    )


def _figures(decision: Decision) -> tuple[Block, ...]:
    if not decision.figures:
        return ()
    rows = tuple(
        (entry["option"], entry["label"], f"{entry['value']:,}", entry["how"]) for entry in decision.figures
    )
    return (
        Heading(text="The figures as they stood", level=3),
        Table(head=("option", "figure", "value", "how it was measured"), rows=rows),
    )


def _superseded(decisions: Sequence[Decision]) -> tuple[Block, ...]:
    if not decisions:
        return ()
    items = tuple(f"{entry.option}, {_moment(entry.decided_at)}: {entry.reason}" for entry in decisions)
    return Heading(text="Superseded", level=3), Bullets(items=items)


def _past_decisions(status: Status) -> tuple[Block, ...]:
    if not status.past_decisions:
        return ()
    rows = tuple((entry.subject, entry.chosen, entry.rejected) for entry in status.past_decisions)
    return (
        Heading(text="Decisions before that"),
        Table(head=("about", "chosen", "rejected, and why"), rows=rows),
    )


def _runs(status: Status) -> tuple[Block, ...]:
    if not status.runs:
        return ()
    head = ("run", "option", "phase", "started", "rows", "written", "verified", "rejects", "differing")
    return Heading(text="Runs"), Table(head=head, rows=tuple(_run(line) for line in status.runs))


def _run(line: RunLine) -> tuple[str, ...]:
    fact = line.fact
    figures = (fact.rows_total, fact.rows_written, fact.rows_verified, fact.rejects, fact.differing)
    phase = (
        f"{phase_word(fact.phase)} at {phase_word(fact.reached).lower()}"
        if fact.failed
        else phase_word(fact.phase)
    )
    return (
        f"#{fact.number}",
        fact.option,
        phase,
        _moment(line.run.started_at),
        *(f"{figure:,}" for figure in figures),
    )


def _flags(boards: Sequence[Board]) -> tuple[Block, ...]:
    if not boards:
        return ()
    blocks: list[Block] = [Heading(text="Which backend the applications use")]
    for board in boards:
        said = f"{board.application}, revision {board.revision.number} by {board.revision.author_name}: "
        blocks.append(Paragraph(text=f"{said}{board.revision.reason}"))
        rows = tuple(
            (row.module or "(global)", in_words(row.wanted), row.choice.backend.value, row.choice.reason)
            for row in board.modules
        )
        blocks.append(Table(head=("module", "set to", "uses", "why"), rows=rows))
    return tuple(blocks)


def _lessons(status: Status) -> tuple[Block, ...]:
    if not status.lessons:
        return ()
    return Heading(text="Lessons"), Bullets(items=tuple(lesson.text for lesson in status.lessons))
