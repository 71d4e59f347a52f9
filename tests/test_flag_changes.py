"""Changes of flags that wait: for another admin, for their time, for a decision; and what they rest on meanwhile."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from migration import flag_changes, flags
from migration.core.errors import FlagRefused, Overridable, RevisionConflict
from migration.core.flag_rules import Override
from migration.flag_changes import Wanted
from migration.models import Application, FlagChange, Revision, RunState, Verification
from schemadiff.models import Member, Role
from tests.run_rows import World, make_run, make_world

ON = {"USE_REPOSITORY_PATTERN": True}
PILOT = {**ON, "backend.services": "target"}
State = FlagChange.State


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    modules = ("dataLoader", "services")
    return flags.create_application(
        world.project, name="crm", environment="production", modules=modules, user="ana"
    )


@pytest.fixture
def ben(world: World) -> User:
    """A second admin."""
    user = User.objects.create_user("ben", password="secret")
    Member.objects.create(project=world.project, user=user, role=Role.ADMIN)
    return user


def ask(crm: Application, user: object, changes: Mapping[str, object] = ON, **more: Any) -> FlagChange:
    wanted = Wanted(changes=changes, reason="pilot", **{"expected_revision": 1} | more)
    made = flag_changes.ask(crm, wanted, user)
    assert isinstance(made, FlagChange)
    return made


def soon() -> Any:
    return timezone.now() + timedelta(hours=1)


def due(change: FlagChange) -> FlagChange:
    """Its time has come, and the worker looks."""
    FlagChange.objects.filter(pk=change.pk).update(at=timezone.now() - timedelta(seconds=1))
    flag_changes.apply_due()
    change.refresh_from_db()
    return change


def needs_two(crm: Application) -> None:
    crm.second_person = True
    crm.save()


def verified(world: World, differing: int) -> None:
    run = world.project.runs.get()
    Verification.objects.create(
        project=world.project,
        run=run,
        number=run.verifications.count() + 1,
        state=Verification.State.DONE,
        ended_at=timezone.now(),
        differing=differing,
        result={"tables": [{"source": "public.clients", "differing": differing}]},
    )


def test_without_a_time_or_a_second_person_a_change_is_applied_at_once(crm: Application) -> None:
    made = flag_changes.ask(crm, Wanted(changes=ON, reason="pilot", expected_revision=1), "ana")
    assert isinstance(made, Revision) and made.number == 2
    assert flag_changes.pending(crm) == ()


def test_a_scheduled_change_holds_from_its_time_on(world: World, crm: Application) -> None:
    change = ask(crm, world.admin, at=soon())
    assert (change.state, flags.current(crm).number) == (State.SCHEDULED, 1)
    flag_changes.apply_due()
    assert flags.current(crm).number == 1
    assert due(change).state == State.APPLIED
    now = flags.current(crm)
    assert (now.number, now.author_name, change.revision) == (2, world.admin.username, 2)
    with pytest.raises(FlagRefused, match="past"):
        ask(crm, world.admin, {"LOG_DATABASE_CALLS": True}, at=timezone.now(), expected_revision=2)


def test_what_rests_on_another_revision_by_then_is_suspended_and_can_be_resumed(
    world: World, crm: Application
) -> None:
    change = ask(crm, world.admin, at=soon())
    flags.change(crm, {"LOG_DATABASE_CALLS": True}, reason="measuring", user="ben", expected_revision=1)
    assert due(change).state == State.SUSPENDED
    assert "ben changed LOG_DATABASE_CALLS false → true" in change.suspended_because
    with pytest.raises(RevisionConflict):
        flag_changes.resume(change, world.admin, expected_revision=1, override=None)
    done = flag_changes.resume(change, world.admin, expected_revision=2, override=None)
    assert done.state == State.APPLIED
    assert flags.current(crm).flags["USE_REPOSITORY_PATTERN"] is True
    assert flags.current(crm).flags["LOG_DATABASE_CALLS"] is True


def test_what_is_verified_as_different_by_then_suspends_it(world: World, crm: Application) -> None:
    make_run(world, ("clients",), state=RunState.ENDED, phase="finish")
    verified(world, 0)
    change = ask(crm, world.admin, PILOT, at=soon())
    verified(world, 3)
    assert due(change).state == State.SUSPENDED
    assert "public.clients (3 rows differ)" in change.suspended_because
    with pytest.raises(Overridable, match="3 rows differ"):
        flag_changes.resume(change, world.admin, expected_revision=1, override=None)
    (seen,) = flag_changes.objections_now(change)
    override = Override(reason="Only the pilot's rows", of=(seen,))
    assert (
        flag_changes.resume(change, world.admin, expected_revision=1, override=override).state
        == State.APPLIED
    )
    now = flags.current(crm)
    assert (now.overridden, now.override_reason) == ([seen], "Only the pilot's rows")


def test_who_asked_and_is_no_admin_any_more_suspends_it(world: World, crm: Application) -> None:
    change = ask(crm, world.admin, at=soon())
    Member.objects.filter(user=world.admin).update(role=Role.ENGINEER)
    assert due(change).state == State.SUSPENDED
    assert "no admin of this project any more" in change.suspended_because


def test_who_asked_and_may_not_log_in_any_more_suspends_it(world: World, crm: Application) -> None:
    change = ask(crm, world.admin, at=soon())
    User.objects.filter(pk=world.admin.pk).update(is_active=False)
    assert due(change).state == State.SUSPENDED


def test_what_was_asked_by_who_is_deleted_is_suspended_and_resumed_by_another_admin(
    world: World, crm: Application, ben: User
) -> None:
    change = ask(crm, ben, at=soon())
    ben.delete()
    assert due(change).state == State.SUSPENDED
    assert change.suspended_because == "ben, who asked for it, is no admin of this project any more."
    with pytest.raises(FlagRefused, match="nobody is no admin of this project"):
        flag_changes.resume(change, "nobody", expected_revision=1, override=None)
    assert flag_changes.resume(change, world.admin, expected_revision=1, override=None).state == State.APPLIED


def test_what_was_approved_by_who_is_no_admin_any_more_is_suspended(
    world: World, crm: Application, ben: User
) -> None:
    needs_two(crm)
    change = flag_changes.approve(ask(crm, world.admin, at=soon()), ben)
    Member.objects.filter(user=ben).delete()
    assert due(change).state == State.SUSPENDED
    assert change.suspended_because == "ben, who approved it, is no admin of this project any more."
    change = flag_changes.resume(change, world.admin, expected_revision=1, override=None)
    assert (change.state, change.approved_by_name) == (State.WAITING, "")


def test_what_waits_is_asked_for_by_an_admin_whichever_way_it_comes(
    world: World, crm: Application, ben: User
) -> None:
    with pytest.raises(FlagRefused, match=r"somebody is no admin of this project.* who of its admins"):
        ask(crm, "somebody", at=soon())
    needs_two(crm)
    with pytest.raises(FlagRefused, match="is no admin"):
        ask(crm, world.engineer.username)
    change = ask(crm, "ben")
    assert change.asked_by == ben
    User.objects.filter(pk=ben.pk).update(username="benjamin")
    ben.refresh_from_db()
    with pytest.raises(FlagRefused, match="somebody else has to approve"):
        flag_changes.approve(change, ben)
    assert flag_changes.approve(change, world.admin).state == State.APPLIED


def test_a_change_of_two_is_applied_by_the_second_and_says_who(
    world: World, crm: Application, ben: User
) -> None:
    needs_two(crm)
    with pytest.raises(FlagRefused, match="approval of a second person"):
        flags.change(crm, ON, reason="alone", user=world.admin, expected_revision=1)
    change = ask(crm, world.admin)
    assert (change.state, flags.current(crm).number) == (State.WAITING, 1)
    with pytest.raises(FlagRefused, match="somebody else has to approve"):
        flag_changes.approve(change, world.admin)
    with pytest.raises(FlagRefused, match="is no admin"):
        flag_changes.approve(change, world.engineer)
    assert flag_changes.approve(change, ben).state == State.APPLIED
    now = flags.current(crm)
    assert (now.author_name, now.approved_by) == (world.admin.username, "ben")
    with pytest.raises(FlagRefused, match="is applied by now"):
        flag_changes.approve(change, ben)


def test_an_approved_change_waits_for_its_time(world: World, crm: Application, ben: User) -> None:
    needs_two(crm)
    change = flag_changes.approve(ask(crm, world.admin, at=soon()), ben)
    assert (change.state, flags.current(crm).number) == (State.SCHEDULED, 1)
    assert due(change).state == State.APPLIED
    assert flags.current(crm).approved_by == "ben"


def test_approving_what_rests_on_an_older_revision_suspends_it_and_the_resumer_is_the_asker(
    world: World, crm: Application, ben: User
) -> None:
    needs_two(crm)
    change = ask(crm, world.admin)
    flags.note(crm, ("A note.",), reason="why", user="cleo", expected_revision=1)
    change = flag_changes.approve(change, ben)
    assert change.state == State.SUSPENDED
    change = flag_changes.resume(change, ben, expected_revision=2, override=None)
    assert (change.state, change.asked_by_name, change.approved_by_name) == (State.WAITING, "ben", "")
    with pytest.raises(FlagRefused, match="somebody else"):
        flag_changes.approve(change, ben)
    assert flag_changes.approve(change, world.admin).state == State.APPLIED


def test_what_is_cancelled_never_comes(world: World, crm: Application) -> None:
    change = flag_changes.cancel(ask(crm, world.admin, at=soon()), "ben")
    assert (change.state, change.ended_by_name) == (State.CANCELLED, "ben")
    due(change)
    assert flags.current(crm).number == 1
    with pytest.raises(FlagRefused, match="is cancelled by now"):
        flag_changes.cancel(change, "ben")


def test_a_way_back_needs_no_second_person(world: World, crm: Application) -> None:
    flags.change(crm, ON, reason="pilot", user="ana", expected_revision=1)
    needs_two(crm)
    back = flags.roll_back(crm, 1, reason="slow", user=world.admin, expected_revision=2)
    assert (back.restores, back.back_to) == (1, 2)


def test_what_makes_no_sense_is_refused_before_it_is_kept(world: World, crm: Application) -> None:
    needs_two(crm)
    wrong: tuple[tuple[Mapping[str, object], str], ...] = (
        ({"USE_LEGACY_SUPABASE": False}, "both off"),
        ({"nosuch": True}, "no flag"),
        ({"backend": "source"}, "Nothing would change"),
    )
    for changes, sentence in wrong:
        with pytest.raises(FlagRefused, match=sentence):
            ask(crm, world.admin, changes)
    with pytest.raises(RevisionConflict):
        ask(crm, world.admin, expected_revision=7)
    assert crm.changes.count() == 0
