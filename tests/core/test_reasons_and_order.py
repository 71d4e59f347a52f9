"""Sentences for rejects, which errors are about rows, and the order of tables."""

import pytest

from migration.core.reasons import cascade_sentence, is_about_a_row, sentence
from migration.core.table_order import in_reference_order


@pytest.mark.parametrize("code", ["22001", "23502", "23503", "23514", "P0001", "21000", "54000"])
def test_errors_that_a_row_is_to_blame_for(code: str) -> None:
    assert is_about_a_row(code)


@pytest.mark.parametrize("code", ["", "08006", "42703", "53100", "55P03", "57P01", "40P01", "42501"])
def test_errors_that_no_row_is_to_blame_for(code: str) -> None:
    assert not is_about_a_row(code)


def test_a_sentence_names_column_and_constraint() -> None:
    assert sentence("23502", column="phone") == "“phone” must have a value (NOT NULL) and the row has none"
    assert "clients_gender_check" in sentence("23514", constraint="clients_gender_check", column="gender")
    assert "22P06" in sentence("22P06")
    assert cascade_sentence("public.clients", "bookings_fk").startswith(
        "refused because its row of public.clients"
    )


def names(*tables: str) -> tuple[tuple[str, str], ...]:
    return tuple(("public", table) for table in tables)


def test_what_is_referred_to_comes_first() -> None:
    references = [
        (names("a")[0], names("c")[0]),
        (names("c")[0], names("b")[0]),
        (names("a")[0], names("z")[0]),
    ]
    assert in_reference_order(names("a", "b", "c"), references) == names("b", "c", "a")


def test_a_circle_and_a_self_reference_do_not_stop_it() -> None:
    a, b = names("a", "b")
    assert in_reference_order((b, a), [(a, b), (b, a), (a, a)]) == (a, b)
