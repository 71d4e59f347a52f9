"""A run that follows its source, in the browser: said at its start, and how far it is on its page."""

import math

import pytest
from django.test import Client
from django.urls import reverse

from migration import store
from migration.core.events import FollowProgress
from migration.models import Run
from tests.run_rows import World, make_run, make_world
from tests.web.run_pages import page

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def start(client: Client, world: World, option: str = "recreate", **fields: str) -> int:
    client.force_login(world.admin)
    address = reverse("migration:run_start", args=["crm"]) + f"?comparison=1&option={option}"
    return client.post(address, {"reason": "It is time.", **fields}).status_code


def told(seconds: float) -> FollowProgress:
    return FollowProgress(
        lag_bytes=2_000_000, lag_seconds=seconds, changes=12_345, rate=498.4, held=52_000_000
    )


def test_a_start_may_follow(client: Client, world: World) -> None:
    assert start(client, world, live="on") == 302
    run = Run.objects.get()
    assert (run.live, run.spec["live"]) == (True, True)
    shown = page(client, world.admin, "run", run.number).content.decode()
    assert all(f">{word}</li>" in shown for word in ("Follow", "Cut over", "Watch"))


def test_without_a_word_nothing_is_followed(client: Client, world: World) -> None:
    assert start(client, world) == 302
    run = Run.objects.get()
    assert (run.live, run.spec["live"]) == (False, False)
    shown = page(client, world.admin, "run", run.number).content.decode()
    assert ">Follow</li>" not in shown


def test_how_far_it_is(client: Client, world: World) -> None:
    run = make_run(world)
    lease = store.claim(run.pk)
    assert lease is not None
    assert 'id="following"' not in page(client, world.manager, "run", run.number).content.decode()
    store.record(lease, [told(math.inf)])
    assert "not known yet, 2.0 MB" in page(client, world.manager, "run", run.number).content.decode()
    store.record(lease, [told(0.25)])
    shown = page(client, world.manager, "run", run.number).content.decode()
    for words in ("0.2 s, 2.0 MB", "<dd>12,345</dd>", "<dd>498</dd>", "<dd>52 MB, without limit</dd>"):
        assert words in shown
    Run.objects.filter(pk=run.pk).update(phase="finish")
    assert 'id="following"' not in page(client, world.manager, "run", run.number).content.decode()
