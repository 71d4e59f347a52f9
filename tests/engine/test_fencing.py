"""The fence by itself: no right of the application's to write gets past it, and each is given back as it was."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from migration.core.errors import RunFailed
from migration.engine import fencing
from schemadiff.core.errors import Refused
from schemadiff.embedded import EmbeddedServer
from tests.engine.live import wait_for
from tests.engine.running import ask
from tests.servers import MakeDatabase, roles_on

_APPLICATION, _OTHER = 'fenced "app" role', "fenced other"
_SCHEMA = """
CREATE TABLE public."we""ird.%t" (id int PRIMARY KEY, "a b" text, c text);
GRANT SELECT, INSERT (id, "a b"), UPDATE ("a b") ON public."we""ird.%t" TO "fenced ""app"" role";
CREATE TABLE public.wide (id int PRIMARY KEY, c text);
GRANT SELECT, UPDATE, DELETE ON public.wide TO "fenced ""app"" role";
GRANT UPDATE (c) ON public.wide TO "fenced ""app"" role" WITH GRANT OPTION;
CREATE TABLE public.seen (id int PRIMARY KEY);
CREATE VIEW public.first_view AS SELECT id FROM public.seen;
CREATE VIEW public.second_view AS SELECT id FROM public.first_view;
GRANT SELECT, INSERT ON public.second_view TO "fenced ""app"" role";
CREATE TABLE public.parted (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE public.part PARTITION OF public.parted FOR VALUES FROM (0) TO (100);
GRANT INSERT ON public.part TO "fenced ""app"" role";
CREATE TABLE public.others (id int PRIMARY KEY);
GRANT INSERT ON public.others TO "fenced other";
"""
_AS_APPLICATION = 'SET ROLE "fenced ""app"" role"'
_WRITES = (
    'INSERT INTO public."we""ird.%t" (id) VALUES (1)',
    'UPDATE public."we""ird.%t" SET "a b" = NULL',
    "UPDATE public.wide SET c = 'x'",
    "INSERT INTO public.second_view VALUES (1)",
    "INSERT INTO public.part VALUES (1)",
)
_RIGHTS = (
    "SELECT oid::regclass::text, relacl::text FROM pg_class "
    "WHERE oid >= 16384 AND relkind IN ('r', 'p', 'v') ORDER BY 1",
    "SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL "
    "AND attrelid >= 16384 ORDER BY 1, 2",
)


@pytest.fixture(params=["server16", "server18"])
def fenced(request: pytest.FixtureRequest, make_database: MakeDatabase) -> Iterator[str]:
    server: EmbeddedServer = request.getfixturevalue(request.param)
    with roles_on(server, [_APPLICATION, _OTHER]):
        dsn = make_database(server)
        ask(dsn, _SCHEMA)
        yield dsn
        ask(dsn, 'DROP OWNED BY "fenced ""app"" role", "fenced other" CASCADE')


@contextmanager
def _fence(dsn: str, *tables: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as session:
        fence = fencing.planned(session, [_APPLICATION], [("public", table) for table in tables])
        try:
            fencing.raise_fence(session, fence, 0)
            yield session
        finally:
            session.execute("RESET ROLE")
            fencing.lift(session, fence.lifting)


def test_what_was_granted_more_finely_is_held_too_and_given_back(fenced: str) -> None:
    before = [ask(fenced, question) for question in _RIGHTS]
    with _fence(fenced, 'we"ird.%t', "wide", "seen", "parted") as session:
        session.execute(_AS_APPLICATION)
        for statement in _WRITES:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                session.execute(statement)
    assert [ask(fenced, question) for question in _RIGHTS] == before
    for statement in _WRITES:
        ask(fenced, f"{_AS_APPLICATION}; {statement}")


def test_what_a_role_can_become_is_looked_at(fenced: str) -> None:
    ask(fenced, 'ALTER ROLE "fenced ""app"" role" NOINHERIT')
    ask(fenced, 'GRANT "fenced other" TO "fenced ""app"" role"')
    with (
        pytest.raises(
            RunFailed, match=r'fenced "app" role may still write to public\.others as fenced other'
        ),
        _fence(fenced, "others"),
    ):
        pytest.fail("the fence leaks")


def test_who_may_not_fence_is_told_how_before_anything_is_stopped(fenced: str) -> None:
    ask(fenced, 'ALTER TABLE public.wide OWNER TO "fenced other"')
    said = [
        'ALTER ROLE "fenced other" CREATEROLE;',
        'GRANT pg_signal_backend TO "fenced other";',
        'GRANT "fenced ""app"" role" TO "fenced other" WITH ADMIN OPTION;',
    ]
    with psycopg.connect(fenced, autocommit=True) as session:
        superuser = session.info.user
        for table, more in (("seen", [f"GRANT {superuser} TO"]), ("wide", [])):
            session.execute('SET ROLE "fenced other"')
            with pytest.raises(Refused) as refused:
                fencing.planned(session, [_APPLICATION], [("public", table)])
            assert all(statement in str(refused.value) for statement in said + more)
            assert bool(more) == (f"GRANT {superuser}" in str(refused.value))
        session.execute("RESET ROLE")
        for statement in said:
            session.execute(statement.encode())
        session.execute('SET ROLE "fenced other"')
        fence = fencing.planned(session, [_APPLICATION], [("public", "wide")])
        assert fencing.raise_fence(session, fence, 0) == 0
        fencing.lift(session, fence.lifting)


def test_rights_that_somebody_else_changes_at_that_moment_are_tried_again(fenced: str) -> None:
    """PostgreSQL waits for the other session, and then says “tuple concurrently updated”."""
    ended: list[BaseException | None] = []

    def raise_and_lift() -> None:
        try:
            with _fence(fenced, "wide") as session:
                session.execute(_AS_APPLICATION)
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    session.execute("UPDATE public.wide SET c = 'x'")
            ended.append(None)
        except Exception as exc:
            ended.append(exc)

    waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with psycopg.connect(fenced) as other:
        other.execute('GRANT SELECT ON public.wide TO "fenced other"')
        fencing_thread = threading.Thread(target=raise_and_lift)
        fencing_thread.start()
        wait_for(lambda: ask(fenced, waits) == [(1,)], "the fence waits for the other session")
        other.commit()
        fencing_thread.join(60)
    assert ended == [None]
    assert ask(fenced, "SELECT relacl::text LIKE '%fenced other%' FROM pg_class WHERE relname = 'wide'") == [
        (True,)
    ]
