"""Runs the checks of a plan on the rows of the target: counted, or said honestly that it was not."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.core.mapping import QualifiedName
from schemadiff.core.row_checks import NotCounted, RowCheck
from schemadiff.evidence.reading import reading, run_one, set_aside

SECONDS_PER_CHECK = 10
SECONDS_IN_ALL = 300
_SHORTEST = 1
_NOT_YET_THERE = (
    errors.UndefinedTable,
    errors.UndefinedColumn,
    errors.UndefinedObject,
    errors.UndefinedFunction,
)
_CHARACTERS = 60  # of a value that a sample shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """`rows` are in the way; None means that there are some and how many is not known. `total` is how many the table
    has, where some are in the way and there was time to count.

    `samples` are people's data: texts under `check.headings`, cut short, at most as many as were asked for.
    """

    check: RowCheck
    rows: int | None
    total: int | None = None
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
    reached: Callable[[str], object] = lambda words: None,
) -> tuple[Counted | Unknown, ...]:
    """One after the other in one READ ONLY transaction, each with its own time limit. `connection` must be idle."""
    end = time.monotonic() + seconds_in_all
    with reading(connection, statement_timeout=_milliseconds(seconds_per_check)):
        # Names in the checks are qualified, operators and types are PostgreSQL's own.
        ((role, _),) = run_one(connection, "SELECT current_user, set_config('search_path', '', true)")
        work = _Work(connection, samples, role or "")
        found = []
        for check in checks:
            reached(f"{check.ref.kind.value} {check.ref.label}")
            left = end - time.monotonic()
            found.append(work.result(check, min(seconds_per_check, left)))
    return tuple(found)


class _Work:
    def __init__(self, connection: psycopg.Connection[Any], samples: int, role: str) -> None:
        self._connection, self._samples, self._role = connection, samples, role
        self._totals: dict[QualifiedName, int | None] = {}

    def result(self, check: RowCheck | NotCounted, seconds: float) -> Counted | Unknown:
        if isinstance(check, NotCounted):
            return Unknown(check=check, reason=f"{check.reason[0].upper()}{check.reason[1:]}.")
        if seconds < _SHORTEST:
            reason = "The time for all checks was used up; check this table by itself."
            return Unknown(check=check, reason=reason)
        timeout = _milliseconds(seconds)
        self._connection.execute("SELECT set_config('statement_timeout', %s, true)", [timeout])
        with set_aside(self._connection):
            try:
                found = self._counted(check)
            except psycopg.Error as exc:
                if self._connection.closed:
                    raise
                return Unknown(check=check, reason=_reason(check, exc, seconds, self._role))
        if isinstance(found, Unknown) or not found.rows:
            return found
        return replace(found, total=self._total(check), samples=self._shown(check))

    def _counted(self, check: RowCheck) -> Counted | Unknown:
        if self._connection.info.server_version < check.since:
            return _tried(self._connection, check)
        ((count,),) = run_one(self._connection, check.count_sql)
        return Counted(check=check, rows=int(count or 0))

    def _total(self, check: RowCheck) -> int | None:
        if check.table not in self._totals:
            counted = self._if_it_can(check.total_sql)
            self._totals[check.table] = int(counted[0][0] or 0) if counted else None
        return self._totals[check.table]

    def _shown(self, check: RowCheck) -> tuple[tuple[str | None, ...], ...]:
        """One character more than is shown says that there are more."""
        command = check.sample_sql(self._samples, _CHARACTERS + 1) if self._samples else ""
        return tuple(_cut(row) for row in self._if_it_can(command)) if command else ()

    def _if_it_can(self, command: str) -> list[tuple[str | None, ...]]:
        """Nothing where it takes too long: what was counted before stays true."""
        with set_aside(self._connection):
            try:
                return run_one(self._connection, command)
            except psycopg.Error:
                if self._connection.closed:
                    raise
                return []


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
    if isinstance(error, _NOT_YET_THERE):
        return f"Not counted: {error.diag.message_primary}; the plan makes it first."
    kind = type(error).__name__
    return f"Not counted: reading {label} fails ({kind}, SQLSTATE {error.sqlstate or 'unknown'})."


def _missing_right(check: RowCheck, role: str, error: errors.InsufficientPrivilege) -> str:
    said = error.diag.message_primary or "permission denied"
    if "schema" in said:
        return f"Not counted: {said}. GRANT USAGE ON SCHEMA {check.table[0]} TO {role} lets it be counted."
    return f"Not counted: {said}. GRANT SELECT ON {check.label} TO {role} lets it be counted."


def _cut(row: Sequence[str | None]) -> tuple[str | None, ...]:
    return tuple(
        value if value is None or len(value) <= _CHARACTERS else f"{value[: _CHARACTERS - 1]}…"
        for value in row
    )


def _milliseconds(seconds: float) -> str:
    return f"{max(int(seconds * 1000), 1)}ms"
