"""Files of table changes with the truth, as `manage.py match` reads them, and the pairs written for them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from schemadiff.core.errors import Refused
from schemadiff.core.matching.assignment import FieldPair, Standing, near_misses, pair_fields
from schemadiff.core.matching.fields import Field, FieldList
from schemadiff.core.matching.scoring import FITTED, Scoring


def match_cases(
    document: Any, scoring_of: Callable[[dict[str, Any]], Scoring] = lambda _: FITTED
) -> dict[str, Any]:
    """`{"cases": [{"id", "pairs": [{"source", "target", "status", "score"}]}]}` for a document of cases.

    Beside these four `certainty` (unambiguous, ambiguous, near miss) and `reasons` in words.
    Each case has its `near_misses` too, pairs that are in no list of pairs.
    `status` is accepted (equal names too) or suggested. The truth in a case (`renames`, `recreated`) is not
    looked at. `scoring_of` gives the weights for a case.
    Raises Refused with a sentence that names the case where the document is not of the known format.
    """
    return {"cases": [{"id": case["id"], **_answer(case, scoring_of(case))} for case in _cases(document)]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How found pairs of differing names agree with the true ones, over all cases."""

    right: int
    found: int
    true: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.true if self.true else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.found + self.true) if self.found + self.true else 1.0


def agreement(document: Any, result: dict[str, Any], statuses: Sequence[str]) -> Agreement:
    """Counts pairs with one of these statuses whose names differ against each case's `renames`."""
    right = found = true = 0
    for case, answer in zip(_cases(document), result["cases"], strict=True):
        wanted = {tuple(pair) for pair in case.get("renames", ())}
        pairs = {
            (p["source"], p["target"])
            for p in answer["pairs"]
            if p["status"] in statuses and p["source"] != p["target"]
        }
        right, found, true = right + len(wanted & pairs), found + len(pairs), true + len(wanted)
    return Agreement(right=right, found=found, true=true)


def fields_of(case: dict[str, Any]) -> tuple[FieldList, FieldList]:
    """The table's fields before and after. Raises Refused where a column has no name."""
    return _fields(case, "old"), _fields(case, "new")


def false_alarms(document: Any, result: dict[str, Any], statuses: Sequence[str]) -> tuple[int, int]:
    """Of the cases without a rename: in how many a pair of differing names was found, and how many they are."""
    alarms = cases = 0
    for case, answer in zip(_cases(document), result["cases"], strict=True):
        if not case.get("renames"):
            cases += 1
            alarms += any(p["status"] in statuses and p["source"] != p["target"] for p in answer["pairs"])
    return alarms, cases


def _cases(document: Any) -> list[dict[str, Any]]:
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise Refused(
            'The file of cases must be a JSON object with a list under "cases"; it is something else.'
        )
    for place, case in enumerate(cases, start=1):
        if not isinstance(case, dict) or not {"id", "old", "new"} <= set(case):
            raise Refused(
                f'Case {place} must be an object with "id", "old" and "new"; at least one is missing.'
            )
    return cases


def _answer(case: dict[str, Any], scoring: Scoring) -> dict[str, Any]:
    old, new = fields_of(case)
    tables = {old.table: new.table}
    found = pair_fields(old, new, tables, scoring)
    near = near_misses(old, new, tables, {p.source.name: p.target.name for p in found}, scoring)
    return {"pairs": [_pair(pair) for pair in found], "near_misses": [_pair(pair) for pair in near]}


def _fields(case: dict[str, Any], side: str) -> FieldList:
    return FieldList(table=str(case.get(f"{side}_table", "")), fields=tuple(_read(case, side)))


def _read(case: dict[str, Any], side: str) -> Iterator[Field]:
    for column in case[side]:
        if not isinstance(column, dict) or not isinstance(column.get("name"), str):
            raise Refused(f'Case {case["id"]}: each column under "{side}" must be an object with a "name".')
        yield Field(
            name=column["name"],
            type=str(column.get("type", "")),
            not_null=bool(column.get("not_null")),
            has_default=bool(column.get("default")),
            is_primary=bool(column.get("pk")),
            is_unique=bool(column.get("unique")),
            is_indexed=bool(column.get("index")),
            refers_to=column.get("fk"),
        )


_STATUS = {
    Standing.EQUAL: "accepted",
    Standing.ACCEPTED: "accepted",
    Standing.SUGGESTED: "suggested",
    Standing.LEFT_OUT: "left out",
}


def _pair(pair: FieldPair) -> dict[str, Any]:
    return {
        "source": pair.source.name,
        "target": pair.target.name,
        "status": _STATUS[pair.standing],
        "score": pair.score,
        "certainty": pair.certainty.value,
        "reasons": list(pair.reasons),
    }
