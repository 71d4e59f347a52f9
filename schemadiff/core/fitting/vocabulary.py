"""Which of the target's words each of the source's became, as far as their spelling or their number says it."""

import re
from collections.abc import Collection, Sequence

_LONG = 6  # letters; of shorter words one letter makes another word


def became(unknown: Sequence[str], known: Sequence[str], used: Collection[str]) -> dict[str, str]:
    """For each word that is not `known` the one that it can only be; nothing for the others.

    The same letters, or one letter more (canceled, cancelled), of one word alone; then the last that is left over on
    either side, `used` being what the source itself says of the known.
    """
    found = {word: same for word in unknown if (same := _spelled_alike(word, known))}
    left = [word for word in unknown if word not in found]
    free = [word for word in known if word not in used and word not in found.values()]
    if len(left) == 1 and len(free) == 1:
        found[left[0]] = free[0]
    return found


def _spelled_alike(word: str, known: Sequence[str]) -> str:
    letters = _letters(word)
    same = [each for each in known if _letters(each) == letters]
    near = same or [each for each in known if _differs_by_a_letter(letters, _letters(each))]
    return near[0] if len(near) == 1 else ""


def _differs_by_a_letter(one: str, other: str) -> bool:
    """One has a letter more, not the first: a prefix turns a word into its contrary."""
    short, long = sorted((one, other), key=len)
    if len(short) < _LONG or len(long) != len(short) + 1:
        return False
    return any(long[:place] + long[place + 1 :] == short for place in range(1, len(long)))


def _letters(word: str) -> str:
    return re.sub(r"[\W_]+", "", word.casefold())
