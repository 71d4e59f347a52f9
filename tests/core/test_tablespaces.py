"""Tablespaces that the target's server lacks, that a rule ignores, and that options leave aside."""

from dataclasses import replace

from schemadiff.core.catalog import (
    Catalog,
    Column,
    Constraint,
    ConstraintKind,
    Index,
    IndexShare,
    Schema,
    Table,
)
from schemadiff.core.noise.applying import agree
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.planner import plan_objects, plan_schema
from schemadiff.core.snapshot import fingerprint, from_json, to_json

KEY = Constraint(
    name="t_pkey",
    kind=ConstraintKind.PRIMARY_KEY,
    definition="PRIMARY KEY (a)",
    columns=("a",),
    tablespace="fast",
)
INDEX = Index(
    name="i",
    definition="CREATE INDEX i ON public.t USING btree (a) WHERE (a > 0)",
    method="btree",
    columns=("a",),
    tablespace="slow",
)
COLUMNS = (Column(name="a", position=1, type="integer", not_null=True),)


def table(place: str | None, key: Constraint = KEY, index: Index = INDEX) -> Table:
    return Table(
        schema="public", name="t", columns=COLUMNS, constraints=(key,), indexes=(index,), tablespace=place
    )


def catalog(*tables: Table, there: tuple[str, ...] = ("fast", "pg_default", "slow")) -> Catalog:
    return Catalog(schemas=(Schema(name="public"),), tables=tables, tablespaces=there)


MOVED = catalog(table("fast"))
PLAIN = catalog(table(None, replace(KEY, tablespace=None), replace(INDEX, tablespace=None)))


def sql(source: Catalog, target: Catalog) -> list[str]:
    return [statement.sql for statement in plan_schema(source, target).statements]


def test_what_lies_elsewhere_is_moved_and_back() -> None:
    assert sql(MOVED, PLAIN) == [
        "ALTER TABLE public.t SET TABLESPACE fast",
        "ALTER INDEX public.t_pkey SET TABLESPACE fast",
        "ALTER INDEX public.i SET TABLESPACE slow",
    ]
    assert (
        sql(PLAIN, replace(MOVED, tablespace="disk 2"))[0] == 'ALTER TABLE public.t SET TABLESPACE "disk 2"'
    )


def test_what_is_made_is_made_in_its_place() -> None:
    made = sql(MOVED, replace(PLAIN, tables=()))
    assert made[0].endswith(") TABLESPACE fast")
    assert made[1].endswith("ADD CONSTRAINT t_pkey PRIMARY KEY (a) USING INDEX TABLESPACE fast")
    assert made[2].endswith("USING btree (a) TABLESPACE slow WHERE (a > 0)")


def test_a_tablespace_that_is_not_there_is_named_and_nothing_is_moved_there() -> None:
    plan = plan_schema(MOVED, replace(PLAIN, tablespaces=("pg_default", "slow")))
    assert [statement.sql for statement in plan.statements] == ["ALTER INDEX public.i SET TABLESPACE slow"]
    [notice] = plan.notices
    assert "no tablespace fast, where the source keeps table public.t" in notice.message
    assert "CREATE TABLESPACE fast LOCATION" in notice.message


def test_where_no_tablespaces_are_known_none_is_missing() -> None:
    plan = plan_schema(MOVED, replace(PLAIN, tablespaces=()))
    assert len(plan.statements) == 3 and not plan.notices


def test_options_leave_them_aside() -> None:
    assert plan_objects(MOVED, PLAIN) == ()
    [made, *_] = plan_objects(MOVED, replace(PLAIN, tables=()))
    assert "TABLESPACE" not in made.sql


def test_a_rule_hides_them() -> None:
    share = IndexShare(name="p_a_idx", share_of=("public", "p_a"), index=replace(INDEX, name="p_a_idx"))
    elsewhere = replace(share, index=replace(INDEX, name="p_a_idx", tablespace=None))
    partition = Table(
        schema="public", name="p", columns=COLUMNS, partition_of=("public", "whole"), shares=(share,)
    )
    source = replace(MOVED, tables=(partition, table("fast")))
    target = replace(PLAIN, tables=(replace(partition, shares=(elsewhere,)), *PLAIN.tables))
    found = agree(
        source, target, Rules(entries=(IgnoreRule(reason="Disks differ.", attributes=("tablespace",)),))
    )
    assert found.diff.is_empty
    assert found.hidden[0].changes == 4
    assert not plan_schema(found.wanted, target).statements


def test_a_snapshot_keeps_them_and_the_servers_do_not_count() -> None:
    again = from_json(to_json(MOVED))
    assert again == MOVED and again.tablespaces == MOVED.tablespaces
    assert (
        fingerprint(replace(MOVED, tablespaces=(), tablespace="x"))
        == fingerprint(MOVED)
        != fingerprint(PLAIN)
    )
