"""The server for scratch databases chosen in the browser: tried when chosen, told with the figures, left clean."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from psycopg.conninfo import make_conninfo

from migration.measuring import measure
from migration.models import Measuring
from migration.scratch_places import PREFIX
from schemadiff import store
from schemadiff.comparison import compare
from schemadiff.core.options.option import OptionName
from schemadiff.embedded import EmbeddedServer
from schemadiff.models import Comparison, Connection
from tests.engine.running import ask, one
from tests.servers import MakeDatabase, roles_on
from tests.web.people import People, make_people, save_connection
from tests.worker_process import Worker, until, working

_ROLE = "scratch_chosen"
_HOLD = "scratch_held"  # while this role is there, rows wait for their default
_SETTING = "session_replication_role"
_DATABASES = f"SELECT count(*) FROM pg_database WHERE starts_with(datname, '{PREFIX}')"
_SOURCE = (
    "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'Ann'), (2, 'Bob');"
)
_TARGET = f"""
CREATE FUNCTION held() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    WHILE EXISTS (SELECT FROM pg_roles WHERE rolname = '{_HOLD}') LOOP PERFORM pg_sleep(0.02); END LOOP;
    RETURN 'x';
END $$;
CREATE TABLE people (id int PRIMARY KEY, name text, extra text DEFAULT held());
"""


@pytest.fixture
def people() -> People:
    return make_people()


@pytest.fixture
def comparison(
    people: People, make_database: MakeDatabase, server16: EmbeddedServer, server18: EmbeddedServer
) -> Comparison:
    source = save_connection(people.project, "old", make_database(server16, _SOURCE))
    target = save_connection(people.project, "new", make_database(server18, _TARGET))
    return compare(people.project, source, target, user=None)


@pytest.fixture
def scratch(people: People, server16: EmbeddedServer) -> Iterator[Connection]:
    """A saved connection whose role may make databases."""
    with roles_on(server16, [_ROLE]):
        ask(server16.dsn(), f"ALTER ROLE {_ROLE} LOGIN CREATEDB PASSWORD 'secret'")
        ask(server16.dsn(), f"GRANT SET ON PARAMETER {_SETTING} TO {_ROLE}")
        dsn = make_conninfo(server16.dsn(), user=_ROLE, password="secret")
        yield save_connection(people.project, "scratch", dsn)


def url(comparison: Comparison, name: str) -> str:
    app = "schemadiff" if name == "options" else "migration"
    return reverse(f"{app}:{name}", args=["crm", comparison.number])


def rehearse(people: People, comparison: Comparison, place: str) -> str:
    """Asked for in the browser; the page that follows."""
    answer = people.engineer.post(url(comparison, "rehearse"), {"place": place}, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.django_db
def test_it_is_tried_when_it_is_chosen(
    people: People, comparison: Comparison, scratch: Connection, server16: EmbeddedServer
) -> None:
    html = people.engineer.get(url(comparison, "options")).content.decode()
    assert f"scratch: {_ROLE} on {scratch.host}:{scratch.port}, the source’s server</option>" in html
    assert "an embedded PostgreSQL 18</option>" in html
    ask(server16.dsn(), f"ALTER ROLE {_ROLE} NOCREATEDB")
    assert f"ALTER ROLE {_ROLE} CREATEDB;" in rehearse(people, comparison, str(scratch.pk))
    source = comparison.source.connection
    assert source is not None
    assert "is a superuser on the server for scratch databases" in rehearse(
        people, comparison, str(source.pk)
    )
    assert "is not there any more" in rehearse(people, comparison, "999999")
    other = save_connection(make_people("other").project, "theirs", server16.dsn())
    assert "is not there any more" in rehearse(people, comparison, str(other.pk))
    assert not Measuring.objects.exists()
    assert people.manager.post(url(comparison, "rehearse"), {"place": ""}).status_code == 403


@pytest.mark.django_db
def test_what_was_used_is_told_kept_and_exported(
    people: People, comparison: Comparison, scratch: Connection, server16: EmbeddedServer
) -> None:
    rehearse(people, comparison, str(scratch.pk))
    told = rehearse(people, comparison, "")
    assert "The options are being measured just now" in told
    measure(comparison.pk)
    assert Measuring.objects.get().error == ""
    where = f"A scratch database on {scratch.host}:{scratch.port} (PostgreSQL 16); the target is on 18"
    html = people.engineer.get(url(comparison, "options")).content.decode()
    assert f"Rehearsed on: {where}" in html
    assert f'<option value="{scratch.pk}" selected>' in html
    found = {m.key: m for m in store.measures_of(comparison)[OptionName.HYBRID]}
    assert (found["scratch_version"].value, found["rows_written"].value) == (16, 2)
    assert one(server16.dsn(), _DATABASES) == 0

    form = {"reason": "It fits.", "why_not_recreate": "No.", "why_not_transform": "No."}
    people.engineer.post(reverse("schemadiff:decide", args=["crm", comparison.number, "hybrid"]), form)
    decision = reverse("schemadiff:decision", args=["crm", comparison.decisions.get().pk])
    assert f"On: {where}" in people.engineer.get(decision).content.decode()
    assert f"On: {where}" in people.engineer.get(f"{decision}export/").content.decode()

    scratch.delete()  # from now on as the settings say
    measure(comparison.pk)
    found = {m.key: m for m in store.measures_of(comparison)[OptionName.HYBRID]}
    assert found["scratch_version"].how == "A scratch PostgreSQL 18, the same version as the target’s."


@pytest.mark.heavy
@pytest.mark.django_db(transaction=True)
def test_what_a_killed_worker_left_there_the_next_removes(
    people: People, comparison: Comparison, scratch: Connection, server16: EmbeddedServer, tmp_path: Path
) -> None:
    def measuring() -> Measuring:
        return Measuring.objects.get()

    with working(tmp_path) as worker:
        with roles_on(server16, [_HOLD]):
            rehearse(people, comparison, str(scratch.pk))
            until(lambda: measuring().reached.endswith("copy"), "rows are carried")
            worker.kill()
        assert one(server16.dsn(), _DATABASES) >= 1
        assert measuring().state == Measuring.State.RUNNING
        successor = Worker(tmp_path / "successor.log")
        try:
            until(lambda: measuring().state == Measuring.State.DONE, "the next has rehearsed it", 240)
        finally:
            successor.kill()
    assert one(server16.dsn(), _DATABASES) == 0
