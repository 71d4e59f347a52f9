"""Which target columns a source column could be split into, and by which expressions to begin with."""

import pytest

from schemadiff.core.columns import Column
from schemadiff.core.parting import propose_parts


def columns(**types: str) -> list[Column]:
    return [Column(name=name, position=n, type=type_) for n, (name, type_) in enumerate(types.items(), 1)]


def parts(name: str, type_: str, **targets: str) -> dict[str, str]:
    (source,) = columns(**{name: type_})
    return {part.target: part.expression for part in propose_parts(source, columns(**targets))}


def test_a_name_by_its_blanks_the_last_part_takes_the_rest() -> None:
    assert parts("name", "text", first_name="text", last_name="character varying(50)", age="integer") == {
        "first_name": "nullif(btrim(split_part(name, ' ', 1)), '')",
        "last_name": "nullif(btrim(substr(name, length(split_part(name, ' ', 1) || ' ') + 1)), '')",
    }


def test_an_address_by_its_commas() -> None:
    found = parts("address", "text", address_street="text", address_city="text", address_zip="text")
    assert found["address_street"] == "nullif(btrim(split_part(address, ',', 1)), '')"
    assert found["address_zip"].startswith("nullif(btrim(substr(address, length(split_part(address, ',', 1)")


@pytest.mark.parametrize(
    ("name", "type_", "targets", "expected"),
    [
        (
            "starts_at",
            "timestamp with time zone",
            {"start_date": "date", "start_time": "time without time zone"},
            {"start_date": "starts_at::date", "start_time": "starts_at::time"},
        ),
        (
            "prefs",
            "jsonb",
            {"prefs_language": "text", "prefs_size": "integer"},
            {
                "prefs_language": "(prefs ->> 'language')::text",
                "prefs_size": "(prefs ->> 'size')::integer",
            },
        ),
        (
            "phone",
            "text[]",
            {"phone_1": "text", "phone_2": "text"},
            {"phone_1": "phone[1]", "phone_2": "phone[2]"},
        ),
        ("name", "text", {"first_name": "text", "city": "text"}, {}),
        ("salary", "numeric", {"salary_base": "numeric", "salary_bonus": "numeric"}, {}),
    ],
)
def test_by_the_columns_type(
    name: str, type_: str, targets: dict[str, str], expected: dict[str, str]
) -> None:
    assert parts(name, type_, **targets) == expected
