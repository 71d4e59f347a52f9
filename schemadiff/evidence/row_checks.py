"""Runs the checks of a plan on the rows of the target: counted, or said honestly that it was not."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.core.row_checks import NotCounted, RowCheck
from schemadiff.evidence.reading import reading, run_one, set_aside

SECONDS_PER_CHECK = 10
SECONDS_IN_ALL = 300
_SHORTEST = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`rows` are in the way; None means that there are some and how many is not known.

    `samples` are people's data: texts of `check.keys`, cut short, at most as many as were asked for.
    """

    check: RowCheck
    rows: int | None
    samples: tuple[tuple[str | None, ...], ...] = ()

    @property
    def is_fine(self) -> bool:
        return self.rows == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """`reason` is a sentence that says why it was not counted, and what would help."""

    check: RowCheck | NotCounted
    reason: str


def check_rows(
    connection: psycopg.Connection[Any],
    checks: Iterable[RowCheck | NotCounted],
    *,
    samples: int = 0,
    seconds_per_check: float = SECONDS_PER_CHECK,
    seconds_in_all: float = SECONDS_IN_ALL,
) -> tuple[Counted | Unknown, ...]:
    """One after the other in one READ ONLY transaction, each with its own time limit. `connection` must be idle."""
    end = time.monotonic() + seconds_in_all
    with reading(connection, statement_timeout=_milliseconds(seconds_per_check)):
        # Names in the checks are qualified, operators and types are PostgreSQL's own.
        ((role, _),) = run_one(connection, "SELECT current_user, set_config('search_path', '', true)")
        found = []
        for check in checks:
            left = end - time.monotonic()
            found.append(_result(connection, check, samples, min(seconds_per_check, left), role or ""))
    return tuple(found)


def _result(
    connection: psycopg.Connection[Any],
    check: RowCheck | NotCounted,
    samples: int,
    seconds: float,
    role: str,
) -> Counted | Unknown:
    if isinstance(check, NotCounted):
        return Unknown(check=check, reason=f"{check.reason[0].upper()}{check.reason[1:]}.")
    if seconds < _SHORTEST:
        return Unknown(check=check, reason="The time for all checks was used up; check this table by itself.")
    connection.execute("SELECT set_config('statement_timeout', %s, true)", [_milliseconds(seconds)])
    with set_aside(connection):
        try:
            return _counted(connection, check, samples)
        except psycopg.Error as exc:
            return Unknown(check=check, reason=_reason(check, exc, seconds, role))


def _counted(connection: psycopg.Connection[Any], check: RowCheck, samples: int) -> Counted | Unknown:
    if connection.info.server_version < check.since:
        return _tried(connection, check)
    ((count,),) = run_one(connection, check.count_sql)
    rows = int(count or 0)
    shown = run_one(connection, check.sample_sql(samples)) if rows and samples else []
    return Counted(check=check, rows=rows, samples=tuple(_cut(row) for row in shown))


def _tried(connection: psycopg.Connection[Any], check: RowCheck) -> Counted | Unknown:
    """All values at once: this server cannot ask about a single one without failing on it."""
    if check.trial is None:
        return Unknown(check=check, reason="This version of PostgreSQL has no way to count it.")
    try:
        run_one(connection, check.trial_sql)
    except psycopg.DataError:
        return Counted(check=check, rows=None)
    return Counted(check=check, rows=0)


def _reason(check: RowCheck, error: psycopg.Error, seconds: float, role: str) -> str:
    """Never PostgreSQL's own sentence about a value, which quotes it."""
    label = check.label
    if isinstance(error, errors.QueryCanceled):
        return (
            f"Not counted: {label} was not read within {seconds:.0f} s. Count with more time, or on a copy."
        )
    if isinstance(error, errors.LockNotAvailable):
        return f"Not counted: {label} is locked by somebody else. Try again later."
    if isinstance(error, errors.InsufficientPrivilege):
        return _missing_right(check, role, error)
    if isinstance(error, errors.UndefinedTable | errors.UndefinedColumn | errors.UndefinedObject):
        return f"Not counted: {error.diag.message_primary}; the plan makes it first."
    kind = type(error).__name__
    return f"Not counted: reading {label} fails ({kind}, SQLSTATE {error.sqlstate or 'unknown'})."


def _missing_right(check: RowCheck, role: str, error: errors.InsufficientPrivilege) -> str:
    said = error.diag.message_primary or "permission denied"
    if "schema" in said:
        return f"Not counted: {said}. GRANT USAGE ON SCHEMA {check.table[0]} TO {role} lets it be counted."
    return f"Not counted: {said}. GRANT SELECT ON {check.label} TO {role} lets it be counted."


def _cut(row: Sequence[str | None]) -> tuple[str | None, ...]:
    return tuple(value if value is None or len(value) <= 60 else f"{value[:59]}…" for value in row)


def _milliseconds(seconds: float) -> str:
    return f"{max(int(seconds * 1000), 1)}ms"
