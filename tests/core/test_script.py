"""The printed script: its transactions, and the limits of its statements."""

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.hazards import data_loss
from schemadiff.core.plan import Duration, Lock, Mode, Plan, Section, Statement
from schemadiff.core.script import render
from schemadiff.core.transactions import LARGEST, grouped


def statement(
    name: str, *, lock: Lock = Lock.NONE, duration: Duration = Duration.INSTANT, in_transaction: bool = True
) -> Statement:
    return Statement(
        sql=f"SELECT {name}",
        ref=ObjectRef(kind=Kind.TABLE, schema="s", name=name),
        section=Section.PRE_DATA,
        lock=lock,
        duration=duration,
        in_transaction=in_transaction,
    )


def plan(*statements: Statement, mode: Mode = Mode.PLAIN) -> Plan:
    return Plan(target_fingerprint="f", statements=statements, mode=mode)


def lines(*statements: Statement, mode: Mode = Mode.PLAIN) -> list[str]:
    text = render(plan(*statements, mode=mode))
    return [line for line in text.splitlines() if line and not line.startswith("-- ")]


def test_nothing_to_do_is_an_empty_text() -> None:
    assert render(Plan(target_fingerprint="f")) == ""


def test_what_can_be_in_one_transaction_is() -> None:
    assert lines(statement("a"), statement("b")) == ["BEGIN;", "SELECT a;", "SELECT b;", "COMMIT;"]


def test_what_stands_alone_ends_a_transaction() -> None:
    alone = statement("alone", in_transaction=False)

    found = lines(statement("a"), statement("b"), alone, statement("c"), statement("d"))

    assert found == [
        *("BEGIN;", "SELECT a;", "SELECT b;", "COMMIT;"),
        "SELECT alone;",
        *("BEGIN;", "SELECT c;", "SELECT d;", "COMMIT;"),
    ]


def test_a_transaction_does_not_grow_beyond_a_servers_room_for_locks() -> None:
    sizes = [len(group) for group in grouped(plan(*(statement(str(n)) for n in range(2 * LARGEST + 1))))]

    assert sizes == [LARGEST, LARGEST, 1]


def test_online_every_statement_is_committed_at_once_and_psql_stops_at_an_error() -> None:
    found = lines(statement("a"), statement("b"), mode=Mode.ONLINE)

    assert found == ["\\set ON_ERROR_STOP on", "SELECT a;", "SELECT b;"]


def test_limits_are_set_where_they_change() -> None:
    strong = [statement(name, lock=Lock.ACCESS_EXCLUSIVE) for name in "ab"]
    index = statement("i", lock=Lock.SHARE, duration=Duration.BUILDS_INDEX)

    assert lines(*strong, statement("free"), index) == [
        "BEGIN;",
        *("SET LOCAL lock_timeout = '3s';", "SET LOCAL statement_timeout = '1min';"),
        *("SELECT a;", "SELECT b;", "SELECT free;"),
        *("SET LOCAL lock_timeout = '5s';", "SET LOCAL statement_timeout = '1h';"),
        *("SELECT i;", "COMMIT;"),
    ]


def test_limits_outside_of_a_transaction_are_taken_back_at_the_end() -> None:
    alone = statement("a", lock=Lock.SHARE_UPDATE_EXCLUSIVE, in_transaction=False)

    assert lines(alone) == [
        *("SET lock_timeout = '10min';", "SET statement_timeout = '1min';"),
        "SELECT a;",
        *("RESET lock_timeout;", "RESET statement_timeout;"),
    ]


def test_a_hazard_stands_directly_above_its_statement() -> None:
    loses = statement("a", lock=Lock.ACCESS_EXCLUSIVE)
    loses = Statement(sql=loses.sql, ref=loses.ref, section=loses.section, hazards=(data_loss("all"),))

    assert "-- hazard: data-loss: all is lost.\nSELECT a;\n" in render(
        Plan(target_fingerprint="f", statements=(loses, statement("b")))
    )
