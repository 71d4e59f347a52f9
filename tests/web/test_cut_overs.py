"""A run's cut-over in the browser: who sees and asks for it, what is offered when, and one from end to end."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoAssertNumQueries

from migration import leading
from migration.core.events import CutOverStep
from migration.models import Application, CutOverAttempt, Run, RunState
from schemadiff import connections
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Connection
from tests.engine.calls import ROLE, Calls, followed_calls
from tests.engine.running import ask
from tests.run_rows import World, make_run, make_world
from tests.servers import MakeDatabase

Kind = CutOverAttempt.Kind


@pytest.fixture
def world(db: None) -> World:
    return make_world()


def following(world: World, phase: str = "cut_over") -> Run:
    return make_run(
        world, live=True, state=RunState.RUNNING, phase=phase, reached=phase, started_at=timezone.now()
    )


def step(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "did": f"<b>{name}</b> did it.",
        "undo": "",
        "seconds": 0.2,
        "at": timezone.now().isoformat(),
    }


def tried(
    run: Run, kind: CutOverAttempt.Kind, state: str = "done", *steps: str, **values: Any
) -> CutOverAttempt:
    return CutOverAttempt.objects.create(
        project_id=run.project_id,
        run=run,
        number=CutOverAttempt.objects.filter(run=run).count() + 1,
        kind=kind,
        state=state,
        steps=[step(name) for name in steps],
        ended_at=timezone.now(),
        **values,
    )


def shown(client: Client, user: User, name: str = "cut_overs", *args: int) -> Any:
    client.force_login(user)
    return client.get(reverse(f"migration:{name}", args=["crm", 1, *args]))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def offered(text: str) -> set[str]:
    names = ("cut-over", "go-back", "leave", "end", "undo", "look")
    return {name for name in names if f'id="{name}"' in text}


def test_admins_alone_decide_which_side_leads_and_everybody_sees_what_was_done(
    client: Client, world: World
) -> None:
    run = following(world)
    tried(run, Kind.OVER, "done", "fence", "flip", pause=0.31, reason="At night.")
    for user in (world.manager, world.engineer):
        assert shown(client, user).status_code == 403
        for name in ("cut_overs", "cut_over_look"):
            answer = client.post(reverse(f"migration:{name}", args=["crm", 1]), {"kind": "over"})
            assert answer.status_code == 403
        seen = text_of(shown(client, user, "cut_over", 1))
        assert "The target leads. Nothing could be written for 0.31 s." in seen and "At night." in seen
        assert "What may be done now" not in seen
    client.force_login(User.objects.create_user("stranger"))
    assert client.get(reverse("migration:cut_over", args=["crm", 1, 1])).status_code == 404
    assert CutOverAttempt.objects.count() == 1


def test_a_run_that_follows_nothing_has_nothing_to_cut_over(client: Client, world: World) -> None:
    make_run(world, state=RunState.RUNNING, phase="copy", started_at=timezone.now())
    text = text_of(shown(client, world.admin))
    assert "Nothing to cut over" in text and offered(text) == set()
    client.post(reverse("migration:cut_over_look", args=["crm", 1]), {"look": "look"})
    assert "does not follow its source" in text_of(shown(client, world.admin))
    assert not CutOverAttempt.objects.exists()
    run_page = text_of(client.get(reverse("migration:run", args=["crm", 1])))
    assert "Cut-over…" not in run_page


@pytest.mark.parametrize(
    ("phase", "past", "word", "offers"),
    [
        ("copy", [], "Not yet", set()),
        ("cut_over", [], "The source leads", {"cut-over", "look"}),
        ("watch", [], "The target leads", {"go-back", "leave", "end", "look"}),
        ("watch", [(Kind.OVER, "done", []), (Kind.BACK, "done", [])], "The source leads", {"cut-over", "look"}),
        ("cut_over", [(Kind.OVER, "done", ["fence"])], "The target leads", {"go-back", "leave", "end", "look"}),
        ("cut_over", [(Kind.OVER, "failed", ["verified"])], "The source leads", {"cut-over", "look"}),
        ("cut_over", [(Kind.OVER, "held", ["verified", "fence"])], "Broken off", {"cut-over", "undo", "look"}),
        ("cut_over", [(Kind.OVER, "failed", ["fence", "lift the fence"])], "The source leads", {"cut-over", "look"}),
        (
            "watch",
            [(Kind.OVER, "done", ["fence"]), (Kind.BACK, "held", ["fence"])],
            "Broken off",
            {"go-back", "leave", "undo", "look"},
        ),
        ("cut_over", [(Kind.OVER, "running", ["fence"])], "The source leads", set()),
        ("finish", [(Kind.OVER, "done", ["fence"]), (Kind.END, "done", [])], "Finished", set()),
    ],
)  # fmt: skip
def test_only_what_may_be_done_now_is_offered(
    client: Client,
    world: World,
    phase: str,
    past: list[tuple[Any, str, list[str]]],
    word: str,
    offers: set[str],
) -> None:
    run = following(world, phase)
    for kind, state, steps in past:
        held = state == "held"
        tried(run, kind, "failed" if held else state, *steps, held=held)
    text = text_of(shown(client, world.admin))
    assert word in text
    assert offered(text) == offers
    assert ("being gone through just now" in text) == any(state == "running" for _, state, _ in past)


def test_it_is_asked_for_with_a_reason_and_once(client: Client, world: World) -> None:
    following(world)
    crm = Application.objects.create(project=world.project, name="crm", modules=["clients"])
    client.force_login(world.admin)
    url = reverse("migration:cut_overs", args=["crm", 1])
    refused = client.post(url, {"kind": "over", "over-reason": "", "over-patience": "1"})
    assert refused.status_code == 422 and "This field is required." in text_of(refused)
    assert client.post(url, {"kind": "look"}).status_code == 400
    said = {"kind": "over", "over-reason": "At night.", "over-patience": "2.5", "over-sure": "on"}
    said |= {"over-application": str(crm.pk), "over-roles": 'app, "odd, ""name"""', "over-no_way_back": ""}
    answer: Any = client.post(url, said)
    assert answer.url == reverse("migration:cut_over", args=["crm", 1, 1])
    made = CutOverAttempt.objects.get()
    assert (made.kind, made.application, made.roles) == ("over", crm, ["app", 'odd, "name"'])
    assert (made.patience, made.reason, made.requested_by) == (2.5, "At night.", world.admin)
    assert (
        ProcrastinateJob.objects.filter(task_name="migration.cut_over", args={"attempt_id": made.pk}).count()
        == 1
    )
    again: Any = client.post(url, said, follow=True)
    assert "is being gone through just now" in text_of(again)
    assert CutOverAttempt.objects.count() == 1
    waiting = text_of(client.get(answer.url))
    assert "A worker will take it up." in waiting and 'hx-trigger="every 500ms"' in waiting
    assert client.get(reverse("migration:cut_over_progress", args=["crm", 1, 1])).status_code == 200


def test_steps_are_shown_as_they_were_said(
    client: Client, world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    run = following(world)
    for _ in range(20):
        tried(run, Kind.LOOK, "failed", "verified", error="1 client of crm does not hold it.")
    client.force_login(world.admin)
    with django_assert_num_queries(13):
        text = text_of(shown(client, world.admin))
    assert "&lt;b&gt;verified&lt;/b&gt; did it." in text and "1 client of crm does not hold it." in text
    assert "Something is in the way" in text
    ended = shown(client, world.admin, "cut_over_progress", 20)
    assert ended.status_code == 286


def test_what_a_dead_worker_left_is_said_and_not_gone_on_with(world: World) -> None:
    run = following(world)
    made = tried(run, Kind.OVER, "running", "verified", "fence")
    leading.carry_out(made.pk)
    made.refresh_from_db()
    assert made.state == "failed"
    assert (
        "has died after the step “fence”. Do it once more, which goes on where it was, or undo it."
        in made.error
    )
    assert made.held, "neither database answers"


@pytest.mark.django_db(transaction=True)
def test_a_record_that_cannot_be_written_stops_nothing(transactional_db: None) -> None:
    made = tried(following(make_world()), Kind.OVER, "running")
    record = leading.Record(made)
    connection.ensure_connection()
    connection.connection.close()  # as a restart of the application's database does
    record.report(CutOverStep(name="fence", did="It is up: postgresql://app:secret@host/db", seconds=0.1))
    record.end(pause=0.4)
    made.refresh_from_db()
    assert (made.state, made.pause, [each["name"] for each in made.steps]) == ("done", 0.4, ["fence"])
    assert "secret" not in str(made.steps)


@pytest.fixture
def calls(make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer) -> Iterator[Calls]:
    with followed_calls(make_database, server16, server18) as calls:
        yield calls


def of_calls(world: World, calls: Calls) -> Run:
    """The run that follows, as the application knows it."""
    for row, dsn in ((world.source, calls.source), (world.target, calls.target)):
        _point_at(row, dsn)
    run = following(world)
    Run.objects.filter(pk=run.pk).update(ledger_id=calls.live.spec.ledger_id)
    return Run.objects.get(pk=run.pk)


def _point_at(row: Connection, dsn: str) -> None:
    address = psycopg.conninfo.conninfo_to_dict(dsn)
    row.host, row.port, row.dbname, row.user = (
        str(address["host"]), int(address["port"] or 5432), str(address["dbname"]), str(address["user"])
    )  # fmt: skip
    connections.save(row, password=str(address["password"]))


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_over_and_back_and_ended(client: Client, transactional_db: None, calls: Calls) -> None:
    """Not inside of a transaction: the target's slot would wait for it, they are on one server."""
    world = make_world()
    run = of_calls(world, calls)

    def done(kind: CutOverAttempt.Kind, **values: Any) -> CutOverAttempt:
        made = leading.request(run, kind, user=world.admin, roles=[ROLE], patience=0.3, **values)
        leading.carry_out(made.pk)
        made.refresh_from_db()
        return made

    looked = done(Kind.LOOK)
    assert (looked.state, looked.error) == ("done", "")
    looks = ["verified", "way back", "lag", "changed rows", "fence"]
    assert [each["name"] for each in looked.steps] == looks
    ask(calls.target, "UPDATE public.calls SET seconds = 1 WHERE call_id = 4")  # it is to be 60
    broken = done(Kind.OVER)
    assert (broken.state, broken.held) == ("failed", False), "it is undone by itself"
    assert "fence" in [each["name"] for each in broken.steps] and "Rows differ" in broken.error
    ask(calls.here, "UPDATE public.call SET kind = kind WHERE id = 4")  # and is brought over again
    calls.live.catches_up(calls.source)
    over = done(Kind.OVER, reason="At night.")
    assert (over.state, over.error, over.rejects) == ("done", "", 0)
    assert over.pause
    again = done(Kind.OVER)
    assert again.state == "failed" and "is cut over already" in again.error
    calls.write()
    assert done(Kind.LOOK_BACK).state == "done"
    back = done(Kind.BACK)
    assert (back.state, back.error) == ("done", "")
    calls.is_same()
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        ask(calls.there, "DELETE FROM public.calls")
    assert done(Kind.UNDO).state == "done", "there is nothing to be undone, and it is"
    assert done(Kind.OVER).state == "done"
    undone = done(Kind.UNDO)
    assert "The target has taken over: there is nothing left to be undone." in undone.error
    assert done(Kind.END).state == "done"
    calls.live.ends()
    for dsn in (calls.source, calls.target):
        assert (
            ask(dsn, "SELECT slot_name FROM pg_replication_slots WHERE database = current_database()") == []
        )
        assert ask(dsn, "SELECT pubname FROM pg_publication") == []
    text = text_of(shown(client, world.admin))
    assert "The target leads" in text or "Finished" in text
    page = text_of(shown(client, world.manager, "cut_over", over.number))
    assert "Nothing could be written for" in page and "drain" in page
