"""What following needs is looked at before a live run is started, each check with the statement that mends it."""

from collections.abc import Iterator

import psycopg
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from migration.models import Run
from schemadiff import comparison as use_case
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Member, Project, Role
from schemadiff.store import record_decision
from tests.engine.running import ask
from tests.servers import MakeDatabase
from tests.test_worker import saved

pytestmark = pytest.mark.django_db

WITHOUT_KEY = "CREATE TABLE first (id integer NOT NULL, name text);"
UNIQUE = "CREATE UNIQUE INDEX one ON first (id);"
QUERY = "?comparison=1&option=hybrid"


@pytest.fixture
def source(make_database: MakeDatabase, server16: EmbeddedServer) -> str:
    return make_database(server16, WITHOUT_KEY + UNIQUE)


@pytest.fixture
def admin(
    source: str, make_database: MakeDatabase, server18: EmbeddedServer, client: Client
) -> Iterator[Client]:
    """Logged in, with a decision for hybrid: its plan adds nothing, and the source's table has no key yet."""
    user, project = User.objects.create_user("ana"), Project.objects.create(slug="crm", name="CRM")
    Member.objects.create(project=project, user=user, role=Role.ADMIN)
    target = make_database(server18, WITHOUT_KEY + UNIQUE)
    found = use_case.compare(project, saved(project, "from", source), saved(project, "to", target), user=user)
    record_decision(found, OptionName.HYBRID, reason="It fits.", why_not={}, user=user)
    client.force_login(user)
    yield client


def looked_at(client: Client, *, ticked: bool = True, htmx: bool = True, more: str = "") -> str:
    query = QUERY + ("&live=on" if ticked else "") + more
    headers = {"HX-Request": "true"} if htmx else {}
    answer = client.get(reverse("migration:run_following", args=["crm"]) + query, headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def start(client: Client, **fields: str) -> tuple[int, str]:
    address = reverse("migration:run_start", args=["crm"]) + QUERY
    answer = client.post(address, {"reason": "It is time.", **fields})
    return answer.status_code, answer.content.decode()


def test_what_lacks_has_its_statement_to_be_copied_and_the_rest_holds(admin: Client) -> None:
    shown = looked_at(admin)
    mend = "ALTER TABLE &quot;public&quot;.&quot;first&quot; REPLICA IDENTITY USING INDEX one;"
    assert f'id="mend-tables-1">{mend}</pre>' in shown
    assert 'data-copy="#mend-tables-1"' in shown
    assert "1 thing to mend first" in shown
    assert (
        shown.count("</span> holds</span>") == 7
    )  # log, slot, sender, rights, the target’s tables twice, no split
    assert "ALTER SYSTEM SET max_slot_wal_keep_size" in shown
    assert "looked at when the rest holds" in shown


def test_mended_it_holds(admin: Client, source: str) -> None:
    ask(source, "ALTER TABLE first REPLICA IDENTITY USING INDEX one")
    shown = looked_at(admin)
    assert "The source can be followed." in shown and "to mend" not in shown
    assert start(admin, live="on")[0] == 302
    assert Run.objects.get().live


def test_a_run_that_could_not_follow_is_not_made(admin: Client) -> None:
    status, shown = start(admin, live="on")
    assert status == 422 and not Run.objects.exists()
    assert "Mend what is named below first" in shown and "REPLICA IDENTITY USING INDEX one;" in shown
    assert start(admin)[0] == 302  # without following


def test_it_is_shown_when_it_is_ticked_and_goes_when_it_is_not(admin: Client) -> None:
    form = admin.get(reverse("migration:run_start", args=["crm"]) + QUERY).content.decode()
    assert (
        'hx-trigger="change from:#id_live, change from:#id_compares"' in form
        and 'id="look-at-following"' in form
    )
    assert looked_at(admin, ticked=False) == ""
    assert "<!doctype html>" in looked_at(admin, ticked=False, htmx=False)


def test_a_source_that_cannot_be_asked_is_said_and_holds_nobody_up(admin: Client) -> None:
    Project.objects.get().connections.filter(name="from").update(port=1)
    assert "It could not be looked at what following needs. The source cannot be opened." in looked_at(admin)
    assert "It could not be looked at what comparing needs." in looked_at(admin, more="&compares=on")
    assert start(admin, live="on")[0] == 302


def test_a_page_without_scripts_leads_from_one_way_to_the_other(admin: Client) -> None:
    shown = looked_at(admin, htmx=False)
    assert 'id="by-comparing" href="?' in shown and "compares=on" in shown
    shown = looked_at(admin, htmx=False, more="&compares=on")
    assert "<title>What comparing needs" in shown and 'id="by-log" href="?' in shown
    assert "compares=on" not in shown[shown.index('id="by-log"') :].partition("</a>")[0]


def test_nothing_is_written_by_looking(admin: Client, source: str) -> None:
    looked_at(admin)
    with psycopg.connect(source) as session:
        left = session.execute(
            "SELECT count(*) FROM pg_publication UNION ALL SELECT count(*) FROM pg_replication_slots "
            "WHERE database = current_database()"
        ).fetchall()
    assert left == [(0,), (0,)]


def test_who_may_not_run_may_not_look(admin: Client) -> None:
    Member.objects.update(role=Role.MANAGER)
    answer = admin.get(reverse("migration:run_following", args=["crm"]) + QUERY)
    assert answer.status_code == 403


def test_where_there_is_no_log_the_source_is_compared(admin: Client, source: str) -> None:
    """What lacks for the log is in nobody's way then, and the limits are said first."""
    shown = looked_at(admin, more="&compares=on")
    assert "The target can be kept near the source." in shown and "wal_level" not in shown
    assert "There is no exact lag" in shown and "Writes have to stop for at least one more round" in shown
    ask(source, "DROP INDEX one")
    shown = looked_at(admin, more="&compares=on")
    assert "1 thing to mend first" in shown and "first has no key" in shown
    status, shown = start(admin, live="on", compares="on")
    assert status == 422 and "Give it a primary key" in shown and not Run.objects.exists()
    ask(source, UNIQUE)
    status, shown = start(admin, compares="on")
    assert status == 422 and "tick “Follow the source” as well" in shown
    assert start(admin, live="on", compares="on", between_rounds="2.5")[0] == 302
    spec = Run.objects.get().spec
    assert spec["compares"] and spec["limits"]["between_rounds"] == 2.5
