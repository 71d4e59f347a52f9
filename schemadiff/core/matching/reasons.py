"""Why two fields were paired, in words: the terms that weighed most, for it first and then against it."""

from collections.abc import Iterator, Mapping

from schemadiff.core.matching.families import family_of
from schemadiff.core.matching.fields import Field
from schemadiff.core.matching.kinship import AKIN, MISSPELLED, SHORT_FOR, are_initials, kinship
from schemadiff.core.matching.terms import Term
from schemadiff.core.matching.words import FORM_WORDS, are_synonyms, opposites, spelled_words_of, words_of

_MOST_FOR = 5
_MOST_AGAINST = 2
_ALIKE = 0.85


def reasons_of(
    left: Field,
    right: Field,
    figures: tuple[float, ...],
    factors: tuple[float, ...],
    tables: Mapping[str, str],
) -> tuple[str, ...]:
    """At most five for the pair and two against it, the weightiest first.

    `figures` and `factors` are in the order of `Term`.
    """
    found: dict[str, float] = {}
    for term, figure, factor in zip(Term, figures, factors, strict=True):
        for sentence in _sentences(term, left, right, figure, tables):
            if figure * factor:
                found.setdefault(sentence, figure * factor)
    ranked = sorted(found, key=lambda sentence: (-abs(found[sentence]), sentence))
    speaking_for = [sentence for sentence in ranked if found[sentence] > 0]
    against = [sentence for sentence in ranked if found[sentence] < 0]
    return (*speaking_for[:_MOST_FOR], *against[:_MOST_AGAINST])


def _sentences(
    term: Term, left: Field, right: Field, figure: float, tables: Mapping[str, str]
) -> tuple[str, ...]:
    if not figure:
        return ()
    match term:
        case Term.KINDRED:
            return (*_shared(left, right), *_akin(left, right))
        case Term.EDIT:
            return ("spelled alike",) if figure >= _ALIKE else ()
        case Term.OPPOSITE:
            return _opposites(left, right)
        case Term.SAME_TYPE | Term.SAME_FAMILY | Term.TYPE_CLASH:
            return (_types(term, left, right),)
        case Term.DEFAULTS:
            return ("null and default agree",) if left.not_null == right.not_null else ()
        case Term.SAME_REFERENCE:
            return (f"both refer to {tables.get(left.refers_to or '', right.refers_to or '')}",)
        case Term.REFERENCE_CLASH:
            return (f"but one refers to {left.refers_to}, the other to {right.refers_to}",)
        case Term.ONLY_OF_SORT:
            return (f"the only ones left with {family_of(left.type)[0].value} values",)
        case Term.NEIGHBOURS:
            return ("neighbours match" if figure == 1 else "a neighbour matches",)
        case Term.SAME_GAP:
            return ("between the same columns",)
        case Term.AT_THE_END:
            return ("both after the last paired columns",)
        case Term.HEAD | Term.ROLE | Term.NULLS | Term.IN_STEP | Term.IN_STEP_AT_THE_END:
            return ()


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


def _shared(left: Field, right: Field) -> tuple[str, ...]:
    common = set(words_of(right.name)) - FORM_WORDS
    telling = list(dict.fromkeys(word for word, plain in spelled_words_of(left.name) if plain in common))
    if not telling:
        return ()
    noun = "word" if len(telling) == 1 else "words"
    return (f"shares the {noun} {_listed(telling)} with {right.name}",)


def _akin(left: Field, right: Field) -> Iterator[str]:
    """Words of one name that are not in the other but have a counterpart there."""
    one, other = words_of(left.name), words_of(right.name)
    if are_initials(one, other) or are_initials(other, one):
        yield "one name is the initials of the other"
    for word in dict.fromkeys(one):
        nearest = max(other, key=lambda each: kinship(word, each), default="")
        if word not in other and nearest not in one and not {word, nearest} <= FORM_WORDS:
            yield from _kinship_in_words(word, nearest)


def _kinship_in_words(word: str, other: str) -> tuple[str, ...]:
    short, long = sorted((word, other), key=len)
    match kinship(word, other):
        case kin if kin == AKIN:
            return (f"{'synonyms' if are_synonyms(word, other) else 'of one stem'}: {word} / {other}",)
        case kin if kin == SHORT_FOR:
            return (f"'{short}' may be short for '{long}'",)
        case kin if kin == MISSPELLED:
            return (f"'{word}' and '{other}' are spelled nearly alike",)
        case _:
            return ()


def _opposites(left: Field, right: Field) -> tuple[str, ...]:
    found = opposites(words_of(left.name), words_of(right.name))
    return (f"but '{found[0]}' is the opposite of '{found[1]}'",) if found else ()


def _listed(words: list[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
