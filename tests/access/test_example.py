"""The example application as real processes against the real web server, while flags flip under load."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from migration import flags
from migration.core.flags import Backend, CutOver
from migration.models import Application, Revision
from schemadiff.core import mapping_file
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Project
from tests.access.conftest import Carried
from tests.access.example_process import EXAMPLE, FIRST, Call, Running
from tests.engine.running import ask
from tests.servers import fresh_database
from tests.web_process import serving
from tests.worker_process import until

pytestmark = pytest.mark.heavy

PROCESSES = 3
FLIPS = 6
WRITE_WAIT = 4.0  # seconds
SLACK = 2.0  # seconds that a busy machine takes longer than it was told
MODULE = "services"
WITHOUT_DJANGO = """
import runpy, sys
runpy.run_path(sys.argv[1])
sys.exit(any(name.split(".")[0] == "django" for name in sys.modules))
"""


@dataclass(frozen=True, slots=True)
class World:
    crm: Application
    processes: list[Running]
    source: str
    target: str

    def calls(self) -> list[Call]:
        return [call for process in self.processes for call in process.calls()]

    def written(self, backend: Backend) -> set[int]:
        """The numbers that are really there."""
        dsn, column = (
            (self.source, "yclients_id") if backend is Backend.SOURCE else (self.target, "yclients_client_id")
        )
        return {
            int(row[0])
            for row in ask(dsn, f"SELECT {column} FROM clients WHERE {column} >= {FIRST} ORDER BY 1")
        }


@pytest.fixture
def world(
    transactional_db: None, tmp_path: Path, seed_source_dsn: str, server18: EmbeddedServer, carried: Carried
) -> Iterator[World]:
    template, mapping = carried("transform")
    exported = tmp_path / "mapping.json"
    exported.write_text(mapping_file.dump(mapping))
    project = Project.objects.create(slug="example", name="Example")
    crm = flags.create_application(
        project, name="crm", environment="production", modules=(MODULE,), user="ana"
    )
    token = flags.issue_token(crm, user="ana")
    with ExitStack() as stack:
        target = stack.enter_context(fresh_database(server18, template=template))
        environment = {
            "SCHEMADIFF_FLAGS_ADDRESS": stack.enter_context(serving(tmp_path)),
            "SCHEMADIFF_FLAGS_TOKEN": token,
            "SCHEMADIFF_FLAGS_APPLICATION": "crm",
            "SCHEMADIFF_FLAGS_MODULE": MODULE,
            "SCHEMADIFF_FLAGS_TIMEOUT": "30",
            "SOURCE_URL": seed_source_dsn,
            "TARGET_URL": target,
            "MAPPING": str(exported),
            "WRITE_WAIT": str(WRITE_WAIT),
        }
        processes = [Running(tmp_path / f"example{number}.log", environment) for number in range(PROCESSES)]
        for process in processes:
            stack.callback(process.kill)
        yield World(crm, processes, seed_source_dsn, target)


def test_the_example_is_about_fifty_lines_and_needs_no_django() -> None:
    text = EXAMPLE.read_text()
    code = [line for line in text.split('"""', 2)[2].splitlines() if line.strip()]
    assert len(code) <= 55
    assert "django" not in re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE)
    command = [sys.executable, "-c", WITHOUT_DJANGO, str(EXAMPLE)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(settings.BASE_DIR)}, check=False)
    assert done.returncode == 0, "it imports Django"


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_and_nothing_done_twice_while_flags_flip_under_load(world: World) -> None:
    until(lambda: len({call.number // 10**6 for call in world.calls()}) == PROCESSES, "all of them work")
    here, there = Backend.SOURCE, Backend.TARGET
    for number in range(FLIPS):
        flip(world, here, there, number)
        here, there = there, here
    hold_for_too_long(world)
    for process in world.processes:
        process.end()
    judge(world)


def flip(world: World, here: Backend, there: Backend, number: int) -> None:
    """As a cut-over does: hold, wait until all have come to rest, flip; then writes go on at the other backend."""
    prepared = prepare(world)
    at_rest = world.written(here)
    cut_over = CutOver.AFTER if there is Backend.TARGET else CutOver.BEFORE
    before = world.written(there)
    assert world.written(here) == at_rest, f"flip {number}: somebody wrote while all were at rest"
    release(world, prepared, {"USE_REPOSITORY_PATTERN": True, f"backend.{MODULE}": there.value}, cut_over)
    until(lambda: len(world.written(there)) > len(before) + 20, f"flip {number}: writes go to the {there}")
    assert world.written(here) == at_rest, f"flip {number}: somebody still writes to the {here}"


def prepare(world: World) -> Revision:
    """All writes are held, and none is under way."""
    now = flags.current(world.crm)
    prepared = flags.prepare(world.crm, reason="cut-over", user="ana", expected_revision=now.number)
    until(lambda: not flags.not_drained(prepared), "all clients have come to rest")
    assert len(flags.asking(world.crm)) == PROCESSES
    return prepared


def release(world: World, prepared: Revision, changes: dict[str, object], cut_over: CutOver) -> None:
    flags.release(
        world.crm, changes, cut_over=cut_over, reason="flip", user="ana", expected_revision=prepared.number
    )


def hold_for_too_long(world: World) -> None:
    """Writes are refused then, with a sentence; reads go on; and afterwards everything does."""
    prepared = prepare(world)
    until(lambda: len(refused(world)) >= PROCESSES, "writes are refused")
    release(world, prepared, {}, CutOver.BEFORE)
    written = len(world.written(Backend.SOURCE))
    until(lambda: len(world.written(Backend.SOURCE)) > written + 20, "writes go on")


def refused(world: World) -> list[Call]:
    return [call for call in world.calls() if call.method == "upsert_client" and call.error]


def judge(world: World) -> None:
    calls = world.calls()
    reads = [call for call in calls if call.method == "get_client_by_id"]
    writes = [call for call in calls if call.method == "upsert_client"]
    assert len(reads) > 100 and [call for call in reads if call.error] == []
    assert all("Writes are held since revision" in call.error for call in refused(world))
    assert max(call.seconds for call in writes) <= WRITE_WAIT + SLACK
    succeeded = {call.number for call in writes if not call.error}
    source, target = world.written(Backend.SOURCE), world.written(Backend.TARGET)
    assert source and target and not source & target, "written on both sides"
    assert source | target == succeeded, "what is there is what was said to have succeeded"
    for backend, there in ((Backend.SOURCE, source), (Backend.TARGET, target)):
        assert {call.number for call in writes if call.backend == backend and not call.error} == there
