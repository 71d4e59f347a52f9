"""`manage.py clean`: removes what runs left in a target (ledger, rejects, parked schemas), listed first."""

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
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        with given.databases(options["target"]) as (side,):
            dsn, ledger_id = given.address(side), options["ledger_id"]
            found = leftovers(dsn, ledger_id)
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
            clean(dsn, ledger_id)
            self.stdout.write("Removed.")
        return 0
