"""Several workers build one run's indexes and check its keys: both have some, one dies in the middle, one fails."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from migration.core.events import ChunksOffered, Log, PhaseStarted
from migration.core.phases import Phase
from migration.core.spec import spec_from_json, spec_to_json
from migration.engine.helping import help_copy
from migration.models import Run
from migration.runner import RunResult, RunSpec, never, run
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.plan import Duration, Lock, Section, Statement
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, carry, copy_spec, one, table
from tests.faults import helping_process
from tests.faults.process import PATIENCE, wait_for
from tests.faults.test_sharing import another, begun
from tests.servers import MakeDatabase
from tests.test_worker import ended
from tests.worker_process import working

pytestmark = pytest.mark.heavy

ROWS = 300_000
TABLES = (
    "CREATE TABLE public.kind (id int PRIMARY KEY); "
    "CREATE TABLE public.sold (id int PRIMARY KEY, kind int REFERENCES public.kind, words text)"
)
FILL = (
    "INSERT INTO public.kind VALUES (0), (1); "
    f"INSERT INTO public.sold SELECT n, n % 2, md5(n::text) FROM generate_series(1, {ROWS}) AS n"
)
HELD = """
CREATE FUNCTION public.held(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    WHILE n = 1 AND NOT pg_try_advisory_xact_lock_shared(4712) LOOP PERFORM pg_sleep(0.02); END LOOP;
    RETURN n;
END $$
"""
NAMES = tuple(f"sold_{letter}" for letter in "abcdef")
_BUILDING = "SELECT count(*) FROM pg_stat_progress_create_index WHERE datname = current_database()"
_BY = "SELECT applied_by, count(*) FROM schemadiff.statements WHERE state = 'applied' GROUP BY applied_by"
_HASH = "SELECT count(*), md5(string_agg(s::text, '|' ORDER BY id)) FROM public.sold s"
_INDEXES = (
    "SELECT c.relname, i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "WHERE i.indrelid = 'public.sold'::regclass ORDER BY 1"
)
_OURS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'schemadiff' AND datname = current_database()"


def index(name: str, sql: str = "") -> Statement:
    """It takes as long as somebody holds the lock."""
    return Statement(
        sql=sql or f"CREATE INDEX {name} ON public.sold ((public.held(id)))",
        ref=ObjectRef(kind=Kind.INDEX, schema="public", parent="sold", name=name),
        section=Section.POST_DATA,
        lock=Lock.SHARE,
        duration=Duration.BUILDS_INDEX,
    )


class Leader:
    """The run in a thread of its own: with foreign keys in the target nothing is built beside the copy."""

    def __init__(self, source: str, target: str, *statements: Statement) -> None:
        spec: RunSpec = copy_spec(target, table("kind", "id"), table("sold", "id", "kind", "words"), jobs=2)
        self.spec = replace(spec, plan=replace(spec.plan, statements=statements))
        self.sides, self.told = (source, target), Told()
        self.result: RunResult | None = None
        self.error: SchemadiffError | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self.result = run(
                *self.sides,
                self.spec,
                report=self.told.report,
                should_stop=self._stop.is_set,
                hands_back=lambda: True,
            )
        except SchemadiffError as error:
            self.error = error

    def builds(self, count: int) -> str:
        """So many at once in all; the snapshot by which others help."""
        wait_for(lambda: self.error is not None or one(self.sides[1], _BUILDING) == count, f"{count} builds")
        assert self.error is None
        assert self.told.of(PhaseStarted)[-1].phase is Phase.INDEXES
        return self.told.of(ChunksOffered)[-1].snapshot

    def stop(self) -> None:
        self._stop.set()
        self.ends()

    def ends(self) -> None:
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    return make_database(server16, f"{TABLES}; {FILL}"), make_database(server18, f"{TABLES}; {HELD}")


@pytest.fixture
def holder(sides: tuple[str, str]) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(sides[1]) as session:
        session.execute("SELECT pg_advisory_xact_lock(4712)")
        yield session


def assert_whole(sides: tuple[str, str], leader: Leader, names: tuple[str, ...] = NAMES) -> None:
    source, target = sides
    assert leader.error is None and leader.result is not None
    assert ask(source, _HASH) == ask(target, _HASH)
    assert ask(target, _INDEXES) == sorted([*((name, True) for name in names), ("sold_pkey", True)])
    assert one(target, "SELECT count(*) FROM schemadiff.builds") == 0
    assert one(target, "SELECT count(*) FROM schemadiff.offers") == 0


def by(target: str) -> dict[int, int]:
    return {int(name.rpartition(" ")[2]): count for name, count in ask(target, _BY)}


def test_two_workers_build_one_runs_indexes(sides: tuple[str, str], holder: psycopg.Connection[Any]) -> None:
    leader = Leader(*sides, *map(index, NAMES))
    helper = helping_process.start(*sides, leader.spec.ledger_id, leader.builds(2))
    leader.builds(4)
    holder.rollback()
    leader.ends()
    assert helper.wait(PATIENCE) == 0
    assert_whole(sides, leader)
    found = by(sides[1])
    assert found.keys() == {os.getpid(), helper.pid} and sum(found.values()) == 6
    assert min(found.values()) >= 2
    told = f"and {found[helper.pid]} by other workers"
    assert any(told in event.message for event in leader.told.of(Log))


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_has_nothing_to_do_builds_for_another(
    sides: tuple[str, str], holder: psycopg.Connection[Any], tmp_path: Path
) -> None:
    asked = begun(*sides)
    spec = spec_from_json(asked.spec)
    spec = replace(spec, plan=replace(spec.plan, statements=tuple(map(index, NAMES))))
    Run.objects.filter(pk=asked.pk).update(spec=spec_to_json(spec))
    with working(tmp_path) as leader, another(tmp_path, "helper") as helper:
        wait_for(lambda: one(sides[1], _BUILDING) == 4, "both to build")
        holder.rollback()
        finished = ended(asked)
        both = {leader.process.pid, helper.process.pid}
    assert (finished.phase, finished.error, finished.attempts, finished.offered) == ("finish", "", 1, "")
    assert by(sides[1]).keys() == both
    assert ask(sides[0], _HASH) == ask(sides[1], _HASH)


def test_what_a_killed_helper_was_building_is_built_by_whoever_is_left(
    sides: tuple[str, str], holder: psycopg.Connection[Any]
) -> None:
    leader = Leader(*sides, *map(index, NAMES))
    helper = helping_process.start(*sides, leader.spec.ledger_id, leader.builds(2))
    leader.builds(4)
    helper.kill()
    helper.wait()
    leader.builds(2)  # the server has noticed, and undone what was begun
    holder.rollback()
    leader.ends()
    assert_whole(sides, leader)
    assert by(sides[1]) == {os.getpid(): 6}


def test_a_leader_that_goes_ends_the_help_and_the_next_goes_on(
    sides: tuple[str, str], holder: psycopg.Connection[Any]
) -> None:
    leader = Leader(*sides, *map(index, NAMES))
    helping = threading.Event()
    helped: list[SchemadiffError] = []
    help_with = _help(sides, leader, leader.builds(2), helping.is_set, helped)
    leader.builds(4)
    stopping = threading.Thread(target=leader.stop, daemon=True)
    stopping.start()
    wait_for(lambda: leader.told.of(ChunksOffered)[-1].snapshot == "", "the offer to be over")
    helping.set()  # as a worker hears that a run wants no more help
    for thread in (help_with, stopping):
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert "wants no more help" in str(helped[0])
    wait_for(lambda: one(sides[1], _OURS) == 0, "nobody to be at work")
    assert ask(sides[1], _INDEXES) == [("sold_pkey", True)]
    holder.rollback()
    result, _ = carry(*sides, leader.spec, resume=True)
    assert result.rows_written == ROWS + 2
    leader.error, leader.result = None, result
    assert_whole(sides, leader)


def test_what_a_helper_cannot_build_is_told_by_the_leader(
    sides: tuple[str, str], holder: psycopg.Connection[Any]
) -> None:
    wrong = index("sold_wrong", "CREATE UNIQUE INDEX sold_wrong ON public.sold (kind)")
    leader = Leader(*sides, *map(index, NAMES[:2]), wrong)
    helped: list[SchemadiffError] = []
    helping = _help(sides, leader, leader.builds(2), never, helped)
    wait_for(
        lambda: any("sold_wrong" in event.message for event in leader.told.of(Log)), "the failure to be told"
    )
    holder.rollback()
    leader.ends()
    helping.join(PATIENCE)
    assert not helping.is_alive()
    assert "because of rows in “public.sold”" in str(leader.error)
    assert by(sides[1]) == {os.getpid(): 2}


def _help(
    sides: tuple[str, str],
    leader: Leader,
    snapshot: str,
    should_stop: Callable[[], bool],
    errors: list[SchemadiffError],
) -> threading.Thread:
    def work() -> None:
        try:
            help_copy(*sides, leader.spec.ledger_id, snapshot, should_stop)
        except SchemadiffError as error:
            errors.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread
