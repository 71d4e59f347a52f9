"""Which of a mapping's expressions can be read backwards, and what is said to be lost."""

import pytest

from migration.core.reversing import HERE, Reversed, reads_tables, reversed_expression

KNOWN = [
    ("a", HERE, ""),
    ("(a)::varchar(20)", HERE, ""),
    ("CAST(a AS bigint)", HERE, ""),
    ("a / 60", f"{HERE} * 60", "it was rounded to a multiple of 60"),
    ("a + 1", f"{HERE} - 1", ""),
    ("(a - 10)::int", f"{HERE} + 10", ""),
    ("coalesce(a, 0)", HERE, "nothing became 0"),
    ("nullif(a, '')", HERE, "'' became nothing"),
    ("lower(trim(a))", HERE, "the text was changed by LOWER(TRIM(a))"),
    ("split_part(a, ',', 1)", HERE, "the text was changed by SPLIT_PART(a, ',', 1)"),
    (
        "CASE a WHEN 'x' THEN 'y' ELSE a END",
        f"CASE {HERE} WHEN 'y' THEN 'x' ELSE {HERE} END",
        "y cannot be told from what was so before",
    ),
    (
        "CASE a WHEN 'x' THEN 'y' WHEN 'y' THEN 'x' ELSE a END",
        f"CASE {HERE} WHEN 'y' THEN 'x' WHEN 'x' THEN 'y' ELSE {HERE} END",
        "",
    ),
    ("CASE a WHEN 'x' THEN 'y' END", f"CASE {HERE} WHEN 'y' THEN 'x' END", "other words became nothing"),
    ("CASE WHEN a IN ('x') THEN a END", HERE, "values other than those allowed became nothing"),
]
UNKNOWN = [
    "NULL::bigint",
    "'whatsapp'",
    "b",
    "a || b",
    "md5(a)",
    "a / 0",
    "60 / a",
    "a / 1.5",
    "a + b",
    "1 - a",
    "a + 1.5",
    "CASE a WHEN 'x' THEN 'z' WHEN 'y' THEN 'z' END",
    "CASE WHEN a > 1 THEN 'x' ELSE 'y' END",
    "(SELECT count(*) FROM companies AS c WHERE c.id <= a)",
]


def test_a_product_is_read_back_by_a_quotient_which_rounds() -> None:
    assert reversed_expression("(a * 100)::int", "a") == Reversed(
        value=f"{HERE} / 100", rounds="what is no multiple of 100 is rounded"
    )


@pytest.mark.parametrize(("expression", "value", "changed"), KNOWN)
def test_known_forms_are_read_back(expression: str, value: str, changed: str) -> None:
    assert reversed_expression(expression, "a") == Reversed(value=value, changed=changed)


@pytest.mark.parametrize("expression", UNKNOWN)
def test_of_everything_else_it_is_said_that_it_cannot_be(expression: str) -> None:
    assert reversed_expression(expression, "a") is None


def test_an_expression_that_looks_into_other_rows_is_told() -> None:
    assert reads_tables("(SELECT max(id) FROM t)") and reads_tables("coalesce((SELECT 1), a)")
    assert not reads_tables("a + 1")
