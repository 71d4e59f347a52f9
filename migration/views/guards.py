"""Guards: seen by those who see the flags, set, armed and disarmed by admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from migration.forms.guards import GuardForm
from migration.models import Application, Guard
from migration.monitoring import guards
from migration.pages.guards import GuardFormPage, guards_page
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def guards_list(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    page = guards_page(
        guards.of_project(project),
        guards.history(project),
        has_applications=Application.objects.filter(project=project).exists(),
    )
    return render(request, "migration/guards.html", {"page": page})


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def guard_new(request: ProjectRequest) -> HttpResponse:
    form = GuardForm(request.access.project, None, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = guards.add(form.cleaned_data["application"], form.wanted(), request.user.get_username())
            messages.success(request, f"Guard “{made.name}” is armed.")
            return _back(request)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _form(request, GuardFormPage(title="Add a guard", form=form, submit="Add and arm it"))


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def guard_edit(request: ProjectRequest, pk: int) -> HttpResponse:
    guard = _guard(request, pk)
    name = guard.name
    form = GuardForm(request.access.project, guard, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            guards.change(guard, form.wanted(), request.user.get_username())
            messages.success(request, f"Guard “{guard.name}” has these limits from now on.")
            return _back(request)
        except Refused as refusal:
            form.add_error(None, str(refusal))
    return _form(request, GuardFormPage(title=f"Change guard “{name}”", form=form, submit="Keep it"))


@project_view(Permission.WATCH)
@require_POST
def guard_arm(request: ProjectRequest, pk: int) -> HttpResponse:
    """With the field `disarm` it is disarmed."""
    guard, by = _guard(request, pk), request.user.get_username()
    if "disarm" in request.POST:
        guards.disarm(guard, by)
        messages.success(request, f"Guard “{guard.name}” watches nothing any more.")
    else:
        guards.arm(guard, by)
        messages.success(request, f"Guard “{guard.name}” is armed.")
    return _back(request)


def _guard(request: ProjectRequest, pk: int) -> Guard:
    rows = Guard.objects.select_related("application", "project")
    return get_object_or_404(rows, project=request.access.project, pk=pk)


def _form(request: ProjectRequest, page: GuardFormPage) -> HttpResponse:
    status = 422 if page.form.errors else 200
    return render(request, "migration/guard_form.html", {"page": page}, status=status)


def _back(request: ProjectRequest) -> HttpResponse:
    return redirect("migration:guards", request.access.project.slug)


_BASE = "p/<slug:project>/monitoring/guards/"
urlpatterns: list[URLPattern] = [
    path(_BASE, guards_list, name="guards"),
    path(f"{_BASE}new/", guard_new, name="guard_new"),
    path(f"{_BASE}<int:pk>/", guard_edit, name="guard"),
    path(f"{_BASE}<int:pk>/arm/", guard_arm, name="guard_arm"),
]
