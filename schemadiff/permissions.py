"""Who may do what in a project, and the decorator that every project view wears."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from schemadiff.models import Comparison, Member, Project, Role

P = ParamSpec("P")


class Permission(StrEnum):
    """What a role may allow. Named after what a person does."""

    SEE_STATUS = "see_status"  # status, decisions, the state of runs: no row values
    SEE_SCHEMA = "see_schema"  # comparisons, mappings, options, plans
    SEE_ROWS = "see_rows"  # samples, rejects, previews
    COMPARE = "compare"
    MAP = "map"
    REVIEW = "review"  # mark as viewed, comment, approve
    DECIDE = "decide"
    CONNECT = "connect"  # add, edit and test connections
    RUN = "run"
    FLIP = "flip"  # change flags
    WATCH = "watch"  # change alerts, where they are sent, and guards


_MANAGER = frozenset({Permission.SEE_STATUS})
_ENGINEER = _MANAGER | {
    Permission.SEE_SCHEMA,
    Permission.SEE_ROWS,
    Permission.COMPARE,
    Permission.MAP,
    Permission.REVIEW,
    Permission.DECIDE,
}
_ADMIN = _ENGINEER | {Permission.CONNECT, Permission.RUN, Permission.FLIP, Permission.WATCH}

ALLOWED: dict[str, frozenset[Permission]] = {
    Role.MANAGER: _MANAGER,
    Role.ENGINEER: _ENGINEER,
    Role.ADMIN: _ADMIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A user in a project. Templates ask `request.access.can.run`."""

    project: Project
    role: str

    @property
    def can(self) -> dict[str, bool]:
        allowed = ALLOWED[self.role]
        return {permission.value: permission in allowed for permission in Permission}

    def allows(self, permission: Permission) -> bool:
        return permission in ALLOWED[self.role]


class ProjectRequest(HttpRequest):
    """A request whose user was found to be a member of the project."""

    access: Access
    user: User  # `project_view` lets nobody in who is not logged in


def project_view(
    permission: Permission,
) -> Callable[[Callable[Concatenate[ProjectRequest, P], HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Log in, find the project by its slug, answer 404 to strangers and 403 to members who may not.

    The view gets `request.access`; the keyword `project` of the URL is taken out.
    """

    def decorate(
        view: Callable[Concatenate[ProjectRequest, P], HttpResponseBase],
    ) -> Callable[..., HttpResponseBase]:
        @login_required
        @wraps(view)
        def wrapped(request: Any, project: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            member = get_object_or_404(
                Member.objects.select_related("project"), project__slug=project, user=request.user
            )
            request.access = Access(project=member.project, role=member.role)
            if not request.access.allows(permission):
                raise PermissionDenied(
                    f"Your role in this project ({member.get_role_display()}) does not include this."
                )
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


__all__ = ["ALLOWED", "Access", "Permission", "ProjectRequest", "project_view"]


def comparison_of(request: ProjectRequest, number: int) -> Comparison:
    """The project's comparison of that number, without its catalogs; there is none: 404."""
    rows = Comparison.objects.filter(project=request.access.project)
    rows = rows.select_related("project", "source", "target").defer("source__catalog", "target__catalog")
    return get_object_or_404(rows, number=number)
