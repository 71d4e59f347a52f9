"""The rounds of benchmarks/copy.py: every way in turn, medians, ratios."""

import argparse
from collections import defaultdict
from functools import partial
from statistics import median

import psycopg

from benchmarks.copy_data import LARGEST, counts, fill
from benchmarks.copy_ways import (
    Cost,
    Sides,
    merge_by_run,
    merge_by_upserts,
    migration_by_dump,
    migration_by_run,
    read_columns,
    table_by_psql,
    table_by_run,
)
from schemadiff.embedded import EmbeddedServer, create_database, throwaway

PSQL, RUN, DUMP = "psql | psql, 2 streams", "run, --jobs 2", "pg_dump + pg_restore, -j2"
UPSERTS = "INSERT … ON CONFLICT, 100 rows"
REFUSING = "run that refuses"
CHECKED = "run with verification"


def main(description: str) -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=8_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("table", "whole", "merge"))
    given = parser.parse_args()
    with throwaway(16) as old, throwaway(18) as new:
        for server in (old, new):
            _keep_quiet(server)
        sides = Sides(old, new, create_database(old, "source"))
        fill(sides.source, given.rows)
        if given.only in (None, "table"):
            table(sides, counts(given.rows)[LARGEST], given.rounds)
        if given.only in (None, "whole"):
            whole(sides, given.rows, given.rounds)
        if given.only in (None, "merge"):
            merge(sides, counts(given.rows)[LARGEST], given.rounds)


def _keep_quiet(server: EmbeddedServer) -> None:
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        for setting in ("autovacuum = off", "max_wal_size = '8GB'"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


def table(sides: Sides, rows: int, rounds: int) -> None:
    """One table, no indexes on the target."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    ways = {PSQL: partial(table_by_psql, sides, rows), RUN: partial(table_by_run, sides)}
    for _ in range(rounds):
        for name, way in ways.items():
            costs[name].append(way())
    print(f"\nOne table of {rows:,} rows, medians of {rounds} rounds")
    _print(costs)
    limit, ours = _medians(costs[PSQL]), _medians(costs[RUN])
    print(f"of the limit: CPU {limit.cpu / ours.cpu:.2f}, wall {limit.wall / ours.wall:.2f}")


def whole(sides: Sides, rows: int, rounds: int) -> None:
    """All tables with keys, indexes, foreign keys."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    for _ in range(rounds):
        costs[DUMP].append(migration_by_dump(sides))
        carried, checked = migration_by_run(sides)
        costs[RUN].append(carried)
        costs[CHECKED].append(checked)
    print(f"\nThe whole migration of {rows:,} rows in 8 tables, medians of {rounds} rounds")
    _print(costs)
    yardstick = _medians(costs[DUMP])
    for name in (RUN, CHECKED):
        ours = _medians(costs[name])
        print(
            f"{name}: {ours.wall / yardstick.wall:.2f} × the wall time of {DUMP}, {ours.cpu / yardstick.cpu:.2f} × CPU"
        )


def merge(sides: Sides, rows: int, rounds: int) -> None:
    """One table into one that has every second row already, with its primary key."""
    costs: dict[str, list[Cost]] = defaultdict(list)
    columns = read_columns(sides.source, LARGEST)
    for _ in range(rounds):
        costs[UPSERTS].append(merge_by_upserts(sides, columns))
        costs[RUN].append(merge_by_run(sides, overwrites=True))
        costs[REFUSING].append(merge_by_run(sides, overwrites=False))
    print(f"\nOne table of {rows:,} rows, of which the target has half, medians of {rounds} rounds")
    _print(costs)
    naive = _medians(costs[UPSERTS])
    for name in (RUN, REFUSING):
        ours = _medians(costs[name])
        print(
            f"{name}: {naive.wall / ours.wall:.1f} × faster on the clock, {naive.cpu / ours.cpu:.1f} × less CPU"
        )


def _medians(costs: list[Cost]) -> Cost:
    return Cost(
        wall=median(cost.wall for cost in costs),
        cpu=median(cost.cpu for cost in costs),
        megabytes=max(cost.megabytes for cost in costs),
    )


def _print(costs: dict[str, list[Cost]]) -> None:
    for name, each in costs.items():
        cost = _medians(each)
        memory = f"  {cost.megabytes:4.0f} MB a process" if cost.megabytes else ""
        print(f"{name:30} {cost.wall:7.2f} s  CPU {cost.cpu:7.2f} s{memory}")
