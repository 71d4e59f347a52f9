"""Pages of a run's verifications: the history, one of them, its differing rows side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migration.core.checksums import Difference
from migration.engine.side_by_side import RowPair
from migration.forms.verifications import ScheduleForm, VerifyForm
from migration.models import Run, Verification, VerificationSchedule
from migration.pages import verification_words as words
from migration.pages.words import duration, number
from schemadiff.permissions import Access, Permission

SHOWN = 50
"""Differing rows of a table on a page."""

HISTORY = 100
"""Verifications in the list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A verification in the list."""

    number: int
    what: str
    word: str
    tone: str
    glyph: str
    requested_at: datetime
    took: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    section: str = "runs"
    run: Run
    lines: tuple[Line, ...]
    left_out: int
    refusal: str  # why it cannot be compared now
    verify: VerifyForm
    schedule: VerificationSchedule | None
    schedule_form: ScheduleForm
    may_verify: bool
    may_schedule: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    source: str
    target: str
    source_rows: str
    target_rows: str
    missing: str
    surplus: str
    different: str
    rejected: str
    differing: int
    verdict: str
    method: str
    has_rows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairedLine:
    target: str
    inserted: str
    updated: str
    removed: str
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetriedLine:
    target: str
    recovered: str
    left: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationPage:
    section: str = "runs"
    run: Run
    verification: Verification
    line: Line
    sentence: str
    tables: tuple[TableLine, ...]
    notes: tuple[str, ...]
    repaired: tuple[RepairedLine, ...]
    retried: tuple[RetriedLine, ...]
    live: bool
    may_repair: bool
    may_undo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChoice:
    name: str
    count: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    column: str
    source: str | None
    target: str | None
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    key: str
    word: str
    look: str
    glyph: str
    differing: tuple[ValueLine, ...]
    equal: tuple[ValueLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsPage:
    section: str = "runs"
    run: Run
    verification: Verification
    tables: tuple[TableChoice, ...]
    table: str
    rows: tuple[RowLine, ...]
    left_out: str
    forgotten: bool
    problem: str


def history_page(
    run: Run,
    rows: Sequence[Verification],
    count: int,
    schedule: VerificationSchedule | None,
    access: Access,
    *,
    refusal: str,
    schedule_form: ScheduleForm | None = None,
    verify_form: VerifyForm | None = None,
) -> HistoryPage:
    """No query."""
    initial = {"every_minutes": schedule.every_minutes, "tolerated": schedule.tolerated} if schedule else None
    return HistoryPage(
        run=run,
        lines=tuple(_line(row) for row in rows),
        left_out=count - len(rows),
        refusal=refusal,
        verify=verify_form or VerifyForm(),
        schedule=schedule,
        schedule_form=schedule_form or ScheduleForm(initial=initial),
        may_verify=access.allows(Permission.COMPARE) and not refusal,
        may_schedule=access.allows(Permission.RUN) and not refusal,
    )


def verification_page(verification: Verification, access: Access, *, latest: bool) -> VerificationPage:
    """No query. `latest`: nothing has been verified or repaired after it."""
    result = verification.result or {}
    done = verification.state == Verification.State.DONE
    may_run = access.allows(Permission.RUN) and done
    see_rows = access.allows(Permission.SEE_ROWS)
    return VerificationPage(
        run=verification.run,
        verification=verification,
        line=_line(verification),
        sentence=words.sentence(verification),
        tables=tuple(
            table_line(table, see_rows and table["source"] in verification.samples)
            for table in result.get("tables", ())
        ),
        notes=tuple(result.get("notes", ())),
        repaired=tuple(_repaired(table) for table in result.get("repaired", ())),
        retried=tuple(
            RetriedLine(target=each["target"], recovered=number(each["recovered"]), left=number(each["left"]))
            for each in result.get("retried", ())
        ),
        live=verification.is_under_way,
        may_repair=may_run and latest and bool(verification.differing),
        may_undo=may_run and verification.repair is not None,
    )


def rows_page(verification: Verification, table: str, rows: Sequence[RowPair], *, problem: str) -> RowsPage:
    """No query."""
    tables = {each["source"]: each for each in (verification.result or {}).get("tables", ())}
    differing = {name: each for name, each in tables.items() if each["differing"]}
    count = differing.get(table, {}).get("differing", 0)
    return RowsPage(
        run=verification.run,
        verification=verification,
        tables=tuple(
            TableChoice(name=name, count=number(each["differing"]), chosen=name == table)
            for name, each in sorted(differing.items())
        ),
        table=table,
        rows=tuple(_row(row) for row in rows),
        left_out=number(count - len(rows)) if count > len(rows) else "",
        forgotten=bool(table) and table not in verification.samples and bool(_keyed(differing.get(table))),
        problem=problem,
    )


def _keyed(table: Mapping[str, Any] | None) -> bool:
    return table is not None and bool(table["missing"] + table["surplus"] + table["different"])


def chosen_table(verification: Verification, asked: str) -> str:
    """The table that was asked for, else the first with noted rows, else the first that differs; empty for none."""
    tables = sorted(
        each["source"] for each in (verification.result or {}).get("tables", ()) if each["differing"]
    )
    noted = [name for name in tables if name in verification.samples]
    return asked if asked in tables else next(iter((*noted, *tables)), "")


def _line(row: Verification) -> Line:
    word, tone, glyph = words.state(row)
    return Line(
        number=row.number,
        what=words.what(row),
        word=word,
        tone=tone,
        glyph=glyph,
        requested_at=row.requested_at,
        took=duration(row.ended_at - row.started_at if row.ended_at and row.started_at else None),
        by="the schedule" if row.scheduled else str(row.requested_by or "somebody since removed"),
        reason=row.reason,
    )


def table_line(table: Mapping[str, Any], has_rows: bool) -> TableLine:
    keyed = _keyed(table) or not table["differing"]
    return TableLine(
        source=table["source"],
        target=table["target"] if table["target"] != table["source"] else "",
        source_rows=number(table["source_rows"]),
        target_rows=number(table["target_rows"]),
        missing=number(table["missing"]) if keyed else "—",
        surplus=number(table["surplus"]) if keyed else "—",
        different=number(table["different"]) if keyed else "—",
        rejected=number(table["rejected"]),
        differing=table["differing"],
        verdict=f"✕ {table['differing']:,} differ" if table["differing"] else "✓ equal",
        method=table["method"],
        has_rows=has_rows,
    )


def _repaired(table: Mapping[str, Any]) -> RepairedLine:
    return RepairedLine(
        target=table["target"],
        inserted=number(table["inserted"]),
        updated=number(table["updated"]),
        removed=number(table["removed"]),
        refused=tuple((number(count), reason) for reason, count in sorted(table["refused"].items())),
    )


_LOOKS = {
    Difference.MISSING: ("only in the source", "row-rem", "−"),
    Difference.SURPLUS: ("only in the target", "row-add", "+"),
    Difference.DIFFERENT: ("different", "row-chg", "≠"),
    None: ("no longer different", "", "✓"),
}


def _row(row: RowPair) -> RowLine:
    word, look, glyph = _LOOKS[row.difference]
    lines = [
        ValueLine(column=pair.column, source=pair.source, target=pair.target, differs=pair.differs)
        for pair in row.pairs
    ]
    one_sided = row.difference in (Difference.MISSING, Difference.SURPLUS)
    return RowLine(
        key=", ".join(f"{name} = {'NULL' if value is None else value}" for name, value in row.key),
        word=word,
        look=look,
        glyph=glyph,
        differing=() if one_sided else tuple(line for line in lines if line.differs),
        equal=tuple(lines) if one_sided else tuple(line for line in lines if not line.differs),
    )
