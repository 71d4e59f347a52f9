"""Which words of two texts are marked."""

import pytest

from schemadiff.core.word_marks import Side, mark_inline, mark_words


def _marked(source: str, target: str) -> tuple[list[str], list[str]]:
    sides = mark_words(source, target)
    return [w.text for w in sides[0] if w.differs], [w.text for w in sides[1] if w.differs]


def test_only_the_words_that_differ_are_marked() -> None:
    assert _marked("numeric(12,4) not null", "numeric(10,2) not null") == (["12", "4"], ["10", "2"])


def test_what_one_side_has_more_is_marked_there_only() -> None:
    assert _marked("varchar(20)", "varchar(20) not null") == ([], [" not null"])
    assert _marked("bigint", "bigint not null") == ([], [" not null"])


def test_texts_without_much_in_common_are_marked_as_a_whole() -> None:
    assert _marked("text", "jsonb default '{}'") == (["text"], ["jsonb default '{}'"])


def test_equal_texts_have_no_mark() -> None:
    assert _marked("bigint not null", "bigint not null") == ([], [])


def test_the_words_joined_give_the_texts_again() -> None:
    source, target = "CHECK ((price >= (0)::numeric))", "CHECK ((price > (0)::numeric) AND (price < 10))"
    words = mark_words(source, target)
    assert "".join(word.text for word in words[0]) == source
    assert "".join(word.text for word in words[1]) == target


def test_a_text_too_long_to_compare_is_marked_as_a_whole() -> None:
    source = "a " * 3000
    assert _marked(source, source + "b") == ([source], [source + "b"])


def test_both_texts_in_one_have_the_sources_words_before_the_targets() -> None:
    pieces = mark_inline("numeric(12,4) not null", "numeric(10,2) not null default 0")
    assert [(piece.text, piece.side) for piece in pieces] == [
        ("numeric(", Side.BOTH),
        ("12", Side.SOURCE),
        ("10", Side.TARGET),
        (",", Side.BOTH),
        ("4", Side.SOURCE),
        ("2", Side.TARGET),
        (") not null", Side.BOTH),
        (" default 0", Side.TARGET),
    ]


@pytest.mark.parametrize(
    ("source", "target"), [("", ""), ("a", ""), ("", "b"), ("a b c", "a x b"), ("x", "jsonb default '{}'")]
)
def test_both_texts_can_be_taken_out_of_the_one_again(source: str, target: str) -> None:
    pieces = mark_inline(source, target)
    assert "".join(piece.text for piece in pieces if piece.side is not Side.TARGET) == source
    assert "".join(piece.text for piece in pieces if piece.side is not Side.SOURCE) == target
