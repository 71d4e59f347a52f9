"""All 21 methods on both backends: the same business result, and under transform what the mapping cannot give."""

from collections.abc import Sequence
from typing import Any

import pytest

from migration.access.backend import Backend
from migration.access.comparing import Comparison, comparable, compare
from migration.access.errors import AccessError, ErrorKind
from migration.access.limits import Effect, limits_of
from migration.access.methods import METHODS
from migration.access.sampling import Call, sampled_calls
from migration.core.flags import Access
from tests.access.conftest import OpenBoth

pytestmark = pytest.mark.heavy


def answered(backend: Backend, call: Call) -> list[dict[str, Any]] | str:
    """The rows, or the sentence without the backend's name."""
    try:
        return backend.call(call.method, call.arguments).rows
    except AccessError as exc:
        return f"{exc.kind}: {exc}"


def compared(source: Backend, target: Backend, call: Call) -> Comparison | str:
    one, other = answered(source, call), answered(target, call)
    if isinstance(one, str) or isinstance(other, str):
        return Comparison() if one == other else f"source {_short(one)}, target {_short(other)}"
    wanted: Sequence[str] = call.method.fields
    if call.method.access is Access.WRITE and isinstance(call.arguments[0], dict):
        wanted = tuple(call.arguments[0])
    elif call.method.access is Access.WRITE:
        wanted = call.method.writes
        one, other = (sorted(rows, key=lambda row: _key(call, row)) for rows in (one, other))
    layouts = source.layouts[call.method.table], target.layouts[call.method.table]
    return compare(one, other, *comparable(*layouts, wanted))


def _key(call: Call, row: dict[str, Any]) -> list[str]:
    return [str(row[name]) for name in call.method.needs]


def _short(found: list[dict[str, Any]] | str) -> str:
    return found if isinstance(found, str) else f"{len(found)} rows"


def differences(both: tuple[Backend, Backend]) -> dict[str, Any]:
    source, target = both
    calls = sampled_calls(source.pool)
    assert {call.method.name for call in calls} == {method.name for method in METHODS}
    assert len(calls) >= 45
    found = {f"{call.method.name}, {call.about}": compared(source, target, call) for call in calls}
    return {name: each for name, each in found.items() if isinstance(each, str) or not each.is_same}


@pytest.mark.parametrize("option", ["recreate", "hybrid"])
def test_all_methods_answer_the_same_on_both_backends(open_both: OpenBoth, option: str) -> None:
    both = open_both(option)
    assert differences(both) == {}
    assert limits_of(both[1].layouts) == ()
    first = both[1].call(METHODS[2], ("+7 (000) 000-00-01",)).rows
    assert len(first) == 1 and first[0]["phone"] is not None, "the rows are really there"


def test_under_transform_what_differs_is_what_the_mapping_cannot_give(open_both: OpenBoth) -> None:
    both = open_both("transform")
    refused = "target invalid: bookings.deleted cannot be used here: no column of the target takes it."
    category = (
        "target invalid: services.category_id cannot be used here: service_category_id is filled by"
        " NULL::bigint, which cannot be read back."
    )
    found = differences(both)
    lost = found.pop("get_services, the company's")
    refused_new = found.pop("upsert_services, a batch of 63")
    assert "“price_min” must have a value" in refused_new, "three of the rows are not there"
    assert lost.fields == ("rows",), "three services without a price were refused by the target"
    assert found == {
        "get_client_appointments, a client with bookings": Comparison(
            fields=("rows",), reason="Source and target give 1 and 0 rows."
        ),
        "get_service_by_id, a NULL price": Comparison(
            fields=("rows",), reason="Source and target give 1 and 0 rows."
        ),
        "get_services_by_category, a known category": f"source 9 rows, {category}",
        "get_services_by_category, an unknown category": f"source 0 rows, {category}",
        "get_upcoming_appointments, a client with bookings": f"source 1 rows, {refused}",
        "get_upcoming_appointments, an unknown client": f"source 0 rows, {refused}",
    }


def listed(target: Backend, method: str, effect: Effect) -> dict[str, str]:
    found = limits_of(target.layouts)
    return {each.field: each.reason for each in found if (each.method, each.effect) == (method, effect)}


def test_the_limits_of_a_transform_are_listed_by_method_and_field(open_both: OpenBoth) -> None:
    _, target = open_both("transform")
    assert {each.method for each in limits_of(target.layouts) if each.effect is Effect.REFUSED} == {
        "get_upcoming_appointments",
        "get_services_by_category",
    }
    assert listed(target, "get_client_by_id", Effect.CHANGED) == {
        "phone": "the text was changed by SPLIT_PART(phone, ',', 1).",
        "gender": "values other than those allowed became nothing.",
        "discount": "discount_percent is smallint, which cannot hold every numeric(5,2).",
    }
    assert listed(target, "get_services", Effect.CHANGED) == {
        "duration": "it was rounded to a multiple of 60."
    }
    not_given = listed(target, "get_client_by_id", Effect.NOT_GIVEN)
    assert {"visit_history", "loyalty_level", "ai_context", "ai_messages", "surname"} <= set(not_given)
    assert len(not_given) == 28
    assert listed(target, "upsert_services", Effect.NOT_KEPT) == {
        "price": "no column of the target takes it."
    }
    assert set(listed(target, "upsert_services", Effect.NEW_ROWS_REFUSED)) == {"price_max", "price_min"}
    assert set(listed(target, "upsert_dialog_context", Effect.NEW_ROWS_REFUSED)) == {"company_id"}
    assert set(listed(target, "get_company", Effect.NOT_GIVEN)) >= {"id", "whatsapp_config"}
    assert limits_of(target.layouts, METHODS[-1:]) == (), "the health check needs the number alone"


def test_through_the_mapping_a_key_is_looked_up_and_a_unit_worked_out(open_both: OpenBoth) -> None:
    source, target = open_both("transform")
    assert target.pool.fetch("SELECT DISTINCT company_id AS id FROM clients") == [{"id": 1}]
    staff = {method.name: method for method in METHODS}
    found = target.call(staff["get_staff"], (962302,)).rows
    assert len(found) == 11 and {row["company_id"] for row in found} == {962302}
    service = source.call(staff["get_services"], (962302,)).rows[0]
    service = {name: service[name] for name in ("yclients_id", "company_id", "name", "price", "duration")}
    written = target.call(staff["upsert_services"], ([service | {"duration": 5_430}],))
    assert written.left_out == ("price",) and written.rows[0]["duration"] == 5_400
    assert target.pool.fetch(
        "SELECT duration_minutes AS m FROM services WHERE yclients_service_id = %s", (service["yclients_id"],)
    ) == [{"m": 90}]


def test_a_new_row_that_the_target_refuses_is_said_with_its_column(open_both: OpenBoth) -> None:
    _, target = open_both("transform")
    methods = {method.name: method for method in METHODS}
    with pytest.raises(AccessError) as caught:
        target.call(methods["upsert_dialog_context"], ({"user_id": "new", "context": {}},))
    assert caught.value.kind is ErrorKind.CONSTRAINT and "“company_id” must have a value" in str(caught.value)
    row = {"user_id": "new", "context": {"a": None}, "company_id": 962302}
    assert target.call(methods["upsert_dialog_context"], (row,)).rows[0]["context"] == {"a": None}
    assert target.call(methods["upsert_dialog_context"], (row | {"context": {"b": 1}},)).rows[0][
        "context"
    ] == {"b": 1}
    assert target.pool.fetch(
        "SELECT company_id, channel FROM dialog_contexts WHERE external_user_id = %s", ("new",)
    ) == [{"company_id": 1, "channel": "whatsapp"}]


def test_renames_alone_are_read_and_written(open_both: OpenBoth) -> None:
    """The seed's mapping as it is: the company's number is its key in the target, too."""
    source, target = open_both("plain transform")
    same = [
        call
        for call in sampled_calls(source.pool)
        if call.method.name in ("get_client_by_id", "get_staff", "get_company", "upsert_client")
    ]
    for call in same:
        found = compared(source, target, call)
        assert isinstance(found, Comparison) and found.is_same, (call.method.name, found)
