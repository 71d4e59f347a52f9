"""What is asked of a source table's rows: a predicate over one row, and what it would say of a column pair."""

from dataclasses import dataclass
from enum import Enum

from schemadiff.core.columns import Column
from schemadiff.core.mapping import ColumnPair, QualifiedName

TEXTS = frozenset({"text", "character varying", "character", "citext"})
"""Types whose values are words without a cast."""


class Kind(Enum):
    EMPTY = "empty"
    TOO_LONG = "too long"
    TOO_LARGE = "too large"
    ROUNDED = "rounded"
    OTHER_WORDS = "other words"
    OTHER_UNIT = "another unit"
    NO_SUCH_ROW = "no such row"
    OWN_NUMBER = "numbered anew"  # the target numbers the key itself, and keeps the number in another column
    FOLLOWS = "follows a key"  # the key that it refers to becomes another
    ONLY_ROW = "only one row"  # it is empty, and there is one row that it could refer to


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Counted are the rows for which `predicate` holds, and of them those for which `mended` does.

    Both are SQL over the source table, called `t`, where `computed` names the value of the pair's expression.
    `words` are allowed ones, `factor` and `units` of another unit, `refers` is the target's table that a key must be
    in, `twin` another source column, `expression` what would mend it.
    """

    kind: Kind
    pair: ColumnPair
    source: Column
    target: Column
    predicate: str
    mended: str = "false"
    words: tuple[str, ...] = ()
    factor: int = 0
    units: tuple[str, str] = ("", "")
    refers: QualifiedName | None = None
    is_fed: bool = False  # the mapping fills that table
    twin: str = ""
    expression: str = ""
    needs_all: bool = False  # says nothing unless all of the rows would be mended

    @property
    def computed(self) -> str:
        """Empty where the source's column is taken as it is."""
        return computed(self.target) if self.pair.expression else ""


def computed(target: Column) -> str:
    """How the value of the expression that fills a target column is called beside the source's columns."""
    return f"given {target.position}"


def closed(expression: str) -> str:
    """An expression that something may follow: a line break ends a comment at its end."""
    return f"{expression}\n" if "--" in expression else expression
