"""The flags read with the real OpenFeature SDKs for JavaScript, on a server and in a page, and their OFREP providers.

npm puts the versions that `tests/openfeature_js/*/package.json` pin into a folder that later runs use again.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from migration import flag_settings, flags
from migration.core.own_flags import Kind, OwnFlag
from migration.models import Application
from schemadiff.models import Project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.heavy,
    pytest.mark.skipif(
        not (shutil.which("node") and shutil.which("npm")), reason="node and npm are not on PATH"
    ),
]

HERE = Path(__file__).resolve().parent.parent / "openfeature_js"
PATIENCE = 120
THEME = OwnFlag(key="theme", kind=Kind.STRING, default="light", variants=("light", "dark"))
BETA = OwnFlag(key="beta/search", kind=Kind.BOOLEAN, default=True)


@pytest.fixture
def crm(transactional_db: None) -> Application:
    """Revision 4: syncScripts on the target, and two flags of its own."""
    project = Project.objects.create(slug="js", name="JS")
    modules = ("dataLoader", "syncScripts")
    made = flags.create_application(
        project, name="crm", environment="production", modules=modules, user="ana"
    )
    pilot = {"USE_REPOSITORY_PATTERN": True, "backend.syncScripts": "target"}
    flags.change(made, pilot, reason="pilot", user="ana", expected_revision=1)
    for number, flag in enumerate((THEME, BETA), start=2):
        flag_settings.add_flag(made, flag, reason="new", user="ana", expected_revision=number)
    return made


def installed(kind: str) -> Path:
    """The folder with the script and its packages; made once for each state of the folder here."""
    here = HERE / kind
    files = sorted(path for path in here.iterdir() if path.is_file())
    state = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    kept = Path(tempfile.gettempdir()) / f"flags-in-javascript-{os.getuid()}-{kind}-{state}"
    if not kept.exists():
        with tempfile.TemporaryDirectory(prefix=f"{kept.name}-", dir=kept.parent) as folder:
            made = Path(folder) / "made"
            shutil.copytree(here, made)
            npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
            done = subprocess.run(npm, cwd=made, capture_output=True, text=True, timeout=PATIENCE)
            assert done.returncode == 0, done.stderr
            try:
                made.rename(kept)
            except OSError:  # another process was faster
                assert kept.exists()
    return kept


@contextmanager
def running(kind: str, script: str, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = ["node", script, *arguments]
    process = subprocess.Popen(
        command, cwd=installed(kind), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
    finally:
        process.kill()
        process.wait()


def line_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    assert process.stdout is not None and process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return dict(json.loads(line))


def outcome(details: dict[str, Any]) -> tuple[Any, str | None]:
    return details["value"], details.get("errorCode")


def test_the_server_sdk_reads_values_and_is_told_what_is_wrong(
    live_server: LiveServer, crm: Application
) -> None:
    token = flags.issue_token(crm, user="ana")
    with running("server", "read.mjs", live_server.url, token) as process:
        told = line_of(process)
    assert outcome(told["backend"]) == ("target", None)
    assert (told["backend"]["variant"], told["backend"]["reason"]) == ("target", "TARGETING_MATCH")
    assert told["backend"]["flagMetadata"]["revision"] == 4
    assert outcome(told["bare"]) == ("source", None)
    assert outcome(told["slash"]) == (True, None)
    assert outcome(told["theme"]) == ("light", None)
    assert outcome(told["missing"]) == ("fallback", "FLAG_NOT_FOUND")
    assert outcome(told["asNumber"]) == (7, "TYPE_MISMATCH")
    assert outcome(told["asBoolean"]) == (True, "TYPE_MISMATCH")
    assert outcome(told["asObject"]) == ({"a": 1}, "TYPE_MISMATCH")
    rows = crm.clients.values_list("name", "module", "revision", "version")
    assert list(rows) == [("crm@js", "syncScripts", 3, "js 1")]


def test_the_web_sdk_holds_all_flags_and_hears_of_a_change(live_server: LiveServer, crm: Application) -> None:
    token = flags.issue_token(crm, user="ana")
    with running("web", "poll.mjs", live_server.url, token) as process:
        ready = line_of(process)
        assert (ready["event"], outcome(ready["backend"])) == ("ready", ("target", None))
        assert outcome(ready["theme"]) == ("light", None)
        assert outcome(ready["beta"]) == (True, None)
        assert outcome(ready["missing"]) == ("fallback", "FLAG_NOT_FOUND")
        assert outcome(ready["asNumber"]) == (7, "TYPE_MISMATCH")
        assert outcome(ready["asBoolean"]) == (True, "TYPE_MISMATCH")
        flags.change(crm, {"theme": "dark"}, reason="night", user="ana", expected_revision=4)
        changed = line_of(process)
        assert (changed["event"], outcome(changed["theme"])) == ("changed", ("dark", None))
        unchanged = line_of(process)
    assert set(unchanged["statuses"]) == {200, 304}
    assert unchanged["statuses"].count(200) == 2
    assert crm.clients.get().revision == 5


def test_a_wrong_token_is_refused_and_every_value_is_the_default(
    live_server: LiveServer, crm: Application
) -> None:
    flags.issue_token(crm, user="ana")
    with running("web", "poll.mjs", live_server.url, "nosuch") as process:
        told = line_of(process)
    assert (told["event"], told["statuses"]) == ("refused", [401])
    assert told["theme"]["value"] == "none"
    with running("server", "read.mjs", live_server.url, "nosuch") as process:
        told = line_of(process)
    assert told["theme"]["value"] == "none" and told["theme"]["reason"] == "ERROR"
