"""The example's project, made once for the tests of a module; what a test changes in it is rolled back."""

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django import DjangoDbBlocker

from schemadiff.embedded import EmbeddedServer
from tests.servers import fresh_database
from tests.web.seed_project import SeedProject, make_seed_project


@pytest.fixture(scope="module")
def seed(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    seed_source_template: str,
    seed_target_template: str,
) -> Iterator[SeedProject]:
    """Its two databases are only ever read by the tests that share it."""
    with (
        fresh_database(server16, template=seed_source_template) as source,
        fresh_database(server18, template=seed_target_template) as target,
    ):
        with django_db_blocker.unblock():
            project = make_seed_project(source, target)
        yield project
        with django_db_blocker.unblock():
            call_command("flush", verbosity=0, interactive=False)
