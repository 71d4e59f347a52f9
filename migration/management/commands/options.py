"""`manage.py options`: the three ways out of one database into another, measured, side by side."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from migration.management import given, query_sources
from migration.option_report import OptionReport, as_json, as_markdown, as_text
from migration.rehearsal import Judgements, measure_options, rehearse_options
from migration.scratch_places import Places, places_for
from schemadiff.commands import SchemadiffCommand
from schemadiff.core import mapping_file
from schemadiff.core.catalog import Catalog
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping as ColumnMapping
from schemadiff.core.options import mending
from schemadiff.core.options.hybrid import Relaxation, hybrid
from schemadiff.core.options.mending import Mending, propose_mending
from schemadiff.core.options.option import Measure, Option, OptionName, Scope
from schemadiff.core.options.recreate import recreate
from schemadiff.core.options.relaxing import key_of, propose, relaxations
from schemadiff.core.options.transform import transform
from schemadiff.databases import Side, connect
from schemadiff.evidence.mending import mend
from schemadiff.evidence.query_files import NamedQuery
from schemadiff.row_matching import suggest_from_rows

_FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown}


class Command(SchemadiffCommand):
    help = (
        "The three ways out, measured, side by side. Every table of the source is in scope without --tables."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", metavar="SOURCE")
        parser.add_argument("target", metavar="TARGET")
        parser.add_argument("--queries", metavar="WHERE", help=query_sources.HELP)
        parser.add_argument("--mapping", metavar="FILE", type=Path, help="which column became which, as JSON")
        parser.add_argument("--tables", metavar="T", nargs="+", help="source tables in scope")
        parser.add_argument("--protect", metavar="T", nargs="+", default=[], help="target tables left alone")
        parser.add_argument(
            "--rehearse", action="store_true", help="carry each option out with rows, on scratch databases"
        )
        parser.add_argument(
            "--relax",
            metavar="R",
            nargs="+",
            default=[],
            help=f"what hybrid gives up of the target's rules: {', '.join(map(key_of, Relaxation))}",
        )
        parser.add_argument(
            "--mend",
            metavar="STEP",
            nargs="+",
            default=[],
            help="expressions that the mapping's values need, step by step: "
            f"{', '.join(map(mending.key_of, Mending))}",
        )
        parser.add_argument(
            "--save-mapping", metavar="FILE", type=Path, help="write the mapping that was used, for `run`"
        )
        parser.add_argument(
            "--scratch-server",
            metavar="URI",
            default=settings.SCRATCH_SERVER,
            help="make the scratch databases there, where CREATE DATABASE is allowed, not on throw-away servers",
        )
        parser.add_argument("--format", choices=sorted(_FORMATS), default="text")

    def run(self, **options: Any) -> int:
        mapping = given.read_mapping(options["mapping"]) if options["mapping"] else None
        with given.databases(options["source"], options["target"]) as (source, target):
            found = query_sources.queries_of(options["queries"], source)
            left, right = source.catalog(), target.catalog()
            scope = given.scope_of(left, right, options["tables"], options["protect"])
            relax = relaxations(options["relax"])
            chosen = (
                suggest_from_rows(left, right, scope.tables, source.dsn, target.dsn)
                if mapping is None
                else given.in_scope(mapping, left, right, scope)
            )
            given.try_expressions(source, right, chosen)
            chosen = _mended(source, left, right, chosen, options["mend"])
            if options["save_mapping"]:
                given.write_text(options["save_mapping"], mapping_file.dump(chosen))
            worked_out = _options(left, right, scope, chosen, relax)
            possible = [option for option in worked_out.values() if isinstance(option, Option)]
            judged: Judgements = {}
            places = places_for(given.server(options["scratch_server"]))
            measures = (
                _rehearsed(source, target, possible, found.queries, judged, places)
                if options["rehearse"]
                else measure_options(
                    source.dsn, right, left, possible, found.queries, judged=judged, places=places
                )
            )
            report = OptionReport(
                source=source.label,
                target=target.label,
                tables=scope.tables,
                protected=scope.protected,
                options=worked_out,
                not_made_out=query_sources.left_out(found),
                measures=measures,
                next_steps=_next_steps(left, right, scope, relax, measures),
                judgements=judged,
            )
        self.stdout.write(_FORMATS[options["format"]](report), ending="")
        return 0


def _rehearsed(
    source: Side,
    target: Side,
    options: Sequence[Option],
    queries: Sequence[NamedQuery],
    judged: Judgements,
    places: Places,
) -> dict[OptionName, tuple[Measure, ...]]:
    if source.dsn is None:
        raise Refused(f"{source.label} is a snapshot, which has no rows to rehearse with. Give the database.")
    return rehearse_options(
        source.dsn,
        target.catalog(),
        source.catalog(),
        options,
        queries,
        target_dsn=target.dsn,
        judged=judged,
        places=places,
    )


def _next_steps(
    left: Catalog,
    right: Catalog,
    scope: Scope,
    relax: frozenset[Relaxation],
    measures: Mapping[OptionName, tuple[Measure, ...]],
) -> dict[OptionName, tuple[str, ...]]:
    """What the figures speak for, each with how it is asked for; what was asked for already is to be given again."""
    found = {}
    if transform_figures := measures.get(OptionName.TRANSFORM):
        found[OptionName.TRANSFORM] = tuple(
            f"{step.sentence} ({', '.join(step.columns)}) --mend {mending.key_of(step.mending)}"
            for step in propose_mending(transform_figures)
        )
    if hybrid_figures := measures.get(OptionName.HYBRID):
        found[OptionName.HYBRID] = tuple(
            f"{each.sentence} --relax {key_of(each.relaxation)}"
            for each in propose(left, right, scope, relax, hybrid_figures)
        )
    return found


def _mended(
    source: Side, left: Catalog, right: Catalog, mapping: ColumnMapping, steps: Sequence[str]
) -> ColumnMapping:
    """Step by step. Raises Refused for a snapshot, and where a table cannot be looked at."""
    wanted = [mending.mending_called(step) for step in steps]
    if not wanted:
        return mapping
    with connect(given.address(source)) as connection:
        for step in wanted:
            done = mend(connection, left, right, mapping, step)
            if done.unread:
                raise Refused(done.unread[0])
            mapping = done.mapping
    return mapping


def _options(
    source: Catalog, target: Catalog, scope: Scope, mapping: ColumnMapping, relax: frozenset[Relaxation]
) -> dict[OptionName, Option | str]:
    """Each option, or the sentence that says why it cannot be worked out."""
    makers: dict[OptionName, Callable[[], Option]] = {
        OptionName.RECREATE: lambda: recreate(source, target, scope),
        OptionName.TRANSFORM: lambda: transform(source, target, scope, mapping),
        OptionName.HYBRID: lambda: hybrid(source, target, scope, relax),
    }
    found: dict[OptionName, Option | str] = {}
    for name, make in makers.items():
        try:
            found[name] = make()
        except Refused as refusal:
            found[name] = str(refusal)
    return found
