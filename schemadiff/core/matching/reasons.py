"""Why two fields were paired, in words: the terms that weighed most, for it first and then against it."""

from collections.abc import Mapping

from schemadiff.core.matching.families import family_of
from schemadiff.core.matching.fields import Field
from schemadiff.core.matching.terms import Term
from schemadiff.core.matching.words import FORM_WORDS, are_synonyms, opposites, spelled_words_of, words_of

_MOST_FOR = 4
_MOST_AGAINST = 2
_ALIKE = 0.85
_AGREE = 0.999


def reasons_of(
    left: Field,
    right: Field,
    figures: tuple[float, ...],
    factors: tuple[float, ...],
    tables: Mapping[str, str],
) -> tuple[str, ...]:
    """At most four for the pair and two against it, the weightiest first.

    `figures` and `factors` are in the order of `Term`.
    """
    found: dict[str, float] = {}
    for term, figure, factor in zip(Term, figures, factors, strict=True):
        sentence = _sentence(term, left, right, figure, tables)
        if sentence and figure * factor:
            found.setdefault(sentence, figure * factor)
    ranked = sorted(found, key=lambda sentence: (-abs(found[sentence]), sentence))
    speaking_for = [sentence for sentence in ranked if found[sentence] > 0]
    against = [sentence for sentence in ranked if found[sentence] < 0]
    return (*speaking_for[:_MOST_FOR], *against[:_MOST_AGAINST])


def _sentence(term: Term, left: Field, right: Field, figure: float, tables: Mapping[str, str]) -> str | None:
    if not figure:
        return None
    match term:
        case Term.SHARED:
            return _shared(left, right)
        case Term.SYNONYMS:
            return _synonyms(left, right)
        case Term.INSIDE:
            short, long = sorted((left.name, right.name), key=len)
            return f"'{short}' is part of '{long}'"
        case Term.EDIT:
            return "spelled alike" if figure >= _ALIKE else None
        case Term.OPPOSITE:
            return _opposites(left, right)
        case Term.SAME_TYPE | Term.SAME_FAMILY | Term.TYPE_CLASH:
            return _types(term, left, right)
        case Term.FLAGS:
            return "null, default and keys agree" if figure >= _AGREE else None
        case Term.SAME_REFERENCE:
            return f"both refer to {tables.get(left.refers_to or '', right.refers_to or '')}"
        case Term.REFERENCE_CLASH:
            return f"but one refers to {left.refers_to}, the other to {right.refers_to}"
        case Term.NEIGHBOURS:
            return "neighbours match" if figure == 1 else "a neighbour matches"
        case Term.ALONE:
            return "the only ones left at their place"
        case Term.HEAD | Term.TELLING_TYPE | Term.SAME_GAP:
            return None


def _types(term: Term, left: Field, right: Field) -> str:
    if term is Term.SAME_TYPE and left.type == right.type:
        return f"both are {left.type}"
    if term is Term.TYPE_CLASH:
        return f"but {left.type} is not {right.type}"
    return (
        f"both hold {family_of(left.type)[0].value} values"
        if left.type != right.type
        else f"both are {left.type}"
    )


def _shared(left: Field, right: Field) -> str | None:
    common = set(words_of(right.name)) - FORM_WORDS
    telling = list(dict.fromkeys(word for word, plain in spelled_words_of(left.name) if plain in common))
    if not telling:
        return None
    noun = "word" if len(telling) == 1 else "words"
    return f"shares the {noun} {_listed(telling)} with {right.name}"


def _synonyms(left: Field, right: Field) -> str | None:
    one, other = words_of(left.name), words_of(right.name)
    found = [
        f"{word} / {each}"
        for word in dict.fromkeys(one)
        if word not in other
        for each in dict.fromkeys(other)
        if each not in one and are_synonyms(word, each)
    ]
    return f"synonyms: {', '.join(found)}" if found else None


def _opposites(left: Field, right: Field) -> str | None:
    found = opposites(words_of(left.name), words_of(right.name))
    return f"but '{found[0]}' is the opposite of '{found[1]}'" if found else None


def _listed(words: list[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
