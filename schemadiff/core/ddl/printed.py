"""What PostgreSQL prints does not always read back as itself; here it is put so that it does.

`status IN ('a', 'b')` on a varchar column is printed as `(status)::text = ANY ((ARRAY['a'::character varying,
…])::text[])`. The cast of the whole array was implicit; written out, it is taken as one of every element, and
printed so from then on. Without it the same expression comes out.

`extract('YEAR' FROM at)` is printed as `EXTRACT(YEAR FROM at)`, where the word is taken as `year`.

`SELECT 'x'` in an arm of a UNION is printed as `SELECT 'x'::text`, which has another name than the constant: its
type's, which is printed from then on. So it is in a function's body in SQL itself.
"""

import re

_OPENING = "(ARRAY["
_EXTRACT = "EXTRACT("
_QUOTED_OR_FIELD = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\bEXTRACT\((?P<field>\w+) FROM """)


_CONSTANT = r"(?:'(?:[^']|'')*'|NULL|[\d.]+|\(-[\d.]+\))"
_TYPE = r'(?:"(?:[^"]|"")*"|[\w.]+)(?: (?!AS )\w+|\([\d, ]+\)|\[\]|\.(?:"(?:[^"]|"")*"))*'
_UNNAMED = re.compile(
    rf"""(?P<item>(?:\bSELECT (?:DISTINCT )?|,\n\s+){_CONSTANT}::{_TYPE})(?=[,;]?\n|\)|\Z)"""
    r"""|'(?:[^']|'')*'|"(?:[^"]|"")*\""""
)
_NO_NAME = '"?column?"'


def reads_back(definition: str) -> bool:
    """Whether PostgreSQL, given the definition, prints the same."""
    return restored(definition) == definition


def restored(definition: str) -> str:
    """The definition as it can be written, so that the same is printed again."""
    if _EXTRACT in definition:
        definition = _QUOTED_OR_FIELD.sub(_with_quoted_field, definition)
    if "SELECT" in definition:
        definition = _UNNAMED.sub(_with_no_name, definition)
    return _without_casts_of_arrays(definition)


def _with_no_name(found: re.Match[str]) -> str:
    return f"{found['item']} AS {_NO_NAME}" if found["item"] else found[0]


def _with_quoted_field(found: re.Match[str]) -> str:
    field = found["field"]
    return found[0] if field is None or field == field.lower() else f"{_EXTRACT}'{field}' FROM "


def _without_casts_of_arrays(definition: str) -> str:
    """Of whole ARRAY[…] constructors, which nobody can have written."""
    place = definition.find(_OPENING)
    if place < 0:
        return definition
    end = _end_of_array(definition, place + len(_OPENING))
    cast = _cast_after(definition, end)
    array = definition[place + 1 : end]
    rest = _without_casts_of_arrays(definition[end + 1 + len(cast) :] if cast else definition[end:])
    kept = definition[:place]
    return f"{kept}{array}{rest}" if cast else f"{kept}({array}{rest}"


def _end_of_array(text: str, place: int) -> int:
    """The place after the bracket that closes the one before `place`."""
    depth, quoted = 1, ""
    while depth and place < len(text):
        character = text[place]
        if quoted:
            quoted = "" if character == quoted else quoted
        elif character in "'\"":
            quoted = character
        else:
            depth += {"[": 1, "]": -1}.get(character, 0)
        place += 1
    return place


def _cast_after(text: str, place: int) -> str:
    """`::text[]` where `)::text[]` stands at that place."""
    if not text.startswith(")::", place):
        return ""
    end = text.find("[]", place)
    cast = text[place + 1 : end + 2]
    return cast if end > 0 and all(part.isalnum() or part in ' _."[]:' for part in cast) else ""
