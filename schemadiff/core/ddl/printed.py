"""What PostgreSQL prints does not always read back as itself; here it is put so that it does.

`status IN ('a', 'b')` on a varchar column is printed as `(status)::text = ANY ((ARRAY['a'::character varying,
…])::text[])`. The cast of the whole array was implicit; written out, it is taken as one of every element, and
printed so from then on. Without it the same expression comes out.

`extract('YEAR' FROM at)` is printed as `EXTRACT(YEAR FROM at)`, where the word is taken as `year`.

`SELECT 'x'` in an arm of a UNION is printed as `SELECT 'x'::text`, which has another name than the constant: its
type's, which is printed from then on. So it is in a function's body in SQL itself.

`a BETWEEN 1 AND 5 AND b` is printed as `(((a >= 1) AND (a <= 5)) AND b)`, and so are comparisons of rows and lists of
columns; read back, the first group is merged with what follows. A cast to boolean, which leaves no trace, keeps it.
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
_GROUPED = re.compile(
    r"""[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|\b(?:AND|OR)\b""", re.DOTALL
)


def reads_back(definition: str) -> bool:
    """Whether PostgreSQL, given the definition, prints the same."""
    return restored(definition) == definition


def restored(definition: str) -> str:
    """The definition as it can be written, so that the same is printed again."""
    if _EXTRACT in definition:
        definition = _QUOTED_OR_FIELD.sub(_with_quoted_field, definition)
    if "SELECT" in definition:
        definition = _UNNAMED.sub(_with_no_name, definition)
    return _without_casts_of_arrays(_with_groups_kept(definition))


def _with_groups_kept(definition: str) -> str:
    """Those that AND or OR would merge with what follows: the first of their kind."""
    if "((" not in definition:
        return definition
    parts, done = [], 0
    open_groups: list[tuple[int, set[str]]] = []  # where each begins, and the words that join its members
    for found in _GROUPED.finditer(definition):
        token, place = found[0], found.start()
        if token == "(":
            open_groups.append((place, set()))
        elif token == ")" and open_groups:
            start, words = open_groups.pop()
            is_first = start > 0 and definition[start - 1] == "("
            if is_first and any(definition.startswith(f" {word} ", place + 1) for word in words):
                parts.append(f"{definition[done : place + 1]}::boolean")
                done = place + 1
        elif token in ("AND", "OR") and open_groups:
            open_groups[-1][1].add(token)
    return "".join([*parts, definition[done:]])


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
