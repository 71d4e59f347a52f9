"""Whatever is given and whoever fails: the data layer answers, with a sentence in which no value is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from migration.access.answers import Answer
from migration.access.backend import source_backend, target_backend
from migration.access.calls import EventKind
from migration.access.data_layer import DataLayer
from migration.access.errors import ErrorKind
from migration.access.mapped import by_equal_names
from migration.access.pool import Pool
from migration.access.switching import FixedFlags, FlagState
from migration.access.tables import application_tables
from migration.core.flags import Backend as Name
from migration.core.flags import Flags
from schemadiff.core.mapping import Mapping
from tests.access.carried import FEW, RETRY
from tests.access.world import CLIENT, COMPANY, ON_TARGET, World

DUAL = Flags(use_repository_pattern=True, enable_dual_write=True)
ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


def calls(layer: Any) -> dict[str, Callable[[], Answer]]:
    """By methods that know no types: an application is not checked by mypy."""
    context = layer.upsert_dialog_context
    return {
        "half a character in a name": lambda: layer.upsert_client(CLIENT | {"name": "secret\ud83d"}),
        "half a character in a user id": lambda: layer.get_dialog_context("secret\udc00"),
        "no JSON": lambda: context({"user_id": "u", "context": {"secret": datetime.now(UTC)}}),
        "endless JSON": lambda: context({"user_id": "u", "context": {"secret": ENDLESS}}),
        "a list as a key": lambda: context({"user_id": ["secret"]}),
        "a number as a field": lambda: layer.upsert_client(CLIENT | {5: "secret", "a": 1}),
        "too many digits": lambda: layer.get_company("9" * 5_000),
    }


def test_what_no_database_takes_is_said_and_not_raised(world: World) -> None:
    for flags in (Flags(), DUAL):
        with world.layer(flags) as layer:
            for what, call in calls(layer).items():
                answer = call()
                assert answer.error is not None and answer.error.kind is ErrorKind.INVALID, what
                assert "secret" not in answer.error.message and answer.error.message.endswith("."), what
            assert layer.upsert_client(CLIENT).error is None, "it goes on"


def over(world: World, flags: Any, mapping: Mapping | None = None) -> DataLayer:
    return DataLayer(
        source_backend(Pool(world.source, FEW, "source"), RETRY),
        target_backend(Pool(world.target, FEW, "target"), mapping, RETRY),
        flags,
        (world.told,),
    )


def test_a_mapping_that_cannot_be_used_is_a_target_that_is_down(world: World) -> None:
    said = by_equal_names(application_tables().values())
    clients = next(each for each in said.tables if each.source == ("public", "clients"))
    wrong = replace(clients.pairs[-1], source=None, expression="1) FROM secret; --")
    said = replace(said, tables=(replace(clients, pairs=(*clients.pairs[:-1], wrong)),))
    with over(world, FixedFlags(FlagState(flags=ON_TARGET)), said) as layer:
        answer = layer.get_company(COMPANY)
        assert (answer.backend, answer.error) == (Name.SOURCE, None)
        assert world.told.kinds() == [EventKind.FELL_BACK]
        assert "Expected one SQL expression" in world.told.events[0].reason
    with over(world, FixedFlags(FlagState(flags=DUAL)), said) as layer:
        for _ in range(2):
            assert layer.upsert_client(CLIENT).error is None and layer.drain(10)
        assert [each.fields for each in world.told.mismatches] == [("unavailable",)] * 2


class Broken:
    """A reader of flags that fails itself."""

    def current(self) -> FlagState:
        raise KeyError("secret")

    def writing(self, module: str, *, within: float) -> AbstractContextManager[FlagState]:
        raise KeyError("secret")


def test_flags_that_cannot_be_read_are_an_error_of_the_call(world: World) -> None:
    with over(world, Broken()) as layer:
        for answer in (layer.get_company(COMPANY), layer.upsert_client(CLIENT)):
            assert answer.error is not None and answer.backend is Name.NONE
            assert answer.error.message == "The data layer could not be asked: KeyError."
