"""Rows in the way of the plan, as reports tell of them: counts, what helps, and samples where they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from schemadiff.core.plan import Statement
from schemadiff.core.row_checks import Remedy
from schemadiff.evidence.row_checks import Counted, Unknown
from schemadiff.evidence.row_findings import entry_of, is_fine, remedies, samples_of, sentence

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
        """What stands above the statement in a script, a line for each check that did not find all well."""
        about = [result for result in self.results if result.check.statement == statement.sql]
        told = [result for result in about if not is_fine(result)] or about[:1]
        return "\n".join(f"rows: {' '.join(sentence(result).split())}" for result in told)

    def document(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [{**entry_of(result), "samples": samples_of(result)} for result in self.results]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A line, rows as an example (empty where none were asked for), and what helps."""

    line: str
    sample: str = ""
    remedies: tuple[Remedy, ...] = ()


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
