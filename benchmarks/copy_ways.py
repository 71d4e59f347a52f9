"""The ways of carrying rows that benchmarks/copy.py holds against one another, each from empty target to its end."""

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.copy_data import LARGEST, TABLES
from benchmarks.processes import PeakMemory, cpu_of
from migration.core.chunks import CHUNK_ROWS
from migration.core.events import Event, PhaseStarted
from migration.core.phases import Phase
from migration.core.spec import RunSpec
from migration.engine import ledger
from migration.engine.building import Builders
from migration.engine.carrying import carriage_of
from migration.engine.chunking import source_key
from migration.engine.copying import Crossing, copy_tables
from migration.engine.held import note_held_rows
from migration.engine.overwriting import begin_record, mark_overwritten
from migration.engine.places import origin_of, place_of
from migration.engine.sessions import Session, open_source, open_target, read_snapshot
from migration.runner import run
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.core.options.option import Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.plan import Plan
from schemadiff.embedded import EmbeddedServer, binary, create_database, drop_database
from schemadiff.introspection import read_catalog

STREAMS = 2
_NAME = "target"
_UPSERTED = 100  # rows a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds on the clock, CPU seconds of all clients and both servers, and what a worker held at most."""

    wall: float
    cpu: float
    megabytes: float = 0.0


class Meter:
    """Counts from its making on."""

    def __init__(self, *servers: EmbeddedServer) -> None:
        self._pids = (os.getpid(), *(server.postmaster_pid() or 0 for server in servers))
        self._cpu, self._wall = cpu_of(*self._pids), time.perf_counter()

    def read(self, megabytes: float = 0.0) -> Cost:
        wall = time.perf_counter() - self._wall
        return Cost(wall=wall, cpu=cpu_of(*self._pids) - self._cpu, megabytes=megabytes)


@dataclass(frozen=True, slots=True)
class Sides:
    """The servers, and the database that is carried."""

    old: EmbeddedServer
    new: EmbeddedServer
    source: str

    def empty_target(self) -> str:
        """A new database; what the last way left to write to disk is written first."""
        drop_database(self.new, _NAME)
        dsn = create_database(self.new, _NAME)
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        return dsn

    def table_target(self) -> str:
        dsn = self.empty_target()
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(TABLES.encode())
        return dsn

    def meter(self) -> Meter:
        return Meter(self.old, self.new)


def table_by_run(sides: Sides) -> Cost:
    """The copy phase of a run for the largest table, cut into chunks and kept in the ledger."""
    target_dsn = sides.table_target()
    with (
        open_source(sides.source) as source,
        open_target(target_dsn) as target,
        read_snapshot(source) as snapshot,
        PeakMemory() as peak,
    ):
        cost = _copy_largest(sides, target_dsn, source, target, snapshot)
    return replace(cost, megabytes=peak.megabytes)


def _copy_largest(
    sides: Sides,
    target_dsn: str,
    source: Session,
    target: Session,
    snapshot: str,
    *,
    overwrites: bool = False,
) -> Cost:
    spec = _table_spec(read_columns(sides.source, LARGEST))
    ledger.prepare(target)
    ledger.begin(target, spec, origin_of(place_of(source), "benchmark"))
    crossing = Crossing(
        source_dsn=sides.source, target_dsn=target_dsn, source=source, target=target, snapshot=snapshot
    )
    carriages = [carriage_of(target, entry) for entry in spec.mapping.tables]
    meter = sides.meter()
    for carriage in carriages:
        note_held_rows(target, spec.ledger_id, carriage, source_key(source, carriage.source))
    if overwrites:
        record = begin_record(target, spec, "benchmark")
        carriages = mark_overwritten(source, target, carriages, record)
    copy_tables(
        crossing,
        spec.ledger_id,
        carriages,
        jobs=STREAMS,
        chunk_rows=CHUNK_ROWS,
        report=lambda event: None,
        should_stop=lambda: False,
        builders=Builders(
            target_dsn,
            target,
            spec.ledger_id,
            "",
            count=0,
            report=lambda event: None,
            opened=lambda session: None,
        ),
    )
    return meter.read()


def read_columns(dsn: str, table: str) -> tuple[str, ...]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        found = read_catalog(connection).table("public", table)
    assert found is not None
    return tuple(column.name for column in found.columns)


def _table_spec(columns: tuple[str, ...]) -> RunSpec:
    pairs = tuple(ColumnPair(target=name, source=name, status=PairStatus.CONFIRMED) for name in columns)
    table = ("public", LARGEST)
    return RunSpec(
        ledger_id=uuid.uuid4(),
        option="recreate",
        plan=Plan(target_fingerprint=""),
        mapping=Mapping(tables=(TableMapping(source=table, target=table, pairs=pairs),)),
        scope=Scope(tables=(table,)),
    )


def table_by_psql(sides: Sides, rows: int) -> Cost:
    """Two `psql | psql` pipes, each with half of the keys: as little as copying can cost."""
    target = sides.table_target()
    meter = sides.meter()
    selects = []
    for part in range(STREAMS):
        low, high = rows * part // STREAMS, rows * (part + 1) // STREAMS
        selects.append(f"SELECT * FROM public.{LARGEST} WHERE id > {low} AND id <= {high}")
    _pipe(sides.source, target, *selects)
    return meter.read()


def _pipe(source: str, target: str, *selects: str) -> None:
    """Each SELECT through a pipe of its own, all at once."""
    psql, pipes = binary(18, "psql"), []
    for select in selects:
        out: list[str | Path] = [psql, "-qXc", f"COPY ({select}) TO STDOUT (FORMAT binary)", source]
        into: list[str | Path] = [psql, "-qX", "-c", "SET synchronous_commit = off"]
        into += ["-c", f"COPY public.{LARGEST} FROM STDIN (FORMAT binary)", target]
        reader = subprocess.Popen(out, stdout=subprocess.PIPE)
        pipes += [reader, subprocess.Popen(into, stdin=reader.stdout)]
        assert reader.stdout is not None
        reader.stdout.close()
    ended = [process.wait() for process in pipes]
    if any(ended):
        raise SystemExit("psql failed")


def migration_by_run(sides: Sides) -> tuple[Cost, Cost]:
    """A whole run by recreate: until its rows are there with all keys and indexes, and with verification."""
    target = sides.empty_target()
    spec = _whole_spec(sides.source, target)
    read: list[Cost] = []
    with PeakMemory() as peak:
        meter = sides.meter()

        def report(event: Event) -> None:
            if isinstance(event, PhaseStarted) and event.phase is Phase.VERIFY:
                read.append(meter.read(peak.megabytes))

        result = run(sides.source, target, spec, report=report)
        if result.rejects:
            raise SystemExit("the run refused rows")
        return read[0], meter.read(peak.megabytes)


def _whole_spec(source: str, target: str) -> RunSpec:
    with psycopg.connect(source, autocommit=True) as left, psycopg.connect(target, autocommit=True) as right:
        here, there = read_catalog(left), read_catalog(right)
    option = recreate(here, there, Scope(tables=tuple(sorted(table.qualified for table in here.tables))))
    return RunSpec(
        ledger_id=uuid.uuid4(),
        option=option.name.value,
        plan=option.plan,
        mapping=option.mapping,
        scope=option.scope,
        jobs=STREAMS,
    )


def migration_by_dump(sides: Sides) -> Cost:
    """pg_dump and pg_restore of version 18, in two processes each."""
    target = sides.empty_target()
    folder = Path(tempfile.mkdtemp(prefix="schemadiff-benchmark-"))
    meter = sides.meter()
    try:
        dump: list[str | Path] = [
            binary(18, "pg_dump"),
            "-Fd",
            f"-j{STREAMS}",
            "-f",
            folder / "dump",
            sides.source,
        ]
        subprocess.run(dump, check=True)
        restore: list[str | Path] = [
            binary(18, "pg_restore"),
            f"-j{STREAMS}",
            "--no-owner",
            "-d",
            target,
            folder / "dump",
        ]
        subprocess.run(restore, check=True)
        return meter.read()
    finally:
        shutil.rmtree(folder)


def merge_by_run(sides: Sides, *, overwrites: bool) -> Cost:
    """The largest table into one that has every second of its rows, which are overwritten or stay."""
    target_dsn = _half_filled(sides)
    with (
        open_source(sides.source) as source,
        open_target(target_dsn) as target,
        read_snapshot(source) as snapshot,
    ):
        return _copy_largest(sides, target_dsn, source, target, snapshot, overwrites=overwrites)


def _half_filled(sides: Sides) -> str:
    target = sides.table_target()
    _pipe(
        sides.source,
        target,
        f"SELECT * FROM public.{LARGEST} WHERE id % 2 = 0",
    )
    with psycopg.connect(target, autocommit=True) as connection:
        connection.execute(f"ALTER TABLE public.{LARGEST} ADD PRIMARY KEY (id)".encode())
        connection.execute(f"VACUUM ANALYZE public.{LARGEST}".encode())
    return target


def merge_by_upserts(sides: Sides, columns: tuple[str, ...]) -> Cost:
    """What many programs do: read rows, and write them by INSERT … ON CONFLICT DO UPDATE, 100 at a time."""
    target_dsn = _half_filled(sides)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(columns)))
    sets = (sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column)) for column in columns[1:])
    head = sql.SQL("INSERT INTO {} ({}) VALUES ").format(sql.Identifier("public", LARGEST), names)
    tail = sql.SQL(" ON CONFLICT (id) DO UPDATE SET {}").format(sql.SQL(", ").join(sets))
    meter = sides.meter()
    with (
        psycopg.connect(sides.source) as source,
        psycopg.connect(target_dsn, autocommit=True) as target,
        source.cursor(name="rows") as cursor,
    ):
        target.execute("SET synchronous_commit = off")
        cursor.itersize = _UPSERTED
        cursor.execute(sql.SQL("SELECT {} FROM {}").format(names, sql.Identifier("public", LARGEST)))
        while rows := cursor.fetchmany(_UPSERTED):
            values = [value for each in rows for value in each]
            target.execute(head + sql.SQL(", ").join([row] * len(rows)) + tail, values)
        return meter.read()
