"""The demo as a user starts it: answers, ends without a trace, starts again, explains what is in its way."""

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from schemadiff.embedded import known, processes

ROOT = Path(__file__).parent.parent
FOLDERS = ("app", "source", "target")
PATIENCE = 90  # seconds, on a machine that does other things, too

pytestmark = pytest.mark.heavy


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(data: Path, port: int, *more: str) -> list[str]:
    options = ["--data", str(data), "--port", str(port), "--no-browser", *more]
    return [sys.executable, "manage.py", "demo", *options]


@contextmanager
def demo(data: Path, port: int, *more: str) -> Iterator[subprocess.Popen[str]]:
    """The running demo, which answers; killed at the end if the test has not ended it."""
    with (data.parent / "said").open("w+") as said:
        process = subprocess.Popen(command(data, port, *more), cwd=ROOT, stdout=said, stderr=said, text=True)
        try:
            assert answers(process, port), (data.parent / "said").read_text()
            yield process
        finally:
            process.kill()
            process.wait()


def answers(process: subprocess.Popen[str], port: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=10) as reply:
                return bool(reply.status == 200)
        except (ConnectionError, urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    return False


def left_over(data: Path) -> list[str]:
    """Everything that still runs for that folder: servers, workers, watches."""
    servers = [f"server of {name}" for name in FOLDERS if processes.servers_of(data / name / "cluster")]
    for name in ("worker", "writer"):
        pid_file = data / f"{name}.pid"
        if pid_file.exists() and processes.birth(int(pid_file.read_text())):
            servers.append(name)
    return servers


def wait_for_nothing(data: Path, seconds: float = 90) -> list[str]:
    deadline = time.monotonic() + seconds
    while (left := left_over(data)) and time.monotonic() < deadline:
        time.sleep(0.2)
    return left


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "data"
    yield place
    for name in FOLDERS:
        processes.kill_all(place / name / "cluster")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_answers_ends_without_a_trace_and_starts_again(data: Path, number: signal.Signals) -> None:
    port = free_port()
    with demo(data, port) as first:
        assert sorted(left_over(data))[:3] == [f"server of {name}" for name in FOLDERS]
        first.send_signal(number)
        assert first.wait(PATIENCE) == 0
    said = (data.parent / "said").read_text()
    assert "Traceback" not in said
    assert all(name in said for name in ("engineer", "admin", "manager", str(port)))
    assert left_over(data) == []

    before = {name: known(data / name) for name in FOLDERS}
    with demo(data, port) as second:
        second.send_signal(number)
        assert second.wait(PATIENCE) == 0
    assert {name: known(data / name) for name in FOLDERS} == before, "ports and passwords stay"


def test_a_killed_demo_leaves_nothing_running_and_starts_again(data: Path) -> None:
    port = free_port()
    with demo(data, port, "--writer") as killed:
        source = known(data / "source")
        assert source is not None
        wait_for_clients(source.dsn("booking_bot"), data)
        killed.kill()
        killed.wait()
        assert wait_for_nothing(data) == []
    with demo(data, port, "--writer") as again:
        again.send_signal(signal.SIGINT)
        assert again.wait(PATIENCE) == 0


def wait_for_clients(dsn: str, data: Path) -> None:
    """Of the application: its numbers begin above those of the example."""
    deadline = time.monotonic() + PATIENCE
    with psycopg.connect(dsn, autocommit=True) as session:
        while time.monotonic() < deadline:
            found = session.execute(
                "SELECT count(*), (SELECT count(*) FROM pg_stat_activity WHERE usename = 'crm_app') "
                "FROM clients WHERE yclients_id > 10::bigint ^ 12"
            ).fetchone()
            if found is not None and min(found) > 0:
                return
            time.sleep(0.1)
    raise AssertionError(f"Nothing was written: {(data / 'writer.log').read_text()[-2000:]}")


def test_what_is_in_its_way_is_told_in_a_sentence(data: Path, tmp_path: Path) -> None:
    port = free_port()
    with demo(data, port):
        for folder, number, reason in (
            (data, free_port(), "A demo runs already"),
            (tmp_path / "other", port, f"Port {port} of 127.0.0.1 cannot be used"),
        ):
            done = subprocess.run(
                command(folder, number),
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
            assert done.returncode == 1
            assert done.stderr.startswith(reason)
            assert len(done.stderr.strip().splitlines()) == 1
