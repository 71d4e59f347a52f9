"""The plan page, on the example's two databases."""

import re
from typing import Any

import psycopg
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from migration import demo
from migration.models import Run
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison
from schemadiff.pages.plans import formatted
from schemadiff.store import record_decision

pytestmark = pytest.mark.django_db


@pytest.fixture
def comparison(seed_source_dsn: str, seed_target_dsn: str, db: None) -> Comparison:
    demo.populate(seed_source_dsn, seed_target_dsn)
    return Comparison.objects.get()


def see(client: Client, name: str, option: str = "recreate", query: str = "", who: str = "admin") -> Any:
    client.force_login(User.objects.get(username=who))
    return client.get(reverse(f"schemadiff:{name}", args=[demo.SLUG, 1, option]) + query)


def decide(comparison: Comparison, option: OptionName) -> None:
    record_decision(
        comparison,
        option,
        reason="It loses nothing.",
        why_not={},
        user=User.objects.get(username="engineer"),
    )


def test_a_manager_sees_no_plan(client: Client, comparison: Comparison) -> None:
    assert see(client, "plan", who="manager").status_code == 403
    assert see(client, "plan_script", who="manager").status_code == 403


def test_statements_stand_in_their_order_with_locks_and_hazards(
    client: Client, comparison: Comparison, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    text = see(client, "plan").content.decode()
    parts = [
        text.index(f">{title}</h2>")
        for title in ("Put aside", "Before the rows", "The rows", "After the rows")
    ]
    assert parts == sorted(parts)
    assert "CREATE TABLE public.clients (" in text
    assert "▲ access exclusive" in text
    assert "▲ may fail on rows" in text
    assert comparison.target.fingerprint[:12] in text
    with django_assert_max_num_queries(
        8
    ):  # session, user, member, comparison, decision; the catalogs are kept
        client.get(reverse("schemadiff:plan", args=[demo.SLUG, 1, "recreate"]))


def test_what_the_plan_leaves_as_it_is_is_named(client: Client, comparison: Comparison) -> None:
    assert "mentions public.services in its body" in see(client, "plan").content.decode()


def test_an_option_that_is_blocked_says_by_what_and_cannot_be_started(
    client: Client, comparison: Comparison
) -> None:
    decide(comparison, OptionName.TRANSFORM)
    text = see(client, "plan", "transform").content.decode()
    assert "Transform cannot be run yet" in text
    assert "column pairs are not confirmed yet" in text
    assert "Start run…" not in text
    answer = client.get(reverse("migration:run_start", args=[demo.SLUG]) + "?comparison=1&option=transform")
    assert answer.status_code == 409
    assert "Transform cannot be run yet." in answer.content.decode()


def test_a_run_is_offered_to_admins_once_the_option_is_decided(
    client: Client, comparison: Comparison
) -> None:
    assert "Start run…" not in see(client, "plan").content.decode()
    decide(comparison, OptionName.RECREATE)
    assert "Start run…" in see(client, "plan").content.decode()
    assert "Start run…" not in see(client, "plan", who="engineer").content.decode()
    assert "Start run…" not in see(client, "plan", "hybrid").content.decode()


def test_the_start_says_what_will_happen(client: Client, comparison: Comparison) -> None:
    decide(comparison, OptionName.RECREATE)
    client.force_login(User.objects.get(username="admin"))
    answer = client.get(reverse("migration:run_start", args=[demo.SLUG]) + "?comparison=1&option=recreate")
    text = answer.content.decode()
    assert "1,490 rows of 7 tables are copied" in text
    assert "1,299" in text
    assert "<li>public.clients</li>" in text  # put aside
    assert "12 foreign keys of tables around them" in text
    assert "<li>public.whatsapp_auth</li><li>public.whatsapp_keys</li>" in text


@pytest.mark.heavy
def test_the_target_is_looked_at_again_when_asked(
    client: Client, comparison: Comparison, seed_target_dsn: str
) -> None:
    assert "still has the schema" in see(client, "plan", query="?check=now").content.decode()
    with psycopg.connect(seed_target_dsn) as target:
        target.execute("ALTER TABLE clients ADD COLUMN note2 text")
    text = see(client, "plan", query="?check=now").content.decode()
    assert "new has changed since" in text
    assert "Compare again" in text


@pytest.mark.heavy
def test_a_target_that_does_not_answer_is_told_without_its_password(
    client: Client, comparison: Comparison
) -> None:
    connection = comparison.target.connection
    assert connection is not None
    connection.port = 1
    connection.save()
    text = see(client, "plan", query="?check=now").content.decode()
    assert "cannot be read now" in text
    assert "password" not in text.split("cannot be read now", 1)[1].split("</div>", 1)[0]


def test_the_script_is_the_whole_plan(client: Client, comparison: Comparison) -> None:
    answer = see(client, "plan_script")
    script = answer.content.decode()
    assert answer.headers["Content-Type"].startswith("application/sql")
    assert 'filename="booking-bot-1-recreate.sql"' in answer.headers["Content-Disposition"]
    assert script.index("SET SCHEMA") < script.index("CREATE TABLE public.clients (")


def test_an_unknown_option_is_not_found(client: Client, comparison: Comparison) -> None:
    assert see(client, "plan", "magic").status_code == 404


def test_a_plan_that_cannot_be_made_says_why(client: Client, comparison: Comparison) -> None:
    comparison.protected = [["public", "clients"]]
    comparison.save()
    answer = see(client, "plan")
    assert answer.status_code == 409
    assert "There is no plan." in answer.content.decode()
    assert "public.clients" in answer.content.decode()


def test_short_statements_stay_in_one_line_and_long_ones_are_laid_out() -> None:
    assert formatted("DROP INDEX a") == "DROP INDEX a;"
    long = "CREATE VIEW v AS SELECT " + ", ".join(f"column_number_{n}" for n in range(20)) + " FROM t WHERE x"
    assert formatted(long).count("\n") > 10
    assert formatted("CREATE TABLE t (\n    a int\n)") == "CREATE TABLE t (\n    a int\n);"


def test_a_plan_is_chosen_plain_or_online_and_so_is_its_run(client: Client, comparison: Comparison) -> None:
    decide(comparison, OptionName.HYBRID)
    plain = see(client, "plan", "hybrid").content.decode()
    online = see(client, "plan", "hybrid", "?mode=online").content.decode()

    assert 'href="?mode=online"' in plain and "option=hybrid&amp;mode=plain" in plain
    assert "option=hybrid&amp;mode=online" in online
    script = see(client, "plan_script", "hybrid", "?mode=online").content.decode()
    assert "-- Online: readers and writers go on." in script
    assert "-- Online" not in see(client, "plan_script", "hybrid").content.decode()
    start = reverse("migration:run_start", args=[demo.SLUG]) + "?comparison=1&option=hybrid&mode=online"
    assert "online: its readers and writers go on" in client.get(start).content.decode()


def test_only_who_asks_for_it_has_rows_overwritten(client: Client, comparison: Comparison) -> None:
    decide(comparison, OptionName.HYBRID)
    client.force_login(User.objects.get(username="admin"))
    start = reverse("migration:run_start", args=[demo.SLUG]) + "?comparison=1&option=hybrid"
    assert "Overwrite rows that the target has" in client.get(start).content.decode()
    client.post(start, {"reason": "The target is older.", "overwrites": "on"})
    assert Run.objects.get().spec["overwrites"] is True


def test_every_hazard_leads_to_its_explanation(client: Client, comparison: Comparison) -> None:
    text = see(client, "plan").content.decode()
    explained = client.get(reverse("schemadiff:hazards")).content.decode()

    led_to = set(re.findall(r'href="/hazards/#([a-z-]+)"', text))
    assert "may-fail-on-rows" in led_to
    assert led_to <= set(re.findall(r'<section class="panel" id="([a-z-]+)"', explained))


def test_every_statement_says_how_long_it_may_wait_and_take(client: Client, comparison: Comparison) -> None:
    text = see(client, "plan").content.decode()

    assert text.count(" for a lock, ") == text.count('class="position"')
    assert "waits 3s for a lock, may take 1min" in text
