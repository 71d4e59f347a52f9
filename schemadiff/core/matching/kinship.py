"""How near two words are: equal, of one stem, synonyms, one short for the other, or spelled nearly alike."""

from functools import lru_cache

from rapidfuzz.distance import OSA

from schemadiff.core.matching.words import are_synonyms

EQUAL = 1.0
AKIN = 0.9
"""One stem (`created`, `creation`) or synonyms."""
SHORT_FOR = 0.8
MISSPELLED = 0.75

_WORD_ENDINGS = """
e y ed es er or ee ing ion al ive ate ated ation ition ment able ible le ility ity ied ier ify ication cation
sh shed shing ant ent ance ence ness ly ful be bed ption tion t ted ting ter ped ping per ned ning ling led
ler ary ory ized ization ize ised isation ise ration rate ic ical ist
"""
_ENDINGS = frozenset(("", *_WORD_ENDINGS.split()))
_VERB_ENDINGS = "e ed er or ee ing ment able ible ped ping per ted ting ter ned ning led ling al ant"
_AFTER_A_SHORT_STEM = frozenset(("", *_VERB_ENDINGS.split()))
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=65536)
def kinship(one: str, other: str) -> float:
    """From 0, unrelated, to 1, equal. Words as `words_of` gives them."""
    if one == other:
        return EQUAL
    if are_synonyms(one, other) or _share_a_stem(one, other):
        return AKIN
    if _is_short_for(*sorted((one, other), key=len)):
        return SHORT_FOR
    return MISSPELLED if _are_nearly_alike(one, other) else 0.0


def are_initials(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    """`dob` of `date_of_birth`."""
    return len(short) == 1 and len(long) > 1 and short[0] == "".join(word[0] for word in long)


def _share_a_stem(one: str, other: str) -> bool:
    same = _common_start(one, other)
    rests = (one[same:], other[same:])
    if same >= 5:
        return all(rest in _ENDINGS for rest in rests)
    return same >= 4 and all(rest in _AFTER_A_SHORT_STEM for rest in rests)


def _common_start(one: str, other: str) -> int:
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def _is_short_for(short: str, long: str) -> bool:
    """Its start, its end (`prepaid`, `paid`), or its first letter and some of its consonants (`msg`, `qty`)."""
    if not 2 < len(short) < len(long) - 1:
        return False
    if long.startswith(short) or (len(short) > 3 and long.endswith(short)):
        return True
    return (
        len(short) <= 4 and short[0] == long[0] and not _VOWELS & set(short[1:-1]) and _is_within(short, long)
    )


def _is_within(short: str, long: str) -> bool:
    """Whether the letters of one are found in the other in their order."""
    letters = iter(long)
    return all(letter in letters for letter in short)


def _are_nearly_alike(one: str, other: str) -> bool:
    shorter = min(len(one), len(other))
    if shorter < 4 or one.isdigit() or other.isdigit():
        return False
    return OSA.distance(one, other, score_cutoff=2) <= (1 if shorter < 7 else 2)
