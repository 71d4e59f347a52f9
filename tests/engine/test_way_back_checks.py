"""What has no way back is said before the cut-over, each with what mends it."""

from collections.abc import Iterator

import pytest

from migration.core.spec import RunSpec
from migration.engine import reverse
from migration.engine.checklist import sides
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import TableMapping
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import live_spec, mapped
from tests.engine.running import ask
from tests.servers import MakeDatabase


@pytest.fixture
def pair(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> Iterator[tuple[str, str]]:
    yield make_database(server16), make_database(server18)


def checked(pair: tuple[str, str], source: str, target: str, *tables: TableMapping) -> reverse.Planned:
    ask(pair[0], source)
    ask(pair[1], target)
    spec: RunSpec = live_spec(pair[1], *tables)
    with sides(*pair) as (here, there):
        plan = reverse.planned(here, there, spec)
        reverse.check(here, there, plan)
        return plan


_T = "CREATE TABLE public.t (id int PRIMARY KEY, a text"


def test_a_column_without_a_value_of_its_own_has_no_way_back(pair: tuple[str, str]) -> None:
    with pytest.raises(
        Refused, match=r"public\.t\.b is NOT NULL and has no default.*SET DEFAULT.*--no-way-back"
    ):
        checked(pair, f"{_T}, b int NOT NULL)", f"{_T})", mapped("t", "t", {"id": "id", "a": "a"}, {}))


def test_one_that_may_be_empty_is_said(pair: tuple[str, str]) -> None:
    plan = checked(pair, f"{_T}, b int)", f"{_T})", mapped("t", "t", {"id": "id", "a": "a"}, {}))
    assert [sentence.split(" (")[0] for sentence in plan.limits()] == ["public.t.b does not come back"]


def test_a_table_without_a_key_in_the_target(pair: tuple[str, str]) -> None:
    with pytest.raises(Refused, match=r"\"t\" has no key.*On the target: ALTER TABLE"):
        checked(
            pair,
            f"{_T})",
            "CREATE TABLE public.t (id int, a text)",
            mapped("t", "t", {"id": "id", "a": "a"}, {}),
        )


def test_a_key_that_an_expression_blurs(pair: tuple[str, str]) -> None:
    with pytest.raises(Refused, match=r"public\.t is known by id, which cannot be told for certain"):
        checked(
            pair,
            "CREATE TABLE public.t (id text PRIMARY KEY, a text)",
            "CREATE TABLE public.t (id text PRIMARY KEY, a text)",
            mapped("t", "t", {"a": "a"}, {"id": "lower(id)"}),
        )


def test_tables_that_were_put_together(pair: tuple[str, str]) -> None:
    with pytest.raises(Refused, match=r"public\.t takes the rows of several tables"):
        checked(
            pair,
            f"{_T}); CREATE TABLE public.u (id int PRIMARY KEY, a text)",
            f"{_T})",
            mapped("t", "t", {"id": "id"}, {}),
            mapped("u", "t", {"id": "id"}, {}),
        )
