"""`manage.py verify`: are the rows of two databases the same? The last line of its text says how many differ."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.core.checksums import DifferingRow, Sample
from migration.core.events import Event, Log, TableChecked
from migration.engine.carrying import Equality
from migration.engine.failures import explained
from migration.engine.repair import Consent, RepairResult, refuse_protected, repair
from migration.engine.sessions import open_target_to_read
from migration.engine.target_leads import Rewriting, refuse, tables_of
from migration.engine.verify import SAMPLE, verify
from migration.management import given, verified
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, PairStatus, QualifiedName, TableMapping
from schemadiff.core.matching import suggest
from schemadiff.core.options.option import Scope


class Command(SchemadiffCommand):
    help = (
        "Compare the rows of two databases by strict hashes. Without --mapping by what the target's latest run "
        "carried, or else by equal names. Exits 2 if rows differ."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument(
            "--tables", metavar="T", nargs="+", help="source tables to compare; all without this"
        )
        parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
        parser.add_argument(
            "--jobs", metavar="N", type=given.at_once, default=1, help="tables compared at a time"
        )
        parser.add_argument(
            "--semantic", action="store_true", help="values that mean the same are equal: 1.5 and 1.50"
        )
        parser.add_argument(
            "--sample",
            metavar="PERCENT",
            type=given.number,
            help="compare only so many percent of each large table; says what was not looked at",
        )
        parser.add_argument(
            "--values",
            metavar="N",
            type=int,
            default=0,
            help="show so many differing rows of each table, with their values",
        )
        parser.add_argument(
            "--repair", action="store_true", help="make the differing rows the source's again"
        )
        parser.add_argument(
            "--protect", metavar="T", nargs="+", default=(), help="target tables that no repair may touch"
        )
        parser.add_argument("--reason", metavar="TEXT", default="", help="why it is repaired, for the record")
        parser.add_argument("--by", metavar="NAME", help="who does it, if not the user of this system")
        parser.add_argument("--yes", action="store_true", help="do not ask before a repair")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def run(self, **options: Any) -> int:
        if not 0 <= options["values"] <= SAMPLE:
            raise Refused(f"--values takes a number up to {SAMPLE}.")
        sample = _sample(options)
        with given.databases(options["source"], options["target"]) as (source, target):
            left, right = source.catalog(), target.catalog()
            scope = given.scope_of(left, right, options["tables"], options["protect"])
            mapping = _mapping(given.address(target), left, right, options["mapping"], scope)
            checking = _Checking(
                source_dsn=given.address(source),
                target_dsn=given.address(target),
                mapping=mapping,
                jobs=options["jobs"],
                equality=Equality.SEMANTIC if options["semantic"] else Equality.STRICT,
                sample=sample,
                report=Console(self.stdout).report if options["format"] == "text" else None,
            )
            if options["repair"]:
                checking.refuse_repair()
            checked = checking.verify()
            result = None
            if options["repair"] and any(table.differing for table in checked):
                result = self._repair(checking, checked, scope.protected, options)
                checked = checking.verify()
            return self._tell(checking, checked, result, options)

    def _repair(
        self,
        checking: "_Checking",
        checked: Sequence[TableChecked],
        protected: Sequence[QualifiedName],
        options: dict[str, Any],
    ) -> RepairResult:
        differing = {table.table for table in checked if table.differing}
        refuse_protected(checking.mapping.restricted_to(tuple(sorted(differing))), frozenset(protected))
        if not options["yes"]:
            verified.write_prospect(self.stderr if options["format"] == "json" else self.stdout, checked)
            given.ask(
                "Repair these rows?",
                "A repair changes the target. Give --yes once the list above is what you want.",
            )
        return repair(
            checking.source_dsn,
            checking.target_dsn,
            checking.mapping,
            checked,
            Consent(author=given.author(options["by"]), reason=options["reason"]),
            protected=frozenset(protected),
            report=checking.note_event,
        )

    def _tell(
        self,
        checking: "_Checking",
        checked: Sequence[TableChecked],
        result: RepairResult | None,
        options: dict[str, Any],
    ) -> int:
        pairs = checking.row_pairs(options["values"])
        differences = sum(table.differing for table in checked)
        if options["format"] == "text":
            verified.write_row_pairs(self.stdout, pairs)
            if result is not None:
                verified.write_result(self.stdout, result)
            self.stdout.write(f"differences: {differences}")
        else:
            told = verified.document(checked, checking.notes, pairs=pairs, result=result)
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=2))
        return 2 if differences else 0


@dataclass(slots=True, kw_only=True)
class _Checking:
    """Two databases and what is to be compared in them; `report` is None where notes are collected."""

    source_dsn: str
    target_dsn: str
    mapping: Mapping
    jobs: int
    equality: Equality
    sample: Sample | None
    report: Callable[[Event], None] | None
    notes: list[str] = field(default_factory=list)
    noted: dict[QualifiedName, Sequence[DifferingRow]] = field(default_factory=dict)

    def verify(self) -> tuple[TableChecked, ...]:
        self.notes.clear()
        self.noted.clear()
        return verify(
            self.source_dsn,
            self.target_dsn,
            self.mapping,
            jobs=self.jobs,
            equality=self.equality,
            sample=self.sample,
            report=self.note_event,
            note=lambda carriage, rows: self.noted.update({carriage.name: rows}),
        )

    def refuse_repair(self) -> None:
        """Before it takes long. Raises Refused."""
        with (
            explained("The target could not be asked", "Try again"),
            open_target_to_read(self.target_dsn) as target,
        ):
            refuse(target, tables_of(self.mapping), Rewriting.REPAIR)

    def note_event(self, event: Event) -> None:
        if self.report is not None:
            self.report(event)
        elif isinstance(event, Log):
            self.notes.append(event.message)

    def row_pairs(self, limit: int) -> verified.RowPairs:
        if not limit:
            return {}
        return verified.row_pairs(
            self.source_dsn, self.target_dsn, self.mapping, self.noted, limit, self.equality
        )


def _sample(options: dict[str, Any]) -> Sample | None:
    percent = options["sample"]
    if percent is None:
        return None
    if not 0 < percent < 100:
        raise Refused("--sample takes a percentage between 0 and 100, like 1 or 0.5.")
    if options["repair"]:
        raise Refused("--repair looks at every row: leave --sample out, or name the tables with --tables.")
    return Sample(percent=percent)


def _mapping(target_dsn: str, left: Catalog, right: Catalog, path: Path | None, scope: Scope) -> Mapping:
    if path is not None:
        read = given.read_mapping(path)
        scope = replace(scope, tables=read.with_merged(scope.tables))
        mapping = given.in_scope(read, left, right, scope)
    else:
        carried = given.carried_mapping(target_dsn)
        carried = carried.restricted_to(carried.with_merged(scope.tables))
        mapping = carried if carried.tables else _equal_names(suggest(left, right, scope.tables))
    if not mapping.tables:
        raise Refused(
            "No table is to be compared: source and target have none of equal name. Give --mapping."
        )
    return mapping


def _equal_names(suggested: Mapping) -> Mapping:
    """Tables of equal names, and in them the columns that the matcher is certain of."""
    return Mapping(
        tables=tuple(
            TableMapping(
                source=entry.source,
                target=entry.target,
                pairs=tuple(pair for pair in entry.pairs if pair.status is PairStatus.CONFIRMED),
            )
            for entry in suggested.tables
            if entry.source == entry.target and entry.accepted()
        )
    )
