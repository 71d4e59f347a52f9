"""One pair put to the test, on two databases, in both directions."""

from dataclasses import dataclass

import psycopg

from schemadiff.embedded import EmbeddedServer, create_database
from tests.convergence import there_and_back
from tests.generator.pairs import Pair
from tests.wiping import wipe
from tests.witness import with_columns_sorted, with_partitions_indexes_unnamed


class Refused(Exception):
    """PostgreSQL itself does not take the generated schema: nothing is to be learnt from it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Two databases that are emptied before each trial."""

    one: str
    two: str


def bench_on(server: EmbeddedServer, name: str = "bench") -> Bench:
    return Bench(create_database(server, f"{name}_one"), create_database(server, f"{name}_two"))


def try_pair(bench: Bench, pair: Pair) -> None:
    """Raises Refused, or AssertionError (with the plan) where a plan does not keep what it has to."""
    for dsn, world in zip((bench.one, bench.two), pair, strict=True):
        wipe(dsn)
        _make(dsn, world.script())
    there_and_back(bench.one, bench.two, judged=_judged)


def _judged(testimony: str) -> str:
    return with_columns_sorted(with_partitions_indexes_unnamed(testimony))


def _make(dsn: str, script: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            connection.execute(script.encode())
        except psycopg.errors.Error as exc:
            raise Refused(f"{exc}") from exc
