"""Queries judged as the roles that sent them: where the role of the connection may act as one, privileges are judged,
too."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import psycopg

from schemadiff.evidence.queries import Judged, judge_one
from schemadiff.evidence.query_files import NamedQuery
from schemadiff.evidence.reading import reading, run_one

_SET_FROM = 160000  # before 16 every member may SET ROLE
_MAY_ACT_AS = """
SELECT rolname FROM pg_roles
 WHERE rolname = ANY ($1::text[]) AND NOT rolsuper
   AND (rolname = session_user OR pg_has_role(session_user, oid, $2)) ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedAs:
    """A query's judgement. `note` says as which role, where roles are known; empty else."""

    judged: Judged
    note: str = ""


def judge_as_sent(
    connection: psycopg.Connection[Any], queries: Sequence[NamedQuery], *, seconds: float
) -> tuple[JudgedAs, ...]:
    """Each query as `judge` does, as the roles that sent it as far as the connection's role may act as them.

    No role that is a superuser is acted as. Of several roles, one for which the query fails counts. When `seconds` are
    over, what is left is not judged. `connection` must be idle.
    """
    end = time.monotonic() + seconds
    with reading(connection, statement_timeout=f"{max(min(seconds, 10), 1):.0f}s"):
        ((me,),) = run_one(connection, "SELECT session_user::text")
        roles = _may_act_as(connection, {role for query in queries for role in query.roles})
        return tuple(
            _judged(connection, query, str(me), roles)
            if time.monotonic() < end
            else _too_late(query, seconds)
            for query in queries
        )


def _may_act_as(connection: psycopg.Connection[Any], roles: Iterable[str]) -> frozenset[str]:
    kind = "SET" if connection.info.server_version >= _SET_FROM else "MEMBER"
    named = (
        "{" + ",".join('"' + r.replace("\\", "\\\\").replace('"', '\\"') + '"' for r in sorted(roles)) + "}"
    )
    return frozenset(str(name) for (name,) in run_one(connection, _MAY_ACT_AS, [named, kind]))


def _judged(connection: psycopg.Connection[Any], query: NamedQuery, me: str, may: frozenset[str]) -> JudgedAs:
    roles = [role for role in query.roles if role in may]
    if not roles:
        others = ", ".join(query.roles)
        note = f"Judged as {me}, which may not act as {others}." if others else ""
        return JudgedAs(judged=judge_one(connection, query), note=note)
    found = [(role, judge_one(connection, query, role=role)) for role in roles]
    role, judged = next(((r, each) for r, each in found if not each.works), found[0])
    return JudgedAs(judged=judged, note=f"Judged as {role}.")


def _too_late(query: NamedQuery, seconds: float) -> JudgedAs:
    words = f"The {seconds:.0f} seconds for judging were over before its turn."
    return JudgedAs(judged=replace(Judged(name=query.name, error=words, decided=False), calls=query.calls))
