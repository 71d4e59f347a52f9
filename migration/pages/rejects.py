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
    count: int
    rows: tuple[RejectRow, ...]
    problem: str  # why the rows cannot be read now


def chosen_table(groups: Sequence[RunReject], asked: str) -> QualifiedName | None:
    """The table that was asked for, else the first with rejects; None where there are none."""
    tables = [(group.source_schema, group.source_table) for group in groups]
    return next((table for table in tables if ".".join(table) == asked), tables[0] if tables else None)


def rejects_page(
    run: Run,
    groups: Sequence[RunReject],
    table: QualifiedName | None,
    rows: Sequence[RejectedRow],
    *,
    problem: str,
) -> RejectsPage:
    """No query."""
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
        count=counts.get(table, 0) if table else 0,
        rows=tuple(_row(row) for row in rows),
        problem=problem,
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
