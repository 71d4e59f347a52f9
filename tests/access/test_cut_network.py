"""The data layer on a network that is cut in the middle of a call."""

import threading

import pytest

from migration.access.answers import Answer
from migration.access.errors import ErrorKind
from migration.core.flags import Backend as Name
from tests.access.world import CLIENT, COMPANY, ON_TARGET, World, until
from tests.engine.running import ask
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.heavy

COUNTED = "SELECT count(*) FROM clients WHERE yclients_id = 1"


def test_a_write_whose_answer_is_lost_is_unknown_and_never_made_on_the_other_side(world: World) -> None:
    with Proxy(world.target) as network, world.layer(ON_TARGET, target=network.dsn) as layer:
        assert layer.get_company(COMPANY).backend is Name.TARGET
        answers: list[Answer] = []
        network.gate.close_after(1)  # the write goes out, its answer does not come
        writer = threading.Thread(target=lambda: answers.append(layer.upsert_client(CLIENT)))
        writer.start()
        until(lambda: ask(world.target, COUNTED) == [(1,)])
        network.cut()
        network.gate.open()
        writer.join(20)
        (answer,) = answers
        assert answer.error is not None and answer.error.unknown
        assert (answer.error.kind, answer.backend) == (ErrorKind.CONNECTION, Name.TARGET)
        assert ask(world.source, COUNTED) == [(0,)]
        assert layer.upsert_client(CLIENT).error is None, "the same write may be made again"
        assert ask(world.target, COUNTED) == [(1,)]


def test_a_read_is_asked_again_on_a_fresh_connection(world: World) -> None:
    with Proxy(world.target) as network, world.layer(ON_TARGET, target=network.dsn) as layer:
        for _ in range(3):
            assert layer.get_company(COMPANY).backend is Name.TARGET
            network.cut()
            answer = layer.get_company(COMPANY)
            assert (answer.backend, answer.error) == (Name.TARGET, None)
        assert layer.counts.fallbacks == 0
