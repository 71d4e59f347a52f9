"""`manage.py flag`: list, set, rollback, and every refusal as one sentence with exit code 1."""

import getpass

import pytest
from django.contrib.auth.models import User

from migration import flag_settings, flags
from migration.core.own_flags import Kind, OwnFlag
from migration.models import Application
from schemadiff.models import Member, Project, Role
from tests.application_commands import manage


@pytest.fixture
def crm(transactional_db: None) -> Application:
    project = Project.objects.create(slug="bot", name="Bot")
    return flags.create_application(
        project, name="crm", environment="production", modules=("dataLoader", "services"), user="ana"
    )


def said(*arguments: str) -> str:
    done = manage("flag", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def refused(*arguments: str) -> str:
    done = manage("flag", *arguments)
    assert (done.returncode, done.stdout) == (1, ""), done
    return done.stderr.strip().splitlines()[-1]


def test_a_module_is_flipped_and_rolled_back(crm: Application) -> None:
    shown = said("set", "USE_REPOSITORY_PATTERN", "on", "--reason", "pilot", "--by", "ana")
    assert shown.splitlines()[0] == "crm · production: r2 holds now, after r1."
    shown = said("set", "backend", "target", "--module", "services", "--reason", "pilot")
    assert "services reads and writes the target instead of the source" in shown
    now = flags.current(crm)
    assert (now.number, now.author_name, now.reason) == (3, getpass.getuser(), "pilot")
    listed = said("list")
    assert "crm · production: r3" in listed
    assert "backend.services        target                uses target: backend.services says target" in listed
    assert "backend.dataLoader      source (as global)    uses source" in listed
    shown = said("rollback", "r2", "--reason", "slow", "--application", "crm", "--environment", "production")
    assert "services reads and writes the source instead of the target." in shown
    assert flags.current(crm).restores == 2


@pytest.mark.heavy
def test_what_cannot_be_done_is_one_sentence_and_a_1(crm: Application) -> None:
    because = ("--reason", "why")
    assert "says target while USE_REPOSITORY_PATTERN is off" in refused("set", "backend", "target", *because)
    assert "source or target, not 'up'" in refused("set", "backend.services", "up", *because)
    assert "true or false, not 'maybe'" in refused("set", "LOG_DATABASE_CALLS", "maybe", *because)
    assert "There is no flag 'backend.cart'" in refused(
        "set", "backend", "target", "--module", "cart", *because
    )
    assert "goes with the flag backend only" in refused(
        "set", "LOG_DATABASE_CALLS", "on", "--module", "services", *because
    )
    assert "Nothing would change" in refused("set", "backend.services", "as-global", *because)
    assert "has no revision 9" in refused("rollback", "9", *because)
    assert "'last' is no revision" in refused("rollback", "last", *because)
    assert "--reason" in refused("set", "LOG_DATABASE_CALLS", "on")
    assert "no application shop" in refused("rollback", "1", "--application", "shop", *because)
    assert "There is no project 'nosuch'. There are: bot." in refused("list", "--project", "nosuch")
    assert flags.current(crm).number == 1


def test_which_application_has_to_be_said_where_there_are_two(crm: Application) -> None:
    flags.create_application(crm.project, name="shop", environment="production", modules=(), user="ana")
    change = ("set", "LOG_DATABASE_CALLS", "on", "--reason", "why")
    assert "Say which application" in refused(*change)
    said(*change, "--application", "shop")
    assert flags.current(crm).number == 1
    listed = said("list")
    assert "crm · production: r1" in listed and "shop · production: r2" in listed
    assert "crm" not in said("list", "--application", "shop")


@pytest.mark.heavy
def test_a_change_is_kept_for_its_time_and_for_another_admin(crm: Application) -> None:
    because = ("--reason", "pilot", "--by", "ana")
    change = ("set", "LOG_DATABASE_CALLS", "on", *because)
    assert "'noon' is no time" in refused(*change, "--at", "noon")
    assert "ana is no admin of this project" in refused(*change, "--at", "2999-01-01T10:00")
    for name in ("ana", "cleo"):
        user = User.objects.create_user(name)
        Member.objects.create(project=crm.project, user=user, role=Role.ADMIN)
    kept = said(*change, "--at", "2999-01-01T10:00")
    assert "change 1 is kept. Will be applied at 01 Jan 2999 10:00 UTC" in kept
    assert "change 1 (LOG_DATABASE_CALLS → true): Will be applied" in said("list")
    assert "Cancelled by ben." in said("cancel", "1", "--by", "ben")
    Application.objects.update(second_person=True)
    assert "Waits for another admin than ana" in said(*change)
    assert "There is no user 'ben'" in refused("approve", "2", "--by", "ben")
    assert "somebody else has to approve" in refused("approve", "2", "--by", "ana")
    assert "Applied as r2." in said("approve", "2", "--by", "cleo")
    assert "has no change 9" in refused("resume", "9")
    assert "is applied by now" in refused("resume", "2")


@pytest.mark.heavy
def test_a_module_is_moved_onto_unverified_tables_with_a_reason_only(crm: Application) -> None:
    crm.module_tables = {"services": ["public.services"]}
    crm.save()
    because = ("--reason", "pilot")
    said("set", "USE_REPOSITORY_PATTERN", "on", *because)
    pilot = ("set", "backend", "target", "--module", "services", *because)
    assert "public.services (unverified)" in refused(*pilot)
    said(*pilot, "--override", "It was compared by hand")
    assert flags.current(crm).override_reason == "It was compared by hand"


@pytest.mark.heavy
def test_own_flags_are_set_and_all_are_printed_as_an_environment_file(crm: Application) -> None:
    theme = OwnFlag(key="theme", kind=Kind.STRING, default="light", variants=("light", "Dark mode"))
    flag_settings.add_flag(crm, theme, reason="wanted", user="ana", expected_revision=1)
    said("set", "theme", "Dark mode", "--reason", "night")
    assert "theme                   Dark mode" in said("list")
    printed = said("env", "--application", "crm", "--environment", "production")
    assert printed.splitlines()[0] == "# crm · production: revision 3"
    assert "TIMEWEB_SERVICES=false" in printed and "THEME='Dark mode'" in printed
