"""Which statements may be at work at once, and which have to wait for others."""

from migration.core.building import Planned, builds, checks, go_together
from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.plan import Duration, Lock, Plan, Section, Statement


def statement(
    kind: Kind, table: str, name: str, duration: Duration, lock: Lock = Lock.SHARE, **more: bool
) -> Statement:
    parent = table if kind in (Kind.INDEX, Kind.CONSTRAINT, Kind.COLUMN) else ""
    return Statement(
        sql=f"{kind.value} {name}",
        ref=ObjectRef(kind=kind, schema="public", parent=parent, name=name if parent else table),
        section=Section.POST_DATA,
        duration=duration,
        lock=lock,
        in_transaction=more.get("in_transaction", True),
    )


COMMENT = statement(Kind.TABLE, "a", "a", Duration.INSTANT, Lock.SHARE_UPDATE_EXCLUSIVE)
REQUIRED = statement(Kind.COLUMN, "a", "n", Duration.READS_ROWS, Lock.ACCESS_EXCLUSIVE)
KEY = statement(Kind.CONSTRAINT, "a", "a_pkey", Duration.BUILDS_INDEX, Lock.ACCESS_EXCLUSIVE)
REFERENCE = statement(Kind.CONSTRAINT, "a", "a_b", Duration.READS_ROWS, Lock.SHARE_ROW_EXCLUSIVE)
INDEX = statement(Kind.INDEX, "a", "a_n", Duration.BUILDS_INDEX)
OTHER = statement(Kind.INDEX, "b", "b_n", Duration.BUILDS_INDEX)
CONCURRENT = statement(
    Kind.INDEX, "b", "b_m", Duration.BUILDS_INDEX, Lock.SHARE_UPDATE_EXCLUSIVE, in_transaction=False
)


def names(planned: tuple[Planned, ...]) -> list[str]:
    return [each.statement.ref.name for each in planned]


def plan(*statements: Statement) -> Plan:
    return Plan(target_fingerprint="", statements=statements)


def test_indexes_and_keys_are_built_and_foreign_keys_come_after_all_of_them() -> None:
    whole = plan(COMMENT, KEY, REFERENCE, INDEX, OTHER)
    assert names(builds(whole, ())) == ["a_pkey", "a_n", "b_n"]
    assert names(builds(whole, {1, 4})) == ["a_n"]
    assert names(checks(whole, {1, 4})) == []
    assert names(checks(whole, {1, 3, 4})) == ["a_b"]
    assert [each.position for each in checks(whole, {1, 3, 4})] == [2]


def test_a_table_whose_column_is_checked_first_waits_and_others_do_not() -> None:
    assert names(builds(plan(REQUIRED, KEY, INDEX, OTHER), ())) == ["b_n"]
    assert names(builds(plan(REQUIRED, KEY, INDEX, OTHER), {0})) == ["a_pkey", "a_n", "b_n"]


def test_what_cannot_be_in_a_transaction_is_left_to_its_turn() -> None:
    assert names(builds(plan(CONCURRENT, OTHER), ())) == ["b_n"]


def test_indexes_go_together_and_keys_are_alone_on_their_table() -> None:
    assert go_together(INDEX, OTHER)
    assert not go_together(KEY, INDEX) and not go_together(INDEX, KEY) and not go_together(KEY, KEY)


def test_a_planned_statement_names_its_table() -> None:
    assert [Planned(position=0, statement=each).table for each in (COMMENT, INDEX)] == [("public", "a")] * 2
