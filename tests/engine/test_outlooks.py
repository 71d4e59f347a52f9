"""The time that is left, as real runs foresee it: nothing before it was measured, then a range."""

import psycopg

from migration.core.events import Outlook, TasksPlanned
from migration.core.outlook import in_words
from migration.core.phases import Phase
from tests.engine.running import Told, carry, seed_recreate


def _of(told: Told, phase: Phase) -> list[Outlook]:
    return [each for each in told.of(Outlook) if each.phase is phase]


def test_each_phase_that_takes_time_is_foreseen(seed_source_dsn: str, seed_target_dsn: str) -> None:
    _, told = carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    for phase, unknown in (
        (Phase.BACK_UP, "not known before the first table is hashed"),
        (Phase.INDEXES, "not known before the first index is built"),
        (Phase.INDEXES, "not known before the first table is analyzed"),
        (Phase.SEQUENCES, "not known before the first sequence is set"),
        (Phase.VERIFY, "not known before the first table is compared"),
    ):
        said = _of(told, phase)
        assert unknown in [each.why for each in said if each.least is None], phase
        known = [each for each in said if each.least is not None and each.most is not None]
        assert known, phase
        assert all(0 <= (each.least or 0) <= (each.most or 0) for each in known)
        assert in_words(said[-1]) == "", f"{phase}: nothing is left at its end"
    finish = _of(told, Phase.FINISH)  # by the rate at which the same tables were hashed before
    assert any(each.most is not None for each in finish)
    assert all(not each.why for each in finish)


def test_what_is_to_be_built_is_weighed_by_the_rows_that_come(
    seed_source_dsn: str, seed_target_dsn: str
) -> None:
    """The target's tables are empty when it is said."""
    with psycopg.connect(seed_source_dsn) as source:
        row = source.execute("SELECT pg_table_size('public.clients')").fetchone()
    _, told = carry(seed_source_dsn, seed_target_dsn, seed_recreate(seed_source_dsn, seed_target_dsn))
    assert row is not None
    builds = next(each for each in told.of(TasksPlanned) if each.task == "build")
    assert row[0] in {size for _, size in builds.sizes}
