"""Where the pages of an application's flags lie, and how one is found by its address."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from migration.models import Application
from schemadiff.permissions import ProjectRequest

ONE = "p/<slug:project>/flags/<slug:application>/<slug:environment>/"


def application_of(request: ProjectRequest, application: str, environment: str) -> Application:
    """The project's application of that name in that environment; there is none: 404."""
    return get_object_or_404(
        Application, project=request.access.project, name=application, environment=environment
    )


def address_of(found: Application) -> str:
    return reverse("migration:application", args=[found.project.slug, found.name, found.environment])
