"""What the data layer costs per call against bare psycopg, and how 200 callers share a pool of 20.

    python -m benchmarks.access [--calls N]

The example on an embedded PostgreSQL 18. Bare psycopg: one open connection in autocommit, rows as dicts, the same
statement as a constant text. Both ways take turns call by call; each figure is a median. Exits 1 where the median of
the ratios is above 1.3, a flag's read takes 100 µs or more, or one of the 200 callers meets an error.
"""

import argparse
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from benchmarks import flag_read
from migration import seedcase
from migration.access.data_layer import DataLayer, open_data_layer
from migration.access.pool import PoolSettings
from migration.access.switching import FixedFlags
from migration.access.tables import application_tables
from schemadiff.embedded import create_database, throwaway

MOST_RATIO = 1.3
CALLERS, POOL, EACH = 200, 20, 50
_FIRST = 30
_COMPANY = seedcase.YCLIENTS_COMPANY
_EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """The same question asked in both ways."""

    name: str
    bare: Callable[[], object]
    layer: Callable[[], object]


def main() -> int:
    given = _arguments()
    flags = flag_read.measured()
    with throwaway(18) as server:
        dsn = create_database(server, "bench")
        seedcase.load_source(dsn)
        with (
            _layer(dsn, PoolSettings(min_size=1)) as data,
            psycopg.connect(dsn, autocommit=True, row_factory=dict_row) as bare,
        ):
            ratio = _overhead(_pairs(data, bare), given.calls)
        errors = _crowd(dsn)
    print(f"\nflag read through the SDK   {flags['SDK, a switch']:8.1f} µs")
    print(f"flag read from the client   {flags['client, which backend']:8.1f} µs")
    slow = flags["SDK, a switch"] >= flag_read.MOST
    return int(ratio > MOST_RATIO or slow or errors > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=2_000, help="calls of each method, each way")
    return parser.parse_args()


def _layer(dsn: str, settings: PoolSettings | None = None) -> DataLayer:
    return open_data_layer(dsn, dsn, FixedFlags(), pool=settings)


def _pairs(data: DataLayer, bare: psycopg.Connection[DictRow]) -> list[Pair]:
    client = bare.execute("SELECT * FROM clients ORDER BY id LIMIT 1").fetchall()[0]
    booked = bare.execute("SELECT client_id FROM bookings ORDER BY id LIMIT 1").fetchall()[0]["client_id"]
    number = client["yclients_id"]
    row = {name: client[name] for name in ("yclients_id", "company_id", "name")} | {"phone": "70000000001"}
    fields = {name: _columns(name) for name in ("clients", "bookings", "staff")}

    def ask(statement: str, *values: Any) -> Callable[[], object]:
        text = statement.encode()
        return lambda: bare.execute(text, values).fetchall()

    one = f"SELECT {fields['clients']} FROM clients WHERE yclients_id = %s AND company_id = %s LIMIT 1"
    search = (
        f"SELECT {fields['clients']} FROM clients WHERE company_id = %s AND name ILIKE %s"
        " ORDER BY last_visit_date DESC NULLS LAST, id LIMIT %s"
    )
    visits = (
        f"SELECT {fields['bookings']} FROM bookings WHERE client_id = %s AND datetime >= %s AND datetime <= %s"
        " ORDER BY datetime DESC NULLS LAST, id LIMIT %s"
    )
    staff = f"SELECT {fields['staff']} FROM staff WHERE company_id = %s AND is_active ORDER BY name, id LIMIT 1001"
    write = (
        "INSERT INTO clients (yclients_id, company_id, name, phone) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (yclients_id, company_id) DO UPDATE SET name = EXCLUDED.name, phone = EXCLUDED.phone"
        f" RETURNING {fields['clients']}"
    )
    return [
        Pair(
            name="get_client_by_id",
            bare=ask(one, number, _COMPANY),
            layer=lambda: data.get_client_by_id(number, _COMPANY),
        ),
        Pair(
            name="search_clients_by_name",
            bare=ask(search, _COMPANY, "%ан%", 20),
            layer=lambda: data.search_clients_by_name(_COMPANY, "ан"),
        ),
        Pair(
            name="get_client_appointments",
            bare=ask(visits, booked, *_EVER, 50),
            layer=lambda: data.get_client_appointments(booked, *_EVER),
        ),
        Pair(name="get_staff", bare=ask(staff, _COMPANY), layer=lambda: data.get_staff(_COMPANY)),
        Pair(
            name="upsert_client",
            bare=ask(write, *row.values()),
            layer=lambda: data.upsert_client(row),
        ),
    ]


def _columns(table: str) -> str:
    return ", ".join(field.name for field in application_tables()[table].fields)


def _overhead(pairs: list[Pair], calls: int) -> float:
    print(f"{'median of a call':28} {'psycopg':>10} {'data layer':>12} {'ratio':>7}")
    ratios = []
    for pair in pairs:
        bare, layer = _by_turns(pair, calls)
        ratios.append(layer / bare)
        print(f"{pair.name:28} {bare:7.0f} µs {layer:9.0f} µs {layer / bare:7.2f}")
    ratio = statistics.median(ratios)
    print(f"{'median of the ratios':28} {'':10} {'':12} {ratio:7.2f}")
    return ratio


def _by_turns(pair: Pair, calls: int) -> tuple[float, float]:
    """Microseconds a call, each way; a call of the one follows a call of the other, each of them first by turns."""
    for _ in range(_FIRST):  # caches and prepared statements
        _timed(pair.bare), _timed(pair.layer)
    bare, layer = [], []
    for _ in range(calls // 2):
        bare.append(_timed(pair.bare))
        layer.append(_timed(pair.layer))
        layer.append(_timed(pair.layer))
        bare.append(_timed(pair.bare))
    return statistics.median(bare), statistics.median(layer)


def _timed(way: Callable[[], object]) -> float:
    started = time.perf_counter()
    way()
    return (time.perf_counter() - started) * 1e6


def _crowd(dsn: str) -> int:
    """Errors of 200 callers at once on 20 connections."""
    with _layer(dsn, PoolSettings(max_size=POOL)) as data:
        answers: list[bool] = []
        callers = [threading.Thread(target=_call, args=(data, answers)) for _ in range(CALLERS)]
        started = time.perf_counter()
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        seconds = time.perf_counter() - started
        most = data.source.pool.stats().total
    errors = CALLERS * EACH - sum(answers)
    print(
        f"\n{CALLERS} callers on a pool of {POOL}: {len(answers):,} calls in {seconds:.1f} s,"
        f" {most} connections, {errors} errors"
    )
    return errors


def _call(data: DataLayer, answers: list[bool]) -> None:
    for _ in range(EACH):
        answers.append(data.get_staff(_COMPANY).error is None)


if __name__ == "__main__":
    sys.exit(main())
