"""The rejected rows of a run, table by table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from migration.engine.rejects import RejectedRow
from migration.models import Run, RunReject
from schemadiff.core.mapping import QualifiedName

SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    key: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonChoice:
    """Why rows of the chosen table were refused; an empty one is every reason."""

    reason: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectRow:
    key: str
    column: str
    reason: str
    message: str
    sqlstate: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectsPage:
    section: str = "runs"
    run: Run
    tables: tuple[TableChoice, ...]
    table: str
    reasons: tuple[ReasonChoice, ...]
    reason: str
    count: int
    rows: tuple[RejectRow, ...]
    problem: str  # why the rows cannot be read now


def chosen_table(groups: Sequence[RunReject], asked: str) -> QualifiedName | None:
    """The table that was asked for, else the first with rejects; None where there are none."""
    tables = [(group.source_schema, group.source_table) for group in groups]
    return next((table for table in tables if ".".join(table) == asked), tables[0] if tables else None)


def chosen_reason(groups: Sequence[RunReject], table: QualifiedName | None, asked: str) -> str:
    """The reason that was asked for, if rows of that table were refused for it; else all of them."""
    reasons = {group.reason for group in groups if (group.source_schema, group.source_table) == table}
    return asked if asked in reasons else ""


def rejects_page(
    run: Run,
    groups: Sequence[RunReject],
    table: QualifiedName | None,
    rows: Sequence[RejectedRow],
    *,
    reason: str,
    problem: str,
) -> RejectsPage:
    """No query."""
    reasons = _reasons(groups, table, reason)
    counts: dict[QualifiedName, int] = {}
    for group in groups:
        name = (group.source_schema, group.source_table)
        counts[name] = counts.get(name, 0) + group.count
    return RejectsPage(
        run=run,
        tables=tuple(
            TableChoice(key=".".join(name), count=count, chosen=name == table)
            for name, count in sorted(counts.items())
        ),
        table=".".join(table) if table else "",
        reasons=reasons,
        reason=reason,
        count=sum(each.count for each in reasons if each.chosen),
        rows=tuple(_row(row) for row in rows),
        problem=problem,
    )


def _reasons(
    groups: Sequence[RunReject], table: QualifiedName | None, chosen: str
) -> tuple[ReasonChoice, ...]:
    counts: dict[str, int] = {}
    for group in groups:
        if (group.source_schema, group.source_table) == table:
            counts[group.reason] = counts.get(group.reason, 0) + group.count
    return (
        ReasonChoice(reason="", count=sum(counts.values()), chosen=not chosen),
        *(
            ReasonChoice(reason=reason, count=count, chosen=reason == chosen)
            for reason, count in counts.items()
        ),
    )


def _row(row: RejectedRow) -> RejectRow:
    return RejectRow(
        key=", ".join(row.key),
        column=row.column,
        reason=row.reason,
        message=row.message,
        sqlstate=row.sqlstate,
        values=tuple((name, _text(value)) for name, value in json.loads(row.row).items()),
    )


def _text(value: object) -> str:
    return (
        "∅ null"
        if value is None
        else value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False)
    )
