"""USE CASE: what a worker does for monitoring every minute. One part that fails does not keep the others back."""

import logging
from collections.abc import Callable
from datetime import datetime
from functools import partial

from django.utils import timezone

from migration.jobs import defer_measuring_servers
from migration.monitoring import alerts, guards
from migration.monitoring.measuring import sides_of
from migration.monitoring.ourselves import measure_ourselves
from migration.monitoring.rolling import forget, forget_jobs, roll_up
from schemadiff.models import Project

log = logging.getLogger(__name__)


def go_round(now: datetime | None = None) -> None:
    """Measure ourselves, hold the alerts' rules against everything, make coarser buckets, forget old ones."""
    moment = now or timezone.now()
    _insist("Measuring the queue, runs and verifications", lambda: measure_ourselves(moment))
    for project in Project.objects.order_by("pk"):
        if sides_of(project):
            _insist(
                f"Having the servers of {project.slug} measured", partial(defer_measuring_servers, project.pk)
            )
    _insist("Evaluating the guards", lambda: guards.watch_all(moment))
    for project in Project.objects.order_by("pk"):
        _insist(f"Evaluating the alerts of {project.slug}", partial(_alert, project, moment))
    _insist("Rolling measurements up", roll_up)
    _insist("Forgetting old measurements", lambda: forget(moment))
    if moment.minute == 0:
        _insist("Forgetting jobs that are done", forget_jobs)


def _alert(project: Project, now: datetime) -> None:
    alerts.make_default_rules(project)
    alerts.evaluate(project, now)


def _insist(what: str, part: Callable[[], None]) -> None:
    try:
        part()
    except Exception:
        log.exception("%s failed.", what)
