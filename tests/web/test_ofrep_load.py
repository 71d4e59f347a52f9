"""Two hundred clients that ask again as soon as all were answered, over real HTTP: none is refused, all are counted."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from pytest_django.live_server_helper import LiveServer

from migration import flags
from migration.models import Application
from schemadiff.models import Project

CLIENTS, ROUNDS, AT_ONCE = 200, 2, 8


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_two_hundred_clients_that_behave_are_all_answered(live_server: LiveServer) -> None:
    project = Project.objects.create(slug="bot", name="Bot")
    crm = flags.create_application(
        project, name="crm", environment="production", modules=("services",), user="ana"
    )
    token = flags.issue_token(crm, user="ana")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = list(pool.map(lambda client: ask(live_server.url, token, client, held=None), range(CLIENTS)))
        statuses = Counter(first)
        for _ in range(ROUNDS):
            held = list(pool.map(lambda client: ask(live_server.url, token, client, held=1), range(CLIENTS)))
            statuses += Counter(held)
    assert statuses == {200: CLIENTS, 304: ROUNDS * CLIENTS}
    assert Application.objects.get().clients.filter(revision=1).count() == CLIENTS


def ask(server: str, token: str, client: int, *, held: int | None) -> int:
    headers = {"Authorization": f"Bearer {token}"} | ({"If-None-Match": f'"r{held}"'} if held else {})
    context = {"targetingKey": f"crm@{client}", "module": "services", "revision": held}
    answer = requests.post(
        f"{server}/ofrep/v1/evaluate/flags", json={"context": context}, headers=headers, timeout=30
    )
    return answer.status_code
