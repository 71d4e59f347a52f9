"""Finds the project or application that a command means, where its user did not have to name it."""

from collections.abc import Iterable

from migration.models import Application
from schemadiff.core.errors import NotFound, Refused
from schemadiff.models import Project


def find_project(slug: str | None) -> Project:
    """The project with this slug; without one, the only project there is."""
    projects = {project.slug: project for project in Project.objects.order_by("slug")}
    if slug is not None and slug not in projects:
        raise NotFound(f"There is no project {slug!r}. {_there_are('project', projects)}")
    if slug is not None:
        return projects[slug]
    if len(projects) != 1:
        raise Refused(f"Say which project with --project. {_there_are('project', projects)}")
    return next(iter(projects.values()))


def find_application(project: Project, name: str | None, environment: str | None) -> Application:
    """The application with this name in this environment; what is not given must leave only one."""
    everyone = tuple(project.applications.all())
    found = [
        entry for entry in everyone if name in (None, entry.name) and environment in (None, entry.environment)
    ]
    if len(found) == 1:
        return found[0]
    there = _there_are("application", [f"{entry.name} ({entry.environment})" for entry in everyone])
    if not found and (name or environment):
        wanted = " in ".join(word for word in (name, environment) if word)
        raise NotFound(f"Project {project.slug} has no application {wanted}. {there}")
    raise Refused(f"Say which application with --application and --environment. {there}")


def _there_are(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"There are: {listed}." if listed else f"There is no {what} yet; add one in the browser."
