"""A cut-over holds the clients' writes by a revision of its own, and lets them go by another one."""

from datetime import timedelta

import pytest
from django.utils import timezone

from migration import flags
from migration.core.errors import FlagRefused, RevisionConflict
from migration.core.flags import CutOver
from migration.models import Application, FlagClient
from schemadiff.models import Project


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    return flags.create_application(
        project, name="crm", environment="production", modules=("services",), user="ana"
    )


def prepare(application: Application, expected: int = 1) -> int:
    return flags.prepare(
        application, reason="Cut-over of run #7", user="ana", expected_revision=expected
    ).number


def standing(application: Application) -> dict[str, object]:
    return dict(flags.standing(flags.current(application)).metadata())


def test_clients_hold_their_writes_from_prepare_to_release(crm: Application) -> None:
    assert standing(crm) == {
        "revision": 1,
        "poll_milliseconds": 1000,
        "lease_seconds": 10,
        "hold_writes": False,
        "cut_over": "before",
    }
    assert prepare(crm) == 2
    assert standing(crm) | {"poll_milliseconds": 100, "hold_writes": True} == standing(crm)
    made = flags.release(
        crm,
        {"USE_REPOSITORY_PATTERN": True, "backend": "target"},
        cut_over=CutOver.AFTER,
        reason="Cut over",
        user="ana",
        expected_revision=2,
    )
    assert (made.number, made.flags["backend"]) == (3, "target")
    assert standing(crm) | {"hold_writes": False, "cut_over": "after", "poll_milliseconds": 1000} == standing(
        crm
    )
    assert "clients write again; after cut-over from now on" in flags.what_changed(made)


def test_a_preparation_is_taken_back_with_nothing_changed(crm: Application) -> None:
    prepare(crm)
    made = flags.release(crm, {}, cut_over=CutOver.BEFORE, reason="Too slow", user="ana", expected_revision=2)
    assert (made.flags, standing(crm)["hold_writes"]) == (flags.revision(crm, 1).flags, False)


def test_while_a_cut_over_is_prepared_flags_are_rolled_back_but_not_changed(crm: Application) -> None:
    prepare(crm)
    with pytest.raises(FlagRefused, match="being prepared since r2"):
        flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="why", user="ben", expected_revision=2)
    with pytest.raises(FlagRefused, match="prepared for a cut-over already, since r2"):
        prepare(crm, 2)
    flags.roll_back(crm, 1, reason="Clients wait too long", user="ben", expected_revision=2)
    assert standing(crm)["hold_writes"] is False


def test_what_is_not_prepared_is_not_released_and_others_changes_are_noticed(crm: Application) -> None:
    with pytest.raises(FlagRefused, match="not prepared for a cut-over: it is at r1"):
        flags.release(crm, {}, cut_over=CutOver.AFTER, reason="why", user="ana", expected_revision=1)
    prepare(crm)
    with pytest.raises(RevisionConflict, match="clients hold their writes for a cut-over"):
        prepare(crm, 1)


def test_a_way_back_across_a_cut_over_restores_where_writes_live(crm: Application) -> None:
    prepare(crm)
    flags.release(
        crm,
        {"USE_REPOSITORY_PATTERN": True, "backend": "target"},
        cut_over=CutOver.AFTER,
        reason="Cut over",
        user="ana",
        expected_revision=2,
    )
    flags.roll_back(crm, 1, reason="Wrong rows", user="ana", expected_revision=3)
    assert standing(crm)["cut_over"] == "before"


def test_who_asked_within_the_lease_is_waited_for_until_it_holds_the_revision(crm: Application) -> None:
    prepare(crm)
    for name, revision in (("crm@a", 1), ("crm@b", 2), ("crm@gone", 1)):
        flags.record_client(crm, name=name, revision=revision, version="1.0")
    run_out = timezone.now() - timedelta(seconds=1)
    FlagClient.objects.filter(name="crm@gone").update(may_write_until=run_out)
    now = flags.current(crm)
    assert [client.name for client in flags.asking(crm)] == ["crm@a", "crm@b"]
    assert [client.name for client in flags.not_yet_on(now)] == ["crm@a"]
    flags.record_client(crm, name="crm@a", revision=2, version="1.0")
    assert flags.not_yet_on(now) == ()


def test_very_many_clients_are_asked_to_come_less_often_while_they_wait(crm: Application) -> None:
    prepare(crm)
    until = timezone.now() + timedelta(seconds=crm.lease_seconds)
    FlagClient.objects.bulk_create(
        FlagClient(project_id=crm.project_id, application=crm, name=f"crm@{number}", may_write_until=until)
        for number in range(150)
    )
    assert standing(crm)["poll_milliseconds"] == 500
