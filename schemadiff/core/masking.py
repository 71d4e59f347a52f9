"""Columns whose values nobody is shown: which they are, and what stands in their place."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from schemadiff.core.errors import Refused
from schemadiff.core.identifiers import quote
from schemadiff.core.mapping import QualifiedName

MASK = "•••"

MaskedColumn: TypeAlias = tuple[str, str, str]  # schema, table, column; of either side

_PART = re.compile(r'"((?:[^"]|"")+)"|([^".\s][^".]*)')
_PLAIN = re.compile(r"[^\".\s](?:[^\".]*[^\".\s])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """A project's masked columns, sorted. A column counts on both sides, source and target."""

    columns: tuple[MaskedColumn, ...] = ()

    def of(self, *tables: QualifiedName) -> frozenset[str]:
        """The columns that are masked in any of these tables."""
        return frozenset(column for schema, table, column in self.columns if (schema, table) in tables)

    def hides(self, table: QualifiedName, column: str) -> bool:
        return (*table, column) in self.columns

    def named(self, column: str) -> bool:
        """Is a column of this name masked in any table?"""
        return any(name == column for _, _, name in self.columns)

    def mentioned_in(self, expression: str) -> bool:
        """May the expression tell a masked value? It does where a masked column, or its table, is named."""
        words = expression.lower()
        names = {name.lower() for _, table, column in self.columns for name in (table, column)}
        return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words) for name in names)


def masked_from_text(text: str) -> Masked:
    """One column a line, `schema.table.column`; names with dots or blanks at an end in double quotes.

    Raises Refused naming the line.
    """
    lines = (line.strip() for line in text.splitlines())
    return Masked(columns=tuple(sorted({_column(line) for line in lines if line})))


def masked_to_text(masked: Masked) -> str:
    """The inverse."""
    return "".join(".".join(map(_written, column)) + "\n" for column in masked.columns)


def masked_of(columns: Iterable[Iterable[str]]) -> Masked:
    """As they are kept: lists of schema, table and column."""
    found = [tuple(column) for column in columns]
    return Masked(columns=tuple(sorted((a, b, c) for a, b, c in found)))


def _column(line: str) -> MaskedColumn:
    parts, at = [], 0
    while found := _PART.match(line, at):
        quoted, plain = found.groups()
        parts.append(quoted.replace('""', '"') if quoted else plain.strip())
        at = found.end() + 1
        if found.end() == len(line) or line[found.end()] != ".":
            break
    if len(parts) != 3 or at != len(line) + 1:
        raise Refused(
            f"“{line}” is no column: write schema.table.column, like public.clients.email, and names with a dot in "
            "them in double quotes."
        )
    schema, table, column = parts
    return schema, table, column


def _written(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else quote(name)
