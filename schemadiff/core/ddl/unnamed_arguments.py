"""Bodies in SQL itself that use an argument without a name beside others with one: PostgreSQL prints it as `""`,
which it does not read back."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]""", re.DOTALL)
_MODE = re.compile(r"(?:IN|INOUT|OUT|VARIADIC) ")
_TYPE = re.compile(
    r"(?:double precision|(?:character|bit) varying|time(?:stamp)?(?:\(\d\))? with(?:out)? time zone"
    r"|interval(?: [A-Z ]+)?)(?:\(\d+\))?(?:\[\])*\Z"
)
_NAME = r'"(?:[^"]|"")+"'
_EMPTY = re.compile(rf"""'(?:[^']|'')*'|(?<![\w"$.])(?P<empty>(?:(?:\w+|{_NAME})\.)?""(?!"))|{_NAME}""")


def numbered(definition: str) -> str:
    """The definition with `$1` or the like for its only argument without a name; as it is where there are more."""
    if '""' not in definition:
        return definition
    arguments = [each for each in _arguments(definition) if not each.startswith("OUT ")]
    places = [place for place, argument in enumerate(arguments, 1) if _is_unnamed(argument)]
    if len(places) != 1:
        return definition
    return _EMPTY.sub(lambda found: f"${places[0]}" if found["empty"] else found[0], definition)


def _arguments(definition: str) -> Iterator[str]:
    depth, current = 0, ""
    for token in _TOKEN.findall(definition):
        depth += (token in "([") - (token in ")]")
        if not depth and token == ")":
            yield current.strip()
            return
        if depth == 1 and token == ",":
            yield current.strip()
            current = ""
        elif depth > 1 or (depth == 1 and token != "("):
            current += token


def _is_unnamed(argument: str) -> bool:
    said = _MODE.sub("", argument, count=1).partition(" DEFAULT ")[0]
    words = re.sub(r'"(?:[^"]|"")*"', "q", said)
    return " " not in words or _TYPE.match(said) is not None
