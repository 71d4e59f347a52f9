"""Projects: who has which, how one begins, and which columns it masks."""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff.core.masking import Masked, masked_of
from schemadiff.models import Member, Project, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A project of a user, and the user's role in it."""

    project: Project
    role: str


def memberships_of(user: User) -> tuple[Membership, ...]:
    """The user's projects by name; one query."""
    rows = Member.objects.filter(user_id=user.pk).select_related("project").order_by("project__name")
    return tuple(Membership(project=row.project, role=row.get_role_display()) for row in rows)


def may_create_projects(user: User) -> bool:
    """Superusers may, and whoever is an admin of a project already."""
    if not user.is_active:
        return False
    return user.is_superuser or Member.objects.filter(user_id=user.pk, role=Role.ADMIN).exists()


def create_project(*, name: str, slug: str, about: str, user: User) -> Project:
    """Begin a project; its creator becomes its admin."""
    with transaction.atomic():
        project = Project.objects.create(name=name, slug=slug, about=about)
        Member.objects.create(project=project, user=user, role=Role.ADMIN)
    return project


def masked_in(project: Project) -> Masked:
    """The columns whose values nobody in this project is shown."""
    return masked_of(project.masked_columns)


def mask(project: Project, masked: Masked) -> None:
    """These columns from now on, and no others."""
    Project.objects.filter(pk=project.pk).update(masked_columns=[list(column) for column in masked.columns])
