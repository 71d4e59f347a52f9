"""The target's rows are checked by a worker; what is in the way has a page, with rows and what helps."""

from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from migration.trying import try_out
from schemadiff import connections, store
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Trial
from schemadiff.store.trials import forget_samples
from tests.convergence import execute
from tests.servers import MakeDatabase
from tests.web.people import People, make_people, save_connection

pytestmark = pytest.mark.django_db

ONE = "/p/crm/comparisons/1/"
SOURCE = """
CREATE TABLE clients (id integer PRIMARY KEY, mail text NOT NULL, score integer, UNIQUE (mail));
CREATE TABLE visits (client integer REFERENCES clients);
"""
TARGET = """
CREATE TABLE clients (id integer PRIMARY KEY, mail text, score numeric);
CREATE TABLE visits (client integer);
"""
ROWS = """
INSERT INTO clients VALUES (1, NULL, 1.5), (2, '<b>a@example.org</b>', 2), (3, '<b>a@example.org</b>', 3);
INSERT INTO visits VALUES (1);
"""
LONG = "x" * 5000


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def target(server18: EmbeddedServer, make_database: MakeDatabase) -> str:
    return make_database(server18, TARGET)


@pytest.fixture
def comparison(
    people: People, server18: EmbeddedServer, make_database: MakeDatabase, target: str
) -> Comparison:
    source = save_connection(people.project, "legacy", make_database(server18, SOURCE))
    new = save_connection(people.project, "new", target)
    people.engineer.post("/p/crm/comparisons/new/", {"source": source.pk, "target": new.pk})
    return Comparison.objects.get()


def checked(people: People) -> str:
    """Asked for and done; the page."""
    answer = people.engineer.post(f"{ONE}check-rows/")
    try_out(Trial.objects.latest("pk").pk)
    return str(people.engineer.get(answer["Location"]).content.decode())


def see(people: People, part: str = "") -> str:
    return str(people.engineer.get(f"{ONE}{part}").content.decode())


def test_what_is_in_the_way_is_shown_with_rows_and_what_helps(
    people: People, comparison: Comparison, target: str
) -> None:
    assert "Nobody has had the rows checked" in see(people, "rows/")
    assert "Check the rows</button>" in see(people)
    execute(target, ROWS)
    html = checked(people)
    assert "Of 5 checks, 2 found rows on which a statement fails" in html
    assert "1 found values that change without an error." in html
    assert "1 of 3 rows" in html and "2 of 3 rows" in html
    assert "UPDATE public.clients SET mail = CAST(:&#x27;value&#x27; AS text)" in html
    assert "CREATE TABLE IF NOT EXISTS public.clients_quarantine (LIKE public.clients);" in html
    assert "&lt;b&gt;a@example.org&lt;/b&gt;</td>" in html and "<b>a@example.org" not in html
    assert '<td class="mono">1</td>' in html
    assert "No row in the way</h2>" in html and "rows that refer to nothing" in html.lower()


def test_it_stands_beside_the_hazards_of_the_change(
    people: People, comparison: Comparison, target: str
) -> None:
    execute(target, ROWS)
    assert "On the target’s rows" not in see(people)
    checked(people)
    page = see(people, "?object=table:public.clients")
    assert "Rows in the way</a>" in page and "On the target’s rows" in page
    assert "1 of 3 rows of public.clients: no value of mail; the statement fails." in page
    fragment = people.engineer.get(
        f"{ONE}object/?object=table:public.clients", headers={"HX-Request": "true"}
    )
    assert "no value of mail; the statement fails." in fragment.content.decode()
    assert "On the target’s rows" not in see(people, "?object=table:public.visits")


def test_all_clear(people: People, comparison: Comparison) -> None:
    html = checked(people)
    assert "All clear: 5 checks found no row in the way." in html
    assert "verdict-ok" in html and "What helps" not in html
    assert "No row in the way</a>" in see(people)


def test_a_long_value_is_cut_on_the_server(people: People, comparison: Comparison, target: str) -> None:
    execute(target, f"INSERT INTO clients VALUES (1, '{LONG}'), (2, '{LONG}')")
    html = checked(people)
    assert f"{'x' * 59}…</td>" in html and "x" * 60 not in html


def test_managers_see_counts_and_no_row(people: People, comparison: Comparison, target: str) -> None:
    execute(target, ROWS)
    checked(people)
    trial = Trial.objects.get()
    html = people.manager.get(f"{ONE}rows/{trial.pk}/").content.decode()
    assert "Of 5 checks, 2 found rows" in html
    assert "example.org" not in html and "UPDATE" not in html and "Check the rows again" not in html
    assert people.manager.post(f"{ONE}check-rows/").status_code == 403
    assert people.stranger.post(f"{ONE}check-rows/").status_code == 404
    assert people.stranger.get(f"{ONE}rows/{trial.pk}/").status_code == 404
    assert people.engineer.get(f"{ONE}proof/{trial.pk}/").status_code == 404


def test_rows_are_forgotten_after_a_time(people: People, comparison: Comparison, target: str) -> None:
    execute(target, ROWS)
    checked(people)
    assert forget_samples() == 0
    Trial.objects.update(ended_at=timezone.now() - timedelta(days=31))
    assert forget_samples() == 1 and forget_samples() == 0
    html = see(people, f"rows/{Trial.objects.get().pk}/")
    assert "example.org" not in html and "2 of 3 rows" in html
    assert "The rows that were shown here are forgotten" in html


def test_a_target_that_has_changed_is_not_counted(
    people: People, comparison: Comparison, target: str
) -> None:
    execute(target, "ALTER TABLE visits ADD COLUMN note text")
    html = checked(people)
    assert "The rows could not be checked. The schema of new is another one by now" in html
    assert "The row check failed" in see(people)


def test_a_target_that_is_not_there_is_said(people: People, comparison: Comparison) -> None:
    connection = comparison.target.connection
    assert connection is not None
    connection.port = 1
    connection.save()
    html = checked(people)
    assert "The rows could not be checked." in html and "Traceback" not in html
    assert Trial.objects.get().state == Trial.State.FAILED


def test_a_right_that_lacks_is_named_with_its_grant(
    people: People, comparison: Comparison, target: str
) -> None:
    with psycopg.connect(target, autocommit=True) as session:
        session.execute("CREATE ROLE rows_reader LOGIN PASSWORD 'reads'")
        try:
            connection = comparison.target.connection
            assert connection is not None
            connection.user = "rows_reader"
            connections.save(connection, password="reads")
            html = checked(people)
        finally:
            session.execute("DROP ROLE rows_reader")
    assert "GRANT SELECT ON public.clients TO rows_reader lets it be counted." in html
    assert "Not counted" in html and "Rows not all counted" in see(people)


def test_a_target_that_is_a_file_has_no_rows(people: People, comparison: Comparison) -> None:
    catalog = store.catalog_of(comparison.target)
    file = store.save_snapshot(people.project, catalog, label="new.json", connection=None, user=None)
    store.create_comparison(people.project, comparison.source, file, tables=[], protected=[], user=None)
    two = "/p/crm/comparisons/2/"
    assert "Check the rows" not in people.engineer.get(two).content.decode()
    assert "The target has no rows to be counted" in people.engineer.get(f"{two}rows/").content.decode()
    people.engineer.post(f"{two}check-rows/")
    trial = Trial.objects.get()
    try_out(trial.pk)
    html = people.engineer.get(f"{two}rows/{trial.pk}/").content.decode()
    assert "is a file, or its connection was removed" in html


def test_both_trials_are_under_way_at_once(people: People, comparison: Comparison) -> None:
    people.engineer.post(f"{ONE}prove/")
    people.engineer.post(f"{ONE}check-rows/")
    people.engineer.post(f"{ONE}check-rows/")
    assert sorted(Trial.objects.values_list("kind", flat=True)) == ["proof", "rows"]
    html = see(people)
    assert "Being proven" in html and "Rows are being checked" in html
