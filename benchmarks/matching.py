"""How well columns are matched: F1 over the pairs of differing names in a file of cases with the truth.

    python -m benchmarks.matching CASES.json                 with the weights in use
    python -m benchmarks.matching CASES.json --leave-out     each repository matched with weights computed
                                                             from all others (takes minutes), and so
                                                             the cases beside this file

The format of the file is described in docs/reference/matching.md. Weights that were computed from the same
cases flatter themselves: --leave-out, or cases that were never used, say how well new ones are matched.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.matching_fit import INDEPENDENT_CASES, Case, fit, read_cases
from schemadiff.core.matching.cases import agreement, false_alarms, match_cases
from schemadiff.core.matching.scoring import FITTED, Scoring

_ROWS = (("accepted", ("accepted",)), ("with suggestions", ("accepted", "suggested")))


def main(arguments: list[str]) -> int:
    if not arguments or arguments[1:] not in ([], ["--leave-out"]):
        print("Usage: python -m benchmarks.matching CASES.json [--leave-out]", file=sys.stderr)
        return 1
    evolved = Path(arguments[0])
    if not arguments[1:]:
        _measure(evolved, lambda _: FITTED)
        return 0
    cases, independent = read_cases(evolved), read_cases(INDEPENDENT_CASES)
    _measure(evolved, _left_out(cases, lambda others: fit(others, independent)))
    _measure(INDEPENDENT_CASES, _left_out(independent, lambda others: fit(cases, others)))
    return 0


def _left_out(
    cases: Sequence[Case], fitted: Callable[[Sequence[Case]], Scoring]
) -> Callable[[Case], Scoring]:
    """For each case weights that no case of the same repository was used for."""
    found = {
        repository: fitted([case for case in cases if case["repo"] != repository])
        for repository in sorted({case["repo"] for case in cases})
    }
    return lambda case: found[case["repo"]]


def _measure(path: Path, scoring_of: Callable[[Case], Scoring]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    started = time.perf_counter()
    result = match_cases(document, scoring_of)
    seconds = time.perf_counter() - started
    print(f"{path.name}: {len(result['cases'])} cases in {seconds:.2f} s")
    _print(document, result)


def _print(document: Any, result: dict[str, Any]) -> None:
    for label, statuses in _ROWS:
        counts = agreement(document, result, statuses)
        alarms, cases = false_alarms(document, result, statuses)
        print(
            f"{label:18} F1 {counts.f1:.3f}   precision {counts.precision:.3f}   recall {counts.recall:.3f}   "
            f"{counts.right} of {counts.found} found are right, {counts.true} true; "
            f"false alarms in {alarms} of {cases} cases without a rename"
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
