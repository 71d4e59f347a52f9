"""Rows of runs as people change them: made, stopped, taken up again. Each change says what it expects."""

from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q
from django.db.models.functions import Now

from migration.core.limits import Limits, limits_to_json
from migration.core.phases import Phase
from migration.core.spec import RunSpec, spec_to_json
from migration.engine.retrying import RetriedTable
from migration.models import Run, RunEvent, RunReject, RunState, RunTable
from schemadiff.core.errors import NotFound
from schemadiff.core.mapping import Mapping
from schemadiff.core.options.option import Option
from schemadiff.models import Connection, Decision, Project
from schemadiff.secrets import redact


def add_run(
    decision: Decision,
    option: Option,
    *,
    source: Connection,
    target: Connection,
    user: User,
    reason: str,
    limits: Limits,
    overwrites: bool = False,
    live: bool = False,
    compares: bool = False,
    backup_to: str = "",
) -> Run:
    """Number and keep a run with all its tables, none of them started. The project's row must be locked."""
    ledger_id = uuid4()
    spec = RunSpec(
        ledger_id=ledger_id,
        option=option.name.value,
        plan=option.plan,
        mapping=option.mapping,
        scope=option.scope,
        overwrites=overwrites,
        live=live,
        compares=compares,
        backup_to=backup_to,
        author=str(user),
        limits=limits,
    )
    last = Run.objects.filter(project_id=decision.project_id).aggregate(last=Max("number"))["last"]
    with transaction.atomic():
        run = Run.objects.create(
            project_id=decision.project_id,
            number=(last or 0) + 1,
            comparison_id=decision.comparison_id,
            decision=decision,
            source=source,
            target=target,
            option=option.name.value,
            spec=spec_to_json(spec),
            ledger_id=ledger_id,
            tables=[list(table) for table in option.scope.tables],
            protected=[list(table) for table in option.scope.protected],
            created_by=user,
            reason=reason,
            live=live,
        )
        _add_tables(run, option.mapping)
    return run


def lock_project(project: Project) -> None:
    """Wait for whoever else is about to start or take up a run of this project. Ends with the transaction."""
    Project.objects.select_for_update().get(pk=project.pk)


def active_on(target: Connection) -> Run | None:
    """The run that has not ended and writes to this target."""
    return Run.objects.filter(target=target).exclude(state=RunState.ENDED).first()


def ask_to_stop(run: Run) -> bool:
    """Tell whoever works on the run to stop for good; False where nobody does."""
    working = Run.objects.filter(pk=run.pk, state__in=(RunState.RUNNING, RunState.PAUSING))
    return bool(working.update(state=RunState.CANCELLING))


def ask_to_pause(run: Run) -> bool:
    """Tell whoever works on the run to leave it for now; False where nobody does."""
    return bool(Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(state=RunState.PAUSING))


def pause_queued(run: Run) -> bool:
    """Keep workers from a run that none has taken up; False where one has."""
    return bool(Run.objects.filter(pk=run.pk, state=RunState.QUEUED).update(state=RunState.PAUSED))


def end_queued(run: Run) -> bool:
    """End a run that no worker has taken up; False where one has."""
    return bool(
        Run.objects.filter(pk=run.pk, state__in=(RunState.QUEUED, RunState.PAUSED)).update(
            state=RunState.ENDED, phase=Phase.CANCELLED, ended_at=Now()
        )
    )


def set_limits(run: Run, limits: Limits) -> bool:
    """Change how the run's copy is held back; False where somebody works on it, or it cannot go on."""
    with transaction.atomic():
        waits = Q(state=RunState.PAUSED) | Q(state=RunState.ENDED, phase=Phase.FAILED)
        found = Run.objects.select_for_update().filter(waits, pk=run.pk).first()
        if found is not None:
            found.spec["limits"] = limits_to_json(limits)
            found.save(update_fields=["spec"])
    return found is not None


def queue_again(run: Run) -> bool:
    """Put a failed run back where it stopped; False where it has not failed (any more)."""
    return bool(
        Run.objects.filter(pk=run.pk, state=RunState.ENDED, phase=Phase.FAILED).update(
            state=RunState.QUEUED, phase=F("reached"), error="", attempts=0, ended_at=None
        )
    )


def queue_paused(run: Run) -> bool:
    """Let workers have a paused run again; False where it is not paused (any more)."""
    return bool(
        Run.objects.filter(pk=run.pk, state=RunState.PAUSED).update(state=RunState.QUEUED, attempts=0)
    )


def mark_rolled_back(run: Run) -> bool:
    """Record that what the run had parked is back in its place."""
    return bool(Run.objects.filter(pk=run.pk, state=RunState.ENDED).update(phase=Phase.ROLLED_BACK, error=""))


def end_for_good(run: Run) -> None:
    """Make a failed run one that cannot be resumed, for what it would need is gone."""
    Run.objects.filter(pk=run.pk, state=RunState.ENDED, phase=Phase.FAILED).update(phase=Phase.CANCELLED)


def replace_rejects(run: Run, tables: Sequence[RetriedTable]) -> None:
    """What is left of these tables' rejects, and how many rows are in the target now, after they were tried again."""
    with transaction.atomic():
        for table in tables:
            of_table = {"run_id": run.pk, "source_schema": table.source[0], "source_table": table.source[1]}
            RunTable.objects.filter(**of_table).update(rows_written=table.written, rejects=table.left)
            RunReject.objects.filter(**of_table).delete()
            RunReject.objects.bulk_create(
                RunReject(
                    project_id=run.project_id,
                    **of_table,
                    sqlstate=group.sqlstate,
                    constraint=group.constraint,
                    column=group.column,
                    reason=redact(group.reason),
                    count=group.count,
                )
                for group in table.groups
            )


def note(run: Run, message: str) -> None:
    """Add a line to the run's log that no worker wrote."""
    RunEvent.objects.create(project_id=run.project_id, run=run, phase=run.phase, message=message)


def _add_tables(run: Run, mapping: Mapping) -> None:
    RunTable.objects.bulk_create(
        RunTable(
            project_id=run.project_id,
            run=run,
            position=position,
            source_schema=table.name[0],
            source_table=table.name[1],
            target_schema=table.target[0],
            target_table=table.target[1],
        )
        for position, table in enumerate(mapping.tables)
    )


def backup_of(run: Run) -> Path:
    """The file of the run's backup. Raises NotFound where it made none."""
    if not run.backup:
        raise NotFound(f"Run #{run.number} has made no backup.")
    return Path(run.backup["path"])
