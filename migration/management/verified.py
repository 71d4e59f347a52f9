"""What `verify` says: as text or as JSON; row values only where they were asked for."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import OutputWrapper

from migration.core.checksums import DifferingRow
from migration.core.events import TableChecked
from migration.engine.carrying import Equality
from migration.engine.repair import RepairResult
from migration.engine.row_parking import Outcome
from migration.engine.side_by_side import RowPair, row_document, side_by_side
from schemadiff.core.mapping import Mapping, QualifiedName

RowPairs = dict[QualifiedName, tuple[RowPair, ...]]
_SIDES = {"missing": "only in the source", "surplus": "only in the target", "different": "different"}


def row_pairs(
    source_dsn: str,
    target_dsn: str,
    mapping: Mapping,
    noted: dict[QualifiedName, Sequence[DifferingRow]],
    limit: int,
    equality: Equality,
) -> RowPairs:
    """The first `limit` noted rows of each table, looked up by two queries a table."""
    return {
        entry.name: side_by_side(source_dsn, target_dsn, entry, noted[entry.name][:limit], equality)
        for entry in mapping.tables
        if entry.name in noted
    }


def write_row_pairs(out: OutputWrapper, pairs: RowPairs) -> None:
    """Each row with the columns that differ."""
    for table, rows in pairs.items():
        out.write(f"-- {'.'.join(table)}")
        for row in rows:
            key = ", ".join(f"{name}={_text(value)}" for name, value in row.key)
            out.write(f"{key}: {_SIDES[row.difference.value] if row.difference else 'no longer different'}")
            if row.difference == "different":
                for pair in row.pairs:
                    if pair.differs:
                        out.write(f"   {pair.column}: {_text(pair.source)} → {_text(pair.target)}")


def _text(value: str | None) -> str:
    return "NULL" if value is None else repr(value)


def write_prospect(out: OutputWrapper, found: Sequence[TableChecked]) -> None:
    """What a repair would change."""
    for table in found:
        if table.differing:
            out.write(
                f"repair: {'.'.join(table.target)}: insert {table.missing:,}, update {table.different:,}, "
                f"park and delete {table.surplus:,}"
            )


def write_result(out: OutputWrapper, result: RepairResult) -> None:
    """What it has changed, and what it left and why."""
    for each in result.tables:
        out.write(f"repaired: {'.'.join(each.table)}: {_done(each.outcome)}")
        for reason, count in sorted(each.outcome.refused.items()):
            out.write(f"   left: {count:,} × {reason}")
    out.write(
        f"This is repair {result.number} of the target; `restore TARGET --repair {result.number}` undoes it."
    )


def _done(outcome: Outcome) -> str:
    return ", ".join(f"{count:,} {kind.value}" for kind, count in outcome.done.items())


def document(
    checked: Sequence[TableChecked],
    notes: Sequence[str],
    *,
    pairs: RowPairs,
    result: RepairResult | None,
) -> dict[str, Any]:
    """The JSON of a verification. `rows` is there only where values were asked for, `repair` after one."""
    told: dict[str, Any] = {
        "format": 1,
        "differences": sum(table.differing for table in checked),
        "tables": [_table(table, pairs.get(table.table)) for table in checked],
        "notes": list(notes),
    }
    if result is not None:
        told["repair"] = _repair(result)
    return told


def _table(table: TableChecked, rows: Sequence[RowPair] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "source": ".".join(table.table),
        "target": ".".join(table.target),
        "source_rows": table.source_rows,
        "target_rows": table.target_rows,
        "rejected_rows": table.rejected_rows,
        "differing": table.differing,
        "missing": table.missing,
        "surplus": table.surplus,
        "different": table.different,
        "method": table.method,
    }
    if rows is not None:
        told["rows"] = [row_document(row) for row in rows]
    return told


def _repair(result: RepairResult) -> dict[str, Any]:
    return {
        "number": result.number,
        "tables": [
            {
                "target": ".".join(each.table),
                **{kind.value: count for kind, count in each.outcome.done.items()},
                "refused": each.outcome.refused,
            }
            for each in result.tables
        ],
    }
