"""Runs at work, and their pages as somebody asks for them."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from migration.models import Run, RunState
from tests.run_rows import World, make_run


def page(client: Client, user: User, name: str, *args: Any, query: str = "") -> Any:
    client.force_login(user)
    return client.get(reverse(f"migration:{name}", args=["crm", *args]) + query)


def post(client: Client, user: User, name: str, /, *args: Any, **data: Any) -> Any:
    client.force_login(user)
    return client.post(reverse(f"migration:{name}", args=["crm", *args]), data, follow=True)


def running(world: World, **values: Any) -> Run:
    now = timezone.now()
    return make_run(
        world,
        **{"state": RunState.RUNNING, "lease_until": now + timedelta(seconds=10), **values},
        phase="copy",
        reached="copy",
        started_at=now - timedelta(seconds=5),
    )
