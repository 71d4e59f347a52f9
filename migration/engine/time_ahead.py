"""How long a run will take, before it begins and without writing anything.

By what the target's ledger has measured of former runs into it. Where there was none: by reading a sample of each
table of the source, which says how long it takes at least; how fast the target writes nobody knows before.
"""

import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from migration.core.outlook import seconds_in_words
from migration.core.spec import RunSpec
from migration.core.time_ahead import Span, copy_span, whole_span
from migration.engine import ledger
from migration.engine.copying import PARALLEL_ROWS
from migration.engine.estimates import TableSize, sizes_of
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.counted import counted
from schemadiff.core.mapping import QualifiedName

SAMPLE_ROWS = 20_000
"""So many rows of a table are read at most."""
SAMPLE_SECONDS = 5.0
"""After so long no further table is begun; a table that takes a second by itself is given up."""
_ONE_TABLE = "1s"

_Rates = dict[QualifiedName, tuple[float, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What the ledger measured: rows a second of one stream by table, and seconds a row of runs as a whole."""

    runs: int
    rates: _Rates
    whole: tuple[float, ...]


def time_ahead(source: Session, target: Session, spec: RunSpec) -> tuple[str, ...]:
    """Sentences for people: how long, and by what. The target is only read; of the source a sample."""
    sizes = sizes_of(source, sorted({entry.source for entry in spec.mapping.tables}))
    counted_rows = {size.table: size.rows for size in sizes if size.rows is not None}
    done = _carried(target, spec.ledger_id)
    rows = {
        entry.name: max(counted_rows[entry.source] - done.get(entry.name, 0), 0)
        for entry in spec.mapping.tables
        if entry.source in counted_rows
    }
    said = _said(source, target, spec, sizes, rows)
    unknown = [".".join(size.table) for size in sizes if size.table not in counted_rows and size.bytes]
    if unknown:
        said += (f"not in it: {', '.join(unknown)}, whose rows were never counted (ANALYZE)",)
    return said


def _said(
    source: Session,
    target: Session,
    spec: RunSpec,
    sizes: Sequence[TableSize],
    rows: dict[QualifiedName, int],
) -> tuple[str, ...]:
    if not sum(rows.values()):
        return ()
    streams = spec.jobs if sum(rows.values()) >= PARALLEL_ROWS else 1
    before = _before(target)
    span = copy_span(rows, before.rates, streams=streams, rows_per_second=spec.limits.rows_per_second)
    if span is not None:
        return _by_former_runs(spec, before, span, sum(rows.values()))
    rates = _read_samples(source, [size.table for size in sizes if rows.get(size.table)])
    span = copy_span(rows, rates, streams=streams, rows_per_second=spec.limits.rows_per_second)
    if span is None:
        return ("not known: no former run into this target has measured it, and no table could be sampled",)
    return (
        f"the copy takes at least {seconds_in_words(span.least)}: so long takes reading it, by samples of "
        f"{counted(len(rates), 'table')} just now ({_streams(streams)})",
        "how fast the target writes is known after a first run into it, a rehearsal say: a dry run writes nothing",
    )


def _by_former_runs(spec: RunSpec, before: _Before, span: Span, rows: int) -> tuple[str, ...]:
    known = sum(entry.name in before.rates for entry in spec.mapping.tables)
    of_all = len(spec.mapping.tables)
    others = "" if known == of_all else f", {of_all - known} of {of_all} tables as any of them"
    copy = (
        f"the copy takes {span.words}, by what {counted(before.runs, 'former run')} into this target measured"
    )
    copy += others
    whole = whole_span(rows, before.whole)
    if whole is None:
        return (copy, "indexes, keys and the comparison of both sides come on top")
    finished = counted(len(before.whole), "finished run")
    return (copy, f"the whole run takes {whole.words}, by what {finished} took for as many rows")


def _streams(streams: int) -> str:
    return "one process" if streams == 1 else f"{streams} processes"


def _before(target: Session) -> _Before:
    if not ledger.exists(target):
        return _Before(runs=0, rates={}, whole=())
    rates: dict[QualifiedName, list[float]] = {}
    runs: set[UUID] = set()
    for run, schema, table, rate in target.execute(query("former_rates")):
        runs.add(run)
        rates.setdefault((schema, table), []).append(rate)
    whole = tuple(row[0] for row in target.execute(query("former_runs")))
    return _Before(runs=len(runs), rates={table: tuple(found) for table, found in rates.items()}, whole=whole)


def _carried(target: Session, ledger_id: UUID) -> dict[QualifiedName, int]:
    """Rows by source table that this very run has carried already."""
    if not ledger.exists(target):
        return {}
    found = target.execute(
        "SELECT source_schema, source_table, sum(rows)::bigint FROM schemadiff.chunks "
        "WHERE run = %s AND rows IS NOT NULL GROUP BY 1, 2",
        [ledger_id],
    )
    return {(row[0], row[1]): row[2] for row in found}


def _read_samples(source: Session, tables: Sequence[QualifiedName]) -> _Rates:
    """Rows a second; what could not be read, or took too long for a sample, is left out."""
    rates: _Rates = {}
    until = time.monotonic() + SAMPLE_SECONDS
    for table in tables:
        if time.monotonic() > until:
            break
        with contextlib.suppress(psycopg.Error):
            rates[table] = (_sampled(source, table),)
    return rates


def _sampled(source: Session, table: QualifiedName) -> float:
    statement = sql.SQL("COPY (SELECT * FROM {} LIMIT {}) TO STDOUT (FORMAT binary)").format(
        sql.Identifier(*table), sql.Literal(SAMPLE_ROWS)
    )
    with source.transaction(), source.cursor() as cursor:
        source.execute(sql.SQL("SET LOCAL statement_timeout = {}").format(sql.Literal(_ONE_TABLE)))
        began = time.monotonic()
        with cursor.copy(statement) as copy:
            for _ in copy:
                pass
        return cursor.rowcount / max(time.monotonic() - began, 1e-6)
