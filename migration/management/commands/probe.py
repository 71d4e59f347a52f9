"""`manage.py probe`: do the data layer's methods answer the same on both databases, and how fast?"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from config import appdb
from migration.access.probe_results import ProbeReport
from migration.access.probes import ROUNDS, probe
from migration.management import given
from migration.probe_report import document, lines
from schemadiff.commands import SchemadiffCommand
from schemadiff.core import mapping_file
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.databases import Side
from schemadiff.evidence.query_files import named_queries

_MOST_ROUNDS = 1_000


class Command(SchemadiffCommand):
    help = (
        "Ask both databases the same by every method of the data layer, and by queries of one's own; compare the"
        " answers and their times. The source is only read. Exits 2 if something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE", nargs="?", help="without both: a project's databases")
        parser.add_argument("target", metavar="TARGET", nargs="?")
        parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
        parser.add_argument(
            "--queries", metavar="FILE", type=Path, help="SELECTs to be asked on both as well"
        )
        parser.add_argument(
            "--rounds", metavar="N", type=int, default=ROUNDS, help="calls that a latency is made of"
        )
        parser.add_argument("--project", metavar="SLUG", help="needed where there is more than one")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def run(self, **options: Any) -> int:
        if not 1 <= options["rounds"] <= _MOST_ROUNDS:
            raise Refused(f"--rounds takes a number from 1 to {_MOST_ROUNDS:,}.")
        queries = _queries(options["queries"])
        if options["source"] is None:
            report = _of_project(options, queries)
        elif options["target"] is None:
            raise Refused("Give both, SOURCE and TARGET, or neither: then a project's latest run says which.")
        else:
            report = _of_two(options, queries)
        if options["format"] == "json":
            self.stdout.write(json.dumps(document(report), ensure_ascii=False, indent=2))
        else:
            for line in lines(report):
                self.stdout.write(line)
        return 2 if report.differing else 0


def _of_two(options: dict[str, Any], queries: tuple[tuple[str, str], ...]) -> ProbeReport:
    with given.databases(options["source"], options["target"]) as (source, target):
        return probe(
            given.address(source),
            given.address(target),
            _mapping(source, target, options["mapping"]),
            queries,
            rounds=options["rounds"],
        )


def _mapping(source: Side, target: Side, path: Path | None) -> Mapping | None:
    """The file's, else what the target's latest run carried, else None: equal names."""
    if path is None:
        carried = given.carried_mapping(given.address(target))
        return carried if carried.tables else None
    mapping = given.read_mapping(path)
    mapping_file.check(mapping, source.catalog(), target.catalog())
    given.try_expressions(source, target.catalog(), mapping)
    return mapping


def _of_project(options: dict[str, Any], queries: tuple[tuple[str, str], ...]) -> ProbeReport:
    from migration.application_lookup import find_project
    from migration.probing import probe_project

    with appdb.in_use():
        project = find_project(options["project"])
        mapping = None if options["mapping"] is None else given.read_mapping(options["mapping"])
        return probe_project(project, queries, mapping=mapping, rounds=options["rounds"])


def _queries(path: Path | None) -> tuple[tuple[str, str], ...]:
    if path is None:
        return ()
    return tuple((query.name, query.sql) for query in named_queries(given.read_text(path)))
