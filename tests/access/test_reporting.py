"""The reporter against a real HTTP server: what arrives is what was called, nothing is lost or counted twice."""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from migration.access.aggregate import OTHERS
from migration.access.backend import source_backend, target_backend
from migration.access.calls import AccessEvent, CallRecord, Copying, EventKind, Mismatch, Observers
from migration.access.data_layer import DataLayer
from migration.access.errors import ErrorKind
from migration.access.parcels import MOST_PARCELS, Parcels
from migration.access.pool import Pool, PoolStats
from migration.access.reporting import Reporter
from migration.access.switching import FixedFlags, FlagState
from migration.core.flags import Access, Backend, Flags
from migration.core.monitoring.report import MAX_BODY, MAX_CALLS, MOST_AGO, Report, read_report
from migration.core.monitoring.sketches import ACCURACY
from schemadiff.core.errors import Refused
from tests.access.carried import FEW

MODULES = ("syncScripts",)
NOWHERE = "postgresql://nobody:hunter2@127.0.0.1:1/nothing"


@dataclass(slots=True)
class Monitoring:
    """Takes reports as the application does, or answers with an error."""

    address: str = ""
    status: int = 204
    is_cut: bool = False  # it takes the report, and its answer is lost
    reports: list[Report] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    arrived: threading.Event = field(default_factory=threading.Event)


@contextmanager
def monitoring() -> Iterator[Monitoring]:
    found = Monitoring()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert len(body) <= MAX_BODY
            found.tokens.add(self.headers["Authorization"])
            if found.status == 204:
                found.reports.append(read_report(body, MODULES))
            if found.is_cut:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()
            found.arrived.set()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.address = f"http://127.0.0.1:{server.server_port}/metrics/v1/report"
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def taking() -> Iterator[Monitoring]:
    with monitoring() as found:
        yield found


def reporter(address: str, **more: Any) -> Reporter:
    return Reporter(address, "token", client="crm@host1", **more)


def record(milliseconds: float = 2.0, **more: Any) -> CallRecord:
    given = {
        "method": "staff_list",
        "module": "syncScripts",
        "backend": Backend.TARGET,
        "access": Access.READ,
    }
    return CallRecord(**{**given, **more}, seconds=milliseconds / 1000)


def test_calls_are_added_up_and_arrive_once(taking: Monitoring) -> None:
    found = reporter(taking.address)
    for milliseconds in (1.0, 2.0, 150.0):
        found.called(record(milliseconds, statement="SELECT * FROM staff WHERE name = 'Ivan'"))
    found.called(record(5.0, error=ErrorKind.TIMEOUT))
    found.called(record(5.0, error=ErrorKind.INVALID))
    found.mismatched(
        Mismatch(
            method="staff_list",
            module="syncScripts",
            copying=Copying.SHADOW_READ,
            fields=("name",),
            reason="name differs",
        )
    )
    found.called(record(4.0, backend=Backend.SOURCE, fell_back=True))
    for kind in EventKind:
        found.happened(AccessEvent(kind=kind, module="syncScripts", method="staff_list", reason=""))
    assert found.send() and found.send()
    first, second = taking.reports
    from_source, call = first.calls
    assert (from_source.backend, from_source.count, from_source.fallbacks) == ("source", 1, 0)
    assert (call.count, call.total, call.lowest, call.highest) == (4, 158.0, 1.0, 150.0)
    assert (call.slow, call.errors, call.failed) == (1, (("timeout", 1),), 1)
    assert (call.compared, call.mismatches, call.fallbacks) == (2, 1, 1)
    assert call.sketch.quantile(1.0) == pytest.approx(150.0, rel=ACCURACY)
    assert [entry.statement for entry in first.slow] == ["SELECT * FROM staff WHERE name = ?"]
    assert second.calls == ()
    assert taking.tokens == {"Bearer token"}


def test_what_could_not_be_sent_comes_with_the_next_report(taking: Monitoring) -> None:
    found = reporter(taking.address)
    for status in (500, 429, 401):
        taking.status = status
        found.called(record(150.0, statement="SELECT 1"))
        assert not found.send()
    taking.status = 204
    assert found.send()
    assert [sent.calls[0].count for sent in taking.reports] == [1, 1, 1]
    assert [sent.slow[0].count for sent in taking.reports] == [1, 1, 1]
    assert len({sent.serial.process for sent in taking.reports if sent.serial}) == 1
    assert [sent.serial.number for sent in taking.reports if sent.serial] == [1, 2, 3]


def test_a_report_whose_answer_was_lost_is_sent_again_as_the_same_one(taking: Monitoring) -> None:
    found = reporter(taking.address, timeout=5.0)
    found.called(record())
    taking.is_cut = True
    assert not found.send()
    taking.is_cut = False
    found.called(record())
    assert found.send()
    once, again, other = taking.reports
    assert once.serial == again.serial != other.serial
    assert once.calls == again.calls and [call.count for call in other.calls] == [1]
    assert again.began_ago > again.ended_ago > once.ended_ago
    assert other.ended_ago < again.ended_ago


def test_of_a_long_outage_little_is_kept_and_every_call_counted(taking: Monitoring) -> None:
    stats = PoolStats(total=10, idle=4, waiting=2, most=20, utilisation=0.3)
    found = reporter(taking.address, pools={Backend.TARGET: lambda: stats})
    taking.status = 503
    for _ in range(MOST_PARCELS * 3):
        found.called(record())
        assert not found.send()
    taking.status = 204
    assert found.send()
    assert len(taking.reports) <= MOST_PARCELS
    assert sum(call.count for sent in taking.reports for call in sent.calls) == MOST_PARCELS * 3
    numbers = [sent.serial.number for sent in taking.reports if sent.serial]
    assert numbers == list(range(1, len(taking.reports) + 1))
    assert all(sent.began_ago > sent.ended_ago for sent in taking.reports)
    assert [len(sent.pools) for sent in taking.reports] == [0] * (len(taking.reports) - 1) + [1]


def test_what_is_older_than_a_day_is_given_up() -> None:
    parcels = Parcels(0.0)
    for ended in (10.0, 20.0, MOST_AGO + 15.0):
        parcels.open.called("", "staff_list", "target", milliseconds=1.0, error="", statement="")
        parcels.close(ended)
    first = parcels.first(MOST_AGO + 15.0)
    assert first is not None and (first.began, first.number) == (20.0, 1)


def test_nobody_there_is_no_error_of_the_application() -> None:
    with monitoring() as gone:
        found = reporter(gone.address, timeout=1.0)
    found.called(record())
    assert not found.send()


def test_a_report_that_is_refused_for_good_is_thrown_away(
    taking: Monitoring, caplog: pytest.LogCaptureFixture
) -> None:
    found = reporter(taking.address)
    found.called(record())
    taking.status = 400
    assert not found.send()
    assert "refused a report" in caplog.text
    taking.status = 204
    assert found.send()
    assert taking.reports[0].calls == ()


def test_it_reports_by_itself_and_once_more_at_the_end(taking: Monitoring) -> None:
    with reporter(taking.address, every=0.02) as found:
        observers = Observers.of([found])
        observers.called(record())
        assert taking.arrived.wait(60)
        observers.called(record())
    assert sum(call.count for sent in taking.reports for call in sent.calls) == 2


def test_many_threads_lose_no_call(taking: Monitoring) -> None:
    found = reporter(taking.address, every=0.01)

    def work() -> None:
        for _ in range(500):
            found.called(record())

    with found:
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(call.count for sent in taking.reports for call in sent.calls) == 4_000


def test_pools_are_asked_with_each_report(taking: Monitoring) -> None:
    stats = PoolStats(total=10, idle=4, waiting=2, most=20, utilisation=0.3)
    assert reporter(taking.address, pools={Backend.TARGET: lambda: stats}).send()
    (pool,) = taking.reports[0].pools
    assert (pool.utilisation, pool.waiting) == (30.0, 2)


def test_an_application_that_makes_up_names_stays_within_a_report(taking: Monitoring) -> None:
    found = reporter(taking.address)
    for number in range(MAX_CALLS * 2):
        found.called(record(method=f"m{number}"))
        found.called(record(150.0 + number, statement=f"SELECT c{number}"))
    assert found.send()
    (sent,) = taking.reports
    assert sum(call.count for call in sent.calls) == MAX_CALLS * 4
    assert OTHERS in {call.method for call in sent.calls}
    assert f"SELECT c{MAX_CALLS * 2 - 1}" in {entry.statement for entry in sent.slow}


def test_only_the_web_is_reported_to() -> None:
    with pytest.raises(Refused):
        reporter("file:///etc/passwd")


def test_the_data_layers_calls_are_reported_with_those_that_fell_back(
    taking: Monitoring, seed_source_dsn: str
) -> None:
    flags = FixedFlags(FlagState(flags=Flags(use_repository_pattern=True, backend=Backend.TARGET)))
    source, target = Pool(seed_source_dsn, FEW, "source"), Pool(NOWHERE, FEW, "target")
    found = reporter(taking.address, pools={Backend.SOURCE: source.stats})
    layer = DataLayer(source_backend(source), target_backend(target, None), flags, observers=[found])
    with layer:
        for _ in range(3):
            assert layer.health_check(962302).backend is Backend.SOURCE
        assert found.send()
    (sent,) = taking.reports
    counted = {(call.backend, call.method): (call.count, call.failed, call.fallbacks) for call in sent.calls}
    assert counted == {("source", "health_check"): (3, 0, 0), ("target", "health_check"): (0, 0, 3)}
    (pool,) = sent.pools
    assert (pool.backend, pool.most) == ("source", FEW.max_size)


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_the_child_of_a_fork_reports_its_own_calls_only(taking: Monitoring) -> None:
    found = reporter(taking.address, every=30.0)
    found.start()
    found.called(record())
    child = os.fork()
    if child == 0:
        try:
            found.called(record(method="in_child"))
            found.stop()
            os._exit(0)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    found.stop()
    counted = [(call.method, call.count) for sent in taking.reports for call in sent.calls]
    assert counted == [("in_child", 1), ("staff_list", 1)]
