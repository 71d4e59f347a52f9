"""`manage.py copy`: rows into another database, where wanted with the tables that it lacks."""

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.core.spec import RunSpec, refuse_unfit
from migration.management import carried, given
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.copying import NAME, Copy, copy_rows, copy_with_schema
from schemadiff.core.planner import render
from schemadiff.databases import Side


class Command(SchemadiffCommand):
    help = (
        "Copy rows into another database and prove that they are there. Tables that it lacks are made first, their "
        "keys and indexes after; what it has stays. Exits 2 if rows were rejected."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        carried.add_arguments(parser)
        parser.add_argument(
            "--data-only", action="store_true", help="make no table: all of them have to be there"
        )

    def run(self, **options: Any) -> int:
        with given.databases(options["source"], options["target"]) as (source, target):
            if options["resume"]:
                spec = carried.begun(given.address(target), NAME, options)
            else:
                spec = self._planned(source, target, options)
            if options["dry_run"]:
                carried.show_foreseen(self.stdout, source, target, spec)
                return 0
            return carried.carried_out(
                self.stdout,
                given.address(source),
                given.address(target),
                spec,
                resume=options["resume"],
            )

    def _planned(self, source: Side, target: Side, options: dict[str, Any]) -> RunSpec:
        copy = _copy(source, target, options)
        if options["dry_run"]:
            self.stdout.write(render(copy.plan))
            carried.show_rows(self.stdout, source, copy.mapping)
        carried.show_notices(self.stdout, copy.plan.notices)
        refuse_unfit(copy.plan)
        return RunSpec(
            ledger_id=uuid.uuid4(),
            option=NAME,
            plan=copy.plan,
            mapping=copy.mapping,
            scope=copy.scope,
            jobs=options["jobs"],
            author=given.author(options["by"]),
            overwrites=options["overwrite"],
            backup_to=carried.backup_folder(options),
            limits=carried.limits_of(options),
        )


def _copy(source: Side, target: Side, options: dict[str, Any]) -> Copy:
    left, right = source.catalog(), target.catalog()
    scope = given.scope_of(left, right, options["tables"], ())
    mapping = _mapping(options["mapping"])
    if options["data_only"]:
        return copy_rows(left, right, scope, mapping)
    return copy_with_schema(left, right, scope, mapping)


def _mapping(path: Path | None) -> Mapping:
    return Mapping() if path is None else given.read_mapping(path)
