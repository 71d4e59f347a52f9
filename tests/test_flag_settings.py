"""What an application is beside its flags' values: tables, dependencies, own flags, habits; each change a revision."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from migration import flag_changes, flag_evidence, flag_settings, flags
from migration.core.errors import FlagRefused, Overridable, RevisionConflict
from migration.core.flag_rules import Dependency, Override, TableState
from migration.core.monitoring import metrics
from migration.core.own_flags import Kind, OwnFlag
from migration.engine.slots import name_for
from migration.flag_settings import Settings, change_settings, settings_of
from migration.models import Application, Bucket, FlagChange, RunState, Verification
from migration.monitoring.recording import Place, gauged, record
from schemadiff.models import Member, Pair, Role
from tests.run_rows import World, make_run, make_world

PILOT = {"USE_REPOSITORY_PATTERN": True, "backend.services": "target"}
THEME = OwnFlag(key="theme", kind=Kind.STRING, default="light", variants=("light", "dark"))


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    modules = ("dataLoader", "services")
    return flags.create_application(
        world.project, name="crm", environment="production", modules=modules, user="ana"
    )


def pilot(crm: Application, **more: Any) -> Any:
    expected = flags.current(crm).number
    return flags.change(crm, PILOT, reason="pilot", user="ana", expected_revision=expected, **more)


def keep(crm: Application, wanted: Settings) -> Any:
    expected = flags.current(crm).number
    return change_settings(crm, wanted, reason="settled", user="ana", expected_revision=expected)


def test_a_module_is_not_moved_onto_tables_that_nobody_verified_unless_somebody_says_why(
    world: World, crm: Application
) -> None:
    run = make_run(world, ("clients", "orders"), state=RunState.ENDED, phase="finish")
    run.table_rows.filter(source_table="clients").update(differing=0)
    with pytest.raises(Overridable) as caught:
        pilot(crm)
    assert "public.orders (unverified)" in str(caught.value)
    assert "clients" not in str(caught.value)
    made = pilot(crm, override=Override(reason="The pilot reads no orders"))
    assert made.overridden == [str(caught.value)]
    assert made.override_reason == "The pilot reads no orders"


def test_a_module_answers_only_for_the_tables_that_it_uses(world: World, crm: Application) -> None:
    run = make_run(world, ("clients", "orders"), state=RunState.ENDED, phase="finish")
    run.table_rows.filter(source_table="clients").update(differing=0)
    keep(crm, replace(settings_of(crm), tables={"services": ("public.clients",)}))
    assert pilot(crm).overridden == []


def test_the_last_verification_of_all_rows_counts_and_a_sample_only_if_it_found_something(
    world: World, crm: Application
) -> None:
    run = make_run(world, ("clients", "orders"), state=RunState.ENDED, phase="finish")

    def verified(number: int, sample: float | None, clients: int, orders: int) -> dict[str, TableState]:
        tables = [
            {"source": "public.clients", "differing": clients},
            {"source": "public.orders", "differing": orders},
        ]
        Verification.objects.create(
            project=world.project,
            run=run,
            number=number,
            state=Verification.State.DONE,
            sample=sample,
            differing=clients + orders,
            result={"tables": tables},
            ended_at=timezone.now(),
        )
        found = flag_evidence.standings(world.project)
        return {name.removeprefix("public."): each.state for name, each in found.items()}

    fine, bad, unknown = TableState.VERIFIED, TableState.DIFFERS, TableState.UNVERIFIED
    assert verified(1, 5.0, 0, 0) == {"clients": unknown, "orders": unknown}
    assert verified(2, 5.0, 3, 0) == {"clients": bad, "orders": unknown}
    assert verified(3, None, 0, 0) == {"clients": fine, "orders": fine}
    assert verified(4, 5.0, 0, 0) == {"clients": fine, "orders": fine}
    assert verified(5, 5.0, 0, 1) == {"clients": fine, "orders": bad}
    assert verified(6, None, 2, 0) == {"clients": bad, "orders": fine}


def test_before_any_run_the_mapping_says_which_tables_there_are_and_none_is_verified(
    world: World, crm: Application
) -> None:
    assert flag_evidence.standings(world.project) == {}
    Pair.objects.create(
        project=world.project,
        comparison=world.comparison,
        source_schema="public",
        source_table="staff",
        source_column="id",
        target_schema="public",
        target_table="staff",
        target_column="id",
    )
    (staff,) = flag_evidence.standings(world.project).values()
    assert (staff.table, staff.state) == ("public.staff", TableState.UNVERIFIED)


def test_live_clients_and_the_lag_of_the_newest_run_are_known(world: World, crm: Application) -> None:
    flags.record_client(crm, name="crm@a", module="services")
    run = make_run(world, (), state=RunState.RUNNING, phase="follow")
    assert flag_evidence.surroundings(crm).lag_seconds is None
    now = timezone.now()
    for slot, seconds in ((name_for(run.ledger_id), 2.5), ("somebody_elses", 60.0)):
        place = Place(metric=metrics.LAG, backend="source", part=slot)
        record(world.project.pk, [gauged(place, seconds)], at=now)
    around = flag_evidence.surroundings(crm)
    assert (around.clients, around.lag_seconds) == ({"services": 1}, 2.5)
    Bucket.objects.update(at=now - timedelta(minutes=10))
    assert flag_evidence.surroundings(crm).lag_seconds is None


def test_a_change_that_breaks_a_dependency_is_refused(crm: Application) -> None:
    keep(crm, replace(settings_of(crm), dependencies=(Dependency(module="services", needs="dataLoader"),)))
    with pytest.raises(FlagRefused, match=r"Set backend\.dataLoader to target as well"):
        pilot(crm)
    assert "services needs dataLoader." in flags.what_changed(flags.current(crm))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"modules": ("services",)}, "dataLoader is in use"),
        ({"dependencies": (Dependency(module="services", needs="cart"),)}, "no module 'cart'"),
        ({"dependencies": (Dependency(module="services", needs="services"),)}, "cannot need itself"),
        ({"poll_milliseconds": 50}, "every 100 to 60,000 ms, not every 50"),
        ({"lease_seconds": 0}, "lasts 1 to 600 s"),
        ({"poll_milliseconds": 5000}, "too short for clients that ask every 5,000 ms"),
        ({"env_names": {"backend": "LOG_DATABASE_CALLS"}}, "would both be LOG_DATABASE_CALLS"),
        ({}, "Nothing would change"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    crm: Application, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(FlagRefused, match=sentence):
        keep(crm, replace(settings_of(crm), **change))
    assert flags.current(crm).number == 1


def test_a_dependency_that_does_not_hold_is_not_begun(crm: Application) -> None:
    pilot(crm)
    with pytest.raises(FlagRefused, match="Bring them to the same backend first"):
        keep(
            crm, replace(settings_of(crm), dependencies=(Dependency(module="services", needs="dataLoader"),))
        )


def test_what_clients_see_of_the_settings_reaches_them_with_a_revision(crm: Application) -> None:
    made = keep(
        crm,
        replace(
            settings_of(crm), poll_milliseconds=2000, lease_seconds=30, modules=(*crm.modules, "billing")
        ),
    )
    assert (made.number, made.back_to) == (2, None)
    standing = flags.standing(flags.current(Application.objects.get()))
    assert (standing.poll_milliseconds, standing.lease_seconds) == (2000, 30)
    with pytest.raises(RevisionConflict):
        change_settings(
            crm, replace(settings_of(crm), lease_seconds=60), reason="x", user="ben", expected_revision=1
        )


def test_that_a_second_person_is_not_needed_any_more_needs_a_second_person(
    world: World, crm: Application
) -> None:
    keep(crm, replace(settings_of(crm), second_person=True))
    asked = change_settings(
        crm,
        replace(settings_of(crm), second_person=False),
        reason="One admin is left",
        user=world.admin,
        expected_revision=2,
    )
    assert isinstance(asked, FlagChange)
    assert Application.objects.get().second_person
    ben = User.objects.create_user("ben")
    Member.objects.create(project=world.project, user=ben, role=Role.ADMIN)
    assert flag_changes.approve(asked, ben).state == FlagChange.State.APPLIED
    assert not Application.objects.get().second_person
    assert flags.current(crm).notes == [flag_changes.NO_SECOND_PERSON]


def own(crm: Application, action: Any, what: object) -> Any:
    expected = flags.current(crm).number
    return action(crm, what, reason="wanted", user="ana", expected_revision=expected)


def test_an_own_flag_is_made_changed_defined_anew_and_archived(crm: Application) -> None:
    assert own(crm, flag_settings.add_flag, THEME).flags["theme"] == "light"
    flags.change(crm, {"theme": "dark"}, reason="night", user="ana", expected_revision=2)
    assert flags.current(crm).flags["theme"] == "dark"
    own(crm, flag_settings.edit_flag, replace(THEME, variants=("light", "blue")))
    assert flags.current(crm).flags["theme"] == "light"
    gone = own(crm, flag_settings.archive_flag, "theme")
    assert "theme" not in gone.flags
    assert "theme light → not there; theme is archived" in flags.what_changed(gone)
    for action, what, sentence in (
        (flag_settings.archive_flag, "theme", "archived already"),
        (flag_settings.archive_flag, "nosuch", "no flag 'nosuch' of its own"),
        (flag_settings.add_flag, THEME, "The key theme is taken"),
        (
            flag_settings.edit_flag,
            OwnFlag(key="theme", kind=Kind.BOOLEAN, default=True),
            "is a string for whoever reads it",
        ),
    ):
        with pytest.raises(FlagRefused, match=sentence):
            own(crm, action, what)
    back = own(crm, flag_settings.edit_flag, THEME)
    assert (back.flags["theme"], back.notes) == ("light", ["theme is available again."])


def test_what_others_kept_since_somebody_looked_is_not_overwritten(crm: Application) -> None:
    flags.issue_token(crm, user="ana")
    stale, other = Application.objects.get(), Application.objects.get()
    token = flags.issue_token(crm, user="ana")
    keep(stale, replace(settings_of(stale), env_names={"backend": "MY_BACKEND"}))
    assert flags.authenticate(token) == crm
    another = flags.issue_token(other, user="ana")
    assert flags.authenticate(another) == crm and flags.was_replaced(token)
    own(crm, flag_settings.add_flag, THEME)
    own(stale, flag_settings.add_flag, replace(THEME, key="colours"))
    own(other, flag_settings.edit_flag, replace(THEME, default="dark"))
    kept = Application.objects.get()
    assert {flag.key: flag.default for flag in kept.own} == {"theme": "dark", "colours": "light"}
    assert kept.env_names == {"backend": "MY_BACKEND"}


def test_rolling_back_over_an_own_flag_keeps_it_at_its_default(crm: Application) -> None:
    pilot(crm)
    own(crm, flag_settings.add_flag, THEME)
    flags.change(crm, {"theme": "dark"}, reason="night", user="ana", expected_revision=3)
    back = flags.roll_back(crm, 2, reason="back", user="ana", expected_revision=4)
    assert (back.flags["theme"], back.flags["backend.services"]) == ("light", "target")


def test_the_environment_file_has_the_names_that_were_chosen(crm: Application) -> None:
    own(crm, flag_settings.add_flag, THEME)
    keep(crm, replace(settings_of(crm), env_names={"theme": "APP_THEME"}))
    text = flag_settings.environment_file(crm)
    assert text.splitlines()[0] == "# crm · production: revision 3"
    assert "APP_THEME=light" in text and "TIMEWEB_SERVICES=false" in text
    assert Application.objects.get(pk=crm.pk).env_names == {"theme": "APP_THEME"}
