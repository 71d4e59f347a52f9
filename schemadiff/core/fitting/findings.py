"""What was counted, in sentences, each with the expression that would mend it where there is one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemadiff.core import column_types
from schemadiff.core.fitting.question import TEXTS, Kind, Question, closed
from schemadiff.core.fitting.vocabulary import became
from schemadiff.core.identifiers import literal, quote

_MOSTLY = 0.98  # share of values that are multiples, so that it is another unit
_WORDS_SHOWN = 8
_SAY = "say which word each of them became"
_SILENT = {Kind.ROUNDED, Kind.OWN_NUMBER, Kind.FOLLOWS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """Rows for which a question's predicate holds, those of them that are mended, and its most frequent words.

    `used` are the target's words that the source has, too; `all_words` is false where there are more than `words`.
    """

    rows: int
    mended: int
    words: tuple[tuple[str, int], ...] = ()
    used: tuple[str, ...] = ()
    all_words: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`sentence` says what would happen to how many rows; `expression` is what to take instead, and `why` so.

    A draft is to be completed by a person: which word became which cannot be counted.
    """

    kind: Kind
    target: str
    source: str
    rows: int
    sentence: str
    expression: str = ""
    why: str = ""
    is_silent: bool = False  # no error would show it
    is_draft: bool = False


def findings(asked: Sequence[Question], counts: Mapping[int, Counted]) -> tuple[Finding, ...]:
    """`counts` by the question's place. What no error would show comes first, then what concerns most rows."""
    found = (_finding(question, counts[place]) for place, question in enumerate(asked) if place in counts)
    real = [finding for finding in found if finding is not None]
    return tuple(sorted(real, key=lambda each: (not each.is_silent, -each.rows, each.target)))


def _finding(question: Question, counted: Counted) -> Finding | None:
    if not counted.rows:
        return None
    if question.kind is Kind.OTHER_UNIT:
        return _unit(question, counted)
    kind = question.kind
    if kind is Kind.ONLY_ROW and counted.mended < counted.rows:
        kind = Kind.EMPTY
    if counted.mended < counted.rows and (kind is Kind.OWN_NUMBER or question.needs_all):
        return None
    sentence, expression, why = _SAID[kind](question, counted)
    return Finding(
        kind=kind,
        target=question.target.name,
        source=question.source.name,
        rows=counted.rows,
        sentence=sentence,
        expression=expression,
        why=why,
        is_silent=kind in _SILENT,
        is_draft=why == _SAY,
    )


def _unit(question: Question, counted: Counted) -> Finding | None:
    if counted.mended < _MOSTLY * counted.rows:
        return None
    small, large = question.units
    return Finding(
        kind=question.kind,
        target=question.target.name,
        source=question.source.name,
        rows=counted.rows,
        sentence=f"{question.target.name} says {large}, and {_of(counted.mended, counted.rows)} values of "
        f"{question.source.name} are multiples of {question.factor}: are they {small}?",
        expression=f"{quote(question.source.name)} / {question.factor}",
        why=f"{small} become {large}",
        is_silent=True,
    )


def _empty(question: Question, counted: Counted) -> tuple[str, str, str]:
    sentence = f"{_rows(counted.rows)} no value, and {question.target.name} must have one: refused."
    default = question.target.default
    if default is None or question.target.generated is not None or "nextval(" in default:
        return sentence, "", ""
    given = question.pair.expression or quote(question.source.name)
    return (
        sentence,
        f"coalesce({closed(given)}, {default})",
        "the target’s default where there is none",
    )


def _too_long(question: Question, counted: Counted) -> tuple[str, str, str]:
    length = column_types.parse(question.target.type).length
    sentence = (
        f"{_rows(counted.rows)} a value longer than the {length} characters that {question.target.name} takes: "
        "refused."
    )
    name = quote(question.source.name)
    if counted.mended == counted.rows:
        return sentence, f"btrim(split_part({name}, ',', 1))", "each is a list: the first of it is taken"
    return sentence, f"left({name}, {length})", "cut off: what is beyond is lost"


def _too_large(question: Question, counted: Counted) -> tuple[str, str, str]:
    return f"{_rows(counted.rows)} a number that {question.target.type} cannot hold: refused.", "", ""


def _rounded(question: Question, counted: Counted) -> tuple[str, str, str]:
    sentence = (
        f"{_rows(counted.rows)} a fraction that {question.target.name} ({question.target.type}) rounds away, "
        "and no error says so."
    )
    return sentence, "", ""


def _other_words(question: Question, counted: Counted) -> tuple[str, str, str]:
    shown = ", ".join(f"“{word}” ({count:,})" for word, count in counted.words[:_WORDS_SHOWN])
    more = len(counted.words) - _WORDS_SHOWN
    listed = f": {shown}{f' and {more} more' if more > 0 else ''}" if shown else ""
    sentence = (
        f"{_rows(counted.rows)} a word that {question.target.name} does not know{listed}. "
        f"It knows {', '.join(question.words)}."
    )
    name = quote(question.source.name)
    if counted.mended == counted.rows:
        return sentence, f"lower(btrim({name}))", "they differ only in spaces and capital letters"
    return (sentence, *_translated(question, counted))


def _translated(question: Question, counted: Counted) -> tuple[str, str]:
    """By what each word can only be; what is left over becomes empty, or is for a person to say where it may not."""
    text = quote(question.source.name)
    if column_types.parse(question.source.type).base not in TEXTS:
        text += "::text"
    words = [word for word, _ in counted.words]
    # A word may also be the target's NULL: then being left over says nothing.
    used = counted.used if question.target.not_null and counted.all_words else question.words
    found = became(words, question.words, used)
    whens = " ".join(f"WHEN {literal(word)} THEN {literal(other)}" for word, other in found.items())
    told = "; ".join(f"“{word}” becomes “{other}”" for word, other in found.items())
    left = [word for word in words if word not in found]
    if question.target.not_null:
        if found and not left and counted.all_words:
            return f"CASE {text} {whens} ELSE {text} END", told
        first = literal(question.words[0])
        drafts = " ".join([*filter(None, [whens]), *(f"WHEN {literal(word)} THEN {first}" for word in left)])
        return (f"CASE {text} {drafts} ELSE {text} END" if drafts else ""), _SAY
    known = " ".join(f"WHEN {literal(word)} THEN {literal(word)}" for word in question.words)
    if found:
        return f"CASE {text} {known} {whens} END", "; ".join(
            filter(None, [told, "what else it does not know becomes empty" if left else ""])
        )
    listed = ", ".join(map(literal, question.words))
    return f"CASE WHEN {text} IN ({listed}) THEN {text} END", "what it does not know becomes empty"


def _no_such_row(question: Question, counted: Counted) -> tuple[str, str, str]:
    assert question.refers is not None
    place = question.refers[1]
    if question.is_fed:
        sentence = f"{_rows(counted.rows)} a value in {question.source.name} that no row of {place} will have: refused."
    else:
        sentence = (
            f"{_rows(counted.rows)} a value in {question.source.name}, and {question.target.name} is a key of {place}, "
            "which no table of the source fills: refused unless such rows are there."
        )
    if question.target.not_null:
        return sentence, "", ""
    if question.is_fed:
        return sentence, question.expression, "left empty where there is no such row"
    return sentence, f"NULL::{question.target.type}", "left empty"


def _own_number(question: Question, counted: Counted) -> tuple[str, str, str]:
    sentence = (
        f"{_rows(counted.rows)} in {question.source.name} the number that {question.twin} gets too, and "
        f"{question.target.name} is numbered by the target itself: is it another number there?"
    )
    return sentence, question.expression, "numbered from 1, in the order that the source’s keys have now"


def _follows(question: Question, counted: Counted) -> tuple[str, str, str]:
    assert question.refers is not None
    sentence = (
        f"{_rows(counted.rows)} in {question.source.name} a key of {question.refers[1]}, which becomes another "
        f"number: taken as it is, {question.target.name} would speak of another row, or of none."
    )
    return sentence, question.expression, "the key that its row gets"


def _only_row(question: Question, counted: Counted) -> tuple[str, str, str]:
    assert question.refers is not None
    sentence = (
        f"{_rows(counted.rows)} no value, and {question.target.name} must have one: refused. There is one row of "
        f"{question.refers[1]} only that it could be."
    )
    return sentence, question.expression, f"the only row of {question.refers[1]}, while it is the only one"


_SAID = {
    Kind.EMPTY: _empty,
    Kind.TOO_LONG: _too_long,
    Kind.TOO_LARGE: _too_large,
    Kind.ROUNDED: _rounded,
    Kind.OTHER_WORDS: _other_words,
    Kind.NO_SUCH_ROW: _no_such_row,
    Kind.OWN_NUMBER: _own_number,
    Kind.FOLLOWS: _follows,
    Kind.ONLY_ROW: _only_row,
}


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{count:,} rows have"


def _of(part: int, whole: int) -> str:
    return f"all {whole:,}" if part == whole else f"{part:,} of {whole:,}"
