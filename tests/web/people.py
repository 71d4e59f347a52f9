"""Who uses the pages in a test: a project with a member of each role, and a stranger."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.test import Client
from psycopg.conninfo import conninfo_to_dict

from schemadiff import connections
from schemadiff.models import Connection, Member, Project, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everybody's browser, logged in."""

    project: Project
    engineer: Client
    admin: Client
    manager: Client
    stranger: Client


def make_people(slug: str = "crm") -> People:
    project = Project.objects.create(slug=slug, name="CRM")
    browsers = {role: logged_in(add_member(project, role)) for role in Role}
    return People(
        project=project,
        engineer=browsers[Role.ENGINEER],
        admin=browsers[Role.ADMIN],
        manager=browsers[Role.MANAGER],
        stranger=logged_in(User.objects.create_user(f"{slug}-stranger")),
    )


def add_member(project: Project, role: Role) -> User:
    user = User.objects.create_user(f"{project.slug}-{role.value}")
    Member.objects.create(project=project, user=user, role=role)
    return user


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def save_connection(project: Project, name: str, dsn: str) -> Connection:
    """A connection of the project to a real database."""
    parts = conninfo_to_dict(dsn)
    connection = Connection(
        project=project,
        name=name,
        host=str(parts["host"]),
        port=int(str(parts.get("port", 5432))),
        dbname=str(parts["dbname"]),
        user=str(parts["user"]),
    )
    return connections.save(connection, password=str(parts.get("password", "")))
