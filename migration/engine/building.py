"""Statements at work side by side on the target's server, while this process does something else.

Each has a session of its own and nobody waits for it: it is looked after whenever somebody calls `go_on`. It is
committed with its ledger row, one after the other, so that the marks in the ledger follow one another as if
they had been applied in turn. What fails is left to whoever applies the plan in its order, and tells why.
"""

import contextlib
from collections.abc import Callable, Iterable
from multiprocessing.connection import wait
from uuid import UUID

import psycopg
from psycopg import pq

from migration.core.building import Planned, go_together
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Log, TaskBegun, TaskDone
from migration.engine import ledger, movements
from migration.engine.apply import check_unmoved
from migration.engine.failures import close_quietly
from migration.engine.outlooks import task_of
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session
from schemadiff.core.errors import TargetMoved
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.plan import Statement

_LOOK_UP = 0.2  # seconds between two looks at whether to stop
_PATIENCE = 5.0  # seconds that a server has to end what was cancelled
_NO_LOCK = ("55P03", "40P01")


class Builders:
    """At most `count` statements at once; with 0 all are left to their turn.

    `mark` is the schema's as long as the ledger has no statement.
    """

    def __init__(
        self,
        target_dsn: str,
        target: Session,
        ledger_id: UUID,
        mark: str,
        *,
        count: int,
        report: Callable[[Event], None],
        opened: Callable[[Session], None],
    ) -> None:
        self._dsn, self._target, self._ledger_id, self._mark = target_dsn, target, ledger_id, mark
        self._report, self._opened = report, opened
        self._waiting: list[Planned] = []
        self._ready: set[QualifiedName] = set()
        self._copying = True
        self._busy: dict[_Site, Planned] = {}
        self._idle: list[_Site] = []
        self._more = count  # sites that may still be opened
        self.built = 0

    def take(self, statements: Iterable[Planned]) -> None:
        """Have these applied, each as soon as its table is ready."""
        self._waiting += statements

    def make_ready(self, table: QualifiedName) -> None:
        """All of the table's rows are there, and none will be moved any more."""
        self._ready.add(table)

    def make_all_ready(self) -> None:
        """The copy is over."""
        self._copying = False

    def leave_all(self) -> None:
        """For few rows opening sessions costs more than it gains."""
        self._more = 0

    @property
    def handles(self) -> list[int]:
        """For `multiprocessing.connection.wait`: one is ready when `go_on` has something to do."""
        return [site.socket for site in self._busy]

    def go_on(self) -> None:
        """Finish what the server has done, begin what can be begun. Raises TargetMoved."""
        for done in [site for site in self._busy if site.is_done()]:
            self._finish(done, self._busy.pop(done))
        for planned in list(self._waiting):
            if self._may_begin(planned) and (site := self._free_site()) is not None:
                self._waiting.remove(planned)
                self._begin(site, planned)

    def finish_begun(self, should_stop: Callable[[], bool]) -> None:
        """Wait for what is at work; nothing new is begun. Raises RunStopped, TargetMoved."""
        kept, self._waiting = self._waiting, []
        try:
            self.finish(should_stop)
        finally:
            self._waiting = kept + self._waiting

    def finish(self, should_stop: Callable[[], bool]) -> None:
        """Wait for all whose tables are ready. Raises RunStopped, TargetMoved."""
        self.go_on()
        while self._busy:
            if should_stop():
                raise RunStopped(
                    "The run was stopped while keys and indexes were built; what was not done is undone."
                )
            wait(self.handles, _LOOK_UP)
            self.go_on()

    def close(self) -> None:
        """What is still at work is cancelled and undone."""
        for site in self._busy:
            site.cancel()
        close_quietly(*(site.session for site in (*self._busy, *self._idle)))
        self._busy, self._idle, self._waiting, self._more = {}, [], [], 0

    def _may_begin(self, planned: Planned) -> bool:
        """In the plan's order on each table."""
        if self._copying and planned.table not in self._ready:
            return False
        first = next(each for each in self._waiting if each.table == planned.table)
        return first is planned and all(
            go_together(planned.statement, other.statement)
            for other in self._busy.values()
            if other.table == planned.table
        )

    def _free_site(self) -> "_Site | None":
        if self._idle:
            return self._idle.pop()
        if not self._more:
            return None
        self._more -= 1
        try:
            session = open_target_for(self._ledger_id, self._dsn)
        except RunFailed:  # no more connections: what there is has to do
            self._more = 0
            return None
        self._opened(session)
        return _Site(session)

    def _begin(self, site: "_Site", planned: Planned) -> None:
        try:
            site.begin(planned.statement)
        except psycopg.Error as exc:
            self._leave(site, planned, exc)
        else:
            self._busy[site] = planned
            if (task := task_of(planned.statement)) is not None:
                self._report(TaskBegun(task=task, name=str(planned.position)))

    def _finish(self, site: "_Site", planned: Planned) -> None:
        try:
            site.end()
            expected = ledger.last_mark(self._target, self._ledger_id) or self._mark
            check_unmoved(self._target, planned.statement, expected)
            mark = movements.mark_of(site.session)
            ledger.record_statement(
                site.session, self._ledger_id, planned.position, planned.statement, "applied", mark
            )
            site.session.execute("COMMIT")
        except psycopg.Error as exc:
            if self._target.closed:
                close_quietly(site.session)
                raise
            self._leave(site, planned, exc)
        except TargetMoved:
            close_quietly(site.session)  # which undoes the statement
            raise
        else:
            self.built += 1
            self._idle.append(site)
            if (task := task_of(planned.statement)) is not None:
                self._report(TaskDone(task=task, name=str(planned.position)))

    def _leave(self, site: "_Site", planned: Planned, error: psycopg.Error) -> None:
        """To its turn, or, where one of ours may hold its lock, until that has ended."""
        with contextlib.suppress(psycopg.Error):
            site.session.execute("ROLLBACK")
        if site.session.closed:
            self._more += 1
        else:
            self._idle.append(site)
        if error.sqlstate in _NO_LOCK and self._busy:
            self._waiting.append(planned)
            return
        ref = planned.statement.ref
        self._report(
            Log(
                message=f"The {ref.kind.value} “{ref.label}” could not be made beside others "
                f"(SQLSTATE {error.sqlstate or 'unknown'}); it is tried again in its turn."
            )
        )


class _Site:
    """A session with one statement at work in its transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session
        # A server that may notice when this process has died ends the statement then, and gives its locks back.
        with contextlib.suppress(psycopg.Error):
            session.execute("SET client_connection_check_interval = '1s'")

    @property
    def socket(self) -> int:
        return self.session.pgconn.socket

    def begin(self, statement: Statement) -> None:
        self.session.execute("BEGIN")
        limits = statement.timeouts
        self.session.execute(
            "SELECT set_config('lock_timeout', %s, true), set_config('statement_timeout', %s, true)",
            [limits.lock, limits.statement],
        )
        self.session.pgconn.send_query_params(statement.sql.encode(), None)
        while self.session.pgconn.flush():
            wait([self.socket], _LOOK_UP)

    def is_done(self) -> bool:
        """Has the server answered, or gone?"""
        try:
            self.session.pgconn.consume_input()
        except psycopg.OperationalError:
            return True
        return not self.session.pgconn.is_busy()

    def end(self) -> None:
        """Read the answer. Raises what the statement did."""
        answers = []
        while (result := self.session.pgconn.get_result()) is not None:
            answers.append(result)
        if not answers:
            raise psycopg.OperationalError("connection lost")
        if answers[0].status not in (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK):
            raise psycopg.errors.error_from_result(answers[0])

    def cancel(self) -> None:
        """And wait a little for its end, so that its locks are free."""
        with contextlib.suppress(psycopg.Error):
            self.session.cancel_safe(timeout=_PATIENCE)
            wait([self.socket], _PATIENCE)
