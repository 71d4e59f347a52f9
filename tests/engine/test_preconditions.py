"""What a run refuses before it writes, and that nothing has been written then."""

import uuid
from dataclasses import replace

import psycopg
import pytest

from migration.core.errors import RunFailed, RunStopped, SameDatabase
from migration.core.events import Event, PhaseFinished
from migration.core.phases import Phase
from migration.dry_run import look_ahead
from migration.engine.places import Origin, Place, is_origin, is_same, may_be_standby
from migration.engine.verify import verify
from migration.runner import run
from schemadiff.core import hazards
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import Refused, TargetMoved
from schemadiff.core.mapping import Mapping
from schemadiff.core.plan import Plan, Section, Statement
from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, fingerprint_of, one, seed_recreate, table
from tests.servers import MakeDatabase

HERE = Place(
    system="1",
    oid=5,
    address="10.0.0.1:5432",
    started="t",
    in_recovery=False,
    version=180000,
    encoding="UTF8",
)
ORIGIN = Origin(name="crm on db:5432", system="1", oid=5, address="10.0.0.1:5432")


@pytest.fixture
def sides(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> tuple[str, str]:
    dsns = make_database(server16), make_database(server18)
    for dsn in dsns:
        ask(dsn, "CREATE TABLE public.a (id int PRIMARY KEY)")
    return dsns


def has_ledger(dsn: str) -> bool:
    return bool(one(dsn, "SELECT count(*) FROM pg_namespace WHERE nspname = 'schemadiff'"))


def test_the_same_database_twice(sides: tuple[str, str]) -> None:
    _, target = sides
    with pytest.raises(SameDatabase, match="same database"):
        carry(target.replace("127.0.0.1", "localhost"), target, copy_spec(target, table("a", "id")))
    assert not has_ledger(target)


@pytest.mark.parametrize(
    ("there", "same"),
    [
        (HERE, True),
        (replace(HERE, system=None), True),
        (replace(HERE, oid=6), False),
        (replace(HERE, system="2"), False),
        (replace(HERE, started="u", address="10.0.0.2:5432"), False),  # a restored copy
        (replace(HERE, started="u"), True),  # started anew between the two answers
        (replace(HERE, started="u", system=None), False),  # another server behind the same translated address
        (replace(HERE, address="127.0.0.1:5432"), True),  # a server with several addresses
    ],
)
def test_what_makes_two_databases_the_same(there: Place, same: bool) -> None:
    assert is_same(HERE, there) is same


def test_a_standby_of_the_target_is_the_target() -> None:
    assert is_same(replace(HERE, in_recovery=True, started="u"), HERE)


def test_a_standby_that_cannot_say_whose_is_refused() -> None:
    standby = replace(HERE, in_recovery=True, started="u", address="10.0.0.2:5432", system=None)
    assert may_be_standby(standby, HERE)
    assert not may_be_standby(replace(standby, oid=6), HERE)
    assert not may_be_standby(replace(standby, version=160000), HERE)
    assert not may_be_standby(replace(standby, system="2"), HERE)


@pytest.mark.parametrize(
    ("now", "same"),
    [
        (ORIGIN, True),
        (replace(ORIGIN, oid=6), False),
        (replace(ORIGIN, system="2"), False),
        (replace(ORIGIN, name="crm on other:5432", address="10.0.0.2:5432"), True),  # its standby took over
        (replace(ORIGIN, system=None), True),
        (replace(ORIGIN, system=None, name="crm on other:5432"), True),
        (replace(ORIGIN, system=None, name="crm on other:5432", address="10.0.0.2:5432"), False),
        (replace(ORIGIN, system=None, name="crm on other:5432", address=None), False),
    ],
)
def test_what_makes_a_source_the_one_that_a_run_began_with(now: Origin, same: bool) -> None:
    assert is_origin(ORIGIN, now) is same


def test_resuming_with_another_source(
    sides: tuple[str, str], make_database: MakeDatabase, server16: EmbeddedServer
) -> None:
    source, target = sides
    ask(source, "INSERT INTO public.a VALUES (1), (2)")
    another = make_database(server16)
    ask(another, "CREATE TABLE public.a (id int PRIMARY KEY)")
    spec = copy_spec(target, table("a", "id"))

    def stop() -> bool:
        return has_ledger(target)

    with pytest.raises(RunStopped):
        carry(source, target, spec, should_stop=stop)
    with pytest.raises(Refused, match=r"begun with the source t_\w+ on .*is another database"):
        carry(another, target, spec, resume=True)
    result, _ = carry(source.replace("127.0.0.1", "localhost"), target, spec, resume=True)
    assert result.rows_written == 2


def test_a_target_that_has_moved_on(seed_source_dsn: str, seed_target_dsn: str) -> None:
    spec = seed_recreate(seed_source_dsn, seed_target_dsn)
    ask(seed_target_dsn, "ALTER TABLE public.clients ADD COLUMN added_meanwhile integer")
    with pytest.raises(TargetMoved, match="no longer the one that this plan was made for"):
        carry(seed_source_dsn, seed_target_dsn, spec)
    assert not has_ledger(seed_target_dsn)


def test_a_role_that_may_not_read(sides: tuple[str, str], server16: EmbeddedServer) -> None:
    source, target = sides
    if not one(source, "SELECT count(*) FROM pg_roles WHERE rolname = 'stranger'"):
        ask(source, "CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    as_stranger = server16.dsn(one(source, "SELECT current_database()"), "stranger", "stranger")
    with pytest.raises(Refused, match=r"GRANT SELECT ON public\.a TO stranger"):
        carry(as_stranger, target, copy_spec(target, table("a", "id")))
    assert not has_ledger(target)


def test_an_encoding_that_cannot_hold_every_text(sides: tuple[str, str], server18: EmbeddedServer) -> None:
    source, _ = sides
    name = f"latin_{uuid.uuid4().hex[:8]}"
    ask(server18.dsn(), f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    try:
        target = server18.dsn(name)
        ask(target, "CREATE TABLE public.a (id int PRIMARY KEY)")
        with pytest.raises(Refused, match="LATIN1"):
            carry(source, target, copy_spec(target, table("a", "id")))
    finally:
        ask(server18.dsn(), f"DROP DATABASE {name}")


def test_a_run_is_begun_once(sides: tuple[str, str]) -> None:
    source, target = sides
    spec = copy_spec(target, table("a", "id"))
    carry(source, target, spec)
    with pytest.raises(Refused, match="has been started before"):
        carry(source, target, spec)


def test_a_run_that_ended_well_may_be_resumed_and_does_nothing(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "INSERT INTO public.a VALUES (1), (2)")
    spec = copy_spec(target, table("a", "id"))
    first, _ = carry(source, target, spec)
    again, _ = carry(source, target, spec, resume=True)
    assert again == first
    assert one(target, "SELECT count(*) FROM public.a") == 2


def test_resuming_with_another_plan(sides: tuple[str, str]) -> None:
    source, target = sides
    spec = copy_spec(target, table("a", "id"))
    carry(source, target, spec)
    with pytest.raises(Refused, match="begun with another plan"):
        carry(source, target, replace(spec, option="hybrid"), resume=True)


def statement(sql: str, section: Section = Section.PRE_DATA) -> Statement:
    ref = ObjectRef(kind=Kind.TABLE, schema="public", name="made")
    return Statement(sql=sql, ref=ref, section=section)


def test_a_failed_statement_is_named_and_the_run_goes_on_there(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "INSERT INTO public.a VALUES (1), (1000)")
    plan = Plan(
        target_fingerprint=fingerprint_of(target),
        statements=(
            statement("CREATE TABLE public.made (n int)"),
            statement("ALTER TABLE public.a ADD CONSTRAINT small CHECK (id < 100)", Section.POST_DATA),
        ),
    )
    spec = replace(copy_spec(target, table("a", "id")), plan=plan)
    with pytest.raises(
        RunFailed, match=r"“public\.made” could not be made because of rows in “public\.a”"
    ) as failed:
        carry(source, target, spec)
    assert "1000" not in str(failed.value)
    ask(target, "UPDATE public.a SET id = 2 WHERE id = 1000")
    ask(source, "UPDATE public.a SET id = 2 WHERE id = 1000")
    result, _ = carry(source, target, spec, resume=True)
    assert result.rows_written == 2
    assert one(target, "SELECT count(*) FROM schemadiff.statements WHERE state = 'applied'") == 2


def test_a_plan_that_loses_data_is_refused_and_nothing_written(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(target, "INSERT INTO public.a VALUES (1)")
    lost = hazards.data_loss("every row of public.a")
    drop = replace(statement("DROP TABLE public.a"), hazards=(lost,))
    plan = Plan(target_fingerprint=fingerprint_of(target), statements=(drop,))
    spec = replace(copy_spec(target, table("a", "id")), plan=plan)
    for resume in (False, True):
        with pytest.raises(Refused, match=r"“public\.made” in a way that loses data: every row of public\.a"):
            carry(source, target, spec, resume=resume)
    assert not has_ledger(target)
    assert one(target, "SELECT count(*) FROM public.a") == 1


def test_somebody_else_changes_the_schema_between_two_attempts(sides: tuple[str, str]) -> None:
    source, target = sides
    plan = Plan(
        target_fingerprint=fingerprint_of(target),
        statements=(
            statement("CREATE TABLE public.made (n int)"),
            statement("CREATE TABLE public.a (n int)"),
        ),
    )
    spec = replace(copy_spec(target, table("a", "id")), plan=plan)
    with pytest.raises(RunFailed, match="already exists"):
        carry(source, target, spec)
    ask(target, "CREATE TABLE public.by_others (n int)")
    with pytest.raises(TargetMoved, match="changed by somebody else after this run had begun"):
        carry(source, target, spec, resume=True)


def test_somebody_else_changes_the_schema_while_the_run_is_at_work(sides: tuple[str, str]) -> None:
    source, target = sides
    ask(source, "INSERT INTO public.a VALUES (1), (2)")
    plan = Plan(
        target_fingerprint=fingerprint_of(target),
        statements=(
            statement("CREATE TABLE public.made (n int)"),
            statement("CREATE INDEX made_n ON public.made (n)", Section.POST_DATA),
        ),
    )
    spec = replace(copy_spec(target, table("a", "id")), plan=plan)

    def when_rows_are_there() -> bool:
        if one(target, "SELECT count(*) FROM public.a") and not one(
            target, "SELECT to_regclass('public.others')"
        ):
            ask(target, "CREATE TABLE public.others (n int)")
        return False

    with pytest.raises(TargetMoved, match=r"while this run was at work, before the table “public\.made”"):
        carry(source, target, spec, should_stop=when_rows_are_there)
    assert one(target, "SELECT phase FROM schemadiff.runs") == "failed"
    assert one(target, "SELECT to_regclass('public.made_n')") is None
    with pytest.raises(TargetMoved, match="after this run had begun"):
        carry(source, target, spec, resume=True)
    ask(target, "DROP TABLE public.others")
    result, _ = carry(source, target, spec, resume=True)
    assert result.rows_written == 2
    assert one(target, "SELECT to_regclass('public.made_n') IS NOT NULL")


def test_somebody_else_changes_the_schema_before_the_first_statement(sides: tuple[str, str]) -> None:
    source, target = sides
    plan = Plan(
        target_fingerprint=fingerprint_of(target),
        statements=(statement("CREATE TABLE public.made (n int)"),),
    )
    spec = replace(copy_spec(target, table("a", "id")), plan=plan)

    def once_prepared(event: Event) -> None:
        if isinstance(event, PhaseFinished) and event.phase is Phase.PREPARE:
            ask(target, "ALTER TABLE public.a ADD COLUMN more int")

    with pytest.raises(TargetMoved, match="while this run was at work"):
        run(source, target, spec, report=once_prepared)
    assert one(target, "SELECT to_regclass('public.made')") is None


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(RunFailed) as failed:
        verify("postgresql://bob:hunter22hunter@127.0.0.1:1/crm", "postgresql://127.0.0.1:1/x", Mapping())
    assert "hunter22hunter" not in str(failed.value)
    assert isinstance(failed.value.__cause__, psycopg.OperationalError)


def test_large_objects_that_the_target_lacks_are_named(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.papers (id int PRIMARY KEY, scan oid, other oid)")
    ask(
        source,
        "INSERT INTO public.papers SELECT n, lo_from_bytea(70000 + n, 'x'), 1 FROM generate_series(1, 3) AS n",
    )
    ask(target, "SELECT lo_from_bytea(70001, 'x')")
    papers = table("papers", "id", "scan", "other")
    with pytest.raises(Refused, match=r"2 that public\.papers\.scan refers to\. Carry them first"):
        carry(source, target, copy_spec(target, papers))
    assert not has_ledger(target)

    result, _ = carry(source, target, copy_spec(target, table("papers", "id", "other")))
    assert result.rows_written == 3


def test_large_objects_that_were_carried_before_are_no_hindrance(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.papers (id int PRIMARY KEY, scan oid)")
        ask(dsn, "SELECT lo_from_bytea(70009, 'x')")
    ask(source, "INSERT INTO public.papers VALUES (1, 70009), (2, NULL), (3, 4)")
    result, _ = carry(source, target, copy_spec(target, table("papers", "id", "scan")))
    assert result.rows_written == 3


def test_expressions_that_the_source_cannot_work_out_are_named(sides: tuple[str, str]) -> None:
    source, target = sides
    for dsn in sides:
        ask(dsn, "CREATE TABLE public.guests (id int PRIMARY KEY, name text, age int, rank int)")
    ask(source, "INSERT INTO public.guests VALUES (1, 'Ana', 30, 1)")
    bad = table("guests", "id", name="lower(nmae)", age="now()", rank="rank / 0")
    mapping = copy_spec(target, bad)
    with pytest.raises(Refused) as refused:
        carry(source, target, mapping)
    said = str(refused.value)
    assert "“lower(nmae)” of public.guests for public.guests.name: Column" in said and "nmae" in said
    assert "“now()” of public.guests for public.guests.age: Cannot cast type timestamp with time zone" in said
    assert "rank" not in said.replace("public.guests.rank", "?")  # a row's fault, not the mapping's
    assert not has_ledger(target)
    with pytest.raises(Refused, match="Cannot cast"):
        look_ahead(source, target, mapping)


@pytest.mark.parametrize("schema", ["public", "moods"])
def test_a_type_that_only_the_target_has_hinders_no_expression(sides: tuple[str, str], schema: str) -> None:
    source, target = sides
    ask(source, "CREATE TABLE public.guests (id int PRIMARY KEY, mood text)")
    ask(target, f"CREATE SCHEMA IF NOT EXISTS {schema}; CREATE TYPE {schema}.mood AS ENUM ('glad', 'sad')")
    ask(target, f"CREATE TABLE public.guests (id int PRIMARY KEY, mood {schema}.mood)")
    ask(source, "INSERT INTO public.guests VALUES (1, 'GLAD')")
    result, _ = carry(source, target, copy_spec(target, table("guests", "id", mood="lower(mood)")))
    assert (result.rows_written, result.rejects) == (1, 0)
