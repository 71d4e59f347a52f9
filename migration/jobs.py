"""What is put on the queue, by name: the tasks themselves lie above the use cases that put them there."""

from datetime import datetime

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

RUN = "migration.run"
MEASURE = "migration.measure"
TRY_OUT = "migration.try_out"
VERIFY = "migration.verify"
PROBE = "migration.probe"
CUT_OVER = "migration.cut_over"
FLAG_CHANGE = "migration.flag_change"
SWEEP = "migration.sweep"
MONITOR = "migration.monitor"
MEASURE_SERVERS = "migration.measure_servers"
NOTIFY = "migration.notify"

RUNS = "runs"
MAINTENANCE = "maintenance"


def defer_run(run_id: int, *, at: datetime | None = None) -> None:
    """Have a worker take this run up, now or at a moment; once for each, however often it is asked for.

    For each: a job that waits for the end of an earlier lease comes too early for the one that renewed it.
    """
    moment = "" if at is None else f" at {at.isoformat()}"
    _defer(RUN, RUNS, f"run {run_id}{moment}", {"run_id": run_id}, at)


def defer_measuring(comparison_id: int) -> None:
    """Have a worker measure this comparison's options; once, however often it is asked for."""
    _defer(MEASURE, MAINTENANCE, f"measure {comparison_id}", {"comparison_id": comparison_id}, None)


def defer_trial(trial_id: int) -> None:
    """Have a worker try a comparison's plan; once, however often it is asked for."""
    _defer(TRY_OUT, MAINTENANCE, f"trial {trial_id}", {"trial_id": trial_id}, None)


def defer_verification(verification_id: int) -> None:
    """Have a worker compare a run's tables, or repair them; once, however often it is asked for."""
    arguments = {"verification_id": verification_id}
    _defer(VERIFY, MAINTENANCE, f"verification {verification_id}", arguments, None)


def defer_probe(probe_id: int) -> None:
    """Have a worker probe both databases of a run; once, however often it is asked for."""
    _defer(PROBE, MAINTENANCE, f"probe {probe_id}", {"probe_id": probe_id}, None)


def defer_cut_over(attempt_id: int) -> None:
    """Have a worker go through a run's checklist; once, however often it is asked for."""
    _defer(CUT_OVER, RUNS, f"cut-over {attempt_id}", {"attempt_id": attempt_id}, None)


def defer_flag_change(change_id: int, *, at: datetime) -> None:
    """Have a worker apply the changes of flags that are due at this moment; once, however often it is asked for."""
    arguments = {"change_id": change_id}
    _defer(FLAG_CHANGE, MAINTENANCE, f"flag change {change_id}", arguments, at)


def defer_measuring_servers(project_id: int) -> None:
    """Have a worker look at a project's servers; once, however often it is asked for."""
    _defer(MEASURE_SERVERS, MAINTENANCE, f"servers {project_id}", {"project_id": project_id}, None)


def defer_notice(notice_id: int, *, at: datetime | None = None) -> None:
    """Have a worker send a message, now or at a moment."""
    _defer(NOTIFY, MAINTENANCE, f"notice {notice_id}", {"notice_id": notice_id}, at)


def _defer(name: str, queue: str, queueing_lock: str, arguments: dict[str, int], at: datetime | None) -> None:
    job = app.configure_task(name, queue=queue, queueing_lock=queueing_lock, schedule_at=at)
    try:
        with transaction.atomic():  # a savepoint: what goes wrong here must not undo what the caller did
            job.defer(**arguments)
    except AlreadyEnqueued:
        return
