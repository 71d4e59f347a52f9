"""The last known good flags on disk: a start without a server, and files that are not trusted."""

import json
import logging
import os
import stat
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from migration.access.errors import WriteNotPermitted
from migration.access.flag_client import FlagClient
from migration.access.flag_client.errors import FlagsUnavailable
from migration.access.flag_client.kept_file import KeptFile
from migration.core.flags import Backend, CutOver
from tests.access.flag_server import TARGET, FlagServer, until


@pytest.fixture
def server() -> Iterator[FlagServer]:
    with FlagServer() as running:
        running.change(TARGET, cut_over=CutOver.AFTER)
        yield running


@pytest.fixture
def kept(server: FlagServer, tmp_path: Path) -> Path:
    """A file as a client left it."""
    path = tmp_path / "flags.json"
    with FlagClient(server.settings(keep=path)):
        until(path.exists, "the file")
    return path


def document(path: Path) -> Any:
    return json.loads(path.read_text())


def test_it_says_which_revision_it_is_and_from_when_and_holds_no_token(kept: Path) -> None:
    found = document(kept)
    assert (found["format"], found["revision"]) == (1, 2)
    age = datetime.now(UTC) - datetime.fromisoformat(found["at"])
    assert timedelta(0) <= age < timedelta(minutes=1)
    assert "secret" not in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_start_while_the_server_is_down_reads_what_was_known_and_writes_nothing(
    server: FlagServer, kept: Path
) -> None:
    server.stop()
    with FlagClient(server.settings(keep=kept)) as client:
        state = client.current()
        assert (state.revision, state.flags.backend, state.cut_over) == (2, Backend.TARGET, CutOver.AFTER)
        assert not client.is_fresh
        with pytest.raises(WriteNotPermitted, match="does not answer"):
            client.writing(within=0.2).__enter__()


def test_what_was_kept_is_confirmed_in_full_before_anything_is_written(
    server: FlagServer, kept: Path
) -> None:
    """A 304 would be for whatever has that number, which need not be what the file says."""
    server.change()
    server.asked.clear()
    with FlagClient(server.settings(keep=kept)) as client, client.writing(within=5) as state:
        assert state.revision == 3
        assert server.asked[0].etag == "" and server.asked[0].context["revision"] == 2
        until(lambda: document(kept)["revision"] == 3, "the new revision is kept")


def broken(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text)


def changed(**values: Any) -> Callable[[Path], object]:
    return lambda path: path.write_text(json.dumps({**document(path), **values}))


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


@pytest.mark.parametrize(
    "spoil, sentence",
    [
        (broken(""), "Expecting value"),
        (broken("[]"), "not of format 1"),
        (broken('{"format": 1'), "Expecting ',' delimiter"),
        (broken("[" * 100_000), "recursion"),
        (lambda path: path.write_bytes(b"\xff\xfe\x00"), "utf-16"),
        (changed(format=2), "not of format 1"),
        (changed(owner=["http://elsewhere", "crm", ""]), "another address, application or module"),
        (changed(revision=3), "its revision is not that of the flags in it"),
        (changed(at=None), "from when"),
        (changed(at="yesterday"), "Invalid isoformat"),
        (changed(answer={"flags": []}), "revision is a number"),
        (lambda path: path.chmod(0o666), "others than its owner may write it"),
        (lambda path: (path.unlink(), path.mkdir()), "it is no file of flags"),
        (become_a_pipe, "it is no file of flags"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_named_and_ignored(
    kept: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], object], sentence: str
) -> None:
    address, application, module = document(kept)["owner"]
    file = KeptFile(kept, owner=(address, application, module))
    assert file.load() is not None
    spoil(kept)
    with caplog.at_level(logging.WARNING):
        assert file.load() is None
    assert f"{kept} is ignored" in caplog.text and sentence in caplog.text


def test_a_broken_file_does_not_keep_a_client_from_starting(server: FlagServer, kept: Path) -> None:
    kept.write_text("{")
    with FlagClient(server.settings(keep=kept)) as client:
        assert client.current().revision == 2
        until(lambda: kept.read_text() != "{", "it is written anew")
    kept.write_text("{")
    server.stop()
    client = FlagClient(server.settings(keep=kept))
    with pytest.raises(FlagsUnavailable, match="Nor is there a file"):
        client.start()
    client.close()


def test_a_disk_that_takes_nothing_is_told_once_and_harms_nobody(
    server: FlagServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "missing" / "flags.json"
    with caplog.at_level(logging.WARNING), FlagClient(server.settings(keep=path)) as client:
        for _ in range(3):
            number = server.change()
            until(lambda wanted=number: client.current().revision == wanted, "the revision")  # type: ignore[misc]
        until(lambda: len(server.asked) > 5, "questions")
        assert client.is_fresh
    assert caplog.text.count("cannot be kept in") == 1 and "No such file" in caplog.text


def test_it_is_written_when_something_changed_only(server: FlagServer, kept: Path) -> None:
    before = kept.stat().st_ino
    with FlagClient(server.settings(keep=kept)):
        asked = len(server.asked)
        until(lambda: len(server.asked) > asked + 3, "questions")
    assert kept.stat().st_ino == before
