"""What a verification costs: CPU seconds of client and both servers' backends, against reladiff. Embedded 16 and 18.

    python -m venv DIR && DIR/bin/pip install -r benchmarks/requirements-verify.txt
    python benchmarks/verify.py --reladiff DIR/bin/reladiff [--rows N] [--repeats N]

Prints medians for equal tables and for 149 differing rows, how many of these each found, and the ratio; then what
it costs us when every row differs, and the client's peak memory. Without --reladiff our own figures only.
"""

import sys

# Another file here has the name of a module that others import: this folder must not be looked in.
sys.path.remove(__file__.rpartition("/")[0])
sys.path.insert(0, __file__.rpartition("/")[0].rpartition("/")[0] or "..")

import argparse
import json
import os
import resource
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from migration.engine.verify import verify
from schemadiff.core.mapping import ColumnPair, Mapping, PairStatus, TableMapping
from schemadiff.embedded import EmbeddedServer, throwaway

COLUMNS = ("id", "client", "price", "note", "at")
SCHEMA = """
CREATE TABLE public.orders (
    id bigint PRIMARY KEY, client int, price numeric(10,2), note text, at timestamptz)
"""
FILL = """
INSERT INTO public.orders SELECT n, n % 9973, n / 7.0, repeat(md5(n::text), 2),
    timestamptz '2025-01-01' + n * interval '1 second' FROM generate_series(1, {rows}) AS n
"""
DIFFERING = 149
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    cpu: float
    found: int
    peak_mb: float


def execute(dsn: str, statement: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(statement.encode())


def spoil(source: str, target: str, rows: int) -> None:
    """149 differing rows, spread evenly: missing, surplus and different in turn."""
    keys = [1 + place * (rows - 1) // (DIFFERING - 1) for place in range(DIFFERING)]
    missing, surplus, different = (",".join(map(str, keys[part::3])) for part in range(3))
    execute(target, f"DELETE FROM public.orders WHERE id IN ({missing})")
    execute(source, f"DELETE FROM public.orders WHERE id IN ({surplus})")
    execute(target, f"UPDATE public.orders SET note = note || '!' WHERE id IN ({different})")


def server_seconds(server: EmbeddedServer) -> float:
    """CPU of the postmaster and of all backends that have ended."""
    fields = Path(f"/proc/{server.postmaster_pid()}/stat").read_text().rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def cost_of(command: Sequence[str], servers: Sequence[EmbeddedServer], counts: "Counting") -> Cost:
    before = sum(map(server_seconds, servers))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed with {process.returncode}")
    cpu = usage.ru_utime + usage.ru_stime + sum(map(server_seconds, servers)) - before
    return Cost(cpu=cpu, found=counts(out), peak_mb=usage.ru_maxrss / 1024)


class Counting:
    """How many differing rows a tool's output tells."""

    def __call__(self, out: str) -> int:
        return int(json.loads(out)["differing"])


class CountingReladiff(Counting):
    def __call__(self, out: str) -> int:
        """A line a row and side: `- key, …` or `+ key, …`."""
        lines = (line for line in out.splitlines() if line[:1] in ("+", "-"))
        return len({line[1:].strip(" ,([\"'").split(",")[0].strip("\"'") for line in lines})


def verify_once(source: str, target: str) -> None:
    """The child process: our own comparison of the one table."""
    pairs = tuple(ColumnPair(target=name, source=name, status=PairStatus.CONFIRMED) for name in COLUMNS)
    table = ("public", "orders")
    (found,) = verify(
        source, target, Mapping(tables=(TableMapping(source=table, target=table, pairs=pairs),))
    )
    print(
        json.dumps({"differing": found.differing, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss})
    )


def main(reladiff: str | None, rows: int, repeats: int) -> None:
    with throwaway(16) as old, throwaway(18) as new:
        servers, sides = (old, new), (old.dsn(), new.dsn())
        for dsn in sides:
            execute(dsn, f"{SCHEMA}; {FILL.format(rows=rows)}")
            execute(dsn, "VACUUM ANALYZE public.orders")
        tools: dict[str, tuple[list[str], Counting]] = {
            "verify": ([sys.executable, __file__, "--one", *sides], Counting())
        }
        if reladiff:
            columns = [part for name in COLUMNS[1:] for part in ("-c", name)]
            both = [part for dsn in sides for part in (dsn, "public.orders")]
            tools["reladiff"] = ([reladiff, *both, "-k", "id", *columns], CountingReladiff())
        print(f"{rows:,} rows, {repeats} repeats; CPU seconds of client and servers")
        compare("equal", tools, servers, repeats)
        spoil(*sides, rows)
        compare(f"{DIFFERING} differ", tools, servers, repeats)
        execute(sides[1], "UPDATE public.orders SET note = note || '?'")
        compare("all differ", {"verify": tools["verify"]}, servers, 1)


def compare(
    case: str, tools: dict[str, tuple[list[str], Counting]], servers: Sequence[EmbeddedServer], repeats: int
) -> None:
    costs: dict[str, list[Cost]] = {name: [] for name in tools}
    for _ in range(repeats):
        for name, (command, counts) in tools.items():
            costs[name].append(cost_of(command, servers, counts))
    medians = {name: statistics.median(cost.cpu for cost in each) for name, each in costs.items()}
    for name, each in costs.items():
        last = each[-1]
        print(
            f"{case:12} {name:9} {medians[name]:7.2f} s  found {last.found:9,}  client's peak {last.peak_mb:5.0f} MB"
        )
    if len(medians) > 1:
        print(f"{case:12} ratio     {medians['reladiff'] / medians['verify']:7.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--reladiff")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--one", nargs=2, metavar=("SOURCE", "TARGET"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        verify_once(*given.one)
    else:
        main(given.reladiff, given.rows, given.repeats)
