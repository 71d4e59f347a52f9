"""`python -m tests.generator --tries 2000 --seed 1`: as many pairs, one seed after the other.

Prints what fails, made small, with its seed; ends with 2 if anything did.
"""

import argparse
import re
import sys
import time
from collections import Counter

from schemadiff.embedded import throwaway
from tests.generator.choices import Seeded
from tests.generator.foreign import make_pair_of_foreign
from tests.generator.heirs import make_pair_of_heirs
from tests.generator.pairs import Pair, make_pair
from tests.generator.shrinking import shrunk
from tests.generator.trial import Bench, Refused, bench_on, try_pair

MAKERS = {"any": make_pair, "heirs": make_pair_of_heirs, "foreign": make_pair_of_foreign}


def main() -> int:
    given = _arguments()
    refused: Counter[str] = Counter()
    failed = []
    begin = time.monotonic()
    with throwaway(given.major) as server:
        bench = bench_on(server)
        for seed in range(given.seed, given.seed + given.tries):
            try:
                try_pair(bench, MAKERS[given.kind](Seeded(seed)))
            except Refused as exc:
                refused[_gist(str(exc))] += 1
            except Exception as exc:
                failed.append(seed)
                _tell(bench, MAKERS[given.kind](Seeded(seed)), seed, exc, shrink=given.shrink)
            if seed % 100 == 0:
                print(f"seed {seed}: {len(failed)} failed so far", flush=True)
    took = time.monotonic() - begin
    for message, count in refused.most_common(12):
        print(f"refused by PostgreSQL {count} times: {message}")
    print(f"{given.tries} pairs from seed {given.seed} on PostgreSQL {given.major} in {took:.0f} s:", end=" ")
    print(f"{len(failed)} failed, {refused.total()} refused by PostgreSQL itself. {failed or ''}")
    return 2 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.generator", description=__doc__)
    parser.add_argument("--tries", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1, help="the first; the others follow it")
    parser.add_argument("--major", type=int, default=18, help="the PostgreSQL version: 16 or 18")
    parser.add_argument(
        "--kind",
        choices=MAKERS,
        default="any",
        help="heirs: with plain inheritance; foreign: with foreign tables",
    )
    parser.add_argument(
        "--no-shrink", dest="shrink", action="store_false", help="print failing pairs as they are"
    )
    return parser.parse_args()


def _tell(bench: Bench, pair: Pair, seed: int, failure: Exception, *, shrink: bool) -> None:
    print(f"\n######## seed {seed}: {_gist(str(failure))}", flush=True)
    if shrink:
        gist = _gist(str(failure))
        pair = shrunk(pair, lambda smaller: _failure(bench, smaller) == gist)
        failure = _exception(bench, pair) or failure
    for side, world in zip(("source", "target"), pair, strict=True):
        print(f"---- {side}.sql\n{world.script()}")
    print(f"---- {type(failure).__name__}\n{failure}", flush=True)


def _failure(bench: Bench, pair: Pair) -> str | None:
    failure = _exception(bench, pair)
    return _gist(str(failure)) if failure else None


def _exception(bench: Bench, pair: Pair) -> Exception | None:
    try:
        try_pair(bench, pair)
    except Refused:
        return None
    except Exception as exc:
        return exc
    return None


def _gist(message: str) -> str:
    """Its first line without names and numbers: the same for the same kind of failure."""
    first = message.strip().splitlines()[0] if message.strip() else "nothing said"
    return re.sub(r"\"(?:[^\"]|\"\")*\"|\d+|(?<=[.:]) ?\w*\d+\w*", "…", first)[:160]


if __name__ == "__main__":
    sys.exit(main())
