"""Several workers on one run: the one that leads it offers its chunks, then what is to be built, and later its tables
to be compared; others join its snapshot and take some.

The offer stands in the target. Whoever helps locks it for as long as a chunk takes, so that it cannot be withdrawn, or
be made anew by another leader, while something is carried by it; and after that nothing more is.
"""

import contextlib
from collections.abc import Callable, Iterator
from functools import partial
from uuid import UUID

import psycopg

from migration.core.events import ChunksOffered, Event
from migration.core.spec import RunSpec
from migration.engine import build_claims, ledger
from migration.engine.build_help import help_build
from migration.engine.building import Builders
from migration.engine.carriers import own_name
from migration.engine.carrying import carriages_of
from migration.engine.chunking import chunks_of, source_key
from migration.engine.copying import Offering, jobs_of
from migration.engine.estimates import sizes_of
from migration.engine.failures import close_quietly, explained
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session, beside, join_snapshot, open_source
from migration.engine.shared_checks import SHARED_BYTES, has_tables_to_compare, help_compare
from migration.engine.watch import Watch, watching
from migration.engine.workers import Processes


def offering_of(spec: RunSpec, target: Session, snapshot: str, report: Callable[[Event], None]) -> Offering:
    """A copy that is held back is held back in one place, so nobody is asked to help with it."""
    if spec.limits.label:
        return contextlib.nullcontext
    return partial(offered, target, spec.ledger_id, snapshot, report)


@contextlib.contextmanager
def offered(
    target: Session, ledger_id: UUID, snapshot: str, report: Callable[[Event], None]
) -> Iterator[None]:
    """Inside, others may carry chunks of this run, too."""
    target.execute(
        "INSERT INTO schemadiff.offers (run, snapshot) VALUES (%s, %s) "
        "ON CONFLICT (run) DO UPDATE SET snapshot = excluded.snapshot",
        [ledger_id, snapshot],
    )
    report(ChunksOffered(snapshot=snapshot))
    try:
        yield
    finally:
        report(ChunksOffered())
        with contextlib.suppress(psycopg.Error):  # it is gone with the snapshot, if not so
            _withdraw_in_the_end(target, ledger_id)


@contextlib.contextmanager
def shared_builds(
    builders: Builders, spec: RunSpec, target: Session, snapshot: str, report: Callable[[Event], None]
) -> Iterator[None]:
    """Inside, others may build indexes and check keys, too, where the tables are large enough for that to pay."""
    tables = sorted({entry.target for entry in spec.mapping.tables})
    if sum(size.bytes for size in sizes_of(target, tables)) < SHARED_BYTES or not builders.has_sites:
        yield
        return
    with offering_of(spec, target, snapshot, report)(), builders.shared():
        yield


def _withdraw_in_the_end(target: Session, ledger_id: UUID) -> None:
    """It waits for those who help, who stop as well: not for nothing, although the run is to stop at once."""
    while True:
        with contextlib.suppress(psycopg.errors.QueryCanceled):
            return withdraw(target, ledger_id)


def withdraw(target: Session, ledger_id: UUID) -> None:
    """What was offered, by this attempt or one before it; waits for those who have taken some of it."""
    target.execute("DELETE FROM schemadiff.offers WHERE run = %s", [ledger_id])
    build_claims.clear(target, ledger_id)


def help_copy(
    source_dsn: str, target_dsn: str, ledger_id: UUID, snapshot: str, should_stop: Callable[[], bool]
) -> int:
    """Carry chunks of a run that another process leads, until none is left, and how many that were; or build indexes
    and check keys of it, or compare its tables.

    Raises RunFailed where the offer does not stand any more, and RunStopped.
    """
    source = target = None
    try:
        with explained("This worker could not help"):
            source, target = beside(open_source(source_dsn), partial(open_target_for, ledger_id), target_dsn)
            sides = {"source": (source_dsn, source), "target": (target_dsn, target)}
            join_snapshot(source, snapshot)
            with watching(sides) as watch:
                return _help(
                    source_dsn, target_dsn, (source, target), ledger_id, snapshot, watch, should_stop
                )
    finally:
        close_quietly(*(session for session in (source, target) if session is not None))


def _help(
    source_dsn: str,
    target_dsn: str,
    sessions: tuple[Session, Session],
    ledger_id: UUID,
    snapshot: str,
    watch: Watch,
    should_stop: Callable[[], bool],
) -> int:
    source, target = sessions
    should_stop = watch.heeded(should_stop)
    spec = ledger.recorded_spec(target, ledger_id)
    carriages = carriages_of(target, spec.mapping.tables)
    if build_claims.are_open(target, ledger_id):
        help_build(
            target_dsn,
            target,
            ledger_id,
            snapshot,
            spec.plan,
            jobs=spec.jobs,
            should_stop=should_stop,
            opened=watch.also,
        )
        return 0
    if has_tables_to_compare(target, ledger_id):
        help_compare(
            source_dsn,
            target_dsn,
            ledger_id,
            snapshot,
            carriages,
            jobs=spec.jobs,
            should_stop=should_stop,
            opened=watch.also,
        )
        return 0
    tables = [chunks_of(target, ledger_id, each, source_key(source, each.source)) for each in carriages]
    # From the other end than the one that leads: they meet in the middle.
    jobs = reversed(list(jobs_of(ledger_id, sorted(tables, key=lambda table: -table.expected), snapshot)))
    nothing = Builders(
        target_dsn, target, ledger_id, "", count=0, report=lambda event: None, opened=lambda session: None
    )
    before = _carried(target, ledger_id)
    with Processes(source_dsn, target_dsn, ledger_id, snapshot, count=spec.jobs) as workers:
        for _ in workers.carry(jobs, should_stop, nothing):
            pass
    return _carried(target, ledger_id) - before


def _carried(target: Session, ledger_id: UUID) -> int:
    row = target.execute(
        "SELECT count(*) FROM schemadiff.chunks WHERE run = %s AND carried_by = %s", [ledger_id, own_name()]
    ).fetchone()
    return int(row[0]) if row else 0
