"""What is said to a command line that cannot be meant: a sentence first, and never a password."""

import pytest

from tests.command_line import Manage


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("hots=localhost dbname=x", "The address has the keyword hots, which PostgreSQL does not know; "),
        ("hots=localhost dbname=x", "Did you mean host?"),
        ("postgresql://localhost/x?sslmod=require", "The address has the keyword sslmod, "),
        ("password=half se=cret", "keyword se, which"),
        ("password='half", "no connection URI and no keyword string"),
    ],
)
def test_a_keyword_that_does_not_exist_is_named(manage: Manage, address: str, sentence: str) -> None:
    done = manage("compare", address, address)
    assert (done.code, done.out) == (1, "")
    assert sentence in done.error
    assert "cret" not in done.error and "half" not in done.error


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        ((), "compare: the following arguments are required: source, target."),
        (("a", "b", "--format", "xml"), "compare: argument --format: invalid choice: 'xml'"),
        (("a", "b", "--nope"), "compare: unrecognized arguments: --nope."),
    ],
)
def test_a_wrong_usage_is_a_sentence_and_then_the_usage(
    manage: Manage, arguments: tuple[str, ...], first: str
) -> None:
    done = manage("compare", *arguments)
    assert (done.code, done.out) == (1, "")
    sentence, usage, *_ = done.error.splitlines()
    assert sentence.startswith(first)
    assert usage.startswith("usage: ")
