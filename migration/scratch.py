"""A target's schema on a throw-away server, and what a plan makes of it there. No Django.

Functions of the databases are made here too, and planning a query may call them: all is done by a role that is
no superuser and reaches neither files nor programs.
"""

import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from migration.scratch_places import Place, Places, on_embedded
from schemadiff.core.catalog import Catalog
from schemadiff.core.ddl.access import without_access
from schemadiff.core.plan import Plan, Statement
from schemadiff.core.planner import plan_objects
from schemadiff.databases import connect
from schemadiff.embedded.roles import roles_named_in
from schemadiff.evidence.reading import sentence_of
from schemadiff.introspection import read_catalog

_BASE = "replayed"
_RESULT = "result"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplied:
    """A statement that the scratch server refused, and what it said."""

    object: str
    message: str

    def __str__(self) -> str:
        return f"{self.object}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scratch:
    """A place that holds a replayed schema. `missing` is what could not be made there."""

    place: Place
    replica_of: int  # server_version_num of the database that the catalog was read from
    missing: tuple[NotApplied, ...]

    @property
    def description(self) -> str:
        """Where it was measured, with every difference to the real server."""
        real = self.replica_of // 10000
        where = self.place.words
        if real and real != self.place.major:
            where += f" (the database itself is on {real})"
        if self.missing:
            first = self.missing[0]
            where += f", where {len(self.missing)} of its objects could not be made, first {first}"
        return where

    @property
    def versions(self) -> str:
        """Where it is, and how its version stands to that of the database itself, as a sentence."""
        real, here = self.replica_of // 10000, self.place.words[0].upper() + self.place.words[1:]
        if not real:
            return f"{here}."
        if real == self.place.major:
            return f"{here}, the same version as the target’s."
        return f"{here}; the target is on {real}, and what the two versions do otherwise is not seen."

    @contextlib.contextmanager
    def unchanged(self) -> Iterator[psycopg.Connection[Any]]:
        """The replayed schema as it is."""
        with connect(self.dsn) as connection:
            yield connection

    @property
    def dsn(self) -> str:
        """Where the replayed schema is, for a role that is no superuser."""
        return self.place.dsn(_BASE)

    @contextlib.contextmanager
    def loading(self) -> Iterator[psycopg.Connection[Any]]:
        """The replayed schema, to be given rows as they are: neither triggers nor foreign keys look at them."""
        with self.place.loading(_BASE), connect(self.dsn, read_only=False) as connection:
            connection.execute("SET session_replication_role = replica; SET statement_timeout = '30min'")
            yield connection

    @contextlib.contextmanager
    def copied(self) -> Iterator[str]:
        """The URI of a copy of the replayed schema and its rows, gone afterwards."""
        try:
            yield self.place.make(_RESULT, template=_BASE)
        finally:
            self.place.drop(_RESULT)

    @contextlib.contextmanager
    def with_plan(self, plan: Plan) -> Iterator[tuple[psycopg.Connection[Any], tuple[NotApplied, ...]]]:
        """A copy of the replayed schema that the plan was applied to, and the statements that failed."""
        with self.copied() as dsn, connect(dsn, read_only=False) as connection:
            yield connection, _applied(connection, plan.statements, roles=self.place.makes_roles)


@contextlib.contextmanager
def replayed(catalog: Catalog, places: Places = on_embedded) -> Iterator[Scratch]:
    """A scratch database with the catalog's schema, gone afterwards; on a throw-away server, where none is named.

    What cannot be made there (an extension that is not installed, say) is left out and named in `missing`.
    """
    with places(catalog.server_version) as place:
        with connect(place.make(_BASE), read_only=False) as connection:
            plan = plan_objects(catalog, read_catalog(connection))
            missing = _applied(connection, plan, roles=place.makes_roles)
        yield Scratch(place=place, replica_of=catalog.server_version, missing=missing)


@contextlib.contextmanager
def beginning(server: contextlib.AbstractContextManager[Scratch]) -> Iterator[Future[Scratch]]:
    """Has it begin while something else is done; whether or not its result is asked for, it is gone afterwards."""
    with contextlib.ExitStack() as servers, ThreadPoolExecutor(max_workers=1) as pool:
        yield pool.submit(servers.enter_context, server)


def _applied(
    connection: psycopg.Connection[Any], statements: Sequence[Statement], *, roles: bool
) -> tuple[NotApplied, ...]:
    """Each statement by itself: what one that fails leaves out is named, and the rest goes on.

    Owners and grants are not needed here, where nobody but the loading role comes.
    """
    statements = without_access(statements)
    if roles:
        _make_roles(connection, statements)
    connection.execute("SET check_function_bodies = off; SET statement_timeout = '60s'")
    failed = []
    for statement in statements:
        try:
            connection.execute(statement.sql.encode())
        except psycopg.OperationalError as exc:
            if connection.closed:
                raise
            failed.append(NotApplied(object=statement.ref.label, message=sentence_of(exc)))
        except psycopg.Error as exc:
            failed.append(NotApplied(object=statement.ref.label, message=sentence_of(exc)))
    return tuple(failed)


def _make_roles(connection: psycopg.Connection[Any], statements: Sequence[Statement]) -> None:
    """Those that policies name; on this server nobody can log in as one, and they go with it."""
    script = "".join(f"{statement.sql};\n" for statement in statements).encode()
    for role in sorted(roles_named_in(script.splitlines(keepends=True))):
        with contextlib.suppress(psycopg.errors.DuplicateObject, psycopg.errors.ReservedName):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(role)))
