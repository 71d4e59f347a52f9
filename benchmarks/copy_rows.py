"""How fast rows travel: a run's copy against `psql COPY | psql COPY`, one table, embedded servers 16 and 18.

    python benchmarks/copy_rows.py [ROWS] [REPEATS]

Prints the median seconds of both and their ratio. Both load an empty table without indexes, in binary; the run
also keeps its ledger, and its count includes cutting the table into chunks. Two streams each.
"""

import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from migration.core.spec import RunSpec
from migration.engine import ledger
from migration.engine.carrying import carriage_of
from migration.engine.copying import Crossing, copy_tables
from migration.engine.places import origin_of, place_of
from migration.engine.sessions import open_source, open_target, read_snapshot
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.option import Scope
from schemadiff.core.plan import Plan
from schemadiff.embedded import binary, throwaway

COLUMNS = ("id", "client", "price", "note", "data", "at")
SCHEMA = """
CREATE TABLE public.orders (
    id bigint, client int, price numeric(10,2), note text, data jsonb, at timestamptz)
"""
FILL = """
INSERT INTO public.orders SELECT n, n % 9973, n / 7.0, repeat(md5(n::text), 2), jsonb_build_object('n', n),
    timestamptz '2025-01-01' + n * interval '1 second' FROM generate_series(1, {rows}) AS n
"""
STREAMS = 2


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def engine(source_dsn: str, target_dsn: str) -> float:
    """Seconds for the copy phase of a run."""
    pairs = tuple(ColumnPair(target=name, source=name, status=PairStatus.CONFIRMED) for name in COLUMNS)
    table = ("public", "orders")
    spec = RunSpec(
        ledger_id=uuid.uuid4(),
        option="recreate",
        plan=Plan(target_fingerprint=""),
        mapping=Mapping(tables=(TableMapping(source=table, target=table, pairs=pairs),)),
        scope=Scope(tables=(table,)),
    )
    with (
        open_source(source_dsn) as source,
        open_target(target_dsn) as target,
        read_snapshot(source) as snapshot,
    ):
        ledger.prepare(target)
        ledger.begin(target, spec, origin_of(place_of(source), "benchmark"))
        crossing = Crossing(
            source_dsn=source_dsn, target_dsn=target_dsn, source=source, target=target, snapshot=snapshot
        )
        started = time.perf_counter()
        copy_tables(
            crossing,
            spec.ledger_id,
            [carriage_of(target, entry) for entry in spec.mapping.tables],
            jobs=STREAMS,
            chunk_rows=50_000,
            report=lambda event: None,
            should_stop=lambda: False,
        )
        return time.perf_counter() - started


def psql(source_dsn: str, target_dsn: str, rows: int) -> float:
    """Seconds for two `psql | psql` pipes, each with half of the keys."""
    started = time.perf_counter()
    pipes = []
    for part in range(STREAMS):
        low, high = rows * part // STREAMS, rows * (part + 1) // STREAMS
        select = f"SELECT * FROM public.orders WHERE id > {low} AND id <= {high}"
        out: list[str | Path] = [
            binary(18, "psql"),
            "-qXc",
            f"COPY ({select}) TO STDOUT (FORMAT binary)",
            source_dsn,
        ]
        into: list[str | Path] = [binary(18, "psql"), "-qX", "-c", "SET synchronous_commit = off"]
        into += ["-c", "COPY public.orders FROM STDIN (FORMAT binary)", target_dsn]
        reader = subprocess.Popen(out, stdout=subprocess.PIPE)
        pipes += [reader, subprocess.Popen(into, stdin=reader.stdout)]
    ended = [process.wait() for process in pipes]
    if any(ended):
        raise SystemExit("psql failed")
    return time.perf_counter() - started


def main(rows: int, repeats: int) -> None:
    with throwaway(16) as old, throwaway(18) as new:
        source_dsn, target_dsn = old.dsn(), new.dsn()
        execute(
            source_dsn,
            SCHEMA + "; " + FILL.format(rows=rows) + "; ALTER TABLE public.orders ADD PRIMARY KEY (id)",
        )
        execute(source_dsn, "VACUUM ANALYZE public.orders")
        times: dict[str, list[float]] = {"run": [], "psql": []}
        for _ in range(repeats):
            for name in times:
                execute(target_dsn, f"DROP TABLE IF EXISTS public.orders; {SCHEMA}; CHECKPOINT")
                took = engine(source_dsn, target_dsn) if name == "run" else psql(source_dsn, target_dsn, rows)
                times[name].append(took)
    medians = {name: statistics.median(each) for name, each in times.items()}
    for name, seconds in medians.items():
        print(f"{name:5} {seconds:7.2f} s  {rows / seconds:12,.0f} rows/s")
    print(f"ratio {medians['run'] / medians['psql']:7.2f}  ({rows:,} rows, {repeats} repeats)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
