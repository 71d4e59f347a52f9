"""PostgreSQL's errors as the data layer's: one kind and one sentence, without values and passwords."""

import psycopg
from psycopg import errors
from psycopg_pool import PoolTimeout, TooManyRequests

from migration.access.errors import AccessError, ErrorKind
from migration.core.reasons import is_about_a_row, sentence
from schemadiff.core.errors import SchemadiffError

_CONNECTION = ("08", "57P01", "57P02", "57P03", "57P05", "53300", "28", "3D")
_TIMEOUT = ("57014", "55P03", "25P03", "25P04")
_READ_ONLY = "25006"
_NO_RIGHT = "42501"
_CANNOT_ADAPT = "cannot adapt type"  # psycopg has no way to send such a value
_WRONG_VALUES = (TypeError, ValueError, OverflowError, RecursionError)  # met before anything is sent
_SHUT_OUT = frozenset({"57P01"})  # ended from outside before the statement took effect


def kind_of(error: psycopg.Error) -> ErrorKind:
    """How an error is counted."""
    state = error.sqlstate or ""
    if isinstance(error, PoolTimeout | TooManyRequests) or state in _TIMEOUT:
        return ErrorKind.TIMEOUT
    if state == _READ_ONLY:
        return ErrorKind.READ_ONLY
    if state.startswith(_CONNECTION) or (not state and isinstance(error, errors.OperationalError)):
        return ErrorKind.CONNECTION
    if is_about_a_row(state):
        return ErrorKind.CONSTRAINT
    if not state and (isinstance(error, errors.DataError) or _CANNOT_ADAPT in str(error)):
        return ErrorKind.INVALID
    if (state.startswith("42") and state != _NO_RIGHT) or isinstance(error, psycopg.ProgrammingError):
        return ErrorKind.SYNTAX if state != _NO_RIGHT else ErrorKind.DATABASE
    return ErrorKind.DATABASE


def explained(error: psycopg.Error, label: str) -> AccessError:
    """Of a statement that was sent, or of the wait to send it. `label` names the database for people."""
    kind = kind_of(error)
    state = error.sqlstate or ""
    unknown = kind is ErrorKind.CONNECTION and state not in _SHUT_OUT
    return AccessError(_sentence(error, kind, label), kind, state, unknown=unknown)


def unforeseen(error: Exception, label: str) -> AccessError:
    """Whatever else was raised. Its own text is quoted only where it is a sentence of ours: it may hold values."""
    if isinstance(error, psycopg.Error):
        return explained(error, label)
    if isinstance(error, SchemadiffError):
        return AccessError(str(error), ErrorKind.DATABASE)
    what = type(error).__name__
    if isinstance(error, _WRONG_VALUES):
        return AccessError(
            f"A value cannot be sent to the {label} ({what}): it is not what the field takes, or not a text that has "
            "a form in UTF-8; nothing was written.",
            ErrorKind.INVALID,
        )
    return AccessError(f"The {label} could not be asked: {what}.", ErrorKind.DATABASE, unknown=True)


def unreadable(label: str) -> AccessError:
    """The statement was carried out, and a value in the answer is one that Python has no place for."""
    return AccessError(
        f"The {label} answered with a value that cannot be taken over, such as an infinite time; a write has taken "
        "effect all the same.",
        ErrorKind.DATABASE,
        unknown=True,
    )


def _sentence(error: psycopg.Error, kind: ErrorKind, label: str) -> str:
    state = error.sqlstate or ""
    match kind:
        case ErrorKind.CONNECTION:
            return f"The connection to the {label} was lost{_code(state)}: check that it runs and can be reached."
        case ErrorKind.TIMEOUT if isinstance(error, PoolTimeout):
            return f"The {label}'s pool had no connection free in time: all of them are busy."
        case ErrorKind.TIMEOUT if isinstance(error, TooManyRequests):
            return f"The {label}'s pool has too many callers waiting: try again later."
        case ErrorKind.TIMEOUT:
            return f"The {label} took too long and was stopped{_code(state)}."
        case ErrorKind.READ_ONLY:
            return f"The {label} takes no writes just now; nothing was written."
        case ErrorKind.CONSTRAINT:
            diagnosis = error.diag
            reason = sentence(
                state, constraint=diagnosis.constraint_name or "", column=diagnosis.column_name or ""
            )
            return f"The {label} refused the values: {reason.replace('the target', f'the {label}')}."
        case ErrorKind.INVALID:
            return (
                f"A value cannot be sent to the {label}: it is of a type that no column takes, a time that is out of "
                "range, or a text with a NUL in it."
            )
        case ErrorKind.SYNTAX:
            said = (error.diag.message_primary or str(error)).strip().rstrip(".")
            return f"The statement does not fit the {label}'s schema: {said}."
    return f"The {label} could not do it: {_named(error, state)}."


def _named(error: psycopg.Error, state: str) -> str:
    """What the server says is quoted only where it holds no values of rows."""
    if state in (_NO_RIGHT, "40001", "40P01", "53200", "53100"):
        return (error.diag.message_primary or state).strip().rstrip(".")
    return f"SQLSTATE {state}" if state else type(error).__name__


def _code(state: str) -> str:
    return f" (SQLSTATE {state})" if state else ""
