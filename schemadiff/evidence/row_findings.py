"""What came of row checks, in words and as JSON."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, TypeAlias

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.row_checks import NotCounted, Remedy, remedies_of
from schemadiff.evidence.row_checks import Counted, Unknown

Result: TypeAlias = Counted | Unknown


class Outcome(Enum):
    """The gravest thing that was found."""

    IN_THE_WAY = "rows in the way"  # a statement fails on them
    CHANGED = "values change"  # no statement fails
    NOT_COUNTED = "not all counted"
    CLEAR = "all clear"


def outcome_of(results: Sequence[Result]) -> Outcome:
    if any(fails(result) for result in results):
        return Outcome.IN_THE_WAY
    if any(isinstance(result, Counted) and not is_fine(result) for result in results):
        return Outcome.CHANGED
    return Outcome.CLEAR if all(map(is_fine, results)) else Outcome.NOT_COUNTED


def sum_of(results: Sequence[Result]) -> str:
    """All of it in one sentence."""
    if not results:
        return "All clear: no statement of the plan depends on the rows."
    failing = sum(map(fails, results))
    changing = sum(isinstance(result, Counted) and not is_fine(result) for result in results) - failing
    unknown = sum(isinstance(result, Unknown) for result in results)
    if not failing + changing + unknown:
        return f"All clear: {_checks(len(results))} found no row in the way."
    parts = [f"{failing:,} found rows on which a statement fails"] if failing else []
    parts += [f"{changing:,} found values that change without an error"] if changing else []
    parts += [f"{unknown:,} could not be counted"] if unknown else []
    return f"Of {_checks(len(results))}, {', '.join(parts)}."


def fails(result: Result) -> bool:
    """Whether rows were found on which a statement fails."""
    return isinstance(result, Counted) and not result.is_fine and result.check.trouble.fails


def is_fine(result: Result) -> bool:
    return isinstance(result, Counted) and result.is_fine


def sentence(result: Result) -> str:
    if isinstance(result, Unknown):
        return result.reason
    return "no row is in the way." if result.is_fine else result.check.sentence(result.rows, result.total)


def remedies(result: Result) -> tuple[Remedy, ...]:
    """None where nothing is known to be in the way."""
    if isinstance(result, Unknown) or result.is_fine:
        return ()
    return remedies_of(result.check, is_counted=result.rows is not None)


def by_object(results: Sequence[Result]) -> dict[str, list[str]]:
    """Of what is in the way: sentences by the key of the table or domain that the statement is about."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        if not is_fine(result):
            said = sentence(result)
            found[owner_of(result.check.ref).key].append(said[0].upper() + said[1:])
    return dict(found)


def entry_of(result: Result) -> dict[str, Any]:
    """For JSON, without samples."""
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
        "remedies": [{"way": one.way.value, "says": one.says, "sql": one.sql} for one in remedies(result)],
    }


def samples_of(result: Result) -> dict[str, Any] | None:
    """For JSON: people's data."""
    if isinstance(result, Unknown) or not result.samples:
        return None
    return {"columns": list(result.check.headings), "rows": [list(row) for row in result.samples]}


def sampled(results: Sequence[Result]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The samples that there are, by the number of the check."""
    for number, result in enumerate(results):
        if samples := samples_of(result):
            yield number, samples


def owner_of(ref: ObjectRef) -> ObjectRef:
    """The table that it is of; a domain itself."""
    return ObjectRef(kind=Kind.TABLE, schema=ref.schema, name=ref.parent) if ref.parent else ref


def _checks(count: int) -> str:
    return f"{count:,} {'check' if count == 1 else 'checks'}"
