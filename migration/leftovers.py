"""USE CASE: what runs left in a target (ledger, rejects, parked schemas), listed, removed run by run."""

import contextlib
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User

from migration import flag_board, store
from migration.engine.clean import SLOT, Leftover, clean, clean_one, leftovers
from migration.engine.failures import explained
from migration.engine.leaving import on_source
from migration.engine.left_behind import ways_left
from migration.engine.restore import Restoration, planned_restoration
from migration.engine.restore_backup import BackupRestoration, planned_backup_restoration, read_backup
from migration.engine.rows_since import RowsOfTable, rows_in_made_tables
from migration.engine.sessions import open_target
from migration.models import Run
from schemadiff.connections import dsn_of
from schemadiff.core.errors import NotFound, Refused, SchemadiffError
from schemadiff.models import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftByRun:
    """`run` is None for what the command line, or another installation, carried out."""

    ledger_id: UUID
    run: Run | None
    leftovers: tuple[Leftover, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What there is in a database of runs, the latest first; `shared` belongs to all of them."""

    runs: tuple[LeftByRun, ...] = ()
    shared: tuple[Leftover, ...] = ()


def left_in(target: Connection) -> Left:
    """Everything that runs left in this database, and on their sources."""
    found: dict[UUID, list[Leftover]] = {}
    listed = leftovers(dsn_of(target))
    for leftover in listed:
        if leftover.ledger_id is not None:
            found.setdefault(leftover.ledger_id, []).append(leftover)
    rows = Run.objects.filter(target=target, ledger_id__in=found).select_related("source").defer("spec")
    known = {run.ledger_id: run for run in rows}
    return Left(
        runs=tuple(
            LeftByRun(
                ledger_id=ledger_id,
                run=known.get(ledger_id),
                leftovers=_measured(target, known.get(ledger_id), tuple(items)),
            )
            for ledger_id, items in found.items()
        ),
        shared=tuple(each for each in listed if each.ledger_id is None),
    )


def _measured(target: Connection, run: Run | None, listed: tuple[Leftover, ...]) -> tuple[Leftover, ...]:
    """With what the run's slot holds back, where its source answers."""
    if run is not None and any(each.kind == SLOT for each in listed):
        with contextlib.suppress(SchemadiffError):
            return leftovers(dsn_of(target), run.ledger_id, dsn_of(run.source))
    return listed


def remove(target: Connection, ledger_id: UUID, user: User) -> tuple[Leftover, ...]:
    """Remove for good what one run left. Raises Refused while any run works on the target."""
    active = store.active_on(target)
    if active is not None:
        raise Refused(f"Run #{active.number} is working on {target.name}: clean up when it has ended.")
    run = Run.objects.filter(target=target, ledger_id=ledger_id).defer("spec").first()
    removed = clean(
        dsn_of(target), ledger_id, dsn_of(run.source) if run is not None and _follows(run) else None
    )
    if run is not None:
        store.end_for_good(run)
        store.note(run, f"{user} removed what this run had left: {', '.join(item.name for item in removed)}.")
    return removed


def remove_one(target: Connection, kind: str, name: str, ledger_id: UUID | None, user: User) -> Leftover:
    """Remove one thing that a run (None: all runs) left. Raises Refused and NotFound, and while any run works here."""
    active = store.active_on(target)
    if active is not None:
        raise Refused(f"Run #{active.number} is working on {target.name}: clean up when it has ended.")
    run = None
    if ledger_id is not None:
        run = Run.objects.filter(target=target, ledger_id=ledger_id).select_related("source").first()
    removed = clean_one(dsn_of(target), kind, name, ledger_id, dsn_of(run.source) if run else None)
    if run is not None:
        store.note(run, f"{user} removed the {kind} {name} that this run had left.")
    return removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What putting back would do, and how many rows lie in the tables that it moves aside."""

    restoration: Restoration
    rows: tuple[RowsOfTable, ...]


@explained("What would be put back could not be listed", "Try again")
def restoration_of(run: Run) -> Prospect:
    """What putting back would do. Raises Refused where there is nothing to put back, StillInUse where flags say
    that applications use the target."""
    flag_board.refuse_while_used(run.project)
    with open_target(dsn_of(run.target)) as target:
        try:
            restoration = planned_restoration(target, run.ledger_id)
            rows = rows_in_made_tables(target, run.ledger_id, restoration)
        except NotFound as error:
            raise Refused(
                f"{run.target.name} knows nothing of run #{run.number} any more: what it had left was "
                "removed."
            ) from error
    return Prospect(restoration=restoration, rows=rows)


@explained("What would be brought back could not be listed", "Try again")
def backup_restoration_of(run: Run) -> BackupRestoration:
    """What bringing the run's backup back would do. Raises NotFound where its file is not on this machine, Refused
    while the run is not over, StillInUse as above."""
    flag_board.refuse_while_used(run.project)
    backup = read_backup(store.backup_of(run))
    with open_target(dsn_of(run.target)) as target:
        return planned_backup_restoration(target, backup)


@explained("What the run has left could not be listed", "Try again")
def _follows(run: Run) -> bool:
    """Is something of it on the source still?"""
    with open_target(dsn_of(run.target)) as target:
        return bool(on_source(target, run.ledger_id) or ways_left(target, run.ledger_id))
