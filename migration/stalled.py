"""Jobs whose worker died: the queue itself leaves them as they are for ever."""

import logging
from datetime import UTC, datetime

from asgiref.sync import async_to_sync
from procrastinate.contrib.django import app
from procrastinate.jobs import Job, Status

from migration import jobs

log = logging.getLogger(__name__)


def retry_stalled() -> None:
    """Put stalled jobs back in the queue; those of runs are closed: the run's row says what becomes of it."""
    for job in async_to_sync(app.job_manager.get_stalled_jobs)():
        log.warning("Job %s was left by a worker that died.", job.call_string)
        _settle(job)


def _settle(job: Job) -> None:
    assert job.id is not None
    if job.task_name in (jobs.RUN, jobs.SWEEP, jobs.MONITOR):
        async_to_sync(app.job_manager.finish_job_by_id_async)(job.id, Status.ABORTED, delete_job=False)
    else:
        app.job_manager.retry_job_by_id(job.id, retry_at=datetime.now(UTC))
