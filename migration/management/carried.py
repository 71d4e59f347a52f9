"""What `run` and `copy` share: arguments, what a dry run shows, a run that is carried out, and its summary."""

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import CommandParser, OutputWrapper

from migration.core.errors import RunStopped
from migration.core.limits import Limits
from migration.core.spec import RunSpec
from migration.dry_run import how_long, look_ahead
from migration.engine import ledger
from migration.engine.estimates import TableSize, sizes_of
from migration.engine.sessions import open_source, open_target
from migration.management import given
from migration.management.console import Console
from migration.runner import RunResult
from migration.runner import run as carry_out
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.core.plan import Notice
from schemadiff.databases import Side


def add_arguments(parser: CommandParser) -> None:
    """The databases, and what is the same whatever is carried out."""
    parser.add_argument("source", metavar="SOURCE")
    parser.add_argument("target", metavar="TARGET")
    parser.add_argument("--tables", metavar="T", nargs="+", help="source tables to carry; all without this")
    parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
    parser.add_argument("--jobs", metavar="N", type=given.at_once, default=2, help="copying processes")
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="rows of TARGET whose key is in SOURCE become SOURCE's; what they were is kept",
    )
    parser.add_argument(
        "--max-rows-per-second", metavar="N", type=int, help="copy no more, over all processes together"
    )
    add_source_limits(parser)
    parser.add_argument(
        "--backup-to",
        metavar="DIRECTORY",
        type=Path,
        help="dump the tables of TARGET that are parked, changed or written to into a file there first",
    )
    parser.add_argument("--resume", action="store_true", help="go on with the run that failed or was killed")
    parser.add_argument("--dry-run", action="store_true", help="show what would be done, change nothing")
    parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")


def add_source_limits(parser: CommandParser) -> None:
    """When to wait for the source."""
    parser.add_argument(
        "--max-source-lag",
        metavar="SECONDS",
        type=given.number,
        help="wait while a replica of the source is further behind",
    )
    parser.add_argument(
        "--max-source-sessions",
        metavar="N",
        type=int,
        help="wait while more sessions of others are active on the source",
    )


def add_rounds(parser: CommandParser) -> None:
    """For a source that gives no log."""
    parser.add_argument(
        "--by-comparing",
        action="store_true",
        help="keep TARGET near a SOURCE that gives no replication slot, by comparing and repairing in rounds",
    )
    parser.add_argument(
        "--between-rounds", metavar="SECONDS", type=given.number, help="rest so long between two rounds (10)"
    )


def add_wal_limit(parser: CommandParser) -> None:
    """For a source that holds its log back."""
    parser.add_argument(
        "--max-wal-held",
        metavar="MB",
        type=given.number,
        help="warn when SOURCE holds more of its log for the run that follows it",
    )


def limits_of(options: dict[str, Any]) -> Limits:
    """How the copy is held back. Raises Refused for a number that is no limit."""
    return Limits(
        rows_per_second=options["max_rows_per_second"],
        source_lag=options["max_source_lag"],
        source_sessions=options["max_source_sessions"],
        wal_held=_bytes(options.get("max_wal_held")),
        **({} if options.get("between_rounds") is None else {"between_rounds": options["between_rounds"]}),
    )


def backup_folder(options: dict[str, Any]) -> str:
    """Where the backup goes to; empty where none is wanted."""
    return str(options["backup_to"].expanduser().resolve()) if options["backup_to"] else ""


def _bytes(megabytes: float | None) -> int | None:
    return None if megabytes is None else int(megabytes * 1_048_576)


def begun(target_dsn: str, option: str, options: dict[str, Any]) -> RunSpec:
    """The run that the target's ledger can go on with, as fast as it is asked for now.

    Raises NotFound, or Refused where it is another option's.
    """
    with open_target(target_dsn) as target:
        found = ledger.resumable(target)
        if found is None:
            raise NotFound(
                "The target's ledger has no run that failed or was killed: there is nothing to resume."
            )
        if found.option != option:
            raise Refused(f"Run {found.id}, which can be resumed, is {found.option}, not {option}.")
        return replace(
            ledger.recorded_spec(target, found.id), jobs=options["jobs"], limits=limits_of(options)
        )


def show_rows(out: OutputWrapper, source: Side, mapping: Mapping) -> None:
    """How much there is to carry, as comments below a script."""
    sizes = _sizes(source, mapping)
    for entry in mapping.tables:
        pairs, size = len(entry.accepted()), sizes.get(entry.source)
        out.write(
            f"-- rows: {'.'.join(entry.source)} → {'.'.join(entry.target)}, {pairs} columns"
            + (f", {_size(size)}" if size else "")
        )
    if sizes:
        out.write(f"-- in all: {_total(sizes.values())}, by the source's statistics")


def show_notices(out: OutputWrapper, notices: Iterable[Notice]) -> None:
    for notice in notices:
        out.write(f"-- note: {notice.ref.label}: {notice.message}")


def show_foreseen(out: OutputWrapper, source: Side, target: Side, spec: RunSpec) -> None:
    """What the run would warn of, and how long it takes. Raises what it would refuse; of snapshots nothing of that can
    be told."""
    if source.dsn is None or target.dsn is None:
        return
    for warning in look_ahead(source.dsn, target.dsn, spec):
        out.write(f"-- warning: {warning.message}")
        for detail in warning.details:
            out.write(f"--   {detail}")
    for sentence in how_long(source.dsn, target.dsn, spec):
        out.write(f"-- time: {sentence}")


def carried_out(out: OutputWrapper, source: str, target: str, spec: RunSpec, *, resume: bool) -> int:
    """Carry the run out and say what came of it; the exit code."""
    out.write(f"Run {spec.ledger_id}")
    with interruptible() as should_stop:
        console = Console(out)
        try:
            result = carry_out(
                source,
                target,
                spec,
                report=console.report,
                should_stop=should_stop,
                hands_back=lambda: True,  # what was begun goes on with --resume, however it was stopped
                resume=resume,
            )
        except RunStopped as stopped:
            raise RunStopped(
                f"{stopped} With --resume it goes on from there; `clean TARGET` lists what it has left."
            ) from stopped
    out.write(summary(result))
    return 2 if result.rejects else 0


def _sizes(source: Side, mapping: Mapping) -> dict[QualifiedName, TableSize]:
    """None of a snapshot, which has no rows."""
    if source.dsn is None:
        return {}
    with open_source(source.dsn) as session:
        tables = sorted({entry.source for entry in mapping.tables})
        return {size.table: size for size in sizes_of(session, tables)}


def _size(size: TableSize) -> str:
    rows = "rows never counted (ANALYZE)" if size.rows is None else f"about {size.rows:,} rows"
    return f"{rows}, {size.bytes / 1_048_576:,.1f} MB"


def _total(sizes: Iterable[TableSize]) -> str:
    every = list(sizes)
    known = [size.rows for size in every if size.rows is not None]
    rows = f"about {sum(known):,} rows" if len(known) == len(every) else f"at least {sum(known):,} rows"
    return f"{rows}, {sum(size.bytes for size in every) / 1_048_576:,.1f} MB"


def summary(result: RunResult) -> str:
    rejects = f", {result.rejects:,} rejects (in the target: schemadiff.rejects)" if result.rejects else ""
    return f"{result.rows_read:,} rows read, {result.rows_written:,} written{rejects}. Every row is accounted for."


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C stops the run between two chunks, in order; the second ends the process."""
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            raise KeyboardInterrupt
        stopping = True

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
