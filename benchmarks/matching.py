"""How well columns are matched: F1 over the pairs of differing names in a file of cases with the truth; and how fast.

    python benchmarks/matching.py CASES.json                 with the weights in use
    python benchmarks/matching.py CASES.json --leave-out     each repository matched with weights computed
                                                             from all others (takes minutes), and so
                                                             the cases beside this file

    python benchmarks/matching.py --example              the example's tables, read from two servers

    python benchmarks/matching.py --large                how long 300 tables a side take, some of them and of
                                                             their columns renamed

The format of the file is described in docs/reference/matching.md. Weights that were computed from the same
cases flatter themselves: --leave-out, or cases that were never used, say how well new ones are matched.
"""

import sys

# Run as a file its own folder would come first, where copy.py hides the library's copy: it is looked in last.
sys.path.sort(key=lambda place: place.rstrip("/").endswith("benchmarks"))
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0] or "..")

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.matching_fit import INDEPENDENT_CASES, Case, fit, read_cases
from benchmarks.matching_large import measure_large
from migration import seedcase
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.matching import Standing, pair_fields
from schemadiff.core.matching.cases import agreement, false_alarms, match_cases
from schemadiff.core.matching.fields import source_fields, target_fields
from schemadiff.core.matching.scoring import FITTED, Scoring
from schemadiff.databases import connect
from schemadiff.embedded import create_database, throwaway
from schemadiff.introspection import read_catalog

Pair: TypeAlias = tuple[str, str, str]  # table, source column, target column

_ROWS = (("accepted", ("accepted",)), ("with suggestions", ("accepted", "suggested")))


def main(arguments: list[str]) -> int:
    if arguments == ["--example"]:
        _measure_example()
        return 0
    if arguments == ["--large"]:
        measure_large()
        return 0
    if not arguments or arguments[1:] not in ([], ["--leave-out"]):
        print(
            "Usage: python benchmarks/matching.py CASES.json [--leave-out] | --example | --large",
            file=sys.stderr,
        )
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


def _measure_example() -> None:
    """Of its pairs of differing names; no weight was computed from them."""
    true: set[Pair] = set()
    found: dict[Standing, set[Pair]] = {standing: set() for standing in Standing}
    source, target = _example()
    for entry in mapping_file.load(seedcase.MAPPING_JSON.read_text(encoding="utf-8")).tables:
        giver, taker = source.table(*entry.source), target.table(*entry.target)
        assert giver is not None and taker is not None
        true |= {(giver.name, str(p.source), p.target) for p in entry.pairs if p.source != p.target}
        for pair in pair_fields(source_fields(giver), target_fields(taker), {}):
            found[pair.standing].add((giver.name, pair.source.name, pair.target.name))
    accepted = found[Standing.ACCEPTED]
    for label, pairs in (("accepted", accepted), ("with suggestions", accepted | found[Standing.SUGGESTED])):
        right = len(pairs & true)
        f1 = 2 * right / (len(pairs) + len(true))
        print(f"{label:18} F1 {f1:.3f}   {right} of {len(pairs)} found are right, {len(true)} true")


def _example() -> tuple[Catalog, Catalog]:
    with throwaway(16) as first, throwaway(18) as second:
        source, target = create_database(first, "source"), create_database(second, "target")
        seedcase.load_source(source)
        seedcase.load_target(target)
        with connect(source) as left, connect(target) as right:
            return read_catalog(left), read_catalog(right)


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
