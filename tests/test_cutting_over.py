"""The flags' part in a cut-over: clients are heard of, held, flipped, and taken back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from migration import cutting_over, flags
from migration.core.flags import Backend, backend_of
from migration.cutting_over import FlagSwitch, FlagSwitchBack
from migration.models import Application, FlagClient, Revision
from schemadiff.core.errors import Refused
from schemadiff.models import Project


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    return flags.create_application(
        project, name="crm", environment="production", modules=("services",), user="ana"
    )


def add_client(crm: Application, revision: int, in_flight: int = 0) -> FlagClient:
    return FlagClient.objects.create(
        project=crm.project,
        application=crm,
        name="worker-1",
        revision=revision,
        writes_in_flight=in_flight,
        may_write_until=timezone.now() + timedelta(minutes=1),
    )


def switch_of(crm: Application) -> FlagSwitch:
    return FlagSwitch(crm, reason="Cut-over", user="ana")


def test_prepared_flipped_and_taken_back(crm: Application) -> None:
    switch = switch_of(crm)
    assert switch.look() == f"All 0 clients of {crm} hold r1."
    assert "all clients hold their writes" in switch.prepare()
    assert flags.current(crm).phase == Revision.Phase.PREPARE
    assert "the backend is the target" in switch.flip()
    now = flags.current(crm)
    assert (now.phase, now.cut_over, now.flags["backend"]) == ("normal", "after", "target")
    assert "is r1 again: the backend is the source" in switch.take_back()
    now = flags.current(crm)
    assert (now.cut_over, now.flags["backend"]) == ("before", "source")


def test_a_module_with_a_value_of_its_own_goes_along_and_comes_back(crm: Application) -> None:
    own = {"USE_REPOSITORY_PATTERN": True, "backend.services": "source"}
    flags.change(crm, own, reason="Pilot", user="ana", expected_revision=1)
    switch = switch_of(crm)
    switch.prepare()
    switch.flip()
    after = flags.flags_of(flags.current(crm))
    assert backend_of(after, "services").backend is Backend.TARGET, "it would still write to the source"
    switch.take_back()
    assert flags.current(crm).flags["backend.services"] == "source"


def test_a_preparation_is_taken_back_and_nothing_else(crm: Application) -> None:
    switch = switch_of(crm)
    assert "are as they were, at r1" in switch.take_back()
    switch.prepare()
    assert "lets writes go on where they were" in switch.take_back()
    assert flags.current(crm).flags == flags.revision(crm, 1).flags


def test_one_that_died_while_it_was_prepared_is_gone_on_with(crm: Application) -> None:
    switch_of(crm).prepare()
    assert "r2" in switch_of(crm).prepare()
    assert flags.current(crm).number == 2


def test_a_client_that_does_not_hold_the_newest_revision_is_named(crm: Application) -> None:
    client = add_client(crm, 0)
    with pytest.raises(Refused, match=r"1 clients of .* do not hold its newest revision, r1, yet: worker-1"):
        switch_of(crm).look()
    FlagClient.objects.filter(pk=client.pk).update(revision=1)
    assert switch_of(crm).look().startswith("All 1 clients")


def test_clients_are_waited_for_and_not_for_ever(crm: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    client = add_client(crm, 1, in_flight=3)
    waited: list[float] = []

    def hears(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            FlagClient.objects.filter(pk=client.pk).update(revision=2, writes_in_flight=0)

    switch = FlagSwitch(crm, reason="Cut-over", user="ana", waits=hears)
    assert "all clients hold their writes" in switch.prepare()
    assert len(waited) == 3
    switch.take_back()
    monkeypatch.setattr(cutting_over, "HEARING", 0.0)
    assert "1 clients have not heard of it in time" in switch_of(crm).prepare()


def cut_over(crm: Application) -> None:
    switch = switch_of(crm)
    switch.prepare()
    switch.flip()


def back_of(crm: Application) -> FlagSwitchBack:
    return FlagSwitchBack(crm, reason="Way back", user="ana")


def test_back_again_each_module_is_where_it_was(crm: Application) -> None:
    own = {"USE_REPOSITORY_PATTERN": True, "backend.services": "target"}
    flags.change(crm, own, reason="Pilot", user="ana", expected_revision=1)
    cut_over(crm)
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="Look", user="ana", expected_revision=4)
    switch = back_of(crm)
    assert "all clients hold their writes" in switch.prepare()
    assert "the backend is the source" in switch.flip()
    now = flags.current(crm)
    assert (now.phase, now.cut_over, now.flags["backend"]) == ("normal", "before", "source")
    assert now.flags["backend.services"] == "target"
    assert now.flags["LOG_DATABASE_CALLS"], "what was changed since stays"
    assert "says already that writes live in the source" in switch.flip()


def test_a_way_back_that_is_undone_leaves_writes_at_the_target(crm: Application) -> None:
    cut_over(crm)
    switch = back_of(crm)
    assert "are as they were, at r3" in switch.take_back()
    switch.prepare()
    assert "lets writes go on where they were" in switch.take_back()
    now = flags.current(crm)
    assert (now.phase, now.cut_over, now.flags["backend"]) == ("normal", "after", "target")


def test_over_back_and_over_again(crm: Application) -> None:
    cut_over(crm)
    switch = back_of(crm)
    switch.prepare()
    switch.flip()
    cut_over(crm)
    assert flags.current(crm).cut_over == "after"
