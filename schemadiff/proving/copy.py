"""A copy of a schema on a throw-away server, made and changed without a superuser's reach.

Functions of the database are made there too, and planning may call them: whoever carries statements out reaches
neither files nor programs. Owners and grants are changed by the administrator, for they run nothing.
"""

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg import sql

from schemadiff.core.access import DATABASE_OWNER, PUBLIC
from schemadiff.core.catalog import Catalog, Kind
from schemadiff.core.ddl.references import is_access_ref
from schemadiff.core.plan import Statement
from schemadiff.databases import connect
from schemadiff.embedded import EmbeddedServer, create_database, load_sql
from schemadiff.embedded.loading import LOADER, loader_dsn
from schemadiff.evidence.reading import sentence_of
from schemadiff.introspection import read_catalog

Connection: TypeAlias = psycopg.Connection[Any]

_SAFE = "SET check_function_bodies = off; SET statement_timeout = '5min'; SET lock_timeout = '30s'"
_FILES = """
SELECT c.oid::bigint, n.nspname || '.' || c.relname, c.relfilenode::bigint
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


# The server does not have the extension's or library's files, or the statement asks for a superuser.
_OF_THE_PLACE = frozenset({"0A000", "58P01", "42501", "2F003"})

Files: TypeAlias = Mapping[int, tuple[str, int]]
"""Of each table and materialized view, by its oid: its name and its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What PostgreSQL said."""

    reason: str
    state: str  # SQLSTATE

    @property
    def is_of_the_place(self) -> bool:
        """Whether another server, or a superuser, might have done it."""
        return self.state in _OF_THE_PLACE


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A database to carry statements out in: `worker` acts as who read the target, `administrator` may all."""

    worker: Connection
    administrator: Connection

    def carry_out(self, statement: Statement) -> Refusal | None:
        """None where it worked."""
        connection = self.administrator if _is_about_rights(statement) else self.worker
        try:
            connection.execute(statement.sql.encode())
        except psycopg.Error as error:
            if connection.closed:
                raise
            return Refusal(reason=sentence_of(error), state=error.sqlstate or "")
        return None

    def catalog(self) -> Catalog:
        return read_catalog(self.worker)

    def files(self) -> Files:
        return {row[0]: (row[1], row[2]) for row in self.worker.execute(_FILES)}


@contextlib.contextmanager
def scratch(server: EmbeddedServer, name: str, like: Catalog) -> Iterator[Scratch]:
    """An empty database that belongs to a role of the name that owns `like`'s, worked on as who read that."""
    dsn = create_database(server, name)
    load_sql(dsn, "")  # makes the role that works
    owner, user = like.owner or LOADER, like.user or like.owner or LOADER
    with connect(dsn, read_only=False) as administrator:
        _hand_over(administrator, name, owner)
        with connect(loader_dsn(dsn), read_only=False) as worker:
            worker.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(user)))
            for session in (administrator, worker):
                session.execute(_SAFE)
            yield Scratch(worker=worker, administrator=administrator)


def make_roles(server: EmbeddedServer, names: Iterable[str]) -> tuple[str, ...]:
    """Without login, and the working role a member of each; what PostgreSQL itself has is not made."""
    made = []
    with connect(server.dsn(), read_only=False) as administrator:
        load_sql(server.dsn(), "")
        for name in sorted(set(names) - {PUBLIC, DATABASE_OWNER, LOADER}):
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.ReservedName):
                administrator.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name)))
                made.append(name)
                administrator.execute(
                    sql.SQL("GRANT {} TO {}").format(sql.Identifier(name), sql.Identifier(LOADER))
                )
    return tuple(made)


def make_tablespaces(server: EmbeddedServer, names: Iterable[str]) -> None:
    """In folders of the scratch server's own, for everybody to use."""
    with connect(server.dsn(), read_only=False) as administrator:
        administrator.execute("SET allow_in_place_tablespaces = on")
        for name in names:
            tablespace = sql.Identifier(name)
            with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.ReservedName):
                administrator.execute(sql.SQL("CREATE TABLESPACE {} LOCATION ''").format(tablespace))
                administrator.execute(sql.SQL("GRANT CREATE ON TABLESPACE {} TO PUBLIC").format(tablespace))


def let_act(server: EmbeddedServer, user: str, roles: Iterable[str]) -> None:
    """Who read the target may do there what the plan asks for: he is a member of the other roles."""
    with connect(server.dsn(), read_only=False) as administrator:
        for role in roles:
            if role != user:
                grant = sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(user))
                administrator.execute(grant)


def _hand_over(administrator: Connection, name: str, owner: str) -> None:
    database, role = sql.Identifier(name), sql.Identifier(owner)
    administrator.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(database, role))


def _is_about_rights(statement: Statement) -> bool:
    is_access = any(map(is_access_ref, statement.provides))
    return is_access or statement.ref.kind is Kind.DEFAULT_PRIVILEGES
