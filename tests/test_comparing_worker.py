"""A worker keeps a target near a source that gives no log, by rounds of comparing, and cuts over."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from migration import leading, runs
from migration.core.limits import Limits
from migration.models import CutOverAttempt, Run, RunLag, RunState
from migration.pages.run_lag import sentence_of
from schemadiff import comparison as use_case
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from schemadiff.store import record_decision
from tests.engine.running import ask
from tests.servers import MakeDatabase, roles_on
from tests.test_worker import saved
from tests.worker_process import until, working

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.heavy]

_TABLE = "CREATE TABLE first (id integer PRIMARY KEY, name text NOT NULL);"
_FILL = "INSERT INTO first SELECT n, 'row ' || n FROM generate_series(1, 500) n;"
_ROLE = "near_app"
_ROWS = "SELECT * FROM first ORDER BY id"


def test_rounds_are_shown_and_the_target_takes_over(
    make_database: MakeDatabase,
    server16: EmbeddedServer,
    server18: EmbeddedServer,
    tmp_path: Path,
    client: Client,
) -> None:
    user, project = User.objects.create_user("ana"), Project.objects.create(slug="near", name="Near")
    Member.objects.create(project=project, user=user, role=Role.ADMIN)
    here, there = make_database(server16, _TABLE + _FILL), make_database(server18, _TABLE)
    source, target = saved(project, "from", here), saved(project, "to", there)
    found = use_case.compare(project, source, target, user=user)
    record_decision(found, OptionName.HYBRID, reason="It fits.", why_not={}, user=user)
    run = runs.create_run(
        project,
        found,
        OptionName.HYBRID,
        user=user,
        reason="Now.",
        live=True,
        compares=True,
        limits=Limits(between_rounds=0.2),
    )

    def now() -> Run:
        return Run.objects.get(pk=run.pk)

    def rounds(count: int) -> bool:
        return int((now().following or {}).get("round", {}).get("number", 0)) >= count

    def led(kind: CutOverAttempt.Kind) -> CutOverAttempt:
        asked = leading.request(
            now(), kind, user=user, reason="Now.", roles=[_ROLE], patience=0.3, no_way_back="not tried here"
        )
        until(lambda: not CutOverAttempt.objects.get(pk=asked.pk).is_under_way, f"the {kind} has ended")
        return CutOverAttempt.objects.get(pk=asked.pk)

    client.force_login(user)
    page = reverse("migration:run", args=["near", run.number])
    with roles_on(server16, [_ROLE]), working(tmp_path):
        until(lambda: now().phase == "cut_over", "it keeps near")
        ask(here, "UPDATE first SET name = 'another' WHERE id <= 7; DELETE FROM first WHERE id = 9")
        until(lambda: ask(here, _ROWS) == ask(there, _ROWS), "a round finds it")
        until(lambda: rounds(3), "some rounds")
        assert sentence_of(now(), timezone.now()).startswith("The copy is as of ")
        shown = client.get(page).content.decode()
        assert "Target as of (UTC)" in shown and "Age of the target when a round was made" in shown
        assert "Log held for the slot" not in shown
        until(lambda: RunLag.objects.filter(run=run, changes__gt=0).exists(), "what a round changed is kept")
        looked = led(CutOverAttempt.Kind.LOOK)
        assert looked.error == ""
        assert "rounds" in [step["name"] for step in looked.steps]
        ask(here, "INSERT INTO first VALUES (501, 'the last one')")
        done = led(CutOverAttempt.Kind.OVER)
        assert done.error == ""
        until(lambda: now().state == RunState.ENDED, "the run has ended")
        assert now().phase == "finish"
    assert ask(here, _ROWS) == ask(there, _ROWS)
