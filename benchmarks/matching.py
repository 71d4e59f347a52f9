"""How well columns are matched: F1 over the pairs of differing names in a file of cases with the truth.

    python -m benchmarks.matching CASES.json

The format of the file is described in docs/reference/matching.md. A matcher that was fitted on the same
cases flatters itself: compare with cases that it has not seen.
"""

import json
import sys
import time
from pathlib import Path

from schemadiff.core.matching.cases import agreement, match_cases

_ROWS = (("accepted", ("accepted",)), ("with suggestions", ("accepted", "suggested")))


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("Usage: python -m benchmarks.matching CASES.json", file=sys.stderr)
        return 1
    document = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    started = time.perf_counter()
    result = match_cases(document)
    seconds = time.perf_counter() - started
    for label, statuses in _ROWS:
        counts = agreement(document, result, statuses)
        print(
            f"{label:18} F1 {counts.f1:.3f}   {counts.right} of {counts.found} found are right, {counts.true} true"
        )
    print(f"{len(result['cases'])} cases in {seconds:.2f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
