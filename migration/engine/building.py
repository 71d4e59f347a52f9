"""Statements at work side by side on the target's server, while this process does something else.

Each has a session of its own and nobody waits for it: it is looked after whenever somebody calls `go_on`. What fails is
left to whoever applies the plan in its order, and tells why. Where they are shared, workers that help take some.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import wait
from uuid import UUID

import psycopg

from migration.core.building import Planned, go_together
from migration.core.errors import RunFailed, RunStopped
from migration.core.events import Event, Log, TaskBegun, TaskDone
from migration.engine import build_claims, ledger
from migration.engine.build_site import Site
from migration.engine.failures import close_quietly
from migration.engine.outlooks import task_of
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session
from schemadiff.core.errors import TargetMoved
from schemadiff.core.mapping import QualifiedName

_LOOK_UP = 0.2  # seconds between two looks at whether to stop
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
        self._busy: dict[Site, Planned] = {}
        self._idle: list[Site] = []
        self._more = count  # sites that may still be opened
        self._shared = False
        self._listed: dict[int, Planned] = {}  # of those that are shared: no site of ours is at it
        self._elsewhere: set[int] = set()  # of these: somebody else is
        self.built = self.built_elsewhere = 0

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
    def has_sites(self) -> bool:
        """Is anything built side by side at all?"""
        return self._more > 0 or bool(self._idle or self._busy)

    @contextlib.contextmanager
    def shared(self) -> Iterator[None]:
        """Inside, workers that help may take what can be begun."""
        self._shared = True
        try:
            yield
        except BaseException:
            self.close()  # whoever withdraws the offer waits for all claims, ours included
            raise
        finally:
            self._shared = False

    @property
    def handles(self) -> list[int]:
        """For `multiprocessing.connection.wait`: one is ready when `go_on` has something to do."""
        return [site.socket for site in self._busy]

    def go_on(self) -> None:
        """Finish what the server has done, begin what can be begun. Raises TargetMoved."""
        for done in [site for site in self._busy if site.is_done()]:
            self._finish(done, self._busy.pop(done))
        if self._shared or self._listed:
            self._hear()
            self._list()
            if not self.has_sites:
                self._unlist()
        for planned in list(self._listed.values()):
            if (site := self._free_site()) is not None:
                self._begin_if_free(site, planned)
        for planned in list(self._waiting) if not self._shared else ():
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
        while self._busy or self._listed:
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
        self._busy, self._idle, self._waiting, self._listed, self._more = {}, [], [], {}, 0

    def _may_begin(self, planned: Planned) -> bool:
        """In the plan's order on each table."""
        if self._copying and planned.table not in self._ready:
            return False
        first = next(each for each in self._waiting if each.table == planned.table)
        return first is planned and all(
            go_together(planned.statement, other.statement)
            for other in (*self._busy.values(), *self._listed.values())
            if other.table == planned.table
        )

    def _list(self) -> None:
        """Whoever comes may take what can be begun."""
        new = []
        for planned in list(self._waiting):
            if self._may_begin(planned):
                self._waiting.remove(planned)
                self._listed[planned.position] = planned
                new.append(planned.position)
        if new:
            build_claims.put(self._target, self._ledger_id, new, self._mark)

    def _unlist(self) -> None:
        """To their turn, but what somebody else is at: this process has no connection for them."""
        for position in list(self._listed):
            if build_claims.strike_if_free(self._target, self._ledger_id, position):
                del self._listed[position]

    def _hear(self) -> None:
        """What has become of those that somebody else may have taken."""
        if not self._listed:
            return
        left = build_claims.listed(self._target, self._ledger_id)
        gone = self._listed.keys() - left.keys()
        applied = ledger.applied(self._target, self._ledger_id) if gone else {}
        for position in sorted(gone & applied.keys()):
            planned = self._listed.pop(position)
            self.built_elsewhere += 1
            self._say_begun(planned)
            self._elsewhere.discard(position)
            self._say_done(planned)
        in_vain = {position: sqlstate for position, sqlstate in left.items() if sqlstate is not None}
        for position in sorted(self._listed.keys() & (gone | in_vain.keys())):
            planned = self._listed.pop(position)
            self._elsewhere.discard(position)
            build_claims.strike(self._target, self._ledger_id, position)
            self._say_left(planned, in_vain.get(position, ""))

    def _free_site(self) -> Site | None:
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
        return Site(session)

    def _begin_if_free(self, site: Site, planned: Planned) -> None:
        """Unless somebody else is at it, or has done it by now."""
        try:
            site.session.execute("BEGIN")
            if build_claims.take(site.session, self._ledger_id, planned.position):
                del self._listed[planned.position]
                self._begin(site, planned)
                return
            site.session.execute("ROLLBACK")
        except psycopg.Error:  # the session is lost; whether the server is, too, is seen by all that asks it
            close_quietly(site.session)
            self._more += 1
            return
        self._idle.append(site)
        self._say_begun(planned)
        self._elsewhere.add(planned.position)

    def _begin(self, site: Site, planned: Planned) -> None:
        try:
            site.begin(planned.statement)
        except psycopg.Error as exc:
            self._leave(site, planned, exc)
        else:
            self._busy[site] = planned
            self._say_begun(planned)

    def _finish(self, site: Site, planned: Planned) -> None:
        try:
            site.end()
            site.commit(self._target, self._ledger_id, planned, self._mark)
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
            self._say_done(planned)

    def _leave(self, site: Site, planned: Planned, error: psycopg.Error) -> None:
        """To its turn, or, where one of ours may hold its lock, until that has ended."""
        with contextlib.suppress(psycopg.Error):
            site.session.execute("ROLLBACK")
        if site.session.closed:
            self._more += 1
        else:
            self._idle.append(site)
        may_be_ours = error.sqlstate in _NO_LOCK and bool(self._busy)
        if not self._shared and may_be_ours:
            self._waiting.append(planned)
            return
        if self._shared and (
            may_be_ours or not build_claims.strike_if_free(self._target, self._ledger_id, planned.position)
        ):
            self._listed[planned.position] = planned
            return
        self._say_left(planned, error.sqlstate or "")

    def _say_begun(self, planned: Planned) -> None:
        task = task_of(planned.statement)
        if task is not None and planned.position not in self._elsewhere:
            self._report(TaskBegun(task=task, name=str(planned.position)))

    def _say_done(self, planned: Planned) -> None:
        if (task := task_of(planned.statement)) is not None:
            self._report(TaskDone(task=task, name=str(planned.position)))

    def _say_left(self, planned: Planned, sqlstate: str) -> None:
        ref = planned.statement.ref
        self._report(
            Log(
                message=f"The {ref.kind.value} “{ref.label}” could not be made beside others "
                f"(SQLSTATE {sqlstate or 'unknown'}); it is tried again in its turn."
            )
        )
