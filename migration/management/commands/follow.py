"""`manage.py follow`: keeps a target up with its source, without a browser."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.core.errors import RunStopped
from migration.core.events import Event, FollowProgress
from migration.core.limits import Limits
from migration.core.rounds import RoundMade
from migration.core.spec import RunSpec
from migration.engine import ledger
from migration.engine.sessions import open_target_to_read
from migration.management import carried, given
from migration.management.console import Console
from migration.runner import run as carry_out
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.copying import NAME, copy_rows
from schemadiff.databases import Side


class Command(SchemadiffCommand):
    help = (
        "Keep TARGET up with SOURCE: go on with the live run that its ledger has (`run --follow`), or copy the rows "
        "into the empty tables that TARGET has and follow them from there on."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument(
            "--tables", metavar="T", nargs="+", help="source tables to follow; all without this"
        )
        parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
        parser.add_argument(
            "--until-lag",
            metavar="SECONDS",
            type=given.number,
            help="end when TARGET is behind by no more than that; without this, when it has taken over",
        )
        parser.add_argument("--jobs", metavar="N", type=given.at_once, default=2, help="copying processes")
        carried.add_source_limits(parser)
        carried.add_rounds(parser)
        carried.add_wal_limit(parser)
        parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")

    def run(self, **options: Any) -> int:
        limit = options["until_lag"]
        if limit is not None and limit < 0:
            raise Refused("--until-lag takes a number of seconds.")
        with given.databases(options["source"], options["target"]) as (source, target):
            begun = _begun(given.address(target), options)
            spec = begun or _planned(source, target, options)
            return self._follow(
                given.address(source), given.address(target), spec, limit, resume=begun is not None
            )

    def _follow(self, source: str, target: str, spec: RunSpec, limit: float | None, *, resume: bool) -> int:
        self.stdout.write(f"Run {spec.ledger_id}")
        with carried.interruptible() as interrupted:
            until = _Until(limit, Console(self.stdout).report)
            try:
                result = carry_out(
                    source,
                    target,
                    spec,
                    report=until.report,
                    should_stop=lambda: interrupted() or until.is_reached,
                    hands_back=lambda: True,
                    resume=resume,
                )
            except RunStopped:
                if not until.is_reached:
                    raise
                self.stdout.write(
                    f"The target is behind by no more than {limit:g} s. `follow` goes on from here."
                )
                return 0
        self.stdout.write(carried.summary(result))
        return 2 if result.rejects else 0


class _Until:
    """Notices when the follower is near enough."""

    def __init__(self, limit: float | None, report: Callable[[Event], None]) -> None:
        self._limit, self._report, self.is_reached = limit, report, False

    def report(self, event: Event) -> None:
        self._report(event)
        if self._limit is None:
            return
        if isinstance(event, FollowProgress):
            self.is_reached = event.is_settled and event.lag_seconds <= self._limit
        elif isinstance(event, RoundMade):
            self.is_reached = event.seconds <= self._limit


def _begun(target_dsn: str, options: dict[str, Any]) -> RunSpec | None:
    """The live run that the target's ledger has, if it has one. Raises Refused where another is in the way."""
    with open_target_to_read(target_dsn) as target:
        found = ledger.resumable(target)
        if found is None:
            return None
        spec = ledger.recorded_spec(target, found.id)
    if not spec.live:
        raise Refused(
            f"Run {found.id} on the target has not ended, and was begun without --follow. Resume it, or remove it "
            f"with `clean --run {found.id}`."
        )
    if options["tables"] or options["mapping"]:
        raise Refused(
            f"Run {found.id} follows its source already, with the tables and the mapping that it began with: leave "
            "--tables and --mapping out."
        )
    if options["by_comparing"] and not spec.compares:
        raise Refused(f"Run {found.id} follows its source by the log already: leave --by-comparing out.")
    return replace(spec, limits=_limits(options))


def _limits(options: dict[str, Any]) -> Limits:
    return carried.limits_of({**options, "max_rows_per_second": None})


def _planned(source: Side, target: Side, options: dict[str, Any]) -> RunSpec:
    left, right = source.catalog(), target.catalog()
    scope = given.scope_of(left, right, options["tables"], ())
    mapping = Mapping() if options["mapping"] is None else given.read_mapping(options["mapping"])
    copy = copy_rows(left, right, scope, mapping)
    return RunSpec(
        ledger_id=uuid.uuid4(),
        option=NAME,
        plan=copy.plan,
        mapping=copy.mapping,
        scope=copy.scope,
        jobs=options["jobs"],
        author=given.author(options["by"]),
        live=True,
        compares=options["by_comparing"],
        limits=_limits(options),
    )
