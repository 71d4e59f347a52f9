"""A statement without the values in it, so that it can be shown and counted: equal ones become one."""

import re

LONGEST = 2_000
"""Characters that are kept of a statement."""

_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
    | (?P<dollar> \$(?P<tag>[A-Za-z_]\w*)\$ .*? (?:\$(?P=tag)\$|\Z) | \$\$ .*? (?:\$\$|\Z) )
    | (?P<escaped> \b[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z) )
    | (?P<string> (?:\b[bBxXnN]|\b[uU]&)?'(?:[^']|'')*(?:'|\Z) )
    | (?P<name> "(?:[^"]|"")*(?:"|\Z) )
    | (?P<placeholder> \$\d+ | %s | %\(\w+\)s )
    | (?P<number> (?<![\w"]) (?:0[xX][0-9a-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?) (?!\w) )
    """,
    re.VERBOSE | re.DOTALL,
)
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")
_ROWS = re.compile(r"\(\?, …\)(?:\s*,\s*\(\?, …\))+")


def normalised(statement: str) -> str:
    """The statement with `?` for each value and placeholder, without comments, on one line.

    A string that does not end takes everything after it with it: rather too little is shown than a value.
    """
    bare = _TOKEN.sub(_replacement, statement)
    line = " ".join(bare.split())
    line = _ROWS.sub("(?, …), …", _LIST.sub("(?, …)", line))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _replacement(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "comment":
            return " "
        case "name":
            return found.group()
        case _:
            return "?"
