"""Help with what is to be built: a worker takes statements that the one which leads the run has listed."""

from collections.abc import Callable
from multiprocessing.connection import wait
from uuid import UUID

import psycopg

from migration.core.building import Planned
from migration.core.errors import RunFailed, RunStopped
from migration.engine import build_claims
from migration.engine.build_site import Site
from migration.engine.failures import close_quietly
from migration.engine.ownership import open_target_for
from migration.engine.sessions import Session
from schemadiff.core.errors import TargetMoved
from schemadiff.core.plan import Plan

_LOOK = 0.2  # seconds between two looks at whether there is more, and whether to stop


def help_build(
    target_dsn: str,
    target: Session,
    ledger_id: UUID,
    offer: str,
    plan: Plan,
    *,
    jobs: int,
    should_stop: Callable[[], bool],
    opened: Callable[[Session], None],
) -> int:
    """Until nothing is left of it, or the offer does not stand any more; how many statements that were.

    As many at once as `jobs` says; `opened` is told of each session. What cannot be done is left to whoever leads.
    Raises RunStopped, with what was begun undone, and RunFailed.
    """
    crew = _Crew(target_dsn, target, ledger_id, offer, plan, opened)
    try:
        while build_claims.are_open(target, ledger_id):
            if should_stop():
                raise RunStopped("The run wants no more help.")
            crew.go_on(jobs)
            wait(crew.handles, _LOOK)
        return crew.built
    finally:
        crew.close()


class _Crew:
    """Sessions with a statement each."""

    def __init__(
        self,
        target_dsn: str,
        target: Session,
        ledger_id: UUID,
        offer: str,
        plan: Plan,
        opened: Callable[[Session], None],
    ) -> None:
        self._dsn, self._target, self._ledger_id = target_dsn, target, ledger_id
        self._offer, self._plan, self._opened = offer, plan, opened
        self._busy: dict[Site, tuple[Planned, str]] = {}  # each with the mark that it was listed with
        self._idle: list[Site] = []
        self.built = 0

    @property
    def handles(self) -> list[int]:
        return [site.socket for site in self._busy]

    def go_on(self, jobs: int) -> None:
        """Commit what is done, begin what there is."""
        for site in [each for each in self._busy if each.is_done()]:
            self._finish(site, *self._busy.pop(site))
        while len(self._busy) < jobs and self._begin():
            pass

    def close(self) -> None:
        """What is still at work is cancelled and undone."""
        for site in self._busy:
            site.cancel()
        close_quietly(*(site.session for site in (*self._busy, *self._idle)))

    def _begin(self) -> bool:
        """False where nothing is to be had."""
        site = self._idle.pop() if self._idle else self._new_site()
        session = site.session
        session.execute("BEGIN")
        # Held until the end of the transaction: as long as something is at work the offer cannot be made anew.
        stands = session.execute(
            "SELECT FROM schemadiff.offers WHERE run = %s AND snapshot = %s FOR SHARE",
            [self._ledger_id, self._offer],
        ).fetchone()
        taken = build_claims.take_last(session, self._ledger_id) if stands is not None else None
        if taken is None:
            session.execute("ROLLBACK")
            self._idle.append(site)
            return False
        position, mark = taken
        planned = Planned(position=position, statement=self._plan.statements[position])
        try:
            site.begin(planned.statement)
        except psycopg.Error as exc:
            self._give_up(site, planned, exc)
        else:
            self._busy[site] = planned, mark
        return True

    def _new_site(self) -> Site:
        session = open_target_for(self._ledger_id, self._dsn)
        self._opened(session)
        return Site(session)

    def _finish(self, site: Site, planned: Planned, mark: str) -> None:
        try:
            site.end()
            site.commit(self._target, self._ledger_id, planned, mark)
        except (psycopg.Error, TargetMoved) as exc:
            self._give_up(site, planned, exc)
        else:
            self.built += 1
            self._idle.append(site)

    def _give_up(self, site: Site, planned: Planned, error: psycopg.Error | TargetMoved) -> None:
        if site.session.closed or self._target.closed:
            close_quietly(site.session)
            raise RunFailed("The target's connection was lost while this worker helped.") from error
        site.session.execute("ROLLBACK")
        self._idle.append(site)
        sqlstate = error.sqlstate if isinstance(error, psycopg.Error) else None
        build_claims.give_up(self._target, self._ledger_id, planned.position, sqlstate or "")
