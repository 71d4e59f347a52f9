"""Real PostgreSQL servers for every test that wants one; started at the first use, gone at the end.

Each process of `pytest -n` has servers of its own.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.conf import settings

from config import appdb, appdb_settings
from migration import seedcase
from schemadiff.embedded import EmbeddedServer, create_database, known, throwaway
from tests.command_line import Manage, managing
from tests.servers import MakeDatabase, fresh_database, of_the_machine


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests, and the commands that they start, away from the developer's own data."""
    folder = Path(tempfile.mkdtemp(prefix="schemadiff-tests-")).resolve()
    os.environ.pop("DATABASE_URL", None)
    os.environ["SCHEMADIFF_DATA"] = str(folder)
    settings.DATA_DIR = folder
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # slow ones prove nothing here
    config.add_cleanup(lambda: _remove(folder))


@pytest.fixture
def manage(capfd: pytest.CaptureFixture[str]) -> Iterator[Manage]:
    """Runs a command line in this process."""
    with managing(capfd) as run:
        yield run


@pytest.fixture(scope="session")
def server16() -> Iterator[EmbeddedServer]:
    """A PostgreSQL 16."""
    with throwaway(16) as server:
        yield server


@pytest.fixture(scope="session")
def server18() -> Iterator[EmbeddedServer]:
    """A PostgreSQL 18; Django's test database is on it, too."""
    with throwaway(18) as server:
        yield server


@pytest.fixture(scope="session")
def server14() -> Iterator[EmbeddedServer]:
    """A PostgreSQL 14, where packages brought one to the machine."""
    with of_the_machine(14) as server:
        yield server


@pytest.fixture(scope="session")
def server15() -> Iterator[EmbeddedServer]:
    """A PostgreSQL 15, where packages brought one to the machine."""
    with of_the_machine(15) as server:
        yield server


@pytest.fixture(scope="session")
def server17() -> Iterator[EmbeddedServer]:
    """A PostgreSQL 17, where packages brought one to the machine."""
    with of_the_machine(17) as server:
        yield server


@pytest.fixture(scope="session")
def django_db_modify_db_settings(server18: EmbeddedServer) -> None:
    appdb.point_django_at(appdb_settings.of_server(server18))


@pytest.fixture
def make_database() -> Iterator[MakeDatabase]:
    with ExitStack() as databases:

        def make(server: EmbeddedServer, sql: Path | str | None = None) -> str:
            return databases.enter_context(fresh_database(server, sql))

        yield make


@pytest.fixture(scope="session")
def seed_source_template(server16: EmbeddedServer) -> str:
    """The name of a database with the example's source in it, to be copied."""
    seedcase.load_source(create_database(server16, "seed_source"))
    return "seed_source"


@pytest.fixture(scope="session")
def seed_target_template(server18: EmbeddedServer) -> str:
    """The name of a database with the example's target in it, to be copied."""
    seedcase.load_target(create_database(server18, "seed_target"))
    return "seed_target"


@pytest.fixture
def seed_source_dsn(server16: EmbeddedServer, seed_source_template: str) -> Iterator[str]:
    """The example's source, on PostgreSQL 16, for one test."""
    with fresh_database(server16, template=seed_source_template) as dsn:
        yield dsn


@pytest.fixture
def seed_target_dsn(server18: EmbeddedServer, seed_target_template: str) -> Iterator[str]:
    """The example's target, on PostgreSQL 18, for one test."""
    with fresh_database(server18, template=seed_target_template) as dsn:
        yield dsn


def _remove(folder: Path) -> None:
    server = known(folder / appdb_settings.folder().name)
    if server is not None:
        server.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)
