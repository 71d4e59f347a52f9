"""Rows in the way of the plan, as the reports tell of them: counts, never a value of a row."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemadiff.core.plan import Statement
from schemadiff.core.row_checks import NotCounted
from schemadiff.evidence.row_checks import Counted, Unknown

HEADING = "Will it work on these rows? Counted on the target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What came of the checks, in the order of the plan's statements."""

    results: tuple[Counted | Unknown, ...]

    def lines(self) -> Iterator[str]:
        """What is in the way, what is not known, and how many checks found nothing."""
        for result in self.results:
            if not _is_fine(result):
                yield f"{_subject(result)}: {sentence(result)}"
        fine = sum(map(_is_fine, self.results))
        if fine or not self.results:
            yield f"{fine} {'check' if fine == 1 else 'checks'} found no row in the way."

    def remark(self, statement: Statement) -> str:
        """What stands above the statement in a script, a line for each check."""
        about = (result for result in self.results if result.check.statement == statement.sql)
        return "\n".join(f"rows: {' '.join(sentence(result).split())}" for result in about)

    def document(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [_entry(result) for result in self.results]


def sentence(result: Counted | Unknown) -> str:
    if isinstance(result, Unknown):
        return result.reason
    return "no row is in the way." if result.is_fine else result.check.sentence(result.rows)


def _is_fine(result: Counted | Unknown) -> bool:
    return isinstance(result, Counted) and result.is_fine


def _subject(result: Counted | Unknown) -> str:
    ref = result.check.ref
    return f"{ref.kind.value} {ref.label}"


def _entry(result: Counted | Unknown) -> dict[str, Any]:
    check = result.check
    entry: dict[str, Any] = {
        "object": check.ref.key,
        "statement": check.statement,
        "message": sentence(result),
    }
    if isinstance(check, NotCounted):
        return {**entry, "trouble": None, "fails": None, "rows": None, "counted": False}
    return {
        **entry,
        "table": list(check.table),
        "columns": list(check.columns),
        "trouble": check.trouble.value,
        "fails": check.trouble.fails,
        "rows": result.rows if isinstance(result, Counted) else None,
        "counted": isinstance(result, Counted),
    }
