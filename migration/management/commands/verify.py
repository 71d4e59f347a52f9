"""`manage.py verify`: are the rows of two databases the same? The last line of its text says how many differ."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.core.events import Log, TableChecked
from migration.core.phases import Phase
from migration.engine import ledger
from migration.engine.sessions import open_target
from migration.engine.verify import verify
from migration.management import given
from migration.management.console import Console
from schemadiff.commands import SchemadiffCommand
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping, PairStatus, TableMapping
from schemadiff.core.matching import suggest
from schemadiff.databases import Side


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
        parser.add_argument("--jobs", metavar="N", type=int, default=1, help="tables compared at a time")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def run(self, **options: Any) -> int:
        as_text = options["format"] == "text"
        console = Console(self.stdout)
        notes: list[str] = []
        with given.databases(options["source"], options["target"]) as (source, target):
            mapping = _mapping(source, target, options["mapping"], options["tables"])
            checked = verify(
                given.address(source),
                given.address(target),
                mapping,
                jobs=options["jobs"],
                report=console.report if as_text else lambda event: _note(event, notes),
            )
        differences = sum(table.differing for table in checked)
        if as_text:
            self.stdout.write(f"differences: {differences}")
        else:
            self.stdout.write(
                json.dumps(_document(checked, notes, differences), ensure_ascii=False, indent=2)
            )
        return 2 if differences else 0


def _mapping(source: Side, target: Side, path: Path | None, tables: Sequence[str] | None) -> Mapping:
    left, right = source.catalog(), target.catalog()
    scope = given.scope_of(left, right, tables, ())
    if path is not None:
        mapping = given.read_mapping(path).restricted_to(scope.tables)
        mapping_file.check(mapping, left, right)
    else:
        carried = _carried(given.address(target)).restricted_to(scope.tables)
        mapping = carried if carried.tables else _equal_names(suggest(left, right, scope.tables))
    if not mapping.tables:
        raise Refused(
            "No table is to be compared: source and target have none of equal name. Give --mapping."
        )
    return mapping


def _carried(target_dsn: str) -> Mapping:
    """What the latest finished run carried."""
    with open_target(target_dsn) as target:
        for run in ledger.runs(target):
            if run.phase is Phase.FINISH:
                return ledger.recorded_spec(target, run.id).mapping
    return Mapping()


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


def _note(event: object, notes: list[str]) -> None:
    if isinstance(event, Log):
        notes.append(event.message)


def _document(checked: Sequence[TableChecked], notes: list[str], differences: int) -> dict[str, Any]:
    tables = [
        {
            "source": ".".join(table.table),
            "target": ".".join(table.target),
            "source_rows": table.source_rows,
            "target_rows": table.target_rows,
            "rejected_rows": table.rejected_rows,
            "differing": table.differing,
            "method": table.method,
        }
        for table in checked
    ]
    return {"format": 1, "differences": differences, "tables": tables, "notes": notes}
