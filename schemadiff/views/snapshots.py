"""Snapshots of a project: which there are, and another one now."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from schemadiff.comparison import take_snapshot
from schemadiff.core.errors import SchemadiffError
from schemadiff.forms.snapshots import SnapshotForm
from schemadiff.pages.snapshots import snapshots_page
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.SEE_SCHEMA)
@require_http_methods(["GET", "POST"])
def snapshots(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    if request.method == "POST" and not request.access.allows(Permission.COMPARE):
        raise PermissionDenied("Your role in this project does not include taking snapshots.")
    form = SnapshotForm(request.POST if request.method == "POST" else None, project=project)
    if form.is_valid():
        try:
            taken = take_snapshot(form.cleaned_data["connection"], request.user)
        except SchemadiffError as exc:
            form.add_error("connection", str(exc))
        else:
            messages.success(request, f"{taken.label} is kept as it is now.")
            return redirect("schemadiff:snapshots", project=project.slug)
    status = 422 if form.is_bound else 200
    page = snapshots_page(project, form)
    return render(request, "schemadiff/snapshots.html", {"page": page}, status=status)


urlpatterns: list[URLPattern] = [path("p/<slug:project>/snapshots/", snapshots, name="snapshots")]
