"""Changing flags: revisions, conflicts, ways back, tokens and clients, on a real database."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from migration import flag_clients, flags
from migration.core.errors import FlagRefused, RevisionConflict
from migration.core.flags import Backend, CutOver, backend_of
from migration.models import Application, FlagClient
from schemadiff.core.errors import NotFound, Refused
from schemadiff.models import Project

MODULES = ("dataLoader", "syncScripts", "services")
ON = {"USE_REPOSITORY_PATTERN": True}
PILOT = {**ON, "backend.syncScripts": "target"}


@pytest.fixture
def crm(db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    return flags.create_application(
        project, name="crm", environment="production", modules=MODULES, user="ana"
    )


def change(application: Application, changes: dict[str, object], expected: int) -> int:
    made = flags.change(application, changes, reason="pilot", user="ana", expected_revision=expected)
    return made.number


def test_an_application_begins_with_the_defaults_and_is_made_once(crm: Application) -> None:
    first = flags.current(crm)
    assert (first.number, first.author_name) == (1, "ana")
    assert first.flags == {
        "USE_REPOSITORY_PATTERN": False,
        "USE_LEGACY_SUPABASE": True,
        "ENABLE_DUAL_WRITE": False,
        "LOG_DATABASE_CALLS": False,
        "backend": "source",
    }
    with pytest.raises(Refused, match="crm in production is there already"):
        flags.create_application(crm.project, name="crm", environment="production", modules=(), user="ana")
    assert crm.revisions.count() == 1


def test_a_change_and_its_way_back_are_revisions_of_their_own(crm: Application) -> None:
    assert change(crm, PILOT, 1) == 2
    assert backend_of(flags.flags_of(flags.current(crm)), "syncScripts").backend is Backend.TARGET
    back = flags.roll_back(crm, 1, reason="slow", user="ben", expected_revision=2)
    assert (back.number, back.restores, back.author_name, back.reason) == (3, 1, "ben", "slow")
    assert back.flags == flags.revision(crm, 1).flags
    assert list(crm.revisions.values_list("number", flat=True)) == [3, 2, 1]


@pytest.mark.parametrize(
    ("changes", "reason", "sentence"),
    [
        (PILOT, "  ", "Say why"),
        ({"backend": "source"}, "why", "Nothing would change"),
        ({"backend": "target"}, "why", "says target while USE_REPOSITORY_PATTERN is off"),
        ({"USE_LEGACY_SUPABASE": False}, "why", "are both off"),
        ({"ENABLE_DUAL_WRITE": True}, "why", "needs both sides"),
        ({"backend.billing": "target"}, "why", "There is no flag 'backend.billing'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_leaves_no_revision(
    crm: Application, changes: dict[str, object], reason: str, sentence: str
) -> None:
    with pytest.raises(FlagRefused, match=sentence):
        flags.change(crm, changes, reason=reason, user="ana", expected_revision=1)
    assert flags.current(crm).number == 1


def test_rolling_back_to_what_never_was_or_already_holds_is_refused(crm: Application) -> None:
    with pytest.raises(NotFound, match="has no revision 7"):
        flags.roll_back(crm, 7, reason="why", user="ana", expected_revision=1)
    with pytest.raises(FlagRefused, match="Nothing would change"):
        flags.roll_back(crm, 1, reason="why", user="ana", expected_revision=1)


def test_who_decided_on_an_older_revision_is_shown_the_others_change(crm: Application) -> None:
    change(crm, PILOT, 1)
    with pytest.raises(RevisionConflict) as caught:
        flags.change(crm, ON, reason="mine", user="ben", expected_revision=1)
    said = str(caught.value)
    assert "are at r2, not at r1 any more" in said
    assert "ana changed USE_REPOSITORY_PATTERN false → true; backend.syncScripts as global → target" in said
    assert "“pilot”" in said
    with pytest.raises(RevisionConflict):
        flags.roll_back(crm, 1, reason="mine", user="ben", expected_revision=1)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_wins_and_the_others_conflict() -> None:
    project = Project.objects.create(slug="race", name="Race")
    application = flags.create_application(
        project, name="crm", environment="production", modules=MODULES, user="ana"
    )
    outcomes: list[str] = []

    def flip(name: str) -> None:
        try:
            flags.change(application, PILOT, reason="race", user=name, expected_revision=1)
            outcomes.append("changed")
        except RevisionConflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=flip, args=(f"user{number}",)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", *["conflict"] * 4]
    assert flags.current(application).number == 2


def test_only_the_hash_of_a_token_is_kept_and_a_new_one_ends_the_one_before(crm: Application) -> None:
    first = flags.issue_token(crm, user="ana")
    crm.refresh_from_db()
    assert first not in str(vars(crm)) and len(crm.token_hash) == 64
    assert flags.authenticate(first) == crm
    second = flags.issue_token(crm, user="ana")
    assert flags.authenticate(first) is None
    assert flags.authenticate(second) == crm
    assert flags.authenticate("") is None
    assert flags.authenticate(crm.token_hash) is None


def test_clients_are_remembered_once_and_forgotten_after_a_day(crm: Application) -> None:
    flags.record_client(crm, name="crm@a", module="services", revision=1)
    flags.record_client(crm, name="crm@a", module="services", revision=2)
    assert list(crm.clients.values_list("name", "module", "revision")) == [("crm@a", "services", 2)]
    long_ago = timezone.now() - timedelta(days=2)
    FlagClient.objects.update(last_seen=long_ago, may_write_until=long_ago)
    flags.record_client(crm, name="crm@b")
    assert [client.name for client in crm.clients.all()] == ["crm@b"]


def test_only_so_many_clients_are_remembered(crm: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flag_clients, "MOST_CLIENTS", 3)
    for number in range(6):
        flags.record_client(crm, name=f"crm@{number}", lease_seconds=0)
    flags.record_client(crm, name="crm@3", revision=1)
    assert [client.name for client in crm.clients.all()] == ["crm@3", "crm@4", "crm@5"]
    flags.record_client(crm, name="crm@6", lease_seconds=0)
    flags.record_client(crm, name="crm@7", lease_seconds=0)
    assert [client.name for client in crm.clients.all()] == ["crm@3", "crm@5", "crm@6", "crm@7"], (
        "who may still write is waited for by a cut-over, and is none too many"
    )


def test_a_way_back_that_leads_to_the_target_is_a_change_like_any_other(crm: Application) -> None:
    flags.change(
        crm,
        {"USE_REPOSITORY_PATTERN": True, "backend": "target"},
        reason="there",
        user="ben",
        expected_revision=1,
    )
    flags.roll_back(crm, 1, reason="and back", user="ben", expected_revision=2)
    Application.objects.filter(pk=crm.pk).update(second_person=True)
    with pytest.raises(
        FlagRefused, match=r"r2 would bring .* to the target: that is no way back, and needs a second"
    ):
        flags.roll_back(crm, 2, reason="there again, alone", user="ben", expected_revision=3)
    Application.objects.filter(pk=crm.pk).update(second_person=False)
    assert flags.roll_back(crm, 2, reason="there again", user="ben", expected_revision=3).number == 4
    Application.objects.filter(pk=crm.pk).update(second_person=True)
    assert flags.roll_back(crm, 3, reason="back, alone", user="ben", expected_revision=4).number == 5


def test_no_way_back_leads_over_a_cut_over(crm: Application) -> None:
    flags.change(crm, {"USE_REPOSITORY_PATTERN": True}, reason="pool", user="ben", expected_revision=1)
    flags.prepare(crm, reason="over", user="ben", expected_revision=2)
    flags.release(
        crm,
        {"backend": "target"},
        cut_over=CutOver.AFTER,
        reason="over",
        user="ben",
        expected_revision=3,
    )
    flags.roll_back(crm, 2, reason="back", user="ben", expected_revision=4)
    with pytest.raises(FlagRefused, match=r"r4 is after a cut-over, and r5 is before it"):
        flags.roll_back(crm, 4, reason="over again", user="ben", expected_revision=5)
