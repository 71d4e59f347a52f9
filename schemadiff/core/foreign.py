"""Foreign tables: whose rows they show. Their columns and all else are as a table's are."""

from dataclasses import dataclass
from typing import TypeAlias

# Name and value, by name; the value of what looks like a secret is None: it was never read.
FdwOptions: TypeAlias = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """The server that has the rows, and what its wrapper is told about them."""

    server: str
    options: FdwOptions = ()
