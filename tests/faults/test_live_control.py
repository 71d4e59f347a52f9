"""The application's own database dies (kill -9) under a worker that leads a live run, in each part of its journey: in
the copy, while it catches up, while it keeps up, in the cut-over, and while the target leads."""

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from migration import leading, runs
from migration.core.limits import Limits
from migration.models import CutOverAttempt, Run, RunState
from schemadiff import comparison as use_case
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer, throwaway
from schemadiff.models import Project
from schemadiff.store import record_decision
from tests.engine.running import ask, one
from tests.servers import MakeDatabase, roles_on
from tests.test_worker import now, saved
from tests.worker_process import until, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

Kind = CutOverAttempt.Kind

ROLE = "control_app"
_ROWS = 12_000
_LIMITS = Limits(rows_per_second=800)  # chunks of 4,000 rows, so that the copy has moments to die in
_TABLE = "CREATE TABLE public.first (id integer PRIMARY KEY, name text NOT NULL)"
_FILL = f"INSERT INTO public.first SELECT n, 'row ' || n FROM generate_series(1, {_ROWS}) n"
_HASH = "SELECT count(*), md5(string_agg(f::text, '|' ORDER BY id)) FROM public.first f"
_COUNTED = "SELECT coalesce(sum(inserts + updates + deletes), 0)::int FROM schemadiff.followed"
_IS_FOLLOWED = "SELECT bool_or(applied IS NOT NULL) FROM schemadiff.followers"
_REACHED = "SELECT reached FROM schemadiff.runs"
_COPIED = "SELECT count(*) FROM schemadiff.chunks WHERE copied_at IS NOT NULL"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> Iterator[str]:
    dsn = make_database(server16, f"{_TABLE}; {_FILL}")
    with roles_on(server16, [ROLE]):
        let_in(dsn)
        yield dsn
        ask(dsn, f"DROP OWNED BY {ROLE} CASCADE")
    ask(
        dsn,
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()",
    )


@pytest.fixture
def target() -> Iterator[str]:
    """On a server of its own: the application's database is on the one that dies."""
    with throwaway(18) as server:
        ask(server.dsn(), _TABLE)
        ask(server.dsn(), f"CREATE ROLE {ROLE}")
        let_in(server.dsn())
        yield server.dsn()


def let_in(dsn: str) -> None:
    ask(dsn, f"ALTER ROLE {ROLE} LOGIN PASSWORD 'secret'; GRANT ALL ON public.first TO {ROLE}")


def as_role(dsn: str) -> str:
    return make_conninfo(dsn, user=ROLE, password="secret")


@pytest.fixture(autouse=True)
def what_was_committed_is_kept(transactional_db: None) -> Iterator[None]:
    """The tests' servers forget the last moment in a crash; an application's database does not."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = on')
    connections.close_all()
    yield
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER DATABASE "{name}" RESET synchronous_commit')


class Changing:
    """One row a transaction, as long as it may, and how many of them were committed."""

    def __init__(self, dsn: str, word: str) -> None:
        self._dsn, self._word, self._over, self.count = as_role(dsn), word, threading.Event(), 0
        self._thread = threading.Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Changing":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive()

    def _work(self) -> None:
        with psycopg.connect(self._dsn, autocommit=True) as session, contextlib.suppress(psycopg.Error):
            while not self._over.wait(0.01):  # until it is fenced
                done = session.execute("UPDATE public.first SET name = %s WHERE id = %s", self._change())
                self.count += done.rowcount

    def _change(self) -> tuple[str, int]:
        return f"{self._word} {self.count}", 1 + self.count * 37 % _ROWS


def dies(server: EmbeddedServer) -> None:
    """SIGKILL; started again it recovers."""
    connections.close_all()
    server.kill()
    server.restart()
    connections.close_all()


class Journey:
    """A live run by a worker, whose own database dies when something has come true."""

    def __init__(self, source: str, target: str, control: EmbeddedServer) -> None:
        self.source, self.target, self._control = source, target, control
        self._user = User.objects.create_user("ana")
        project = Project.objects.create(slug="one", name="One table")
        found = use_case.compare(
            project, saved(project, "from", source), saved(project, "to", target), user=self._user
        )
        record_decision(found, OptionName.HYBRID, reason="It fits.", why_not={}, user=self._user)
        self.run = runs.create_run(
            project, found, OptionName.HYBRID, user=self._user, reason="Now.", live=True, limits=_LIMITS
        )

    def dies_when(self, condition: Callable[[], bool], what: str) -> None:
        until(condition, what, 90)
        dies(self._control)

    def asks_target(self, question: str) -> Any:
        try:
            return one(self.target, question)
        except psycopg.errors.UndefinedTable:
            return None

    def has_copied(self, chunks: int) -> Callable[[], bool]:
        return lambda: (self.asks_target(_COPIED) or 0) >= chunks

    def counts(self, side: str, at_least: int) -> Callable[[], bool]:
        return lambda: applied(side) >= at_least

    def keeps_up(self) -> None:
        """The run is led by a worker again, and one side follows the other."""

        def does() -> bool:
            run = now(self.run)
            assert run.state != RunState.ENDED, run.error
            return run.phase in ("cut_over", "watch") and self.asks_target(_REACHED) == run.phase

        until(does, "it keeps up", 120)

    def asked(self, kind: CutOverAttempt.Kind) -> CutOverAttempt:
        run = Run.objects.get(pk=self.run.pk)
        return leading.request(run, kind, user=self._user, reason="Now.", roles=[ROLE], patience=0.3)

    def ends(self, attempt: CutOverAttempt) -> CutOverAttempt:
        def has_ended() -> bool:
            return not CutOverAttempt.objects.get(pk=attempt.pk).is_under_way

        until(has_ended, f"the {attempt.kind} has ended", 90)
        return CutOverAttempt.objects.get(pk=attempt.pk)

    def gets_there(self, kind: CutOverAttempt.Kind, moment: Callable[[], bool]) -> None:
        """Its database dies at that moment, or as soon as it is done. Asked for again it goes on where it was."""
        self.keeps_up()
        attempt = self.asked(kind)
        self.dies_when(lambda: moment() or not _under_way(attempt), "that moment")
        found = self.ends(attempt)
        if found.error:
            self.keeps_up()
            found = self.ends(self.asked(kind))
        assert found.error == ""


def _under_way(attempt: CutOverAttempt) -> bool:
    return CutOverAttempt.objects.get(pk=attempt.pk).is_under_way


def applied(side: str) -> int:
    try:
        return int(one(side, _COUNTED))
    except psycopg.errors.UndefinedTable:
        return 0


def is_equal(source: str, target: str) -> bool:
    return bool(ask(source, _HASH) == ask(target, _HASH))


def test_the_run_goes_on(source: str, target: str, server18: EmbeddedServer, tmp_path: Path) -> None:
    journey = Journey(source, target, server18)
    lots = random.Random("where the records are kept")
    with working(tmp_path):
        until(lambda: bool(journey.asks_target(_IS_FOLLOWED)), "the slot")
        with Changing(source, "here") as here:
            for count in (1, 2):
                journey.dies_when(journey.has_copied(count), "a chunk is copied")
            journey.dies_when(journey.counts(target, 1), "it catches up")
            journey.keeps_up()
            for _ in range(2):
                journey.dies_when(journey.counts(target, applied(target) + lots.randrange(5, 200)), "changes")
            journey.gets_there(
                Kind.OVER, lambda: bool(journey.asks_target("SELECT count(*) FROM schemadiff.ways_back"))
            )
        assert applied(target) == here.count
        assert is_equal(source, target)
        with Changing(target, "there") as there:
            for _ in range(2):
                journey.dies_when(
                    journey.counts(source, applied(source) + lots.randrange(5, 200)), "changes back"
                )
            until(lambda: applied(source) > 0, "they come back")
            back = "SELECT bool_or(state = 'returning') FROM schemadiff.ways_back"
            journey.gets_there(Kind.BACK, lambda: bool(journey.asks_target(back)))
        assert there.count > 0
        assert is_equal(source, target)
        ask(as_role(source), "UPDATE public.first SET name = 'the source leads' WHERE id = 1")
        until(lambda: is_equal(source, target), "the target keeps up")
