"""Alerts on real rows: they fire once, are told once, are silenced with a reason, and are over."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from migration import flags
from migration.models import Alert, AlertRule, Application, Channel, Notice, Verification
from migration.monitoring import alerts, notifying
from migration.monitoring.notifying import MOST_ATTEMPTS, add_channel, deliver
from migration.monitoring.recording import record_report
from migration.monitoring.round import go_round
from migration.store.verifications import set_schedule
from schemadiff.core.errors import Refused
from tests.run_rows import World, make_run, make_world
from tests.web.monitored import calls, report

PAGE = "/p/crm/monitoring/alerts/"
BEGUN = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def crm(world: World) -> Application:
    return flags.create_application(
        world.project, name="crm", environment="production", modules=("syncScripts",), user="ana"
    )


@pytest.fixture
def rule(world: World) -> AlertRule:
    """Only this one, so that a test sees what it does."""
    return AlertRule.objects.create(
        project=world.project,
        name="P95",
        metric="call_p95",
        threshold=20,
        for_seconds=120,
        is_default=True,
        set_by="ana",
    )


@pytest.fixture
def inbox(world: World) -> Channel:
    return add_channel(world.project, "email", "ops@example.org", "ana")


def as_user(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def minute(application: Application, number: int, duration: float) -> None:
    """What a minute brings: a report, and a worker's round."""
    at = BEGUN + timedelta(minutes=number)
    for second in range(0, 60, 20):
        record_report(application, report(calls([duration] * 30)), at=at + timedelta(seconds=second))
    go_round(at + timedelta(seconds=50))


def delivered() -> list[str]:
    """Everything that is queued is sent; the texts of all mail."""
    for notice in Notice.objects.filter(state=Notice.State.QUEUED).order_by("pk"):
        deliver(notice.pk)
    return [str(message.body) for message in mail.outbox]


def test_an_alert_is_pending_fires_and_is_over_and_is_told_twice(
    world: World, crm: Application, rule: AlertRule, inbox: Channel
) -> None:
    rule.window_seconds = 60
    rule.save()
    states = []
    for number, duration in enumerate([5, 50, 50, 80, 50, 50, 5, 5, 5, 5]):
        minute(crm, number, duration)
        found = Alert.objects.first()
        world.project.refresh_from_db()
        states.append((found.state if found else None, world.project.firing_alerts))
    assert states == [
        (None, 0),
        ("pending", 0),
        ("pending", 0),
        ("firing", 1),
        ("firing", 1),
        ("firing", 1),
        ("firing", 1),
        ("firing", 1),
        ("resolved", 0),
        ("resolved", 0),
    ]
    first, second = delivered()
    assert "Firing: P95. p95 of crm · production · target is" in first
    assert "Resolved: P95." in second and "at worst it was 80" in second
    assert Alert.objects.count() == 1


def test_what_is_over_before_it_fires_is_never_told(
    world: World, crm: Application, rule: AlertRule, inbox: Channel
) -> None:
    rule.window_seconds = 60
    rule.save()
    for number, duration in enumerate([50, 5, 50, 5]):
        minute(crm, number, duration)
    assert delivered() == []
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("minutes", "fires"), [((0,), False), ((0, 1), True), ((0, 4), True)])
def test_one_burst_is_not_seen_again_and_again_through_a_long_window(
    world: World, crm: Application, rule: AlertRule, minutes: tuple[int, ...], *, fires: bool
) -> None:
    AlertRule.objects.filter(pk=rule.pk).update(metric="mismatches", threshold=0, window_seconds=300)
    fired = False
    for number in range(7):
        differing = 1 if number in minutes else 0
        at = BEGUN + timedelta(minutes=number)
        record_report(crm, report(calls([1.0] * 30, compared=30, mismatches=differing)), at=at)
        go_round(at + timedelta(seconds=20))
        fired = fired or Alert.objects.filter(state=Alert.State.FIRING).exists()
    assert fired is fires
    assert fires or not Alert.objects.exists()


def test_silence_has_a_reason_and_ends(
    world: World, crm: Application, rule: AlertRule, inbox: Channel
) -> None:
    admin = as_user(world.admin)
    address = f"{PAGE}rules/{rule.pk}/silence/"
    assert admin.post(address, {"hours": "1", "reason": " "}).status_code == 422
    assert admin.post(address, {"hours": "1", "reason": "we restart the target"}).status_code == 302
    rule.refresh_from_db()
    rule.silenced_until = BEGUN + timedelta(minutes=5)
    rule.save()
    for number in range(5):
        minute(crm, number, 50)
    world.project.refresh_from_db()
    assert (delivered(), world.project.firing_alerts) == ([], 0)
    assert Alert.objects.get().state == Alert.State.FIRING
    minute(crm, 5, 50)
    world.project.refresh_from_db()
    assert (len(delivered()), world.project.firing_alerts) == (1, 1)
    with pytest.raises(Refused):
        alerts.silence(rule, until=BEGUN, reason="", by="ana")


def test_a_rule_that_is_switched_off_or_has_no_values_ends_its_alert(
    world: World, crm: Application, rule: AlertRule
) -> None:
    for number in range(4):
        minute(crm, number, 50)
    assert Alert.objects.get().state == Alert.State.FIRING
    AlertRule.objects.update(enabled=False)
    go_round(BEGUN + timedelta(minutes=5))
    assert Alert.objects.get().state == Alert.State.RESOLVED


def test_the_defaults_are_the_seeds_and_are_made_once(world: World) -> None:
    go_round(BEGUN)
    made = dict(AlertRule.objects.values_list("metric", "threshold"))
    assert made["call_p95"] == 20 and made["error_rate"] == 1 and made["pool_utilisation"] == 80
    assert made["verification_alerts"] == 0
    AlertRule.objects.filter(metric="call_p95").update(threshold=25)
    go_round(BEGUN)
    assert AlertRule.objects.get(metric="call_p95").threshold == 25
    with pytest.raises(Refused):
        alerts.delete(AlertRule.objects.get(metric="call_p95"))


def test_a_scheduled_verification_that_finds_too_much_is_an_alert(world: World, inbox: Channel) -> None:
    run = make_run(world)
    set_schedule(run, 60, 1, world.admin)
    Verification.objects.create(
        project=world.project, run=run, number=1, state=Verification.State.DONE, differing=7, scheduled=True
    )
    go_round(BEGUN)
    found = Alert.objects.get()
    assert (found.rule.metric, found.state) == ("verification_alerts", Alert.State.FIRING)
    assert "Scheduled verifications that alert" in delivered()[0]


def test_rules_and_channels_are_the_admins(world: World, crm: Application, rule: AlertRule) -> None:
    given = {
        "name": "Errors of sync",
        "metric": "error_rate",
        "comparison": "above",
        "threshold": "5",
        "for_seconds": "60",
        "window_seconds": "300",
        "application": str(crm.pk),
        "module": "syncScripts",
        "backend": "target",
        "enabled": "on",
    }
    for user in (world.engineer, world.manager):
        other = as_user(user)
        seen = other.get(PAGE)
        assert seen.status_code == 200 and b"Add a rule" not in seen.content
        assert other.post(f"{PAGE}rules/new/", given).status_code == 403
        assert other.post(f"{PAGE}rules/{rule.pk}/silence/", {}).status_code == 403
        assert other.post(f"{PAGE}channels/new/", {}).status_code == 403
    admin = as_user(world.admin)
    assert admin.post(f"{PAGE}rules/new/", {**given, "window_seconds": "5"}).status_code == 422
    assert admin.post(f"{PAGE}rules/new/", given).status_code == 302
    made = AlertRule.objects.get(name="Errors of sync")
    assert (made.set_by, made.is_default) == (world.admin.username, False)
    page = " ".join(admin.get(PAGE).content.decode().split())
    assert "crm · production · syncScripts · target" in page
    assert admin.get(f"{PAGE}rules/{made.pk}/").status_code == 200
    assert admin.post(f"{PAGE}rules/{made.pk}/delete/").status_code == 302
    assert not AlertRule.objects.filter(pk=made.pk).exists()
    assert admin.post(f"{PAGE}rules/{rule.pk}/delete/").status_code == 302
    assert AlertRule.objects.filter(pk=rule.pk).exists()


def test_every_pages_header_counts_what_fires_without_a_query(
    world: World, crm: Application, rule: AlertRule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = as_user(world.manager)
    with django_assert_num_queries(8):  # session, user, member; alerts, rules, channels, notices, past ones
        assert b"chip-bad" not in manager.get(PAGE).content
    for number in range(4):
        minute(crm, number, 50)
    with django_assert_num_queries(8):
        page = " ".join(manager.get(PAGE).content.decode().split())
    assert '<span aria-hidden="true">▲</span> 1 alert</span></a>' in page
    assert "1 alert fires." in page


class Hook:
    """A webhook's server: takes what is posted, or answers with an error."""

    def __init__(self) -> None:
        self.status = 200
        self.posted: list[dict[str, Any]] = []
        self.address = ""


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(found.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        found.address = f"http://127.0.0.1:{server.server_port}/services/SECRET"
        with override_settings(WEBHOOK_HOSTS=frozenset({"127.0.0.1"})):
            yield found
        server.shutdown()
        thread.join()


def tried(channel: Channel) -> Notice:
    notice = notifying.try_out(channel, "ana")
    deliver(notice.pk)
    notice.refresh_from_db()
    return notice


def test_a_webhook_gets_a_text_and_its_secret_is_shown_nowhere(world: World, hook: Hook) -> None:
    admin = as_user(world.admin)
    answer = admin.post(f"{PAGE}channels/new/", {"kind": "webhook", "address": hook.address})
    assert answer.status_code == 302
    channel = Channel.objects.get()
    assert b"SECRET" not in bytes(channel.address_encrypted)
    assert admin.post(f"{PAGE}channels/{channel.pk}/try/").status_code == 302
    delivered()
    assert [set(one) for one in hook.posted] == [{"text"}]
    assert hook.posted[0]["text"].startswith("[CRM] A trial")
    page = admin.get(PAGE).content.decode()
    assert "http://127.0.0.1/…" in page and "SECRET" not in page
    assert admin.post(f"{PAGE}channels/{channel.pk}/remove/").status_code == 302
    assert not Channel.objects.exists()


@pytest.mark.parametrize(("status", "state"), [(500, "queued"), (404, "failed"), (302, "queued")])
def test_a_webhook_that_does_not_take_it_is_asked_again_where_that_helps(
    world: World, hook: Hook, status: int, state: str
) -> None:
    hook.status = status
    channel = add_channel(world.project, "webhook", hook.address, "ana")
    notice = tried(channel)
    assert (notice.state, notice.attempts) == (state, 1)
    assert str(status) in notice.error and "SECRET" not in notice.error
    for _ in range(MOST_ATTEMPTS):
        deliver(notice.pk)
    notice.refresh_from_db()
    assert notice.state == "failed"
    assert len(hook.posted) == notice.attempts <= MOST_ATTEMPTS


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/x",
        "file:///etc/passwd",
        "https://",
        "https://user:pw@example.org/",
        "x",
        "http://[::1",
        "https://hooks.example.org/é",
    ],
)
def test_only_the_webs_addresses_are_taken(world: World, address: str) -> None:
    with pytest.raises(Refused):
        add_channel(world.project, "webhook", address, "ana")
    assert (
        as_user(world.admin).post(f"{PAGE}channels/new/", {"kind": "webhook", "address": address}).status_code
        == 422
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.8", "169.254.169.254", "[::1]"])
def test_nothing_is_sent_into_the_own_network_unless_it_is_allowed(world: World, host: str) -> None:
    notice = tried(add_channel(world.project, "webhook", f"http://{host}:9/hook", "ana"))
    assert notice.state == Notice.State.FAILED
    assert "inside this network" in notice.error and "SCHEMADIFF_WEBHOOK_HOSTS" in notice.error


def test_a_wrong_mail_address_is_refused_and_no_mail_server_is_said(world: World) -> None:
    with pytest.raises(Refused):
        add_channel(world.project, "email", "nobody", "ana")
    channel = add_channel(world.project, "email", "ops@example.org", "ana")
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST=""):
        assert "SCHEMADIFF_EMAIL" in tried(channel).error
