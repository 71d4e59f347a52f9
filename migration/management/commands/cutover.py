"""`manage.py cutover`: lets the target of a live run take over, by a checklist; or gives it back."""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser

from config import appdb
from migration.application_lookup import find_application, find_project
from migration.cutting_over import FlagSwitch, FlagSwitchBack
from migration.engine.checklist import Switch, Terms, find_live_run, sides
from migration.engine.cutover import CutOver
from migration.engine.going_back import GoingBack, is_possible
from migration.management import given
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.errors import Refused


class Command(SchemadiffCommand):
    help = (
        "Let TARGET, which follows SOURCE, take over: look at lag and verification, fence the source, let the rest "
        "come, compare, set sequences, flip the application's flags. What fails is undone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument(
            "--role",
            metavar="R",
            nargs="+",
            default=[],
            help="the application's roles on the source, which may write no more; without this all that are connected",
        )
        parser.add_argument(
            "--wait",
            metavar="SECONDS",
            type=given.number,
            default=1.0,
            help="how long open transactions may take to end before their sessions are ended",
        )
        parser.add_argument("--project", metavar="SLUG")
        parser.add_argument("--application", metavar="A", help="whose flags are prepared and flipped")
        parser.add_argument("--environment", metavar="E")
        parser.add_argument("--reason", metavar="TEXT", default="Cut-over", help="for the record")
        parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")
        parser.add_argument("--dry-run", action="store_true", help="look at what has to hold, change nothing")
        parser.add_argument(
            "--no-way-back",
            metavar="REASON",
            default="",
            help="do not bring into the source what is written to the target from now on, and why",
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--back",
            action="store_true",
            help="let the source lead again, with what was written to the target since; before the target has taken "
            "over: lift the fence and take the flags back",
        )
        instead.add_argument(
            "--stay",
            action="store_true",
            help="after --back was broken off: lift the target's fence and let the target lead on",
        )
        instead.add_argument(
            "--end-way-back",
            action="store_true",
            help="bring nothing back any more: slot, publication and record of the way back are removed",
        )
        parser.add_argument(
            "--leave-writes",
            action="store_true",
            help="with --back: what was written to the target and is not in the source stays in the target only",
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        if options["dry_run"] and (options["stay"] or options["end_way_back"]):
            raise Refused(
                "--dry-run looks at a cut-over and at --back; --stay and --end-way-back are done at once."
            )
        with (
            given.databases(options["source"], options["target"]) as (left, right),
            sides(given.address(left), given.address(right)) as (source, target),
        ):
            run = find_live_run(target)[0].ledger_id
            returns = (
                options["end_way_back"]
                or options["stay"]
                or (options["back"] and is_possible(source, target, run))
            )
            kind, switches = (GoingBack, FlagSwitchBack) if returns else (CutOver, FlagSwitch)
            with _switch(options, switches) as switch:
                attempt = kind(
                    given.address(left),
                    given.address(right),
                    source,
                    target,
                    _terms(options),
                    switch,
                    Console(self.stdout).report,
                )
                match attempt:
                    case GoingBack():
                        return self._go_back(attempt, options)
                    case CutOver() if options["back"]:
                        return self._take_back(attempt, options)
                    case CutOver():
                        return self._go(attempt, options)
        raise AssertionError("one of the two")

    def _go(self, attempt: CutOver, options: dict[str, Any]) -> int:
        if options["dry_run"]:
            attempt.look()
            return 0
        self._ask(options)
        done = attempt.go()
        self.stdout.write(f"The target has taken over. Writes were held for {done.pause:.2f} s.")
        return 2 if done.rejects else 0

    def _go_back(self, attempt: GoingBack, options: dict[str, Any]) -> int:
        if options["stay"]:
            attempt.undo()
            return 0
        if options["end_way_back"]:
            if not options["yes"]:
                given.ask(
                    "There will be no way back without loss any more. Go on?",
                    "Give --yes to end the way back.",
                )
            attempt.end()
            return 0
        if options["dry_run"]:
            attempt.look()
            return 0
        if not options["yes"]:
            given.ask(
                "The application's writes are held, and the source leads again. Go on?",
                "Give --yes to go back.",
            )
        done = attempt.go()
        self.stdout.write(f"The source leads again. Writes were held for {done.pause:.2f} s.")
        return 2 if done.rejects else 0

    def _take_back(self, attempt: CutOver, options: dict[str, Any]) -> int:
        if options["dry_run"]:
            attempt.look_back()
            return 0
        self._ask_back(attempt, options)
        attempt.go_back()
        return 0

    def _ask(self, options: dict[str, Any]) -> None:
        if not options["yes"]:
            given.ask(
                "The application's roles will write to the source no more, and the target takes over. Go on?",
                "A cut-over stops the application's writes. Look at it with --dry-run, then give --yes.",
            )

    def _ask_back(self, attempt: CutOver, options: dict[str, Any]) -> None:
        if attempt.has_taken_over and not options["leave_writes"]:
            raise Refused(
                "The target has taken over, and what was written to it since is not in the source: the cut-over was "
                "made without a way back, or that was ended. `verify` names the rows. Carry them over first, or say "
                "--leave-writes to go back without them."
            )
        if not options["yes"]:
            given.ask("Lift the fence and take the flags back?", "Give --yes to go back.")


def _terms(options: dict[str, Any]) -> Terms:
    return Terms(
        roles=tuple(options["role"]),
        patience=options["wait"],
        no_way_back=options["no_way_back"].strip(),
        leaves_writes=options["leave_writes"],
    )


@contextlib.contextmanager
def _switch(options: dict[str, Any], kind: type[FlagSwitch]) -> Iterator[Switch | None]:
    """The flags of the application that is named; none is needed where somebody else switches it over."""
    if options["application"] is None:
        yield None
        return
    with appdb.in_use():
        project = find_project(options["project"])
        application = find_application(project, options["application"], options["environment"])
        yield kind(application, reason=options["reason"], user=given.author(options["by"]))
