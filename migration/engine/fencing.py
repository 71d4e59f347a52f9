"""The fence: from here on the application's roles write to the followed tables of the source no more.

It stands in the source database itself, so that a client which hears of nothing cannot write either: the roles lose
their rights to write, new sessions of theirs are read-only, and those that are open are ended.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from migration.core.errors import RunFailed
from migration.engine.queries import query
from migration.engine.sessions import Session
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName

_WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE")
_LOOK = 0.02
_PAUSES = (0.1, 0.5, 2.0)  # seconds

_BECOMES_BY_SET = 160_000
"""From this version on to belong to a role and to be allowed to SET ROLE to it are two things."""
_SETTING = """
SELECT split_part(setting, '=', 2) FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS setting
WHERE s.setrole = (SELECT oid FROM pg_roles WHERE rolname = %s)
  AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND setting LIKE 'default_transaction_read_only=%%'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fence:
    """What raises it, and what lifts it again. `relations`: the tables, their partitions, and views of them."""

    roles: tuple[str, ...]
    relations: tuple[QualifiedName, ...]
    raising: tuple[str, ...]
    lifting: tuple[str, ...]


def writers(source: Session) -> tuple[str, ...]:
    """The roles that are connected to the source, but for our own: who else could write."""
    rows = source.execute(
        "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() "
        "AND backend_type = 'client backend' AND usename <> current_user ORDER BY usename"
    ).fetchall()
    return tuple(row[0] for row in rows)


def planned(
    source: Session, roles: Sequence[str], tables: Sequence[QualifiedName], side: str = "source"
) -> Fence:
    """Nothing is done yet. Raises Refused for a role that no fence holds, and where a right to fence is missing."""
    if not roles:
        raise Refused(
            "No role is connected that could be fenced: name those of the application (--role), so that nothing is "
            f"written to the {side} after the other side has taken over."
        )
    raising, lifting = [], []
    database = sql.Identifier(source.info.dbname).as_string(source)
    for role in roles:
        _refuse_unfenceable(source, role, side)
        name = sql.Identifier(role).as_string(source)
        setting = f"ALTER ROLE {name} IN DATABASE {database}"
        raising.append(f"{setting} SET default_transaction_read_only = on")
        lifting.append(f"{setting} {_former(source, role)}")
    relations = _written_through(source, tables)
    _refuse_without_rights(source, roles, relations, side)
    rows = source.execute(
        query("fenced_rights"),
        {"relations": _quoted(source, relations), "roles": list(roles), "writes": list(_WRITES)},
    ).fetchall()
    lifting += [grant for grant, _ in rows]
    raising += [revoke for _, revoke in rows]
    return Fence(roles=tuple(roles), relations=relations, raising=tuple(raising), lifting=tuple(lifting))


def raise_fence(source: Session, fence: Fence, patience: float) -> int:
    """Take the rights, wait for open transactions, end the sessions; how many of them. Raises RunFailed if it leaks."""
    _at_once(source, fence.raising)
    leaks = _leaks(source, fence)
    if leaks:
        raise RunFailed(
            f"The fence would leak: {', '.join(leaks)}. The right comes from another role or from PUBLIC: name that "
            "role as well, or revoke it first."
        )
    deadline = time.monotonic() + patience
    while _writing(source, fence) and time.monotonic() < deadline:
        time.sleep(_LOOK)
    return _end_sessions(source, fence)


def lift(source: Session, statements: Sequence[str]) -> None:
    """As it was before."""
    _at_once(source, statements)


def _at_once(source: Session, statements: Sequence[str]) -> None:
    """All in one transaction, and once more where another session changed the same rights or roles meanwhile.

    PostgreSQL does not wait for it then, but says “tuple concurrently updated” (XX000), and nothing is done.
    """
    for pause in _PAUSES:
        try:
            return _in_one(source, statements)
        except psycopg.errors.InternalError_:
            time.sleep(pause)
    return _in_one(source, statements)


def _in_one(source: Session, statements: Sequence[str]) -> None:
    with source.transaction():
        for statement in statements:
            source.execute(statement.encode())


def _refuse_unfenceable(source: Session, role: str, side: str) -> None:
    row = source.execute(
        "SELECT rolsuper, rolname = current_user FROM pg_roles WHERE rolname = %s", [role]
    ).fetchone()
    if row is None:
        raise Refused(f"The {side} has no role {role}.")
    if row[1]:
        raise Refused(
            f"{role} is the role by which the {side} is followed: it cannot be fenced as well. Let the application, "
            "or the run, use another."
        )
    if row[0]:
        raise Refused(
            f"{role} is a superuser, whom no right can be taken from. Let the application connect as another role, "
            "or take that from it first (ALTER ROLE … NOSUPERUSER)."
        )


def _refuse_without_rights(
    source: Session, roles: Sequence[str], relations: Sequence[QualifiedName], side: str
) -> None:
    """Before anything is stopped: half a fence would hold nobody, and could not be lifted either."""
    rows = source.execute(
        query("fence_needs"),
        {"relations": _quoted(source, relations), "roles": list(roles), "writes": ", ".join(_WRITES)},
    ).fetchall()
    if rows:
        raise Refused(
            f"{source.info.user} may not stop the writes of {', '.join(roles)} at the {side}. There, as a superuser: "
            + " ".join(f"{statement};" for (statement,) in rows)
        )


def _former(source: Session, role: str) -> str:
    row = source.execute(_SETTING, [role]).fetchone()
    return f"SET default_transaction_read_only = {row[0]}" if row else "RESET default_transaction_read_only"


def _written_through(source: Session, tables: Sequence[QualifiedName]) -> tuple[QualifiedName, ...]:
    rows = source.execute(query("written_through"), [_quoted(source, tables)]).fetchall()
    return tuple((schema, name) for schema, name in rows)


def _leaks(source: Session, fence: Fence) -> list[str]:
    rows = source.execute(
        query("fence_leaks"),
        {
            "relations": _quoted(source, fence.relations),
            "roles": list(fence.roles),
            "writes": ", ".join(_WRITES),
            "becomes": "SET" if source.info.server_version >= _BECOMES_BY_SET else "MEMBER",
        },
    ).fetchall()
    return [
        f"{role} may still write to {name}" + ("" if is_own else f" as {other}")
        for role, name, other, is_own in rows
    ]


def _quoted(source: Session, tables: Sequence[QualifiedName]) -> list[str]:
    return [sql.Identifier(*table).as_string(source) for table in tables]


def _writing(source: Session, fence: Fence) -> bool:
    row = source.execute(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY (%s) "
        "AND backend_xid IS NOT NULL)",
        [list(fence.roles)],
    ).fetchone()
    return bool(row and row[0])


def _end_sessions(source: Session, fence: Fence) -> int:
    """Also of those that do nothing: what they were told about read-only transactions is of the time before."""
    try:
        rows = source.execute(
            "SELECT pid, pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
            "AND usename = ANY (%s) AND pid <> pg_backend_pid()",
            [list(fence.roles)],
        ).fetchall()
    except psycopg.errors.InsufficientPrivilege as exc:
        raise RunFailed(
            f"The sessions of {', '.join(fence.roles)} may not be ended. There: GRANT pg_signal_backend TO "
            f"{source.info.user};"
        ) from exc
    if staying := _still_there(source, [pid for pid, has_ended in rows if not has_ended]):
        raise RunFailed(
            f"Sessions of {', '.join(fence.roles)} do not end: the server processes {staying} of the source. They may "
            "write still. End them there, then try again."
        )
    return len(rows)


def _still_there(source: Session, pids: Sequence[int]) -> str:
    """A session may have ended by itself just before it was to be ended."""
    rows = source.execute("SELECT pid FROM pg_stat_activity WHERE pid = ANY (%s) ORDER BY pid", [list(pids)])
    return ", ".join(str(pid) for (pid,) in rows)
