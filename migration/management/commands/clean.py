"""`manage.py clean`: removes what runs left in a target (and slots on a source), listed first."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser
from django.template.defaultfilters import filesizeformat

from migration.engine.clean import clean, leftovers
from migration.management import given
from schemadiff.commands import SchemadiffCommand


class Command(SchemadiffCommand):
    help = "List what runs left in the target, and remove it. Parked tables are gone for good then."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument("--run", metavar="ID", dest="ledger_id", type=UUID, help="of this run only")
        parser.add_argument(
            "--source", metavar="SOURCE", help="the source that a run follows: its slot is removed there, too"
        )
        parser.add_argument(
            "--source-is-gone", action="store_true", help="forget slots on a source that is there no more"
        )
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        named = [name for name in (options["target"], options["source"]) if name is not None]
        with given.databases(*named) as sides:
            dsn, ledger_id = given.address(sides[0]), options["ledger_id"]
            source = given.address(sides[1]) if len(sides) > 1 else None
            found = leftovers(dsn, ledger_id, source)
            for each in found:
                size = f" ({filesizeformat(each.size)})" if each.size else ""
                self.stdout.write(f"{each.kind} {each.name}{size}: {each.what}")
            if not found:
                self.stdout.write("Nothing is left of any run.")
                return 0
            if not options["yes"]:
                given.ask(
                    "Remove all of this for good?", "Nothing was removed: give --yes to remove all of this."
                )
            clean(dsn, ledger_id, source, is_source_gone=options["source_is_gone"])
            self.stdout.write("Removed.")
        return 0
