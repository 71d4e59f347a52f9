"""`manage.py queries`: which of the application's queries still work on another database, as it is."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from migration.management import given, query_sources
from schemadiff.commands import SchemadiffCommand
from schemadiff.core.mapping import Mapping
from schemadiff.databases import Connection, Side, connect
from schemadiff.evidence.embeds import as_postgrest_asks
from schemadiff.evidence.judgements import Judgement, judge_databases
from schemadiff.evidence.queries import QueryOutcome
from schemadiff.evidence.rewriting import Names
from schemadiff.models import QueryJudging
from schemadiff.pages.judgements import LOOKS, as_csv, as_json, narrowed, wanted_for
from schemadiff.store.evidence import judgement_rows

SECONDS = 300
_FOUND = {QueryOutcome.CHANGED, QueryOutcome.FAILS}


class Command(SchemadiffCommand):
    help = (
        "Which of the application's queries, which work on SOURCE, work on DATABASE as it is. Exits with 2 where one "
        "fails or gives another shape."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("database", metavar="DATABASE")
        parser.add_argument("--queries", metavar="WHERE", required=True, help=query_sources.HELP)
        parser.add_argument(
            "--mapping", metavar="FILE", type=Path, help="rewrite the queries by it, and judge that, too"
        )
        parser.add_argument("--verdict", choices=sorted(LOOKS), default="", help="list only these")
        parser.add_argument("--table", metavar="T", default="", help="list only queries that name this table")
        parser.add_argument(
            "--caller", metavar="TEXT", default="", help="list only those with this in file or name"
        )
        parser.add_argument("--role", metavar="R", default="", help="list only those that this role sent")
        parser.add_argument("--format", choices=["text", "csv", "json"], default="text")

    def run(self, **options: Any) -> int:
        mapping = given.read_mapping(options["mapping"]) if options["mapping"] else None
        with given.databases(options["source"], options["database"]) as (source, other):
            found = query_sources.queries_of(options["queries"], source)
            with connect(given.address(source)) as here, connect(given.address(other)) as there:
                catalog = source.catalog()
                names = _names(source, other, mapping, there)
                queries = as_postgrest_asks(found.queries, catalog)
                judged = judge_databases(here, there, queries, names, seconds=SECONDS)
            judging = QueryJudging(reference_words=source.label, connection_words=other.label)
        wanted = wanted_for(
            verdict=options["verdict"],
            table=options["table"],
            place=options["caller"],
            role=options["role"],
        )
        rows = narrowed(judgement_rows(0, judged), wanted)
        match options["format"]:
            case "csv":
                self.stdout.write("".join(as_csv(rows)), ending="")
            case "json":
                self.stdout.write(as_json(judging, wanted, rows), ending="")
            case _:
                for each in query_sources.left_out(found):
                    self.stdout.write(f"not made out: {each}")
                listed = {row.position for row in rows}
                self.stdout.write("\n".join(_lines(judged, listed)))
        return 2 if any(each.verdict.outcome in _FOUND for each in judged) else 0


def _names(source: Side, other: Side, mapping: Mapping | None, there: Connection) -> Names | None:
    if mapping is None:
        return None
    row = there.execute("SHOW search_path").fetchone()
    return Names.of(source.catalog(), other.catalog(), mapping, str(row[0]) if row else "public")


def _lines(judged: Sequence[Judgement], listed: set[int]) -> Iterator[str]:
    """Each query that is listed, then how many of all got which verdict."""
    for position, each in enumerate(judged):
        if position not in listed:
            continue
        place = f" ({each.query.place})" if each.query.place else ""
        yield f"{each.verdict.outcome.value}: {each.query.name}{place}: {each.verdict.detail}"
        if each.rewrite is not None and each.rewritten is not None:
            yield f"  rewritten, {each.rewritten.outcome.value}: {' '.join(each.rewrite.sql.split())}"
    counts = Counter(each.verdict.outcome for each in judged)
    yield "; ".join(f"{outcome.value}: {counts[outcome]}" for outcome in QueryOutcome)
