"""Records as PostgreSQL writes them."""

import pytest

from migration.core.record_text import fields_of


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        ("(1)", ("1",)),
        ("(1,2)", ("1", "2")),
        ('("")', ("",)),
        ("()", (None,)),
        ("(,)", (None, None)),
        ('(1,"a ""b""",)', ("1", 'a "b"', None)),
        (r'("a\\b,(c)",x)', (r"a\b,(c)", "x")),
        ('("line\nbreak")', ("line\nbreak",)),
    ],
)
def test_a_record_is_taken_apart(record: str, fields: tuple[str | None, ...]) -> None:
    assert fields_of(record) == fields
