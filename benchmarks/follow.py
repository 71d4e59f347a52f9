"""How far a follower is behind, how much it can take, and how long a cut-over and the way back hold writes; beside
native replication.

    .venv/bin/python benchmarks/follow.py [--rate 500] [--seconds 60] [--backlog 50000] [--accounts 10000]

Writers change accounts and write a history, a transaction each, in a throw-away PostgreSQL 16; 18 is kept up with it,
by `manage.py follow` through renamed tables and columns, then by a subscription of the same tables without renames.
Lag is the time from the moment that a row is written on the source to that at which it is written on the target, as
both servers' clock, which is one, says it. The highest rate is that at which a backlog is taken, which was written
while nobody followed.
"""

import sys

# Another file here has the name of a module that others import: this folder must not be looked in.
sys.path.remove(__file__.rpartition("/")[0])
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0] or "..")

import argparse
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from benchmarks.follow_ways import HERE, ROLE, THERE, Follow, Native, Way, ask, one
from schemadiff.embedded import throwaway

_WRITERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of one way. Lags are in seconds, rates in transactions a second."""

    name: str
    written: float
    median: float
    p95: float
    highest: float


class Writers:
    """So many transactions a second, from several sessions, until they are told to end or may write no more."""

    def __init__(self, dsn: str, rate: float, accounts: int, statements: tuple[str, str] = HERE) -> None:
        self._dsn, self._rate, self._accounts, self._statements = dsn, rate, accounts, statements
        self._over = threading.Event()
        self.counts = [0] * _WRITERS
        self._threads = [threading.Thread(target=self._work, args=(n,), daemon=True) for n in range(_WRITERS)]

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        pause = _WRITERS / self._rate
        try:
            with psycopg.connect(self._dsn, autocommit=True) as session:
                due = time.monotonic() + pause * number / _WRITERS
                while not self._over.wait(max(due - time.monotonic(), 0)):
                    self._write(session, number)
                    due += pause
        except psycopg.Error:
            return  # it was fenced off

    def _write(self, session: psycopg.Connection, number: int) -> None:
        count = self.counts[number]
        account = 1 + (count * _WRITERS + number) * 7919 % self._accounts
        with session.transaction():
            for statement in self._statements:
                session.execute(statement.encode(), [account])
        self.counts[number] = count + 1


def measure(way: Way, rate: float, seconds: float, backlog: int, accounts: int) -> Figures:
    way.start()
    after = last_id(way)
    began = time.monotonic()
    with Writers(way.application, rate, accounts) as writers:
        time.sleep(seconds)
    took = time.monotonic() - began
    way.catch_up()
    lags = way.lags(after)
    way.stop()
    after = last_id(way)
    ask(way.source, f"CALL public.burst({backlog}, {accounts})")
    way.start()
    return Figures(
        name=way.name,
        written=sum(writers.counts) / took,
        median=lags[len(lags) // 2],
        p95=lags[len(lags) * 95 // 100],
        highest=way.applied_per_second(after),
    )


def last_id(way: Way) -> int:
    return int(one(way.source, "SELECT coalesce(max(id), 0) FROM public.history"))


def show(rows: Sequence[Figures]) -> None:
    print("| way | written tx/s | lag median ms | lag p95 ms | highest tx/s |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        lags = f"{1000 * row.median:,.1f} | {1000 * row.p95:,.1f}"
        print(f"| {row.name} | {row.written:,.0f} | {lags} | {row.highest:,.0f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rate", type=float, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--backlog", type=int, default=50_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    given = parser.parse_args()
    sizes = (given.rate, given.seconds, given.backlog, given.accounts)
    with (
        throwaway(16, fast=False) as source,
        throwaway(18, fast=False) as target,
        tempfile.TemporaryDirectory() as folder,
    ):
        for server in (source, target):
            ask(server.dsn(), f"CREATE ROLE {ROLE} LOGIN PASSWORD '{ROLE}'")
        follow = Follow((source, target), given.accounts, Path(folder))
        figures = [measure(follow, *sizes)]
        with Writers(follow.application, given.rate, given.accounts) as writers:
            time.sleep(2)
            said = follow.cut_over()
        follow.lags(0)  # raises where a row was lost or came twice
        with Writers(follow.there, given.rate, given.accounts, THERE) as back:
            time.sleep(2)
            said_back = follow.go_back()
        follow.refuse_differences()
        native = Native((source, target), given.accounts)
        figures.append(measure(native, *sizes))
        native.close()
    show(figures)
    print(f"\nCut-over with {sum(writers.counts):,} transactions written before it: {said}")
    print(f"Way back with {sum(back.counts):,} transactions written on the target: {said_back}")


if __name__ == "__main__":
    main()
