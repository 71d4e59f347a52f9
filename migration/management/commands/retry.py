"""`manage.py retry`: a run's rejects tried again, when what refused them has been put right."""

from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from migration.engine import ledger
from migration.engine.repair import Consent
from migration.engine.retrying import RetryResult, retry_rejects
from migration.engine.sessions import open_target_to_read
from migration.management import given
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand
from schemadiff.core import mapping_file
from schemadiff.core.errors import NotFound


class Command(SchemadiffCommand):
    help = (
        "Read the rows that a run or copy could not write again, and write those that are taken now. Without --run of "
        "the latest run. Exits 2 if rows are left."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument("--run", metavar="ID", dest="ledger_id", type=UUID, help="that run's rejects")
        parser.add_argument(
            "--tables", metavar="T", nargs="+", default=(), help="source tables; all without this"
        )
        parser.add_argument("--reason", metavar="TEXT", default="", help="what was put right, for the record")
        parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")

    def run(self, **options: Any) -> int:
        with given.databases(options["source"], options["target"]) as (source, target):
            target_dsn = given.address(target)
            result = retry_rejects(
                given.address(source),
                target_dsn,
                options["ledger_id"] or _latest(target_dsn),
                Consent(author=given.author(options["by"]), reason=options["reason"]),
                tables=[mapping_file.table_name(name) for name in options["tables"]],
                report=Console(self.stdout).report,
            )
        self._tell(result)
        return 2 if result.left else 0

    def _tell(self, result: RetryResult) -> None:
        for table in result.tables:
            name = ".".join(table.target)
            self.stdout.write(f"{name}: {table.recovered:,} rows written, {table.left:,} rejects left")
            for group in table.groups:
                self.stdout.write(f"  {group.count:,} × {group.reason}")
        self.stdout.write(
            f"{result.recovered:,} rejected rows are in the target now, {result.left:,} are left."
        )


def _latest(target_dsn: str) -> UUID:
    with open_target_to_read(target_dsn) as target:
        found = ledger.latest_copied(target)
    if found is None:
        raise NotFound(
            "The target's ledger has no run that has carried all of its rows: nothing can be tried again."
        )
    return found.id
