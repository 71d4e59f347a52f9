"""`manage.py run`: carries a database over, by one of the three options, and proves the result."""

import signal
import uuid
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import CommandParser

from migration.core.spec import RunSpec, refuse_data_loss
from migration.engine import ledger
from migration.engine.estimates import TableSize, sizes_of
from migration.engine.sessions import open_source, open_target
from migration.management import given
from migration.management.console import Console
from migration.runner import RunResult
from migration.runner import run as carry_out
from schemadiff.commands import SchemadiffCommand
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching import suggest
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.option import Option, OptionName, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.relaxing import key_of, relaxations
from schemadiff.core.options.transform import transform
from schemadiff.core.plan import Mode
from schemadiff.core.planner import render
from schemadiff.databases import Side


class Command(SchemadiffCommand):
    help = (
        "Carry a database over to another one and prove that nothing was lost. Exits 2 if rows were rejected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument("--option", choices=[name.value for name in OptionName], required=True)
        parser.add_argument(
            "--tables", metavar="T", nargs="+", help="source tables to carry; all without this"
        )
        parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
        parser.add_argument("--protect", metavar="T", nargs="+", default=[], help="target tables left alone")
        parser.add_argument(
            "--relax",
            metavar="R",
            nargs="+",
            default=[],
            help=f"what hybrid gives up of the target's rules: {', '.join(map(key_of, Relaxation))}",
        )
        parser.add_argument(
            "--online", action="store_true", help="take the ways that let readers and writers go on"
        )
        parser.add_argument("--jobs", metavar="N", type=_positive, default=2, help="copying processes")
        parser.add_argument(
            "--resume", action="store_true", help="go on with the run that failed or was killed"
        )
        parser.add_argument("--dry-run", action="store_true", help="show the statements, change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        with given.databases(options["source"], options["target"]) as (source, target):
            if options["resume"]:
                spec = _begun(given.address(target), options["option"], options["jobs"])
            else:
                spec = self._planned(source, target, options)
            if options["dry_run"]:
                return 0
            if not options["yes"]:
                self._ask(target, spec)
            return self._carry_out(
                given.address(source), given.address(target), spec, resume=options["resume"]
            )

    def _planned(self, source: Side, target: Side, options: dict[str, Any]) -> RunSpec:
        left, right = source.catalog(), target.catalog()
        scope = given.scope_of(left, right, options["tables"], options["protect"])
        name, relax = OptionName(options["option"]), relaxations(options["relax"])
        if relax and name is not OptionName.HYBRID:
            raise Refused(f"--relax is for hybrid; {name.value} has nothing to relax.")
        mode = Mode.ONLINE if options["online"] else Mode.PLAIN
        option = _option(name, left, right, scope, options["mapping"], relax, mode)
        if options["dry_run"]:
            self._show(option, source)
        if option.blockers:
            raise Refused(f"{option.name.value} cannot be run yet. {' '.join(option.blockers)}")
        refuse_data_loss(option.plan)
        return RunSpec(
            ledger_id=uuid.uuid4(),
            option=option.name.value,
            plan=option.plan,
            mapping=option.mapping,
            scope=option.scope,
            jobs=options["jobs"],
        )

    def _show(self, option: Option, source: Side) -> None:
        self.stdout.write(render(option.plan))
        sizes = _sizes(source, option)
        for entry in option.mapping.tables:
            pairs, size = len(entry.accepted()), sizes.get(entry.source)
            self.stdout.write(
                f"-- rows: {'.'.join(entry.source)} → {'.'.join(entry.target)}, {pairs} columns"
                + (f", {_size(size)}" if size else "")
            )
        if sizes:
            self.stdout.write(f"-- in all: {_total(sizes.values())}, by the source's statistics")
        for notice in option.plan.notices:
            self.stdout.write(f"-- note: {notice.ref.label}: {notice.message}")

    def _ask(self, target: Side, spec: RunSpec) -> None:
        tables = len(spec.mapping.tables)
        given.ask(
            f"{spec.option}: {len(spec.plan.statements)} statements on {target.label}, none of "
            f"which drops what was not parked, and the rows of {tables} tables. Go on?",
            f"A run changes {target.label}. Look at it with --dry-run, then give --yes.",
        )

    def _carry_out(self, source: str, target: str, spec: RunSpec, *, resume: bool) -> int:
        self.stdout.write(f"Run {spec.ledger_id}")
        with _interruptible() as should_stop:
            console = Console(self.stdout)
            result = carry_out(
                source, target, spec, report=console.report, should_stop=should_stop, resume=resume
            )
        self.stdout.write(_summary(result))
        return 2 if result.rejects else 0


def _option(
    name: OptionName,
    source: Catalog,
    target: Catalog,
    scope: Scope,
    mapping_path: Path | None,
    relax: frozenset[Relaxation],
    mode: Mode,
) -> Option:
    match name:
        case OptionName.RECREATE:
            return recreate(source, target, scope, mode)
        case OptionName.HYBRID:
            return hybrid(source, target, scope, relax, mode)
        case OptionName.TRANSFORM:
            if mapping_path is None:
                return transform(source, target, scope, suggest(source, target, scope.tables))
            mapping = given.read_mapping(mapping_path).restricted_to(scope.tables)
            mapping_file.check(mapping, source, target)
            return transform(source, target, scope, mapping)


def _sizes(source: Side, option: Option) -> dict[QualifiedName, TableSize]:
    """None of a snapshot, which has no rows."""
    if source.dsn is None:
        return {}
    with open_source(source.dsn) as session:
        tables = sorted({entry.source for entry in option.mapping.tables})
        return {size.table: size for size in sizes_of(session, tables)}


def _size(size: TableSize) -> str:
    rows = "rows never counted (ANALYZE)" if size.rows is None else f"about {size.rows:,} rows"
    return f"{rows}, {size.bytes / 1_048_576:,.1f} MB"


def _total(sizes: Iterable[TableSize]) -> str:
    every = list(sizes)
    known = [size.rows for size in every if size.rows is not None]
    rows = f"about {sum(known):,} rows" if len(known) == len(every) else f"at least {sum(known):,} rows"
    return f"{rows}, {sum(size.bytes for size in every) / 1_048_576:,.1f} MB"


def _begun(target_dsn: str, option: str, jobs: int) -> RunSpec:
    with open_target(target_dsn) as target:
        found = ledger.resumable(target)
        if found is None:
            raise NotFound(
                "The target's ledger has no run that failed or was killed: there is nothing to resume."
            )
        if found.option != option:
            raise Refused(f"Run {found.id}, which can be resumed, is {found.option}, not {option}.")
        return replace(ledger.recorded_spec(target, found.id), jobs=jobs)


def _summary(result: RunResult) -> str:
    rejects = f", {result.rejects:,} rejects (in the target: schemadiff.rejects)" if result.rejects else ""
    return f"{result.rows_read:,} rows read, {result.rows_written:,} written{rejects}. Every row is accounted for."


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
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


def _positive(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 64:
        raise ArgumentTypeError(f"{text} is no number of processes; expected 1 to 64")
    return int(text)
