"""`manage.py restore`: puts back what a run parked; what the run made is moved aside, not dropped.

Or brings tables back from the backup that a run made with pg_dump, or undoes a repair: what is as the repair left it
becomes what it was.
"""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from migration.engine import repairs
from migration.engine.repair import Consent
from migration.engine.restore import planned_restoration, restore
from migration.engine.restore_backup import planned_backup_restoration, read_backup, restore_backup
from migration.engine.sessions import open_target
from migration.engine.undo import refuse_unfit, undo
from migration.management import given, verified
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand


class Command(SchemadiffCommand):
    help = (
        "Put back the tables that a run parked or backed up, or undo a repair. Without --yes it lists what it would "
        "do, and asks."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("target", metavar="TARGET")
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--run", metavar="ID", dest="ledger_id", type=UUID, help="what that run parked")
        what.add_argument(
            "--from-backup", metavar="FILE", type=Path, help="the tables in that file, as a run dumped them"
        )
        what.add_argument("--repair", metavar="N", type=int, help="undo that repair of `verify`")
        parser.add_argument(
            "--reason", metavar="TEXT", default="", help="why a repair is undone, for the record"
        )
        parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        with given.databases(options["target"]) as (side,):
            dsn, ledger_id = given.address(side), options["ledger_id"]
            if options["repair"] is not None:
                return self._undo(dsn, side.label, options)
            if options["from_backup"] is not None:
                return self._from_backup(dsn, side.label, options)
            if not options["yes"]:
                self._list(dsn, ledger_id)
                given.ask(
                    "Put this back?",
                    f"Putting back changes {side.label}. Give --yes once the list above is what you want.",
                )
            restore(dsn, ledger_id, Console(self.stdout).report)
        return 0

    def _from_backup(self, dsn: str, label: str, options: dict[str, Any]) -> int:
        path = options["from_backup"].expanduser().resolve()
        if not options["yes"]:
            with open_target(dsn) as target:
                plan = planned_backup_restoration(target, read_backup(path))
            for table in plan.put_aside:
                self.stdout.write(f"aside: table {'.'.join(table)} → schema {plan.aside}")
            for each in plan.backup.tables:
                self.stdout.write(f"back:  table {'.'.join(each.table)}, {each.rows:,} rows")
            for key in plan.keys:
                self.stdout.write(f"key:   {key.schema}.{key.table}.{key.name} {key.definition}")
            given.ask(
                f"Bring these tables back as of {plan.backup.taken_at}?",
                f"Bringing back changes {label}. Give --yes once the list above is what you want.",
            )
        restore_backup(dsn, path, Console(self.stdout).report)
        return 0

    def _undo(self, dsn: str, label: str, options: dict[str, Any]) -> int:
        number = options["repair"]
        if not options["yes"]:
            with open_target(dsn) as target:
                refuse_unfit(target, number)
                found = repairs.find(target, number)
            self.stdout.write(
                f"undo:  repair {number} of {found.started_at} UTC by {found.author}, {found.rows:,} rows"
            )
            given.ask("Undo this?", f"Undoing changes {label}. Give --yes once that is what you want.")
        consent = Consent(author=given.author(options["by"]), reason=options["reason"])
        result = undo(dsn, number, consent, report=Console(self.stdout).report)
        verified.write_result(self.stdout, result)
        return 2 if any(each.outcome.refused for each in result.tables) else 0

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
