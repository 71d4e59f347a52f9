"""Runs as people handle them: started, cancelled, resumed, put back. `execution.py` carries them out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias
from uuid import uuid4

import psycopg
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from migration import flag_board, flags, jobs, store
from migration.core.events import Event, Log
from migration.core.followable import Followable
from migration.core.limits import Limits
from migration.core.spec import RunSpec, refuse_unfit
from migration.engine.look_at_following import look_at_following
from migration.engine.pg_programs import pg_dump_for
from migration.engine.restore import restore as restore_tables
from migration.engine.restore_backup import restore_backup
from migration.models import Run
from schemadiff.connections import dsn_of
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Option, OptionName
from schemadiff.core.plan import Mode
from schemadiff.databases import connect
from schemadiff.evidence.profiles import row_counts
from schemadiff.models import Comparison, Connection, Decision, Project
from schemadiff.store import catalog_of, current_decision, option_of

Act: TypeAlias = Callable[[Run, User], None]
"""What a person does to a run: `pause`, `cancel`, `resume`, `restore`."""


QUICKLY_COUNTED = 1_000_000_000
"""Bytes up to which a table's rows are counted while somebody waits for the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a run would be made of: everything that was checked before it may be created."""

    decision: Decision
    option: Option
    source: Connection
    target: Connection


def prepare_start(
    project: Project, comparison: Comparison, name: OptionName, mode: Mode = Mode.PLAIN
) -> Start:
    """What a run of this option would be. Raises Refused with the sentence why there can be none now."""
    decision = _decided(project, comparison, name)
    option = option_of(comparison, name, mode)
    if option.blockers:
        raise Refused(f"{name.value.capitalize()} cannot be run yet. {' '.join(option.blockers)}")
    refuse_unfit(option.plan)
    source, target = _connections_of(comparison)
    active = store.active_on(target)
    if active is not None:
        raise Refused(
            f"Run #{active.number} is already working on {target.name}. One run at a time writes to a "
            "database: wait until it has ended, or cancel it."
        )
    return Start(decision=decision, option=option, source=source, target=target)


def rows_to_copy(start: Start) -> dict[QualifiedName, int]:
    """How many rows the source's tables hold now. Those that take long to count, and all where the source does
    not answer, are left out: a run counts for itself."""
    catalog = catalog_of(start.decision.comparison.source)
    small = [
        name
        for name in start.option.scope.tables
        if (table := catalog.table(*name)) is not None and table.size < QUICKLY_COUNTED
    ]
    try:
        with connect(dsn_of(start.source)) as session:
            return row_counts(session, small)
    except (SchemadiffError, psycopg.Error):
        return {}


def backup_refusal(comparison: Comparison) -> str:
    """Why no backup of this target can be made here, with what to install; empty where one can."""
    try:
        pg_dump_for(comparison.target.server_version // 10_000)
    except Refused as refused:
        return str(refused)
    return ""


def following_of(start: Start, *, compares: bool = False) -> Followable:
    """What lacks for following this source, by its log or by comparing, looked at now. Raises RunFailed where a server
    cannot be asked."""
    option = start.option
    spec = RunSpec(
        ledger_id=uuid4(),
        option=option.name.value,
        plan=option.plan,
        mapping=option.mapping,
        scope=option.scope,
        live=True,
        compares=compares,
    )
    return look_at_following(dsn_of(start.source), dsn_of(start.target), spec)


def create_run(
    project: Project,
    comparison: Comparison,
    option: OptionName,
    *,
    user: User,
    reason: str,
    mode: Mode = Mode.PLAIN,
    overwrites: bool = False,
    live: bool = False,
    compares: bool = False,
    backs_up: bool = False,
    limits: Limits | None = None,
) -> Run:
    """Make a run of the option that was decided on, and queue it. Raises Refused with the reason."""
    with transaction.atomic():
        store.lock_project(project)
        start = prepare_start(project, comparison, option, mode)
        run = store.add_run(
            start.decision,
            start.option,
            source=start.source,
            target=start.target,
            user=user,
            reason=reason,
            overwrites=overwrites,
            live=live,
            backup_to=str(settings.BACKUPS_DIR or settings.DATA_DIR / "backups") if backs_up else "",
            compares=compares,
            limits=limits or Limits(),
        )
        jobs.defer_run(run.pk)
    return run


def cancel(run: Run, user: User) -> None:
    """Stop the run after the rows at hand, at once where none has begun. Raises Refused if it has ended."""
    if store.end_queued(run) or store.ask_to_stop(run):
        store.note(run, f"{user} asked to cancel this run.")
        return
    run.refresh_from_db()
    raise Refused(f"Run #{run.number} cannot be cancelled: it is {run.get_state_display().lower()}.")


def pause(run: Run, user: User) -> None:
    """Leave the run as it is after the rows at hand, until somebody resumes it. Raises Refused if nothing goes on."""
    if store.pause_queued(run) or store.ask_to_pause(run):
        store.note(run, f"{user} asked to pause this run.")
        return
    run.refresh_from_db()
    raise Refused(f"Run #{run.number} cannot be paused: it is {run.get_state_display().lower()}.")


def change_limits(run: Run, user: User, limits: Limits) -> None:
    """How the run's copy is held back from when it is resumed on. Raises Refused unless it waits for a person."""
    if not store.set_limits(run, limits):
        run.refresh_from_db(fields=["state"])
        raise Refused(
            f"The limits of run #{run.number} can be changed while it is paused or has failed, and it is "
            f"{run.get_state_display().lower()}. Pause it first."
        )
    store.note(run, f"{user} changed what holds the copy back: {limits.label or 'no limit'}.")


def resume(run: Run, user: User) -> None:
    """Take a paused or failed run up where it stopped. Raises Refused if it is neither, or the target is in use."""
    with transaction.atomic():
        store.lock_project(run.project)
        if store.queue_paused(run):
            store.note(run, f"{user} resumed this run.")
            jobs.defer_run(run.pk)
            return
        active = store.active_on(run.target)
        if active is not None:
            raise Refused(
                f"Run #{active.number} is working on {run.target.name}. Resume run #{run.number} when it "
                "has ended."
            )
        if not store.queue_again(run):
            raise Refused(
                f"Run #{run.number} cannot be resumed: only a run that is paused or has failed can, and this one "
                "neither is nor has."
            )
        store.note(run, f"{user} resumed this run.")
        jobs.defer_run(run.pk)


def restore(run: Run, user: User) -> None:
    """Put back what the run had parked. Raises Refused while any run works on the target, StillInUse while flags
    say that applications use it; no flag changes until it is done."""

    def put_back(report: Callable[[Event], None]) -> None:
        restore_tables(dsn_of(run.target), run.ledger_id, report)

    _put_back(run, put_back, f"{user} restored what this run had parked.")


def restore_from_backup(run: Run, user: User) -> None:
    """Bring back what the run had dumped. Raises as `restore`, and NotFound where the file is not on this machine."""

    def bring_back(report: Callable[[Event], None]) -> None:
        restore_backup(dsn_of(run.target), store.backup_of(run), report)

    _put_back(run, bring_back, f"{user} brought back the backup that this run had made.")


def _put_back(run: Run, act: Callable[[Callable[[Event], None]], None], note: str) -> None:
    active = store.active_on(run.target)
    if active is not None:
        raise Refused(
            f"Run #{active.number} is working on {run.target.name}: nothing can be put back until it has "
            "ended."
        )
    messages: list[str] = []
    with transaction.atomic():
        flags.hold(run.project)
        flag_board.refuse_while_used(run.project)
        act(lambda event: _collect(event, messages))
    store.mark_rolled_back(run)
    store.note(run, "\n".join((note, *messages)))


def _decided(project: Project, comparison: Comparison, name: OptionName) -> Decision:
    decision = current_decision(project)
    if decision is None:
        raise Refused(
            f"Nothing has been decided yet. Record the decision for {name.value} on comparison "
            f"#{comparison.number}; a run carries out the decision."
        )
    if decision.comparison_id != comparison.pk or decision.option != name.value:
        raise Refused(
            f"The decision in force is {decision.option} on comparison #{decision.comparison.number}, not "
            f"{name.value} on comparison #{comparison.number}. Decide anew if that is what you want to run."
        )
    return decision


def _connections_of(comparison: Comparison) -> tuple[Connection, Connection]:
    source, target = comparison.source.connection, comparison.target.connection
    if source is None or target is None:
        side = "source" if source is None else "target"
        raise Refused(
            f"The {side} of comparison #{comparison.number} has no saved connection any more, so nothing "
            "can be run on it. Add the connection again, compare again, and decide on that comparison."
        )
    return source, target


def _collect(event: Event, messages: list[str]) -> None:
    if isinstance(event, Log):
        messages.append(event.message)
