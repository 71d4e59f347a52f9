"""Home, new projects, the overview, who may see them, and the pages that say no."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from schemadiff.models import Connection, Member, Project, Role
from tests.web.people import People, add_member, logged_in, make_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return make_people()


def test_who_is_not_logged_in_is_asked_to() -> None:
    response = Client().get("/")
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")
    assert Client().get(response["Location"]).status_code == 200


def test_one_project_is_opened_at_once_and_the_list_on_request(people: People) -> None:
    assert people.engineer.get("/")["Location"] == "/p/crm/"
    assert 'href="/p/crm/"' in people.engineer.get("/?all=1").content.decode()


def test_several_projects_are_listed_with_the_role_in_each(people: People) -> None:
    user = User.objects.create_user("both")
    Member.objects.create(project=people.project, user=user, role=Role.MANAGER)
    Member.objects.create(
        project=Project.objects.create(slug="shop", name="Shop"), user=user, role=Role.ADMIN
    )
    html = logged_in(user).get("/").content.decode()
    assert "Manager" in html
    assert 'href="/p/shop/"' in html


def test_without_a_project_the_page_says_what_to_do(people: People) -> None:
    html = people.stranger.get("/").content.decode()
    assert "Ask an admin of the project to add you" in html
    assert "New project" not in html


def test_a_superuser_creates_a_project_and_becomes_its_admin() -> None:
    client = logged_in(User.objects.create_superuser("root"))
    assert "New project" in client.get("/").content.decode()
    response = client.post("/new/", {"name": "Shop", "slug": "shop", "about": "To our own server."})
    assert response["Location"] == "/p/shop/"
    assert Member.objects.get(project__slug="shop").role == Role.ADMIN


def test_an_engineer_may_not_create_a_project(people: People) -> None:
    response = people.engineer.get("/new/")
    assert response.status_code == 403
    assert "Ask one of them to create it" in response.content.decode()


def test_a_short_name_in_use_is_refused_with_a_sentence(people: People) -> None:
    response = people.admin.post("/new/", {"name": "Again", "slug": "crm"})
    assert response.status_code == 422
    assert "Another project has this short name" in response.content.decode()


def test_strangers_find_no_project(people: People) -> None:
    response = people.stranger.get("/p/crm/")
    assert response.status_code == 404
    html = response.content.decode()
    assert "There is nothing at this address" in html
    assert "CRM" not in html


def test_the_overview_says_what_is_next_and_links_what_the_role_may_do(people: People) -> None:
    admin = people.admin.get("/p/crm/").content.decode()
    assert "0 of 8 steps are done. Next: connections. Add the source and the target." in admin
    assert 'href="/p/crm/connections/new/"' in admin
    engineer = people.engineer.get("/p/crm/").content.decode()
    assert 'href="/p/crm/connections/new/"' not in engineer


def test_the_overview_follows_what_has_been_done(people: People) -> None:
    for name in ("legacy", "new"):
        Connection.objects.create(
            project=people.project, name=name, host="localhost", dbname=name, user="app"
        )
    html = people.engineer.get("/p/crm/").content.decode()
    assert "1 of 8 steps are done. Next: comparison." in html
    assert 'href="/p/crm/comparisons/new/"' in html


def test_a_failed_check_comes_first(people: People) -> None:
    Connection.objects.create(
        project=people.project,
        name="legacy",
        host="localhost",
        dbname="x",
        user="app",
        checks=[{"key": "login", "label": "Login", "state": "bad", "message": "No."}],
    )
    html = people.admin.get("/p/crm/").content.decode()
    assert "Connections needs attention. The last test of legacy failed." in html


def test_the_navigation_shows_only_what_the_role_may_see(people: People) -> None:
    manager = people.manager.get("/p/crm/").content.decode()
    for hidden in ("/p/crm/connections/", "/p/crm/comparisons/", "/p/crm/flags/"):
        assert f'href="{hidden}"' not in manager
    for shown in ("/p/crm/decisions/", "/p/crm/runs/", "/p/crm/status/"):
        assert f'href="{shown}"' in manager
    engineer = people.engineer.get("/p/crm/").content.decode()
    assert 'href="/p/crm/connections/"' in engineer


@pytest.mark.parametrize(
    "path",
    ["connections/", "connections/new/", "comparisons/", "comparisons/new/", "comparisons/1/"],
)
def test_managers_are_refused_and_strangers_find_nothing(people: People, path: str) -> None:
    refused = people.manager.get(f"/p/crm/{path}")
    assert refused.status_code == 403
    assert "Your role in this project (Manager) does not include this." in refused.content.decode()
    assert people.stranger.get(f"/p/crm/{path}").status_code == 404


def test_logging_out_is_a_form(people: People) -> None:
    html = people.engineer.get("/p/crm/").content.decode()
    assert '<form method="post" action="/accounts/logout/">' in html
    assert people.engineer.post("/accounts/logout/").status_code == 302
    assert people.engineer.get("/p/crm/").status_code == 302


def test_no_page_has_inline_script_or_style(people: People) -> None:
    user = add_member(Project.objects.create(slug="more", name="More"), Role.ADMIN)
    for path in ("/p/more/", "/p/more/connections/", "/p/more/connections/new/", "/p/more/comparisons/"):
        html = logged_in(user).get(path).content.decode()
        assert " style=" not in html
        assert "hx-on" not in html
        assert "<script>" not in html


def test_a_server_error_has_a_page_without_a_traceback(people: People) -> None:
    from django.views.defaults import server_error

    response = server_error(people.engineer.get("/p/crm/").wsgi_request)
    assert response.status_code == 500
    assert "Reload the page" in response.content.decode()
