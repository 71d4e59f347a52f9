"""Which lines of two definitions stand beside one another, and what is folded."""

from schemadiff.core.line_diff import LinePair, line_diff
from schemadiff.core.word_marks import Side


def texts(pair: LinePair) -> tuple[str, str]:
    return "".join(word.text for word in pair.source), "".join(word.text for word in pair.target)


def pairs(source: str, target: str) -> list[LinePair]:
    return [pair for stretch in line_diff(source, target) for pair in stretch.pairs]


def test_a_line_that_changed_stands_beside_what_it_became_with_its_words_marked() -> None:
    source = "begin\n  new.a := 1;\n  return new;\nend"
    found = pairs(source, source.replace("1", "2"))
    assert [texts(pair) for pair in found if not pair.is_same] == [("  new.a := 1;", "  new.a := 2;")]
    (changed,) = [pair for pair in found if not pair.is_same]
    assert [word.text for word in changed.source if word.differs] == ["1"]
    assert (changed.source_number, changed.target_number) == (2, 2)


def test_an_added_line_brings_no_mark_on_its_neighbours() -> None:
    found = pairs("a\nb", "a\nnew\nb")
    assert [(pair.source_number, pair.target_number) for pair in found] == [(1, 1), (None, 2), (2, 3)]


def test_in_a_changed_stretch_the_lines_that_are_alike_meet() -> None:
    source = "select id,\n  total * 2,\n  name"
    target = "select id,\n  note,\n  created_at,\n  total * 3,\n  name"
    changed = [texts(pair) for pair in pairs(source, target) if not pair.is_same]
    assert changed == [("", "  note,"), ("", "  created_at,"), ("  total * 2,", "  total * 3,")]


def test_lines_with_nothing_in_common_are_not_paired() -> None:
    assert [texts(pair) for pair in pairs("alpha beta", "12 34")] == [("alpha beta", ""), ("", "12 34")]


def test_unchanged_lines_far_from_a_change_are_folded() -> None:
    same = [f"line {number}" for number in range(20)]
    first, near, changed = line_diff("\n".join([*same, "old"]), "\n".join([*same, "new"]))
    assert (first.folded, len(first.pairs)) == (True, 17)
    assert [texts(pair)[0] for pair in near.pairs] == ["line 17", "line 18", "line 19"]
    assert not changed.folded


def test_no_line_is_lost() -> None:
    source = [f"line {number}" for number in range(50)]
    target = [line.replace("7", "seven") for line in source if line != "line 30"] + ["last"]
    found = pairs("\n".join(source), "\n".join(target))
    assert [texts(pair)[0] for pair in found if pair.source_number] == source
    assert [texts(pair)[1] for pair in found if pair.target_number] == target


def test_inline_the_sources_lines_come_before_the_targets() -> None:
    (stretch,) = line_diff("a = 1\nb = 1", "a = 2\nb = 2")
    assert [(line.side, line.source_number, line.target_number) for line in stretch.lines] == [
        (Side.SOURCE, 1, None),
        (Side.SOURCE, 2, None),
        (Side.TARGET, None, 1),
        (Side.TARGET, None, 2),
    ]


def test_a_long_stretch_of_other_lines_is_not_paired_line_by_line() -> None:
    source = "\n".join(f"value {number}" for number in range(100))
    target = "\n".join(f"value {number + 1000}" for number in range(100))
    assert all(not (pair.source and pair.target) for pair in pairs(source, target))
