"""A run's tables compared by several sessions at once: the same is found as one after the other."""

from dataclasses import replace

import pytest

from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log, PhaseStarted, TableChecking
from migration.core.phases import Phase
from migration.engine import shared_checks
from migration.runner import run
from tests.engine.running import Told, ask, one, seed_recreate


@pytest.fixture(autouse=True)
def _shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_checks, "SHARED_BYTES", 0)


def test_what_differs_is_found_by_several_sessions_and_compared_anew_when_resumed(
    seed_source_dsn: str, seed_target_dsn: str
) -> None:
    told = Told()
    spec = replace(seed_recreate(seed_source_dsn, seed_target_dsn), jobs=2)

    def report(event: Event) -> None:
        told.report(event)
        if event == PhaseStarted(phase=Phase.SEQUENCES):
            ask(seed_target_dsn, "UPDATE public.companies SET title = 'Another'")
            ask(
                seed_target_dsn,
                "DELETE FROM public.bookings WHERE id = (SELECT min(id) FROM public.bookings)",
            )

    with pytest.raises(RunFailed, match=r"public\.bookings \(1\), public\.companies \(1\)"):
        run(seed_source_dsn, seed_target_dsn, spec, report=report)
    checked = told.checked()
    assert len(checked) == len(told.of(TableChecking)) == len(spec.mapping.tables)
    assert {name: each.differing for name, each in checked.items() if each.differing} == {
        "bookings": 1,
        "companies": 1,
    }
    assert (checked["bookings"].missing, checked["companies"].different) == (1, 1)
    warned = [event.message for event in told.of(Log) if event.level is Level.WARNING]
    assert any(each.startswith("public.companies differs") and "title" in each for each in warned)
    assert one(seed_target_dsn, "SELECT count(*) FROM schemadiff.checks WHERE found IS NULL") == 0
    assert one(seed_target_dsn, "SELECT count(*) FROM schemadiff.offers") == 0

    again = Told()
    with pytest.raises(RunFailed, match=r"public\.bookings \(1\)"):
        run(seed_source_dsn, seed_target_dsn, spec, report=again.report, resume=True)
    assert len(again.checked()) == len(spec.mapping.tables)
