"""`manage.py restore`: puts back what a run parked; what the run made is moved aside, not dropped."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from migration.engine.restore import planned_restoration, restore
from migration.engine.sessions import open_target
from migration.management import given
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand


class Command(SchemadiffCommand):
    help = "Put back the tables that a run parked. Without --yes it lists what it would do, and asks."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument("--run", metavar="ID", dest="ledger_id", type=UUID, required=True)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        with given.databases(options["target"]) as (side,):
            dsn, ledger_id = given.address(side), options["ledger_id"]
            if not options["yes"]:
                self._list(dsn, ledger_id)
                given.ask(
                    "Put this back?",
                    f"Putting back changes {side.label}. Give --yes once the list above is what you want.",
                )
            restore(dsn, ledger_id, Console(self.stdout).report)
        return 0

    def _list(self, dsn: str, ledger_id: UUID) -> None:
        with open_target(dsn) as target:
            plan = planned_restoration(target, ledger_id)
        for each in plan.put_aside:
            self.stdout.write(f"aside: {each.kind} {each.schema}.{each.name} → schema {plan.aside}")
        for each in plan.put_back:
            self.stdout.write(
                f"back:  {each.kind} {each.schema}.{each.name} → {each.from_schema}.{each.from_name}"
            )
        for key in plan.keys:
            self.stdout.write(f"key:   {key.schema}.{key.table}.{key.name} {key.definition}")
