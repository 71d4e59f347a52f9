"""The data layer on a network that is cut in the middle of a call."""

import threading
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import pytest

from migration.access.answers import Answer
from migration.access.errors import ErrorKind
from migration.access.pool import PoolStats
from migration.core.flags import Backend as Name
from migration.core.flags import Flags
from tests.access.carried import FEW
from tests.access.world import CLIENT, COMPANY, ON_TARGET, World, until
from tests.engine.running import ask
from tests.faults.proxy import Proxy

pytestmark = pytest.mark.heavy

COUNTED = "SELECT count(*) FROM clients WHERE yclients_id = 1"


def test_a_write_whose_answer_is_lost_is_unknown_and_never_made_on_the_other_side(world: World) -> None:
    with Proxy(world.target) as network, world.layer(ON_TARGET, target=network.dsn) as layer:
        assert layer.get_company(COMPANY).backend is Name.TARGET
        until(
            lambda: at_rest(layer.target.pool.stats())
        )  # no connection is being made: only the write passes
        answers: list[Answer] = []
        network.gate.close_after(1)  # the write goes out, its answer does not come
        writer = threading.Thread(target=lambda: answers.append(layer.upsert_client(CLIENT)))
        writer.start()
        until(lambda: ask(world.target, COUNTED) == [(1,)])
        network.cut()
        network.gate.open()
        writer.join(60)
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


def test_a_network_that_swallows_everything_holds_no_call_for_longer_than_its_limits(world: World) -> None:
    """What is sent is acknowledged, and nothing ever comes back: only the caller's own clock can end that."""
    limits = replace(FEW, wait=1.0, connect=2, statement=0.5, silence=0.5)
    with (
        Proxy(world.target) as network,
        world.layer(ON_TARGET, target=network.dsn, settings=limits) as layer,
    ):
        assert layer.get_company(COMPANY).backend is Name.TARGET
        for call in (lambda: layer.upsert_client(CLIENT), lambda: layer.get_company(COMPANY)):
            until(lambda: layer.get_company(COMPANY).backend is Name.TARGET)
            network.gate.close()
            answer = within(10, call)
            network.gate.open()
            if answer.error is None:
                assert answer.backend is Name.SOURCE, "a read is made where the flags say then"
            else:
                assert (answer.error.kind, answer.error.unknown) == (ErrorKind.CONNECTION, True)
        assert answer.error is None
        assert ask(world.source, COUNTED) == [(0,)], "a write that may have taken effect is made nowhere else"


def at_rest(pool: PoolStats) -> bool:
    return pool.idle == pool.total


def within(seconds: float, call: Callable[[], Answer]) -> Answer:
    answers: list[Answer] = []
    caller = threading.Thread(target=lambda: answers.append(call()), daemon=True)
    caller.start()
    caller.join(seconds)
    assert answers, f"no answer came within {seconds} seconds"
    return answers[0]


def test_of_four_connections_gone_silent_one_call_finds_it_out_for_all(world: World) -> None:
    limits = replace(FEW, min_size=4, max_size=4, wait=2.0, statement=0.5, silence=0.5)
    with (
        Proxy(world.source) as network,
        replace(world, source=network.dsn).layer(Flags(), settings=limits) as layer,
    ):
        assert layer.get_company(COMPANY).error is None
        until(lambda: layer.source.pool.stats().idle == 4)
        network.forget()
        began = monotonic()
        assert layer.get_company(COMPANY).error is None
        for _ in range(8):
            assert layer.get_company(COMPANY).error is None
        assert monotonic() - began < 5, "one wait of a second, not one for each connection"
