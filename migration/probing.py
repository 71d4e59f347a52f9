"""USE CASE: the data layer's methods, and a user's queries, asked of both databases of a project's latest run."""

import logging
import traceback
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from migration import jobs
from migration.access.probe_results import ProbeReport
from migration.access.probes import ROUNDS, probe
from migration.core.phases import Phase
from migration.core.spec import spec_from_json
from migration.models import ProbeRun, Run
from migration.probe_report import document
from migration.store import probes
from schemadiff.connections import dsn_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.mapping import Mapping
from schemadiff.evidence.query_files import named_queries
from schemadiff.models import Project
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

_CARRIED = (Phase.FOLLOW, Phase.VERIFY, Phase.CUT_OVER, Phase.WATCH, Phase.FINISH)
"""Phases in which the target has the rows."""


def carried_run(project: Project) -> Run | None:
    """The latest run whose rows are in its target."""
    runs = Run.objects.filter(project=project).select_related("source", "target").order_by("-number")
    return next((run for run in runs if _has_rows(run)), None)


def _has_rows(run: Run) -> bool:
    if run.phase == Phase.FAILED:
        return run.reached in _CARRIED
    return run.phase in _CARRIED


def probe_project(
    project: Project,
    queries: Iterable[tuple[str, str]] = (),
    *,
    mapping: Mapping | None = None,
    rounds: int = ROUNDS,
) -> ProbeReport:
    """Through the run's mapping, if no other is given. Raises Refused where no run has carried its rows."""
    run = carried_run(project)
    if run is None:
        raise Refused(f"No run of {project.slug} has carried its rows yet, so there is nothing to probe.")
    return _probed(run, queries, mapping, rounds)


def request(project: Project, queries: str, user: User) -> ProbeRun:
    """Have a worker do it; probes that are under way are not doubled. Raises Refused."""
    run = carried_run(project)
    if run is None:
        raise Refused("No run has carried its rows yet, so there is nothing to probe.")
    with transaction.atomic():
        made, new = probes.begin(run, queries, user)
        if new:
            jobs.defer_probe(made.pk)
    return made


def carry_out(pk: int) -> None:
    """Do it and record how it went; what has ended already is left as it is."""
    if not probes.start(pk):
        return
    row = ProbeRun.objects.select_related("run__source", "run__target").get(pk=pk)
    queries = [(query.name, query.sql) for query in named_queries(row.queries)] if row.queries else []
    try:
        report = _probed(row.run, queries, None, ROUNDS)
        probes.end(pk, report.differing, document(report))
    except SchemadiffError as error:
        probes.fail(pk, redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        # The frames only: a driver's message may quote rows.
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("Probes %s: %s\n%s", pk, type(error).__name__, frames)
        probes.fail(
            pk, f"It was stopped by an unexpected error ({type(error).__name__}). The worker's log has more."
        )


def _probed(
    run: Run, queries: Iterable[tuple[str, str]], mapping: Mapping | None, rounds: int
) -> ProbeReport:
    said = mapping if mapping is not None else spec_from_json(run.spec).mapping
    return probe(dsn_of(run.source), dsn_of(run.target), said, queries, rounds=rounds)
