"""Expressions, operators and bounds are found in what PostgreSQL prints of indexes, constraints and partitions."""

import pytest

from schemadiff.core.row_checks.bounds import bounded_column, outside
from schemadiff.core.row_checks.elements import exclusion_elements, exclusion_predicate, index_expressions


@pytest.mark.parametrize(
    ("printed", "expressions"),
    [
        ("a, b DESC NULLS LAST", ("a", "b")),
        ('lower(a) text_pattern_ops, "B, c"', ("lower(a)", '"B, c"')),
        ("((a || ', '::text)), coalesce(b, 'x)'::text)", ("((a || ', '::text))", "coalesce(b, 'x)'::text)")),
        ('a COLLATE "C" text_ops, app."f(x)"(b) DESC', ('a COLLATE "C"', 'app."f(x)"(b)')),
    ],
)
def test_index_expressions(printed: str, expressions: tuple[str, ...]) -> None:
    definition = f"CREATE UNIQUE INDEX i ON public.t USING btree ({printed}) INCLUDE (z) WHERE (a > 0)"
    assert index_expressions(definition, "btree") == expressions


def test_exclusion_constraints() -> None:
    definition = (
        "EXCLUDE USING gist (room WITH =, tstzrange(a, b) range_ops WITH OPERATOR(public.&&)) WHERE ((a > b))"
    )
    assert exclusion_elements(definition) == (("room", "="), ("tstzrange(a, b)", "OPERATOR(public.&&)"))
    assert exclusion_predicate(definition) == "(a > b)"
    assert exclusion_predicate("EXCLUDE USING gist (r WITH &&)") == "true"


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("RANGE (at)", "at"),
        ('LIST ("A b")', "A b"),
        ("RANGE (a, b)", ""),
        ("LIST (lower(a))", ""),
        ("HASH (a)", ""),
        (None, ""),
    ],
)
def test_the_column_of_a_partition_key(key: str | None, column: str) -> None:
    assert bounded_column(key) == column


@pytest.mark.parametrize(
    ("bound", "condition"),
    [
        ("FOR VALUES FROM (1) TO (10)", "(a IS NULL OR a < 1 OR a >= 10)"),
        ("FOR VALUES FROM (MINVALUE) TO ('x) TO (')", "(a IS NULL OR a >= 'x) TO (')"),
        ("FOR VALUES IN (1, 2)", "(a IN (1, 2)) IS NOT TRUE"),
        ("FOR VALUES IN (NULL)", "(false) IS NOT TRUE AND a IS NOT NULL"),
        ("DEFAULT", ""),
        ("FOR VALUES WITH (modulus 4, remainder 0)", ""),
    ],
)
def test_rows_outside_of_a_bound(bound: str, condition: str) -> None:
    assert outside("a", bound) == condition
