"""What workers do. Thin: each task calls one use case, which is imported when it is needed: every command of
`manage.py` loads this file, and few of them carry anything out."""

from django.utils import timezone
from procrastinate import JobContext
from procrastinate.contrib.django import app

from migration import jobs


@app.task(name=jobs.RUN, queue=jobs.RUNS, pass_context=True)
def run(context: JobContext, run_id: int) -> None:
    from migration.execution import execute

    execute(run_id, stopping=context.should_abort)


@app.task(name=jobs.MEASURE, queue=jobs.MAINTENANCE)
def measure_options(comparison_id: int) -> None:
    from migration.measuring import measure

    measure(comparison_id)


@app.task(name=jobs.TRY_OUT, queue=jobs.MAINTENANCE)
def try_out(trial_id: int) -> None:
    from migration.trying import try_out

    try_out(trial_id)


@app.task(name=jobs.VERIFY, queue=jobs.MAINTENANCE)
def verify(verification_id: int) -> None:
    from migration.checking import check

    check(verification_id)


@app.task(name=jobs.PROBE, queue=jobs.MAINTENANCE)
def probe(probe_id: int) -> None:
    from migration.probing import carry_out

    carry_out(probe_id)


@app.task(name=jobs.CUT_OVER, queue=jobs.RUNS)
def cut_over(attempt_id: int) -> None:
    from migration.leading import carry_out

    carry_out(attempt_id)


@app.task(name=jobs.FLAG_CHANGE, queue=jobs.MAINTENANCE)
def apply_flag_changes(change_id: int) -> None:
    from migration.flag_changes import apply_due

    apply_due()


@app.periodic(cron="* * * * *")
@app.task(name=jobs.SWEEP, queue=jobs.MAINTENANCE, queueing_lock=jobs.SWEEP)
def sweep(timestamp: int) -> None:
    from migration.checking import begin_due
    from migration.execution import recover
    from migration.flag_changes import apply_due
    from migration.stalled import retry_stalled
    from migration.store.lags import forget_lags
    from migration.store.verifications import forget_keys
    from schemadiff.store.trials import forget_samples

    retry_stalled()
    recover()
    begin_due()
    apply_due()
    forget_samples()
    forget_keys()
    forget_lags(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name=jobs.MONITOR, queue=jobs.MAINTENANCE, queueing_lock=jobs.MONITOR)
def monitor(timestamp: int) -> None:
    from migration.monitoring.round import go_round

    go_round()


@app.task(name=jobs.NOTIFY, queue=jobs.MAINTENANCE)
def notify(notice_id: int) -> None:
    from migration.monitoring.notifying import deliver

    deliver(notice_id)


@app.task(name=jobs.MEASURE_SERVERS, queue=jobs.MAINTENANCE)
def measure_servers(project_id: int) -> None:
    from migration.monitoring.measuring import measure_servers

    measure_servers(project_id)
