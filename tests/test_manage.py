"""The command line's exit codes, and that errors are one sentence without passwords."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import appdb_settings, commandline
from schemadiff.embedded import known

ROOT = Path(__file__).parent.parent


def manage(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def no_database() -> Iterator[str]:
    """An address where no server is, with a password in it."""
    yield "postgresql://bob:hunter22hunter@127.0.0.1:1/crm"


@pytest.mark.parametrize(
    "arguments",
    [["no-such-command"], ["migrate", "--no-such-option"], ["demo", "--port", "many"], ["demo", "surplus"]],
    ids=" ".join,
)
def test_wrong_usage_is_1(arguments: list[str]) -> None:
    done = manage(*arguments)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_help_is_0_and_starts_nothing() -> None:
    done = manage("demo", "--help")
    assert done.returncode == 0
    assert "--no-browser" in done.stdout
    assert known(appdb_settings.folder()) is None


def test_a_database_that_is_not_there_is_one_sentence_without_the_password(
    no_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", no_database)
    done = manage("migrate", "--skip-checks")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "hunter22hunter" not in done.stderr + done.stdout
    assert len(done.stderr.strip().splitlines()) == 1
    assert "refused" in done.stderr


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (None, 0),
        (commandline.Exit(2), 2),
        (SystemExit(2), 1),
        (SystemExit("a word"), 1),
        (SystemExit(None), 0),
        (KeyboardInterrupt(), 130),
    ],
    ids=["returns", "found something", "wrong usage", "a message", "an exit", "Ctrl-C"],
)
def test_how_a_command_ends_is_its_exit_code(
    ending: BaseException | None, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def execute(argv: list[str]) -> None:
        if ending is not None:
            raise ending

    before = signal.getsignal(signal.SIGTERM)
    monkeypatch.setattr("django.core.management.execute_from_command_line", execute)
    assert commandline.main(["manage.py"]) == code
    signal.signal(signal.SIGTERM, before)


def test_output_into_a_closed_pipe_is_quiet() -> None:
    command = f"{sys.executable} manage.py migrate --help | true"
    done = subprocess.run(command, cwd=ROOT, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_reading_the_settings_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "data"
    monkeypatch.setenv("SCHEMADIFF_DATA", str(place))
    done = manage("migrate", "--help")
    assert done.returncode == 0
    assert not place.exists()


WITH_THE_DATABASE = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.contrib.auth.models import User
from config import appdb
with appdb.in_use():
    print(User.objects.count(), flush=True)
    sys.stdin.read()
"""


@pytest.mark.heavy
def test_the_last_user_of_the_applications_database_stops_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEMADIFF_DATA", str(tmp_path))
    users = [
        subprocess.Popen(
            [sys.executable, "-c", WITH_THE_DATABASE],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for user in users:
        assert user.stdout is not None
        assert user.stdout.readline() == "0\n"
    server = known(tmp_path / "app")
    assert server is not None
    for user, runs_on in zip(users, (True, False), strict=True):
        user.communicate()
        assert user.returncode == 0
        assert server.running() is runs_on


def test_sigterm_closes_what_is_open(tmp_path: Path) -> None:
    script = (
        "import signal, time\nfrom config.commandline import _terminate\n"
        "signal.signal(signal.SIGTERM, _terminate)\n"
        "try:\n    print('up', flush=True); time.sleep(30)\nfinally:\n    print('closed')"
    )
    child = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None and child.stdout.readline() == "up\n"
    child.terminate()
    assert child.communicate()[0] == "closed\n"
    assert child.returncode == 128 + signal.SIGTERM
