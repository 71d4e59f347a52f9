"""Where scratch databases are: on a throw-away server, or on one that somebody names, where they may be made. No
Django.

On a server of somebody's own all is done by the role that is named for it, which is no superuser; nothing but
databases is made there, and what a process that died has left is removed when the next one comes.
"""

import contextlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from schemadiff.core.errors import Refused
from schemadiff.databases import connect
from schemadiff.embedded import (
    EmbeddedServer,
    create_database,
    drop_database,
    load_sql,
    nearest_major,
    throwaway,
)
from schemadiff.embedded.loading import LOADER, loader_dsn

PREFIX = "schemadiff_scratch_"
_KEEPER = (
    "schemadiff scratch "  # the application name of a session that is there as long as its databases are
)
_OLDEST = 150_000  # before 15 only a superuser may put triggers aside


class Place(Protocol):
    """A server's databases, by short names of their own. URIs are for a role that is no superuser."""

    @property
    def major(self) -> int:
        """The server's version."""

    @property
    def words(self) -> str:
        """Which server it is, in a sentence."""

    @property
    def makes_roles(self) -> bool:
        """May roles be made there? They go with the server."""

    def make(self, name: str, template: str | None = None) -> str:
        """A new database, empty or a copy, whose sessions are ended; its URI."""

    def drop(self, name: str) -> None:
        """With its sessions; one that is not there is fine."""

    def dsn(self, name: str) -> str:
        """Its URI."""

    def loading(self, name: str) -> AbstractContextManager[None]:
        """Inside, triggers and foreign keys may be put aside in this database."""


Places: TypeAlias = Callable[[int], AbstractContextManager[Place]]
"""Given a server's version (server_version_num), a place like it, gone afterwards with all that is in it."""


@contextlib.contextmanager
def on_embedded(version: int) -> Iterator[Place]:
    """A throw-away server of the nearest version."""
    with throwaway(nearest_major(version)) as server:
        yield Embedded(server)


class Embedded:
    """On a throw-away server."""

    makes_roles = True

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server

    @property
    def major(self) -> int:
        return self.server.major

    @property
    def words(self) -> str:
        return f"a scratch PostgreSQL {self.major}"

    def make(self, name: str, template: str | None = None) -> str:
        dsn = create_database(self.server, name, template=template)
        load_sql(dsn, "")  # for the role that may do anything in this database and nothing outside of it
        return loader_dsn(dsn)

    def drop(self, name: str) -> None:
        drop_database(self.server, name)

    def dsn(self, name: str) -> str:
        return loader_dsn(self.server.dsn(name))

    @contextlib.contextmanager
    def loading(self, name: str) -> Iterator[None]:
        right = sql.SQL("SET ON PARAMETER session_replication_role")
        with connect(self.server.dsn(name), read_only=False) as administrator:
            administrator.execute(sql.SQL("GRANT {} TO {}").format(right, sql.Identifier(LOADER)))
            try:
                yield
            finally:
                administrator.execute(sql.SQL("REVOKE {} FROM {}").format(right, sql.Identifier(LOADER)))


def on_server(dsn: str) -> Places:
    """On the server at this address. Raises Refused where its role may not, or may too much, with what mends it."""

    @contextlib.contextmanager
    def there(version: int) -> Iterator[Place]:
        token = secrets.token_hex(6)
        with connect(dsn, read_only=False) as keeper:
            keeper.execute("SELECT set_config('application_name', %s, false)", [f"{_KEEPER}{token}"])
            _refuse_unfit(keeper)
            _sweep(keeper)
            place = _Named(dsn, token, keeper)
            try:
                yield place
            finally:
                place.drop_all()

    return there


def refuse_unfit(dsn: str) -> None:
    """Raises Refused where scratch databases cannot be made at this address, with what mends it, and CannotConnect."""
    with connect(dsn) as keeper:
        _refuse_unfit(keeper)


def places_for(server: str) -> Places:
    """On the server at that address, or on throw-away ones where none is named."""
    return on_server(server) if server else on_embedded


class _Named:
    makes_roles = False

    def __init__(self, dsn: str, token: str, keeper: psycopg.Connection[Any]) -> None:
        self._dsn, self._token, self._keeper = dsn, token, keeper
        self._made: set[str] = set()

    @property
    def major(self) -> int:
        return self._keeper.info.server_version // 10_000

    @property
    def words(self) -> str:
        info = self._keeper.info
        return f"a scratch database on {info.host}:{info.port} (PostgreSQL {self.major})"

    def make(self, name: str, template: str | None = None) -> str:
        if template is not None:
            self._end_sessions(template)
        like = self._full(template) if template is not None else "template0"
        self._made.add(name)
        self._keeper.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(self._full(name)), sql.Identifier(like)
            )
        )
        return self.dsn(name)

    def drop(self, name: str) -> None:
        _drop(self._keeper, self._full(name))
        self._made.discard(name)

    def drop_all(self) -> None:
        for name in tuple(self._made):
            self.drop(name)

    def dsn(self, name: str) -> str:
        return make_conninfo(self._dsn, dbname=self._full(name))

    def loading(self, name: str) -> AbstractContextManager[None]:
        return contextlib.nullcontext()  # the role may, or it was refused before

    def _full(self, name: str) -> str:
        return f"{PREFIX}{self._token}_{name}"

    def _end_sessions(self, name: str) -> None:
        self._keeper.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            [self._full(name)],
        )


def _refuse_unfit(keeper: psycopg.Connection[Any]) -> None:
    row = keeper.execute(
        "SELECT rolsuper, rolcreatedb, quote_ident(rolname) FROM pg_roles WHERE rolname = current_user"
    ).fetchone()
    assert row is not None
    is_superuser, may_create, role = row
    if is_superuser:
        raise Refused(
            f"{role} is a superuser on the server for scratch databases: what the schemas' own functions do would be "
            "done with all its rights. Choose a role that is no superuser and has CREATEDB."
        )
    if keeper.info.server_version < _OLDEST:
        raise Refused(
            f"The server for scratch databases is PostgreSQL {keeper.info.server_version // 10_000}. It has to be 15 "
            "or newer: before, only a superuser may load rows as they are."
        )
    lacking = [] if may_create else [f"ALTER ROLE {role} CREATEDB;"]
    may_load = keeper.execute(
        "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"
    ).fetchone()
    if not (may_load and may_load[0]):
        lacking.append(f"GRANT SET ON PARAMETER session_replication_role TO {role};")
    if lacking:
        raise Refused(
            f"{role} may not make scratch databases, or load rows there as they are. On that server, as a superuser: "
            + " ".join(lacking)
        )


def _sweep(keeper: psycopg.Connection[Any]) -> None:
    """Databases whose process is gone: the session that it had is, too."""
    rows = keeper.execute(
        "SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = current_user "
        "AND starts_with(d.datname, %s) AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.usename = current_user "
        "AND a.application_name = %s || split_part(substr(d.datname, length(%s) + 1), '_', 1)) ORDER BY 1",
        [PREFIX, _KEEPER, PREFIX],
    ).fetchall()
    for (name,) in rows:
        _drop(keeper, name)


def _drop(keeper: psycopg.Connection[Any], database: str) -> None:
    keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
