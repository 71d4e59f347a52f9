"""`manage.py run`: carries a database over, by one of the three options, and proves the result."""

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.core.spec import RunSpec, refuse_unfit
from migration.management import carried, given
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
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
        carried.add_arguments(parser)
        parser.add_argument("--option", choices=[name.value for name in OptionName], required=True)
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
        parser.add_argument(
            "--follow",
            action="store_true",
            help="keep TARGET up with SOURCE after the copy, until `cutover` lets it take over",
        )
        carried.add_rounds(parser)
        carried.add_wal_limit(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def run(self, **options: Any) -> int:
        with given.databases(options["source"], options["target"]) as (source, target):
            if options["resume"]:
                spec = carried.begun(given.address(target), options["option"], options)
            else:
                spec = self._planned(source, target, options)
            if options["dry_run"]:
                carried.show_foreseen(self.stdout, source, target, spec)
                return 0
            if not options["yes"]:
                self._ask(target, spec)
            return carried.carried_out(
                self.stdout,
                given.address(source),
                given.address(target),
                spec,
                resume=options["resume"],
            )

    def _planned(self, source: Side, target: Side, options: dict[str, Any]) -> RunSpec:
        left, right = source.catalog(), target.catalog()
        scope = given.scope_of(left, right, options["tables"], options["protect"])
        name, relax = OptionName(options["option"]), relaxations(options["relax"])
        if relax and name is not OptionName.HYBRID:
            raise Refused(f"--relax is for hybrid; {name.value} has nothing to relax.")
        if options["overwrite"] and name is OptionName.RECREATE:
            raise Refused("--overwrite is for transform and hybrid; recreate makes its tables anew.")
        if options["overwrite"] and options["follow"]:
            raise Refused("--follow takes empty tables, in which there is nothing to --overwrite.")
        if options["by_comparing"] and not options["follow"]:
            raise Refused("--by-comparing says how a source is followed: give --follow as well.")
        mode = Mode.ONLINE if options["online"] else Mode.PLAIN
        option = _option(name, left, right, scope, options["mapping"], relax, mode)
        if options["dry_run"]:
            self._show(option, source)
        if option.blockers:
            raise Refused(f"{option.name.value} cannot be run yet. {' '.join(option.blockers)}")
        refuse_unfit(option.plan)
        return RunSpec(
            ledger_id=uuid.uuid4(),
            option=option.name.value,
            plan=option.plan,
            mapping=option.mapping,
            scope=option.scope,
            jobs=options["jobs"],
            author=given.author(options["by"]),
            overwrites=options["overwrite"],
            backup_to=carried.backup_folder(options),
            live=options["follow"],
            compares=options["by_comparing"],
            limits=carried.limits_of(options),
        )

    def _show(self, option: Option, source: Side) -> None:
        self.stdout.write(render(option.plan))
        carried.show_rows(self.stdout, source, option.mapping)
        carried.show_notices(self.stdout, option.plan.notices)

    def _ask(self, target: Side, spec: RunSpec) -> None:
        tables = len(spec.mapping.tables)
        given.ask(
            f"{spec.option}: {len(spec.plan.statements)} statements on {target.label}, none of "
            f"which drops what was not parked, and the rows of {tables} tables. Go on?",
            f"A run changes {target.label}. Look at it with --dry-run, then give --yes.",
        )


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
            mapping = given.in_scope(given.read_mapping(mapping_path), source, target, scope)
            return transform(source, target, scope, mapping)
