"""Which transactions a snapshot sees, also where their numbers have gone round."""

import pytest

from migration.core.visible import snapshot_of


@pytest.mark.parametrize(
    ("text", "xid", "sees"),
    [
        ("10:20:12,15", 9, True),
        ("10:20:12,15", 13, True),
        ("10:20:12,15", 12, False),
        ("10:20:12,15", 20, False),  # not given out yet when it was taken
        ("10:20:", 19, True),
        ("4294967300:4294967310:4294967305", 5, True),  # the log's numbers have 32 bits
        ("4294967300:4294967310:4294967305", 9, False),
        ("4294967300:4294967310:4294967305", 4294967290, True),
        ("4294967300:4294967310:4294967305", 20, False),
    ],
)
def test_sees(text: str, xid: int, sees: bool) -> None:
    assert snapshot_of(text).sees(xid) is sees
