"""How tables are cut, and how a chunk that failed is cut further."""

import random
from itertools import pairwise

import pytest

from migration.core.chunks import KeyRange, Piece, chunks_between, range_of, split


def test_chunks_cover_every_key() -> None:
    chunks = chunks_between([("10",), ("20",)])
    assert [chunk.keys for chunk in chunks] == [
        KeyRange(after=None, upto=("10",)),
        KeyRange(after=("10",), upto=("20",)),
        KeyRange(after=("20",), upto=None),
    ]
    assert [chunk.number for chunk in chunks] == [0, 1, 2]


def test_a_table_without_bounds_is_one_open_chunk() -> None:
    assert [chunk.keys for chunk in chunks_between([])] == [KeyRange()]


def test_a_suspect_is_tried_alone() -> None:
    pieces = split(Piece(start=100, stop=200), 7)
    assert pieces[:2] == (Piece(start=100, stop=107), Piece(start=107, stop=108))


def test_without_a_suspect_halves() -> None:
    assert split(Piece(start=4, stop=9), None) == (Piece(start=4, stop=6), Piece(start=6, stop=9))


@pytest.mark.parametrize("suspect", [None, 0, 1, 500, 998, 999, 1000, -1])
def test_pieces_are_the_whole_without_gap_and_smaller(suspect: int | None) -> None:
    whole = Piece(start=3, stop=1003)
    pieces = split(whole, suspect)
    assert pieces[0].start == whole.start and pieces[-1].stop == whole.stop
    assert all(one.stop == other.start for one, other in pairwise(pieces))
    assert all(0 < piece.size < whole.size for piece in pieces)


def test_a_single_row_cannot_be_split() -> None:
    with pytest.raises(ValueError):
        split(Piece(start=3, stop=4), None)


@pytest.mark.parametrize("share", [0.001, 0.05, 0.5, 1.0])
def test_sorting_out_sends_each_good_row_a_few_times_only(share: float) -> None:
    """The algorithm that chunk_copy runs, with a target that names the first bad row."""
    chance = random.Random(4711)
    bad = {row for row in range(20_000) if chance.random() < share}
    pieces, attempts, sent, rejected = [Piece(start=0, stop=20_000)], 0, 0, set[int]()
    while pieces:
        piece = pieces.pop()
        attempts += 1
        first = next((row for row in range(piece.start, piece.stop) if row in bad), None)
        sent += (piece.stop if first is None else first) - piece.start
        if first is None:
            continue
        if piece.size == 1:
            rejected.add(first)
        else:
            pieces += reversed(split(piece, first - piece.start))
    assert rejected == bad
    assert attempts <= 8 * len(bad) + 1
    assert sent <= 3 * 20_000


def test_a_piece_as_a_key_range_keeps_the_open_ends() -> None:
    keys = [("1",), ("2",), ("3",), ("4",)]
    whole = KeyRange(after=None, upto=("4",))
    assert range_of(Piece(start=0, stop=2), keys, whole) == KeyRange(after=None, upto=("2",))
    assert range_of(Piece(start=2, stop=4), keys, whole) == KeyRange(after=("2",), upto=("4",))
