"""Which words and lines of two texts are marked."""

from schemadiff.core.word_marks import LineKind, mark_lines, mark_words


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


def test_lines_are_listed_once_with_the_source_before_the_target() -> None:
    source = "begin\n  new.a := 1;\n  return new;\nend"
    lines = mark_lines(source, source.replace("1", "2"))
    assert [(line.kind, "".join(word.text for word in line.words)) for line in lines] == [
        (LineKind.SAME, "begin"),
        (LineKind.SOURCE, "  new.a := 1;"),
        (LineKind.TARGET, "  new.a := 2;"),
        (LineKind.SAME, "  return new;"),
        (LineKind.SAME, "end"),
    ]


def test_long_unchanged_stretches_are_left_out_and_counted() -> None:
    same = [f"line {number}" for number in range(20)]
    lines = mark_lines("\n".join([*same, "old"]), "\n".join([*same, "new"]))
    assert (lines[0].kind, lines[0].words[0].text) == (LineKind.SKIPPED, "17 unchanged lines")
    assert [line.words[0].text for line in lines[1:4]] == ["line 17", "line 18", "line 19"]
    assert [line.kind for line in lines[4:]] == [LineKind.SOURCE, LineKind.TARGET]


def test_an_added_line_brings_no_mark_on_its_neighbours() -> None:
    lines = mark_lines("a\nb", "a\nnew\nb")
    assert [line.kind for line in lines] == [LineKind.SAME, LineKind.TARGET, LineKind.SAME]
