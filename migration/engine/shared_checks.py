"""A run's tables compared side by side: by several sessions of the worker that leads it, and by workers that help.

Each table has a row in the ledger. Whoever compares it locks that row until what was found is written into it, so that
a worker that dies loses only its claim. The one that leads reads what was found, and says it.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb

from migration.core.errors import RunStopped
from migration.core.events import ChecksPlanned, Event, Level, Log, TableChecked, TableChecking
from migration.engine.carriers import own_name
from migration.engine.carrying import Carriage
from migration.engine.copying import Crossing, Offering
from migration.engine.estimates import sizes_by_name
from migration.engine.failures import close_quietly, failure
from migration.engine.interrupting import Interrupting
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session, join_snapshot, open_source, open_target_to_read
from migration.engine.table_check import Sides
from migration.engine.verify import announce, verify_tables
from schemadiff.core.mapping import QualifiedName

SHARED_BYTES = 16_777_216
"""Of less the sessions would cost more than they gain."""

_LOOK = 0.2  # seconds between two looks at what was found, and whether to stop
_PAUSE = 0.5  # seconds until a session that found all tables taken looks again: who has one may die

Report = Callable[[Event], None]
Opened = Callable[[Session], None]


def compare_tables(
    crossing: Crossing,
    ledger_id: UUID,
    carriages: Sequence[Carriage],
    *,
    jobs: int,
    offering: Offering,
    report: Report,
    should_stop: Callable[[], bool],
    opened: Opened,
) -> tuple[TableChecked, ...]:
    """All of them, each reported as it is known: one after the other, or together where that is worth it.

    Inside of `offering` others may compare some; `opened` is told of each session. Raises RunStopped, RunFailed.
    """
    if not _are_shared(crossing.source, carriages, jobs):
        sides = Sides(source=crossing.source, target=crossing.target, ledger_id=ledger_id)
        announce(crossing.source, carriages, report)
        return verify_tables(sides, carriages, report=report, should_stop=should_stop)
    _plan(crossing, ledger_id, carriages, report)
    crew = _Crew(crossing.source_dsn, crossing.target_dsn, ledger_id, crossing.snapshot, carriages, jobs)
    with offering(), crew:
        crew.begin(report, opened)
        return _gathered(crossing.target, ledger_id, carriages, crew, report, should_stop)


def _gathered(
    target: Session,
    ledger_id: UUID,
    carriages: Sequence[Carriage],
    crew: "_Crew",
    report: Report,
    should_stop: Callable[[], bool],
) -> tuple[TableChecked, ...]:
    checked: dict[QualifiedName, TableChecked] = {}
    by_others = 0
    while len(checked) < len(carriages):
        if should_stop():
            raise RunStopped("The run was stopped while its tables were compared.")
        crew.raise_what_failed()
        found = _found(target, ledger_id, checked)
        for events, by in found:
            by_others += by != own_name()
            for event in events:
                report(event)
                if isinstance(event, TableChecked):
                    checked[event.table] = event
        if not found:
            crew.over.wait(_LOOK)
    if by_others:
        report(Log(message=f"{by_others} of {len(carriages)} tables were compared by other workers."))
    return tuple(checked[carriage.name] for carriage in carriages)


def _are_shared(source: Session, carriages: Sequence[Carriage], jobs: int) -> bool:
    """Not for one table, one process, or few bytes."""
    if jobs < 2 or len(carriages) < 2:
        return False
    return sum(sizes_by_name(source, carriages).values()) >= SHARED_BYTES


def help_compare(
    source_dsn: str,
    target_dsn: str,
    ledger_id: UUID,
    snapshot: str,
    carriages: Sequence[Carriage],
    *,
    jobs: int,
    should_stop: Callable[[], bool],
    opened: Opened,
) -> None:
    """Compare tables of a run that another process leads, as long as its offer stands. Raises RunStopped, RunFailed."""
    with _Crew(source_dsn, target_dsn, ledger_id, snapshot, carriages, jobs, offer=snapshot) as crew:
        crew.begin(lambda event: None, opened)
        while crew.is_at_work:
            if should_stop():
                raise RunStopped("The run wants no more help.")
            crew.raise_what_failed()
            crew.over.wait(_LOOK)
        crew.raise_what_failed()


def has_tables_to_compare(target: Session, ledger_id: UUID) -> bool:
    """Has somebody planned a comparison that is not over?"""
    row = target.execute(
        "SELECT EXISTS (SELECT FROM schemadiff.checks WHERE run = %s AND found IS NULL)", [ledger_id]
    ).fetchone()
    return bool(row and row[0])


def _plan(crossing: Crossing, ledger_id: UUID, carriages: Sequence[Carriage], report: Report) -> None:
    """Anew each time: what an attempt before this one found was found in its own snapshot."""
    sizes = sizes_by_name(crossing.source, carriages)
    with crossing.target.transaction(), crossing.target.cursor() as cursor:
        cursor.execute("DELETE FROM schemadiff.checks WHERE run = %s", [ledger_id])
        cursor.executemany(
            "INSERT INTO schemadiff.checks (run, source_schema, source_table, bytes) VALUES (%s, %s, %s, %s)",
            [(ledger_id, *each.name, sizes.get(each.name, 0)) for each in carriages],
        )
    report(ChecksPlanned(sizes=tuple(sizes.items())))


def _found(
    target: Session, ledger_id: UUID, known: dict[QualifiedName, TableChecked]
) -> list[tuple[list[Event], str]]:
    """What is new, table by table, and by whom it was found."""
    rows = target.execute(
        "SELECT source_schema, source_table, found, compared_by FROM schemadiff.checks "
        "WHERE run = %s AND found IS NOT NULL ORDER BY source_schema, source_table",
        [ledger_id],
    )
    return [(_events_of(row[2]), row[3]) for row in rows if (row[0], row[1]) not in known]


def _events_of(found: dict[str, Any]) -> list[Event]:
    checked = {**found["checked"]}
    for name in ("table", "target"):
        schema, table = checked[name]
        checked[name] = (schema, table)
    logs = [
        Log(message=each["message"], level=Level(each["level"]), details=tuple(each["details"]))
        for each in found["logs"]
    ]
    return [*logs, TableChecked(**checked)]


class _Crew:
    """Sessions at work side by side, each by a thread, until there is nothing left or the block is left."""

    def __init__(
        self,
        source_dsn: str,
        target_dsn: str,
        ledger_id: UUID,
        snapshot: str,
        carriages: Sequence[Carriage],
        jobs: int,
        offer: str = "",
    ) -> None:
        self._dsns, self._ledger_id, self._snapshot = (source_dsn, target_dsn), ledger_id, snapshot
        self._carriages = {carriage.name: carriage for carriage in carriages}
        self._count, self._offer = min(jobs, len(carriages)), offer
        self._threads: list[threading.Thread] = []
        self._failures: list[Exception] = []
        self.over = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def begin(self, report: Report, opened: Opened) -> None:
        for number in range(self._count):
            thread = threading.Thread(
                target=self._work, args=(report, opened), name=f"comparing {number + 1}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    @property
    def is_at_work(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def raise_what_failed(self) -> None:
        """As RunFailed, or what it was."""
        if self._failures:
            error = self._failures[0]
            if isinstance(error, psycopg.Error):
                raise failure(error, "The tables could not be compared") from error
            raise error

    def _work(self, report: Report, opened: Opened) -> None:
        sessions: list[Session] = []
        try:
            sessions.append(open_source(self._dsns[0]))
            sessions.append(open_target_to_read(self._dsns[1]))
            sessions.append(open_target_for(self._ledger_id, self._dsns[1]))
            for session in sessions:
                opened(session)
            join_snapshot(sessions[0], self._snapshot)
            interrupting = Interrupting(sessions[:2], self.over.is_set)
            try:
                self._compare_all(sessions, report)
            finally:
                interrupting.end()
        except Exception as error:  # handed to the thread that waits, unless it has told this one to stop
            if not self.over.is_set():
                self._failures.append(error)
        finally:
            close_quietly(*sessions)

    def _compare_all(self, sessions: Sequence[Session], report: Report) -> None:
        while not self.over.is_set() and self._is_wanted(sessions[2]):
            if not self._compare_one(sessions, report):
                self.over.wait(_PAUSE)

    def _is_wanted(self, claims: Session) -> bool:
        return has_tables_to_compare(claims, self._ledger_id) and self._stands(claims)

    def _stands(self, claims: Session) -> bool:
        """The offer, where this is somebody else's run; held until the end of the transaction."""
        if not self._offer:
            return True
        asked = [self._ledger_id, self._offer]
        found = claims.execute(
            "SELECT FROM schemadiff.offers WHERE run = %s AND snapshot = %s FOR SHARE", asked
        ).fetchone()
        return found is not None

    def _compare_one(self, sessions: Sequence[Session], report: Report) -> bool:
        """False where all that is left is taken."""
        source, target, claims = sessions
        with claims.transaction():
            if not self._stands(claims) or (table := self._claimed(claims)) is None:
                return False
            said: list[Event] = []
            report(TableChecking(table=table))
            sides = Sides(source=source, target=target, ledger_id=self._ledger_id)
            (checked,) = verify_tables(
                sides, [self._carriages[table]], report=said.append, should_stop=self.over.is_set
            )
            logs = [asdict(event) for event in said if isinstance(event, Log)]
            claims.execute(
                "UPDATE schemadiff.checks SET found = %s, compared_by = %s "
                "WHERE run = %s AND source_schema = %s AND source_table = %s",
                [Jsonb({"checked": asdict(checked), "logs": logs}), own_name(), self._ledger_id, *table],
            )
        return True

    def _claimed(self, claims: Session) -> QualifiedName | None:
        """Whoever leads begins with the largest table, whoever helps with the smallest: they meet in the middle."""
        order = "ASC" if self._offer else "DESC"
        row = claims.execute(
            "SELECT source_schema, source_table FROM schemadiff.checks WHERE run = %s AND found IS NULL "
            f"ORDER BY bytes {order}, source_schema, source_table LIMIT 1 FOR UPDATE SKIP LOCKED",
            [self._ledger_id],
        ).fetchone()
        return (row[0], row[1]) if row else None
