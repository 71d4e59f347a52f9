"""The options of a comparison measured in the background: asked for by people, done by a worker."""

import logging
import traceback

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models.functions import Now

from migration import jobs
from migration.models import Measuring
from migration.rehearsal import measure_comparison
from schemadiff.core.errors import SchemadiffError
from schemadiff.models import Comparison
from schemadiff.secrets import redact

log = logging.getLogger(__name__)

State = Measuring.State


def request_measuring(comparison: Comparison, user: User) -> Measuring:
    """Have a worker measure the three options; asking again while it is under way changes nothing."""
    with transaction.atomic():
        Comparison.objects.select_for_update().only("pk").get(pk=comparison.pk)
        current = Measuring.objects.filter(comparison=comparison).first()
        if current is not None and current.state in (State.QUEUED, State.RUNNING):
            return current
        measuring, _ = Measuring.objects.update_or_create(
            comparison=comparison,
            defaults={
                "project_id": comparison.project_id,
                "state": State.QUEUED,
                "error": "",
                "requested_by": user,
                "requested_at": Now(),
                "started_at": None,
                "ended_at": None,
            },
        )
        jobs.defer_measuring(comparison.pk)
    return measuring


def measure(comparison_id: int) -> None:
    """Measure, and record how it went. What was found is stored as evidence."""
    rows = Measuring.objects.filter(comparison_id=comparison_id)
    rows.update(state=State.RUNNING, started_at=Now(), error="")
    try:
        measure_comparison(comparison_id)
    except SchemadiffError as error:
        rows.update(state=State.FAILED, ended_at=Now(), error=redact(str(error)))
    except Exception as error:  # whoever waits must hear of it
        log.error(
            "Measuring: %s\n%s", type(error).__name__, "".join(traceback.format_tb(error.__traceback__))
        )
        rows.update(
            state=State.FAILED,
            ended_at=Now(),
            error=f"Measuring was stopped by an error that it did not expect ({type(error).__name__}). "
            "The worker's log has more.",
        )
    else:
        rows.update(state=State.DONE, ended_at=Now())
