"""What the data layer refuses or cannot do, and the kinds that errors are counted by."""

from enum import StrEnum

from schemadiff.core.errors import Refused, SchemadiffError


class ErrorKind(StrEnum):
    """How a failed call is counted. The data layer's answer carries the kind beside the sentence."""

    CONNECTION = "connection"  # no connection, or it was lost
    TIMEOUT = "timeout"  # the pool, the server or a lock took too long
    SYNTAX = "syntax"  # the statement does not fit the schema (SQLSTATE class 42)
    CONSTRAINT = "constraint"  # the database refused the values (classes 22 and 23)
    READ_ONLY = "read_only"  # the database takes no writes just now (25006): surely not written
    DATABASE = "database"  # anything else that the server says
    INVALID = "invalid"  # refused before it was sent: a wrong argument
    REFUSED = "refused"  # the flags give no backend, or no permission to write


class AccessError(SchemadiffError):
    """The data could not be read or written. `unknown`: a write may have taken effect all the same."""

    def __init__(self, message: str, kind: ErrorKind, sqlstate: str = "", *, unknown: bool = False) -> None:
        super().__init__(message)
        self.kind = kind
        self.sqlstate = sqlstate
        self.unknown = unknown


class WriteNotPermitted(Refused):
    """The flags do not permit a write now, and did not within the time that the caller waits."""
