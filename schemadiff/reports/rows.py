"""Rows in the way of the plan, as reports tell of them: counts, what helps, and samples where they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemadiff.core.plan import Statement
from schemadiff.core.row_checks import NotCounted, Remedy, remedies_of
from schemadiff.evidence.row_checks import Counted, Unknown

HEADING = "Will it work on these rows? Counted on the target"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What came of the checks, in the order of the plan's statements."""

    results: tuple[Counted | Unknown, ...]

    def findings(self) -> Iterator["Finding"]:
        """What is in the way, what is not known, and how many checks found nothing."""
        for result in self.results:
            if not is_fine(result):
                yield Finding(
                    line=f"{_subject(result)}: {sentence(result)}",
                    sample=_sample(result),
                    remedies=remedies(result),
                )
        fine = sum(map(is_fine, self.results))
        if fine or not self.results:
            yield Finding(line=f"{fine} {'check' if fine == 1 else 'checks'} found no row in the way.")

    def remark(self, statement: Statement) -> str:
        """What stands above the statement in a script, a line for each check."""
        about = (result for result in self.results if result.check.statement == statement.sql)
        return "\n".join(f"rows: {' '.join(sentence(result).split())}" for result in about)

    def document(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [_entry(result) for result in self.results]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A line, rows as an example (empty where none were asked for), and what helps."""

    line: str
    sample: str = ""
    remedies: tuple[Remedy, ...] = ()


def remedies(result: Counted | Unknown) -> tuple[Remedy, ...]:
    """None where nothing is known to be in the way."""
    if isinstance(result, Unknown) or result.is_fine:
        return ()
    return remedies_of(result.check, is_counted=result.rows is not None)


def sentence(result: Counted | Unknown) -> str:
    if isinstance(result, Unknown):
        return result.reason
    return "no row is in the way." if result.is_fine else result.check.sentence(result.rows, result.total)


def is_fine(result: Counted | Unknown) -> bool:
    return isinstance(result, Counted) and result.is_fine


def _subject(result: Counted | Unknown) -> str:
    ref = result.check.ref
    return f"{ref.kind.value} {ref.label}"


def _sample(result: Counted | Unknown) -> str:
    """`For example (id, phone): (7, NULL), (9, NULL)`."""
    if isinstance(result, Unknown) or not result.samples:
        return ""
    shown = (", ".join("NULL" if value is None else value for value in row) for row in result.samples)
    rows = ", ".join(f"({row})" for row in shown)
    return f"For example ({', '.join(result.check.headings)}): {rows}"


def _entry(result: Counted | Unknown) -> dict[str, Any]:
    check = result.check
    entry: dict[str, Any] = {
        "object": check.ref.key,
        "statement": check.statement,
        "message": sentence(result),
    }
    if isinstance(check, NotCounted):
        return {**entry, "trouble": None, "fails": None, "rows": None, "counted": False, "remedies": []}
    return {
        **entry,
        "table": list(check.table),
        "columns": list(check.columns),
        "trouble": check.trouble.value,
        "fails": check.trouble.fails,
        "rows": result.rows if isinstance(result, Counted) else None,
        "of": result.total if isinstance(result, Counted) else None,
        "counted": isinstance(result, Counted),
        "samples": _samples(result),
        "remedies": [{"way": one.way.value, "says": one.says, "sql": one.sql} for one in remedies(result)],
    }


def _samples(result: Counted | Unknown) -> dict[str, Any] | None:
    if isinstance(result, Unknown) or not result.samples:
        return None
    return {"columns": list(result.check.headings), "rows": [list(row) for row in result.samples]}
