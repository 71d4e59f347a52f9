"""An application's queries as a `.sql` file holds them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

_NAME = re.compile(r"^[ \t]*--[ \t]*name:[ \t]*(\S+).*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embed:
    """A table embedded in another by PostgREST; schema (empty: by the search path) and name of each.

    `hint` names a foreign key, its column, or the table in between.
    """

    parent: tuple[str, str]
    child: tuple[str, str]
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedQuery:
    """`calls` is how often it was called, where that is known; `place` file and line, where it comes from code.

    `roles` are the database roles that sent it, where that is known.
    """

    name: str
    sql: str
    calls: int | None = None
    place: str = ""
    roles: tuple[str, ...] = ()
    embed: Embed | None = None


def named_queries(text: str) -> tuple[NamedQuery, ...]:
    """The queries of a `.sql` file: blocks that start with `-- name: x`, else one for each statement.

    A name that comes twice gets a number. Nothing is executed, and no query needs to be right.
    """
    found = list(_NAME.finditer(text))
    if not found:
        return tuple(
            NamedQuery(name=f"query {place}", sql=sql) for place, sql in enumerate(statements(text), start=1)
        )
    ends = [match.start() for match in found[1:]] + [len(text)]
    blocks = [
        (match.group(1), _bare(text[match.end() : end])) for match, end in zip(found, ends, strict=True)
    ]
    return tuple(_numbered([(name, sql) for name, sql in blocks if sql]))


def _bare(block: str) -> str:
    """One block without what surrounds the statement."""
    return block.strip().removesuffix(";").strip()


def _numbered(blocks: list[tuple[str, str]]) -> Iterator[NamedQuery]:
    seen: dict[str, int] = {}
    for name, sql in blocks:
        seen[name] = seen.get(name, 0) + 1
        yield NamedQuery(name=name if seen[name] == 1 else f"{name} ({seen[name]})", sql=sql)


def statements(text: str) -> Iterator[str]:
    """The statements of a text without names, split where a semicolon is not in a string or a comment."""
    try:
        tokens = sqlglot.tokenize(text, read="postgres")
    except SqlglotError:
        yield text.strip()
        return
    start = 0
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            if text[start : token.start].strip():
                yield text[start : token.start].strip()
            start = token.end + 1
    if any(token.start >= start for token in tokens):
        yield text[start:].strip()
