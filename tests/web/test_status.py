"""The status page: for managers too, from rows only, with no row values."""

import json
import re
from datetime import date

import plotly.graph_objects
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from migration import flags, story
from migration.models import RunState, RunTable
from schemadiff.models import Decision, Member, Project, Role
from tests.run_rows import World, make_run, make_world

STATUS = "/p/crm/status/"


@pytest.fixture
def world(db: None) -> World:
    found = make_world()
    story.tell(found.project)
    return found


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(client: Client) -> str:
    response = client.get(STATUS)
    assert response.status_code == 200
    return response.content.decode()


def finished_run(world: World, **values: int) -> None:
    now = timezone.now()
    run = make_run(
        world, state=RunState.ENDED, phase="finish", reached="finish", started_at=now, ended_at=now
    )
    figures = {"rows_total": 745, "rows_written": 745, "differing": 0, **values}
    RunTable.objects.filter(run=run).update(**figures)


def test_a_manager_reads_verdict_stages_decisions_and_lessons(world: World) -> None:
    page = text_of(as_user(world.manager))
    assert "Blocked since 11 Nov 2025: stage 4, Data migration." in page
    assert "Recreate has been decided on; a run is next." in page
    for expected in (
        "3a Backward-compatibility",
        "2.5 h",
        "It loses nothing.",
        "Dual-write",
        "Indexes matter.",
    ):
        assert expected in page
    assert "Add stage" not in page and "Update…" not in page


def test_the_verdict_follows_the_rows(world: World) -> None:
    manager = as_user(world.manager)
    finished_run(world)
    page = text_of(manager)
    assert "Ready to go on: run #1 (recreate) wrote 1,490 rows, all verified as equal." in page
    engineer = as_user(world.engineer)
    stage = world.project.stages.get(number="4")
    change = {"number": "4", "title": "Data migration", "state": "done", "finished_on": "2025-11-24"}
    assert engineer.post(f"{STATUS}stages/{stage.pk}/", change).status_code == 302
    assert "On track: 6 of 8 stages are done; stage 5, Production cut-over, is next." in text_of(manager)
    finished_run(world, differing=3)
    assert "Blocked: run #2 (recreate) is finished, but 6 rows differ in the target." in text_of(manager)


def test_what_has_no_backend_is_named(world: World) -> None:
    application = world.project.applications.get()
    changes = {"USE_REPOSITORY_PATTERN": True, "USE_LEGACY_SUPABASE": False, "backend": "target"}
    flags.change(application, changes, reason="over", user="ana", expected_revision=1)
    flags.change(application, {"backend.services": "source"}, reason="x", user="ana", expected_revision=2)
    assert "crm · production: services has no backend" in text_of(as_user(world.manager))


def test_stages_are_added_and_changed_by_engineers_only(world: World) -> None:
    engineer, manager = as_user(world.engineer), as_user(world.manager)
    new = {"number": "6", "title": "Normalise", "state": "pending"}
    assert manager.post(f"{STATUS}stages/new/", new).status_code == 403
    taken = engineer.post(f"{STATUS}stages/new/", {**new, "number": "4"})
    assert taken.status_code == 422 and "There is a stage 4 already" in taken.content.decode()
    undated = engineer.post(f"{STATUS}stages/new/", {**new, "state": "done"})
    assert undated.status_code == 422 and "Say when it was done" in undated.content.decode()
    assert engineer.post(f"{STATUS}stages/new/", new).status_code == 302
    assert [stage.number for stage in world.project.stages.all()][-1] == "6"
    other = Project.objects.create(slug="other", name="Other")
    Member.objects.create(project=other, user=world.engineer, role=Role.ENGINEER)
    stage = world.project.stages.first()
    assert stage is not None
    assert engineer.get(f"/p/other/status/stages/{stage.pk}/").status_code == 404


def test_an_empty_project_says_what_to_do_next(db: None) -> None:
    project = Project.objects.create(slug="crm", name="CRM")
    user = User.objects.create_user("mia")
    Member.objects.create(project=project, user=user, role=Role.MANAGER)
    page = text_of(as_user(user))
    assert "Not begun: an admin adds the source and the target under Connections first." in page
    assert "Nothing to report yet" in page
    assert "data-chart" not in page and "plotly" not in page
    engineer = User.objects.create_user("eve")
    Member.objects.create(project=project, user=engineer, role=Role.ENGINEER)
    new = {"number": "1", "title": "Compare", "state": "active"}
    assert as_user(engineer).post(f"{STATUS}stages/new/", new).status_code == 302
    assert "On track: 0 of 1 stages are done; stage 1, Compare, is in progress." in text_of(as_user(user))


def figure(page: str, name: str) -> plotly.graph_objects.Figure:
    found = re.search(rf'<script id="{name}" type="application/json">(.*?)</script>', page)
    assert found
    return plotly.graph_objects.Figure(json.loads(found[1]))  # plotly checks every attribute


def test_the_charts_are_what_the_tables_beneath_say(world: World) -> None:
    make_run(world)
    finished_run(world, rows_written=700, rejects=45)
    page = text_of(as_user(world.manager))
    stages = figure(page, "stages-chart").data[0]
    assert list(stages.x) == ["2025-11-06", "2025-11-09", "2025-11-10"]
    assert list(stages.y) == [1, 2, 5]
    bars = {trace.name: (list(trace.y), list(trace.x)) for trace in figure(page, "rows-chart").data}
    names = ["#1 recreate", "#2 recreate"]
    assert bars == {
        "verified": (names, [0, 1400]),
        "not verified": (names, [0, 0]),
        "rejects": (names, [0, 90]),
        "not carried": (names, [0, 0]),
    }
    assert page.count("Show as table") == 2
    assert f"{date(2025, 11, 10):%-d %b %Y}" in page


def test_the_policy_is_relaxed_for_the_chart_alone_and_nothing_is_inline(world: World) -> None:
    manager = as_user(world.manager)
    response = manager.get(STATUS)
    assert "style-src 'self' 'unsafe-inline'" in response["Content-Security-Policy"]
    assert "script-src" not in response["Content-Security-Policy"]
    page = response.content.decode()
    assert "style=" not in page and "onclick" not in page
    other = as_user(world.engineer).get("/p/crm/flags/")
    assert "unsafe-inline" not in other["Content-Security-Policy"]


@pytest.mark.parametrize(("format_name", "start"), [("markdown", b"# CRM:"), ("html", b"<!doctype html>")])
def test_the_context_document_is_there_to_take_along(world: World, format_name: str, start: bytes) -> None:
    manager = as_user(world.manager)
    response = manager.get(f"{STATUS}document/{format_name}/")
    assert response.content.startswith(start)
    assert "attachment" in response["Content-Disposition"]
    assert manager.get(f"{STATUS}document/pdf/").status_code == 404


def test_errors_of_runs_stay_off_the_page(world: World) -> None:
    make_run(world, state=RunState.ENDED, phase="failed", reached="copy", error="invalid: +7 900 123-45-67")
    page = text_of(as_user(world.manager))
    assert "Blocked: run #1 (recreate) stopped at copy, no rows written yet." in page
    assert "123-45-67" not in page


def test_the_page_makes_as_many_queries_for_many_as_for_few(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = as_user(world.manager)
    finished_run(world)
    # session, user, member; stages, runs, decisions, applications, revisions, clients, newest comparison,
    # two schemas' newest snapshots, connections, past decisions, lessons, schedules; the review 3
    with django_assert_num_queries(19):
        manager.get(STATUS)
    Decision.objects.create(
        project=world.project, comparison=world.comparison, option="hybrid", superseded_by=world.decision
    )
    for number in range(5):
        make_run(world, tables=tuple(f"t{table}" for table in range(number * 3)))
        flags.create_application(
            world.project, name=f"app{number}", environment="test", modules=("a", "b"), user="ana"
        )
    with django_assert_num_queries(19):
        manager.get(STATUS)


def test_alerts_that_fire_are_among_what_blocks(world: World) -> None:
    manager = as_user(world.manager)
    assert "alerts of the monitoring" not in text_of(manager)
    Project.objects.filter(pk=world.project.pk).update(firing_alerts=2)
    assert "2 alerts of the monitoring fire: see Monitoring." in text_of(manager)
