"""Two workers on two hosts carry one run, and the cable of the one that leads it is pulled."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.engine.running import one
from tests.faults.hosts import HERE, may_be_made, two_hosts
from tests.faults.proxy import Proxy
from tests.faults.test_sharing import FILL, TABLE, assert_equal, begun, carriers, carrying, held
from tests.servers import MakeDatabase
from tests.test_worker import ended, now
from tests.worker_process import Worker, database_url, forget_jobs, until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

_PATIENCE = 300  # seconds: a server may take two minutes to notice who has gone, a busy machine as long again


@contextmanager
def worker(log: Path, within: tuple[str, ...], url: str) -> Iterator[Worker]:
    made = Worker(log, within, url)
    try:
        made.wait_until_ready()
        yield made
    finally:
        if made.process.poll() is None:
            made.kill()


def test_the_worker_that_is_not_cut_off_finishes_the_run(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, tmp_path: Path
) -> None:
    if not may_be_made():
        pytest.skip("to make a network namespace takes the system's administrator")
    source, target = make_database(server16, f"{TABLE}; {FILL}"), make_database(server18, TABLE)
    with ExitStack() as opened:
        first, second = opened.enter_context(two_hosts())
        ways = [opened.enter_context(Proxy(dsn, host=HERE)) for dsn in (source, target, database_url())]
        run = begun(ways[0].dsn, ways[1].dsn)
        opened.callback(forget_jobs)
        leader = opened.enter_context(worker(tmp_path / "leader.log", first.within, ways[2].dsn))
        holder = opened.enter_context(held(target))
        carrying(target, 2)
        helper = opened.enter_context(worker(tmp_path / "helper.log", second.within, ways[2].dsn))
        carrying(target, 4)

        first.pull()
        holder.rollback()
        finished = ended(run, seconds=_PATIENCE)

        assert (finished.phase, finished.error, finished.attempts) == ("finish", "", 2)
        assert carriers(target)[helper.process.pid] >= 10
        assert_equal(source, target)
        done = one(target, "SELECT max(copied_at) FROM schemadiff.chunks")
        first.plug()
        until(lambda: "taken over by another worker" in leader.log.read_text(), "the first knows", _PATIENCE)
        assert leader.process.poll() is None
        assert (now(run).phase, now(run).attempts) == ("finish", 2)
        assert one(target, "SELECT max(copied_at) FROM schemadiff.chunks") == done
        assert_equal(source, target)
