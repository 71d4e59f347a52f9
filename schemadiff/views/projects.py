"""Home, new project, a project's overview, and its masked columns."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods

from schemadiff.core.masking import masked_to_text
from schemadiff.forms.projects import MaskingForm, ProjectForm
from schemadiff.pages.projects import HomePage, MaskingPage, ProjectFormPage, project_page
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.projects import create_project, mask, masked_in, may_create_projects, memberships_of


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The user's projects; who has just one goes straight there (`?all=1` shows the list all the same)."""
    user = cast(User, request.user)
    memberships = memberships_of(user)
    if len(memberships) == 1 and "all" not in request.GET:
        return redirect("schemadiff:project", project=memberships[0].project.slug)
    page = HomePage(memberships=memberships, may_create=may_create_projects(user))
    return render(request, "schemadiff/home.html", {"page": page})


@login_required
@require_http_methods(["GET", "POST"])
def project_new(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    if not may_create_projects(user):
        raise PermissionDenied("Projects are created by admins. Ask one of them to create it and to add you.")
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        project = create_project(
            name=form.cleaned_data["name"],
            slug=form.cleaned_data["slug"],
            about=form.cleaned_data["about"],
            user=user,
        )
        messages.success(request, f"{project.name} is created, and you are its admin.")
        return redirect("schemadiff:project", project=project.slug)
    status = 422 if form.is_bound else 200
    page = ProjectFormPage(form=form)
    return render(request, "schemadiff/project_form.html", {"page": page}, status=status)


@project_view(Permission.SEE_STATUS)
@require_GET
def project(request: ProjectRequest) -> HttpResponse:
    return render(request, "schemadiff/project.html", {"page": project_page(request.access)})


@project_view(Permission.CONNECT)
@require_http_methods(["GET", "POST"])
def masking(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    form = MaskingForm(request.POST or None, initial={"columns": masked_to_text(masked_in(project))})
    if form.is_valid():
        mask(project, form.cleaned_data["columns"])
        messages.success(request, "Nobody is shown values of these columns from now on.")
        return redirect("schemadiff:masking", project=project.slug)
    status = 422 if form.is_bound else 200
    return render(request, "schemadiff/masking.html", {"page": MaskingPage(form=form)}, status=status)


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("new/", project_new, name="project_new"),
    path("p/<slug:project>/", project, name="project"),
    path("p/<slug:project>/masking/", masking, name="masking"),
]
