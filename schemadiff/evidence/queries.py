"""Which of the application's queries still work on a database: parsed, planned and described, never executed.

Not seen this way: the bodies of PL/pgSQL functions, values, row-level security and dynamic SQL.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

import psycopg
from psycopg import errors

from schemadiff.evidence.embeds import missing_way
from schemadiff.evidence.inserts import left_out_not_null
from schemadiff.evidence.privileges import lacking_grants
from schemadiff.evidence.query_files import NamedQuery, named_queries
from schemadiff.evidence.reading import checked, reading, run_one, sentence_of, set_aside

_GENERIC_PLAN_FROM = 160000  # EXPLAIN (GENERIC_PLAN): PostgreSQL 16
_UNDECIDED = (errors.QueryCanceled, errors.LockNotAvailable)
_GONE = (errors.AdminShutdown, errors.CrashShutdown, errors.CannotConnectNow)


class _NotPlanned(Exception):
    pass


class QueryOutcome(Enum):
    SAME = "same"  # works, and gives the same columns of the same types
    CHANGED = "changed shape"  # works, with other columns, types or parameters
    FAILS = "fails"
    NOT_JUDGED = "not judged"  # fails on the source too, or could not be looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    name: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One query on one database. `error` is a sentence; `decided` is False where nothing can be said."""

    name: str
    columns: tuple[ResultColumn, ...] = ()
    parameters: tuple[str, ...] = ()  # types
    error: str = ""
    sqlstate: str = ""
    decided: bool = True
    calls: int | None = None

    @property
    def works(self) -> bool:
        return self.decided and not self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryVerdict:
    """A query on the result, compared with the same query on the source. `detail` is a sentence."""

    name: str
    outcome: QueryOutcome
    detail: str
    sqlstate: str = ""
    calls: int | None = None  # of the query, where they were counted


def judge(connection: psycopg.Connection[Any], queries: Iterable[NamedQuery]) -> tuple[Judged, ...]:
    """Each query prepared, described and planned in one READ ONLY transaction that is rolled back.

    `connection` must be idle. What is no SELECT, INSERT, UPDATE, DELETE or MERGE is not judged.
    """
    with reading(connection, statement_timeout="10s"):
        return tuple(judge_one(connection, query) for query in queries)


def judge_one(connection: psycopg.Connection[Any], query: NamedQuery, role: str = "") -> Judged:
    """One of them, inside of such a transaction; as another role where one is named.

    What that role may not do fails; what the connection's own may not, of which nobody knows whether the application
    uses it, is not judged. Either says which GRANT is wanted.
    """
    return replace(_judge(connection, query, role), calls=query.calls)


def compare(on_source: Sequence[Judged], on_result: Sequence[Judged]) -> tuple[QueryVerdict, ...]:
    """What becomes of each query that works on the source. The order is that of `on_source`."""
    results = {judged.name: judged for judged in on_result}
    return tuple(
        replace(_verdict(judged, results.get(judged.name)), calls=judged.calls) for judged in on_source
    )


def _judge(connection: psycopg.Connection[Any], query: NamedQuery, role: str) -> Judged:
    if "\0" in query.sql:  # libpq would take what is before it for the whole
        return Judged(name=query.name, error="The query holds a NUL character.", decided=False)
    try:
        with set_aside(connection):
            if role:
                connection.execute("SELECT set_config('role', %s, true)", [role])
            described = _described(connection, query)
        missing = left_out_not_null(connection, query.sql)
    except _GONE:
        raise
    except errors.InsufficientPrivilege as exc:
        words = _not_allowed(connection, query, role, exc)
        return Judged(name=query.name, error=words, sqlstate=exc.sqlstate or "", decided=bool(role))
    except psycopg.Error as exc:
        decided = not isinstance(exc, _UNDECIDED)
        state = exc.sqlstate or ""
        return Judged(name=query.name, error=sentence_of(exc), sqlstate=state, decided=decided)
    except _NotPlanned:
        words = "Only SELECT, INSERT, UPDATE, DELETE and MERGE are judged."
        return Judged(name=query.name, error=words, decided=False)
    if missing:
        return Judged(name=query.name, error=missing, sqlstate="23502")
    unjoined = missing_way(connection, query.embed) if query.embed else ""
    return Judged(name=query.name, error=unjoined) if unjoined else described


def _not_allowed(
    connection: psycopg.Connection[Any], query: NamedQuery, role: str, exc: psycopg.Error
) -> str:
    ((me,),) = run_one(connection, "SELECT current_user::text")
    who = role or str(me)
    grants = " ".join(lacking_grants(connection, query.sql, who))
    there = f" In the database “{connection.info.dbname}”, as its owner: {grants}" if grants else ""
    return f"{who} may not run it: {sentence_of(exc)}{there}"


def _described(connection: psycopg.Connection[Any], query: NamedQuery) -> Judged:
    pgconn = connection.pgconn
    checked(pgconn.prepare(b"", query.sql.encode()))
    described = checked(pgconn.describe_prepared(b""))
    names = [(described.fname(place) or b"").decode() for place in range(described.nfields)]
    types = [(described.ftype(place), described.fmod(place)) for place in range(described.nfields)]
    parameters = [(described.param_type(place), -1) for place in range(described.nparams)]
    _plan(connection, query.sql, len(parameters))
    words = _type_names(connection, types + parameters)
    return Judged(
        name=query.name,
        columns=tuple(ResultColumn(name=n, type=t) for n, t in zip(names, words, strict=False)),
        parameters=tuple(words[len(types) :]),
    )


def _plan(connection: psycopg.Connection[Any], sql: str, parameters: int) -> None:
    """Planning finds what parsing does not: ON CONFLICT without a unique key, missing privileges.

    The nulls are for the protocol; a generic plan does not look at them.
    """
    generic = connection.info.server_version >= _GENERIC_PLAN_FROM
    try:
        run_one(connection, f"EXPLAIN {'(GENERIC_PLAN) ' if generic else ''}{sql}", [None] * parameters)
    except errors.SyntaxError as exc:  # the query itself was parsed before
        raise _NotPlanned from exc


def _type_names(connection: psycopg.Connection[Any], types: list[tuple[int, int]]) -> list[str]:
    if not types:
        return []
    query = (
        "SELECT format_type(oid, modifier) FROM unnest($1::oid[], $2::int[]) WITH ORDINALITY"
        " AS found(oid, modifier, place) ORDER BY place"
    )
    columns = [_array(oid for oid, _ in types), _array(modifier for _, modifier in types)]
    return [name or "" for (name,) in run_one(connection, query, columns)]


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _verdict(source: Judged, result: Judged | None) -> QueryVerdict:
    if not source.works:
        detail = f"It does not work on the source either: {source.error}" if source.decided else source.error
        return QueryVerdict(
            name=source.name, outcome=QueryOutcome.NOT_JUDGED, detail=detail, sqlstate=source.sqlstate
        )
    if result is None or not result.decided:
        detail = result.error if result else "It was not looked at on the result."
        state = result.sqlstate if result else ""
        return QueryVerdict(name=source.name, outcome=QueryOutcome.NOT_JUDGED, detail=detail, sqlstate=state)
    if result.error:
        return QueryVerdict(
            name=source.name, outcome=QueryOutcome.FAILS, detail=result.error, sqlstate=result.sqlstate
        )
    changes = _changes(source, result)
    if changes:
        detail = f"{'; '.join(changes)}."
        return QueryVerdict(
            name=source.name, outcome=QueryOutcome.CHANGED, detail=detail[0].upper() + detail[1:]
        )
    return QueryVerdict(
        name=source.name, outcome=QueryOutcome.SAME, detail="The same columns of the same types."
    )


def _changes(source: Judged, result: Judged) -> list[str]:
    before = {column.name: column.type for column in source.columns}
    after = {column.name: column.type for column in result.columns}
    lost = [name for name in before if name not in after]
    gained = [name for name in after if name not in before]
    retyped = [
        f"{name} is {after[name]} instead of {before[name]}"
        for name in before
        if name in after and before[name] != after[name]
    ]
    parameters = [
        f"parameter ${place} is {there} instead of {here}"
        for place, (here, there) in enumerate(
            zip(source.parameters, result.parameters, strict=False), start=1
        )
        if here != there
    ]
    changes = []
    if lost:
        changes.append(f"{len(lost)} of {len(before)} columns are missing: {', '.join(lost)}")
    if gained:
        changes.append(f"{len(gained)} new columns: {', '.join(gained)}")
    changes.extend(retyped + parameters)
    if not changes and source.columns != result.columns:
        changes.append("the columns come in another order")
    return changes


__all__ = [
    "Judged",
    "NamedQuery",
    "QueryOutcome",
    "QueryVerdict",
    "ResultColumn",
    "compare",
    "judge",
    "named_queries",
]
