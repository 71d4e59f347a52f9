"""What a flag client tells whoever listens."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """The server answered: for the first time, or again."""

    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """Another revision holds. `keys`: the flags whose answers differ, sorted."""

    revision: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """The server has not answered for so long that the permission to write has ended; reads go on."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The server answers, but not with flags: a wrong token, a wrong address. Said once until it does."""

    reason: str


FlagEvent: TypeAlias = Ready | Changed | Stale | Failed
