"""How long all rows would take, and how far that may be off: known laws are found again."""

import math
import random

import pytest

from migration.core.machine_time import CONFIDENCE, FEWEST, Chunk, machine_time

FIXED, BY_BYTE = 0.02, 1e-7


def chunk(table: str, size: int, factor: float = 1.0) -> Chunk:
    return Chunk(table=table, rows=size // 100, bytes=size, seconds=(FIXED + BY_BYTE * size) * factor)


def test_what_lies_on_the_line_has_no_spread() -> None:
    chunks = [chunk("a", size) for size in (10_000, 200_000, 3_000_000, 5_000_000, 9_000_000)]
    found = machine_time(chunks, {}, 2.0, 1.0)
    whole = 2.0 + sum(each.seconds for each in chunks)
    assert found.seconds == pytest.approx(whole)
    assert found.least == pytest.approx(whole) and found.most == pytest.approx(whole)


def test_a_refused_row_has_its_own_cost() -> None:
    chunks = [chunk("a", size) for size in (10_000, 200_000, 3_000_000, 5_000_000)]
    slow = [
        Chunk(table="b", rows=10, bytes=1_000, seconds=FIXED + 1e-4 + 0.5 * n, refused=n) for n in (10, 90)
    ]
    found = machine_time([*chunks, *slow], {}, 0.0, 1.0)
    assert found.most == pytest.approx(found.seconds, rel=1e-6)


def test_each_table_goes_by_its_own_rate_and_the_rest_by_the_share() -> None:
    chunks = [chunk("big", 1_000_000), chunk("small", 1_000)]
    found = machine_time(chunks, {"big": 100_000, "small": 10}, 1.0, 10.0)
    assert found.seconds == pytest.approx(10 * chunks[0].seconds + chunks[1].seconds + 10.0)


def test_a_chunk_of_refused_rows_alone_needs_no_cost_of_its_own() -> None:
    """The least squares may leave nothing for it: no fixed cost, and none by the row."""
    chunks = [Chunk(table="a", rows=9, bytes=n * 10**6, seconds=float(n)) for n in range(1, 6)]
    nothing = Chunk(table="b", rows=9, bytes=0, seconds=1.0, refused=9)
    quick = Chunk(table="c", rows=9_000, bytes=10**6, seconds=0.1, refused=1_000)
    found = machine_time([*chunks, nothing, quick], {}, 0.0, 1.0)
    assert found.most is not None and found.most > found.seconds > 15


def test_of_few_chunks_no_range_is_told() -> None:
    few = [chunk("a", 1_000 * n, 1 + n / 10) for n in range(1, FEWEST)]
    found = machine_time(few, {}, 0.0, 1.0)
    assert (found.least, found.most, found.chunks) == (None, None, FEWEST - 1)


def test_chunks_of_one_size_have_a_spread_too() -> None:
    found = machine_time([chunk("a", 5_000, 1 + n / 10) for n in range(6)], {}, 0.0, 1.0)
    assert found.least is not None and found.most is not None
    assert 0 < found.least < found.seconds < found.most


def test_the_same_chunks_give_the_same_range() -> None:
    chunks = [chunk("a", 1_000 * n, 1 + n % 3) for n in range(1, 9)]
    assert machine_time(chunks, {}, 1.0, 2.0) == machine_time(chunks, {}, 1.0, 2.0)


@pytest.mark.parametrize(("tables", "each", "times"), [(12, 1, 1), (1, 6, 1), (3, 4, 5), (20, 1, 10)])
def test_the_range_holds_as_often_as_it_says(tables: int, each: int, times: int) -> None:
    """A rehearsal of some chunks a table, and another run of `times` as many: all drawn from one law."""
    chance = random.Random(7)
    held, rounds = 0, 300

    def drawn(table: str, size: int) -> Chunk:
        return chunk(table, size, math.exp(chance.gauss(0, 0.3)))

    for _ in range(rounds):
        sizes = {f"t{n}": chance.choice((50_000, 400_000, 2_000_000)) for n in range(tables)}
        rehearsed = [drawn(*table) for table in sizes.items() for _ in range(each)]
        rows = {table: size // 100 * each * times for table, size in sizes.items()}
        took = sum(drawn(*table).seconds for table in sizes.items() for _ in range(each * times))
        found = machine_time(rehearsed, rows, 0.0, float(times))
        assert found.least is not None and found.most is not None
        held += found.least <= took <= found.most
    assert CONFIDENCE - 0.04 < held / rounds < 0.93
