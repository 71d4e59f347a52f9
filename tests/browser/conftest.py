"""Chromium for the browser tests, and the accessibility check that every page must pass."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from tests.browser.people import SOON, Person
from tests.worker_process import Worker, working

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the tests' thread

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]


def chromium() -> str | None:
    """Where Chromium is, as `make test` found it or as the path says."""
    return os.environ.get("CHROMIUM") or next((path for name in _NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    config.option.tracing = "retain-on-failure"
    config.option.screenshot = "only-on-failure"
    here = Path(__file__).parent
    missing = pytest.mark.skip(
        reason="there is no Chromium: set CHROMIUM, or use `make test`, which fetches one"
    )
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if chromium() is None:
                item.add_marker(missing)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": _ARGUMENTS}


@pytest.fixture(scope="session")
def base_url() -> str | None:
    """None: the tests give whole addresses, for each has a server of its own."""
    return None


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    """A worker process on the database that the live server uses."""
    with working(tmp_path) as process:
        yield process


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails where axe finds a violation on the page as it stands, light or dark."""
    axe = Axe()

    def check(page: Page) -> None:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            found = axe.run(page, options={"runOnly": _RULES, "resultTypes": ["violations"]})
            assert found.violations_count == 0, f"{page.url}, {scheme}:\n{found.generate_report()}"
        page.emulate_media(color_scheme="light")

    return check


@pytest.fixture
def person(
    new_context: Callable[..., BrowserContext], live_server: LiveServer, accessible: Callable[[Page], None]
) -> Callable[[], Person]:
    """Somebody at a browser of their own, not logged in."""

    def come() -> Person:
        page = new_context().new_page()
        page.set_default_timeout(SOON)
        return Person(page=page, address=live_server.url, accessible=accessible)

    return come
