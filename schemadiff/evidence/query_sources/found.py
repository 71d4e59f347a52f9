"""What a source of queries gives: queries with how often each was called, and what could not be made out."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from schemadiff.evidence.query_files import NamedQuery

_JUDGED = ("select", "insert", "update", "delete", "merge", "with", "values", "table")
# What stands before a literal that is part of a type or an interval, and may not become a parameter.
_TYPED = frozenset({"interval", "date", "time", "timestamp", "timestamptz", "uuid", "json", "jsonb", "bytea"})
_LONGEST_NAME = 80
_TEXTS = frozenset(
    {
        TokenType.STRING,
        TokenType.BYTE_STRING,  # E'…'
        TokenType.HEREDOC_STRING,  # $$…$$
        TokenType.NATIONAL_STRING,
        TokenType.UNICODE_STRING,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unresolved:
    """Something that looks like a query and could not be made out; `why` is a sentence."""

    place: str  # file and line
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`passed_over` counts statements that read and write no rows, such as SET and COMMIT."""

    queries: tuple[NamedQuery, ...]
    unresolved: tuple[Unresolved, ...] = ()
    passed_over: int = 0


@dataclass(slots=True)
class Gathering:
    """Statements as they come, the same ones counted together."""

    _queries: dict[str, NamedQuery] = field(default_factory=dict)
    passed_over: int = 0

    def add(self, sql: str, *, calls: int | None = None, place: str = "") -> None:
        """One statement; values in it are taken out, for they are people's data and differ between calls."""
        text = sql.strip().rstrip(";").strip()
        if not is_query(text):
            self.passed_over += calls or 1
            return
        bare = without_values(text)
        known = self._queries.get(bare)
        if known is None:
            self._queries[bare] = NamedQuery(name="", sql=bare, calls=calls, place=place)
            return
        total = None if known.calls is None or calls is None else known.calls + calls
        places = ", ".join(dict.fromkeys(each for each in (known.place, place) if each))
        self._queries[bare] = NamedQuery(name="", sql=bare, calls=total, place=places)

    def queries(self) -> tuple[NamedQuery, ...]:
        """The most called first; each with a name of its own."""
        ordered = sorted(self._queries.values(), key=lambda query: -(query.calls or 0))
        return tuple(
            NamedQuery(name=f"{place}: {_short(query)}", sql=query.sql, calls=query.calls, place=query.place)
            for place, query in enumerate(ordered, start=1)
        )


def is_query(sql: str) -> bool:
    """Does it read or write rows? Goes by its first word, after comments and brackets."""
    for token in _tokens(sql):
        if token.token_type is not TokenType.L_PAREN:
            return str(token.text).lower() in _JUDGED
    return False


def without_values(sql: str) -> str:
    """The statement with parameters in the place of the texts in it, numbered on from those that it has.

    A literal that is part of a type's value (`interval '1 day'`) and one that is cast stays as it is where its
    type could not be told without it.
    """
    tokens = _tokens(sql)
    highest = max((int(each.text) for each in tokens if _is_parameter_number(each, sql)), default=0)
    parts: list[str] = []
    end = 0
    for place, token in enumerate(tokens):
        if token.token_type not in _TEXTS or _is_typed(tokens, place):
            continue
        highest += 1
        parts += [sql[end : token.start], f"${highest}"]
        end = token.end + 1
    return "".join([*parts, sql[end:]])


def _is_parameter_number(token: Token, sql: str) -> bool:
    return (
        token.token_type is TokenType.NUMBER
        and token.text.isdigit()
        and sql[token.start - 1 : token.start] == "$"
    )


def _is_typed(tokens: list[Token], place: int) -> bool:
    return place > 0 and str(tokens[place - 1].text).lower() in _TYPED


def _tokens(sql: str) -> list[Token]:
    try:
        return list(sqlglot.tokenize(sql, read="postgres"))
    except SqlglotError:
        return []


def _short(query: NamedQuery) -> str:
    text = query.place or " ".join(query.sql.split())
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def merged(every: Iterable[Found]) -> Found:
    """One answer of several; names stay unique."""
    parts = list(every)
    gathered = Gathering()
    for part in parts:
        for query in part.queries:
            gathered.add(query.sql, calls=query.calls, place=query.place)
    return Found(
        queries=gathered.queries(),
        unresolved=tuple(each for part in parts for each in part.unresolved),
        passed_over=sum(part.passed_over for part in parts),
    )
