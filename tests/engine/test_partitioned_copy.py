"""Tables with partitions, on one side or on both: rows arrive where they belong, and are compared as one table."""

import pytest

from schemadiff.embedded import EmbeddedServer
from tests.engine.running import ask, carry, copy_spec, one, table
from tests.servers import MakeDatabase

_PLAIN = "CREATE TABLE public.visits (id int, day date, note text, PRIMARY KEY (id, day))"
_PARTED = f"""
{_PLAIN} PARTITION BY RANGE (day);
CREATE TABLE public.visits_2025 PARTITION OF public.visits FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.visits_2026 PARTITION OF public.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
    PARTITION BY HASH (id);
CREATE TABLE public.visits_2026_even PARTITION OF public.visits_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE public.visits_2026_odd PARTITION OF public.visits_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
"""
_ROWS = """
INSERT INTO public.visits SELECT n, date '2025-01-01' + n % 700, CASE n % 2 WHEN 0 THEN 'a' ELSE 'b' END
FROM generate_series(1, 5000) AS n
"""


@pytest.mark.parametrize(
    ("there", "here"),
    [(_PARTED, _PARTED), (_PARTED, _PLAIN), (_PLAIN, _PARTED)],
    ids=["both", "source", "target"],
)
def test_partitions_are_carried(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer, there: str, here: str
) -> None:
    source, target = make_database(server16, there), make_database(server18, here)
    ask(source, _ROWS)
    ask(source, "ANALYZE public.visits")
    result, told = carry(
        source, target, copy_spec(target, table("visits", "id", "day", "note")), chunk_rows=900
    )
    assert (result.rows_read, result.rows_written, result.rejects) == (5_000, 5_000, 0)
    assert told.checked()["visits"].differing == 0
    if here == _PARTED:
        assert one(target, "SELECT count(*) FROM public.visits_2026") == one(
            source, "SELECT count(*) FROM public.visits WHERE day >= '2026-01-01'"
        )


def test_a_row_that_no_partition_takes_is_a_reject(
    make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> None:
    source, target = make_database(server16, _PLAIN), make_database(server18, _PARTED)
    ask(source, "INSERT INTO public.visits VALUES (1, '2025-05-05', 'a'), (2, '2030-05-05', 'a')")
    result, told = carry(source, target, copy_spec(target, table("visits", "id", "day", "note")))
    assert (result.rows_written, result.rejects) == (1, 1)
    assert {sqlstate for _, sqlstate, _ in told.rejects()} == {"23514"}
