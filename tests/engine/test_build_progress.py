"""How far an index is that takes long, while it is built: on whose session, which step, and what is said of it."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest

from migration.core.events import BuildsSeen, Outlook
from migration.core.phases import Phase
from migration.runner import RunSpec, run
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.plan import Duration, Lock, Section, Statement
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import Told, ask, copy_spec, one, table
from tests.faults.process import PATIENCE, wait_for
from tests.servers import MakeDatabase

TABLE = "CREATE TABLE public.a (id int PRIMARY KEY, n int)"
HELD = """
CREATE FUNCTION public.held(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    WHILE n = 250 AND NOT pg_try_advisory_xact_lock_shared(4712) LOOP PERFORM pg_sleep(0.02); END LOOP;
    RETURN n;
END $$
"""


def built(name: str, on: str = "public.held(n)") -> Statement:
    """It takes as long as somebody holds the lock."""
    return Statement(
        sql=f"CREATE INDEX {name} ON public.a (({on}))",
        ref=ObjectRef(kind=Kind.INDEX, schema="public", parent="a", name=name),
        section=Section.POST_DATA,
        lock=Lock.SHARE,
        duration=Duration.BUILDS_INDEX,
    )


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    source, target = make_database(server16, TABLE), make_database(server18, f"{TABLE}; {HELD}")
    ask(source, "INSERT INTO public.a SELECT n, n FROM generate_series(1, 500) AS n")
    return source, target


@pytest.fixture
def holder(sides: tuple[str, str]) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(sides[1]) as session:
        session.execute("SELECT pg_advisory_xact_lock(4712)")
        yield session


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_build_that_takes_long_is_told_with_its_step(
    jobs: int, sides: tuple[str, str], holder: psycopg.Connection[Any]
) -> None:
    spec: RunSpec = copy_spec(sides[1], table("a", "id", "n"), jobs=jobs)
    spec = replace(spec, plan=replace(spec.plan, statements=(built("a_held"),)))
    told = Told()
    carrying = threading.Thread(target=lambda: run(*sides, spec, report=told.report), daemon=True)
    carrying.start()
    wait_for(lambda: bool(told.of(BuildsSeen)), "the build is told")
    (seen,) = told.of(BuildsSeen)[0].builds
    assert (seen.name, seen.step) == ("index public.a.a_held", "scanning table")
    wait_for(lambda: any(each.at_work for each in told.of(Outlook)), "the outlook says so, too")
    holder.rollback()
    carrying.join(PATIENCE)
    assert not carrying.is_alive()
    assert told.of(BuildsSeen)[-1].builds == ()
    assert [each.at_work for each in told.of(Outlook) if each.phase is Phase.VERIFY][-1] == ""
    assert one(sides[1], "SELECT indisvalid FROM pg_index WHERE indexrelid = 'public.a_held'::regclass")
