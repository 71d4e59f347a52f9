"""How far, how fast, until when."""

import pytest

from migration.core.phases import Phase
from migration.core.progress import Share, percent, phase_word, remaining


def share(total: int, written: int, seconds: float, rejects: int = 0) -> Share:
    return Share(total=total, written=written, rejects=rejects, seconds=seconds)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(0, 10, 0), (999, 1000, 99), (1000, 1000, 100), (0, 0, 100), (12, 10, 100)],
)
def test_percent_says_100_only_when_all_is_done(part: int, whole: int, expected: int) -> None:
    assert percent(part, whole) == expected


def test_a_rate_counts_rejects_as_handled_and_needs_time() -> None:
    assert share(10, 6, 2.0, rejects=2).rate == 4.0
    assert share(10, 0, 0.0).rate is None


def test_what_remains_is_a_range_between_the_fastest_and_the_slowest_rate() -> None:
    left = remaining(
        [share(1000, 500, 5.0), share(1000, 100, 10.0)], streams=1
    )  # 100 and 10 rows a second, 1,400 left
    assert left is not None
    assert (left.least, left.most) == (14.0, 140.0)


@pytest.mark.parametrize(
    "shares",
    [
        [],
        [share(1000, 0, 0.0)],  # nothing measured
        [share(1000, 500, 0.5)],  # measured too briefly
        [share(1000, 1000, 5.0)],  # nothing left
    ],
)
def test_without_a_rate_worth_the_name_nothing_is_said(shares: list[Share]) -> None:
    assert remaining(shares, streams=1) is None


def test_every_phase_has_a_word() -> None:
    assert [phase_word(phase) for phase in (Phase.BACK_UP, Phase.COPY, Phase.ROLLED_BACK)] == [
        "Back up",
        "Copy",
        "Rolled back",
    ]
    assert all("_" not in phase_word(phase) for phase in Phase)


def test_streams_side_by_side_end_sooner_at_best() -> None:
    left = remaining([share(1000, 500, 5.0)], streams=4)
    assert left is not None and (left.least, left.most) == (1.25, 5.0)
