"""What a source of queries gives: queries with how often each was called, and what could not be made out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from sqlglot.tokenizer_core import TokenType

from schemadiff.evidence.query_files import NamedQuery, statements
from schemadiff.evidence.query_sources.bare import tokens_of, without_values

_JUDGED = ("select", "insert", "update", "delete", "merge", "with", "values", "table")
_LONGEST_NAME = 80
# What is around a query whose rows are fetched bit by bit, copied out, or prepared.
_AROUND = (
    re.compile(r"\A\s*DECLARE\s.*?\sCURSOR\s.*?\bFOR\s+(?P<sql>.*)\Z", re.IGNORECASE | re.DOTALL),
    re.compile(r"\A\s*PREPARE\s+\S+(?:\s*\([^)]*\))?\s+AS\s+(?P<sql>.*)\Z", re.IGNORECASE | re.DOTALL),
    re.compile(r"\A\s*COPY\s*\((?P<sql>.*)\)\s*TO\s.*\Z", re.IGNORECASE | re.DOTALL),
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
    """Statements as they come, the same ones counted together.

    `passed_over` read and write no rows; `unreadable` are no SQL, or cut off.
    """

    _queries: dict[str, NamedQuery] = field(default_factory=dict)
    passed_over: int = 0
    unreadable: int = 0

    def add(self, sql: str, *, calls: int | None = None, place: str = "", roles: Iterable[str] = ()) -> None:
        """One statement, or some with semicolons between them.

        Values are taken out, for they are people's data and differ between calls.
        """
        for statement in statements(sql):
            said = NamedQuery(name="", sql="", calls=calls, place=place, roles=tuple(sorted(set(roles))))
            self._add(_inner(statement).strip(), said)

    def _add(self, text: str, said: NamedQuery) -> None:
        bare = without_values(text) if _can_be_sent(text) else None
        if bare is None:
            self.unreadable += said.calls or 1
        elif not is_query(text):
            self.passed_over += said.calls or 1
        else:
            self._keep(replace(said, sql=bare))

    def _keep(self, query: NamedQuery) -> None:
        known = self._queries.get(query.sql)
        if known is None:
            self._queries[query.sql] = query
            return
        total = None if known.calls is None or query.calls is None else known.calls + query.calls
        places = ", ".join(dict.fromkeys(each for each in (known.place, query.place) if each))
        roles = tuple(sorted({*known.roles, *query.roles}))
        self._queries[query.sql] = replace(query, calls=total, place=places, roles=roles)

    def queries(self) -> tuple[NamedQuery, ...]:
        """The most called first; each with a name of its own."""
        ordered = sorted(self._queries.values(), key=lambda query: -(query.calls or 0))
        return tuple(
            replace(query, name=f"{place}: {_short(query)}") for place, query in enumerate(ordered, start=1)
        )


def _can_be_sent(text: str) -> bool:
    """PostgreSQL takes no zero bytes, and nothing takes half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def is_query(sql: str) -> bool:
    """Does it read or write rows? Goes by its first word, after comments and brackets."""
    for token in tokens_of(sql) or ():
        if token.token_type is not TokenType.L_PAREN:
            return str(token.text).lower() in _JUDGED
    return False


def _inner(sql: str) -> str:
    found = next((match for each in _AROUND if (match := each.match(sql))), None)
    return found["sql"] if found else sql


def _short(query: NamedQuery) -> str:
    text = query.place or " ".join(query.sql.split())
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"
