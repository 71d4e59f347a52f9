"""A statement without what differs from call to call and is people's data: its texts, its numbers, its comments.

By tokens, for it need not be right SQL; what cannot be told apart into tokens is not handed on at all.
"""

import re
from collections.abc import Sequence

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

_TEXTS = frozenset(
    {
        TokenType.STRING,
        TokenType.BYTE_STRING,  # E'…'
        TokenType.HEREDOC_STRING,  # $$…$$
        TokenType.NATIONAL_STRING,
        TokenType.UNICODE_STRING,
        TokenType.BIT_STRING,
        TokenType.HEX_STRING,
    }
)
# `date '2026-01-01'` becomes `$1::date`.
_TYPED = frozenset({"interval", "date", "time", "timestamp", "timestamptz", "uuid", "json", "jsonb", "bytea"})
# Texts given to these are formats, units and names; PostgreSQL would not know a parameter's type there.
_FORMATTING = frozenset(
    {"to_char", "to_date", "to_timestamp", "to_number", "date_trunc", "date_part", "date_bin", "extract"}
    | {"string_agg", "array_to_string", "nextval", "currval", "setval", "current_setting"}
)
_BUILDING = frozenset({"json_build_object", "jsonb_build_object"})
_NAME = re.compile(r"\A[A-Za-z_]\w{0,40}\Z")
_COMPARING = frozenset({"=", "<", ">", "<=", ">=", "<>", "!=", "between", "like", "ilike"})
_LISTING = frozenset({"in", "values"})


def tokens_of(sql: str) -> list[Token] | None:
    """None where it cannot be told apart: a text that does not end, for one."""
    try:
        return list(sqlglot.tokenize(sql, read="postgres"))
    except SqlglotError:
        return None


def without_values(sql: str) -> str | None:
    """Parameters in the place of values, numbered on from those that it has, the same value by the same number.

    None where the statement cannot be told apart. Formats and units stay: nobody's data, and needed.
    """
    tokens = tokens_of(sql)
    if tokens is None:
        return None
    numbers: dict[str, int] = {}
    highest = max((int(each.text) for each in tokens if _is_parameter(each, sql)), default=0)
    parts: list[str] = []
    end = 0
    callers = _callers(tokens)
    skipped: set[int] = set()
    for place, token in enumerate(tokens):
        gap = sql[end : token.start]
        parts.append(gap if "--" not in gap and "/*" not in gap else "\n" if "\n" in gap else " ")
        end = token.end + 1
        own = sql[token.start : end]
        is_value = token.token_type in _TEXTS and not _stays(token, callers[place])
        is_value |= token.token_type is TokenType.NUMBER and _is_compared(tokens, place, callers[place], sql)
        if not is_value:
            parts.append(own)
            continue
        number = numbers.setdefault(own, highest + len(numbers) + 1)
        typed = _type_before(tokens, place)
        if typed and place - 1 not in skipped:
            _take_back(parts, typed)
            parts.append(f"${number}::{typed}")
        else:
            parts.append(f"${number}")
        skipped.add(place)
    return "".join(parts).strip()


def _is_parameter(token: Token, sql: str) -> bool:
    before = sql[token.start - 1 : token.start]
    return token.token_type is TokenType.NUMBER and token.text.isdigit() and before == "$"


def _callers(tokens: Sequence[Token]) -> list[str]:
    """For each token the word before the innermost bracket that it is in, in lower case."""
    open_brackets: list[str] = []
    found: list[str] = []
    closed = ""
    for place, token in enumerate(tokens):
        if token.token_type is TokenType.R_PAREN and open_brackets:
            closed = open_brackets.pop()
        found.append(open_brackets[-1] if open_brackets else "")
        if token.token_type is TokenType.L_PAREN:
            before = str(tokens[place - 1].text).lower() if place else ""
            open_brackets.append(
                closed if before == "," and closed in _LISTING else before
            )  # VALUES (…), (…)
    return found


def _stays(token: Token, caller: str) -> bool:
    return caller in _FORMATTING or (caller in _BUILDING and _NAME.match(str(token.text)) is not None)


def _is_compared(tokens: Sequence[Token], place: int, caller: str, sql: str) -> bool:
    """Numbers elsewhere may be lengths of types, places in ORDER BY, and the like."""
    if place == 0 or _is_parameter(tokens[place], sql):
        return False
    before = str(tokens[place - 1].text).lower()
    return before in _COMPARING or (caller in _LISTING and before in (",", "("))


def _type_before(tokens: Sequence[Token], place: int) -> str:
    before = str(tokens[place - 1].text) if place else ""
    is_text = tokens[place].token_type in _TEXTS
    return before if is_text and before.lower() in _TYPED else ""


def _take_back(parts: list[str], typed: str) -> None:
    """The type's name and what stands between it and its text."""
    while parts and parts.pop() != typed:
        pass
