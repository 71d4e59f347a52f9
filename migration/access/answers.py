"""The one form in which the data layer answers, whichever backend it was and whatever went wrong."""

from dataclasses import dataclass
from typing import Any

from migration.access.errors import AccessError, ErrorKind
from migration.access.methods import Method
from migration.access.repository import Found
from migration.core.flags import Backend


@dataclass(frozen=True, slots=True, kw_only=True)
class CallError:
    """Why there is no data: how it is counted, and a sentence without values."""

    kind: ErrorKind
    message: str
    sqlstate: str = ""
    unknown: bool = False  # a write may have taken effect all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`data`: a list of rows, or for a method that gives one a row or None; None where there is an error.

    `more`: there are more rows than a read gives. `left_out`: fields that were given to be written and that
    this backend does not keep.
    """

    data: Any = None
    error: CallError | None = None
    backend: Backend = Backend.NONE
    more: bool = False
    left_out: tuple[str, ...] = ()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The data as a list, in either case."""
        if self.data is None:
            return []
        return self.data if isinstance(self.data, list) else [self.data]


def answer_of(method: Method, found: Found, backend: Backend) -> Answer:
    rows = found.rows
    return Answer(
        data=rows if method.many else (rows[0] if rows else None),
        backend=backend,
        more=found.more,
        left_out=found.left_out,
    )


def failed(error: AccessError, backend: Backend) -> Answer:
    said = CallError(kind=error.kind, message=str(error), sqlstate=error.sqlstate, unknown=error.unknown)
    return Answer(error=said, backend=backend)


def refused(reason: str) -> Answer:
    """Nothing was tried."""
    return Answer(error=CallError(kind=ErrorKind.REFUSED, message=reason))
