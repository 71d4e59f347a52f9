"""Where are we? For everybody in the project, managers first. Shows no row values."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods

from config.csp import charts_allowed
from migration import context_document
from migration.forms.stages import StageForm
from migration.models import Stage
from migration.pages.status import StagePage, status_page
from migration.stages import save_stage
from migration.status import status_of
from schemadiff.pages.reviews import review_of_project
from schemadiff.permissions import Permission, ProjectRequest, project_view


@charts_allowed
@project_view(Permission.SEE_STATUS)
@require_GET
def status(request: ProjectRequest) -> HttpResponse:
    """The verdict, stages, runs, decisions and their reasons, what blocks, lessons, progress."""
    page = status_page(status_of(request.access.project))
    review = review_of_project(request.access.project)
    return render(request, "migration/status.html", {"page": page, "review": review})


@project_view(Permission.SEE_STATUS)
@require_GET
def document(request: ProjectRequest, format: str) -> HttpResponse:
    """The context document, to keep or to send."""
    content_type = context_document.FORMATS.get(format)
    if content_type is None:
        raise Http404(f"The document is there as {' or '.join(context_document.FORMATS)}.")
    text = context_document.write(status_of(request.access.project), format)
    response = HttpResponse(text, content_type=f"{content_type}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{_file_name(request, format)}"'
    return response


def _file_name(request: ProjectRequest, format: str) -> str:
    return f"{request.access.project.slug}-context.{'md' if format == 'markdown' else format}"


@project_view(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def stage_new(request: ProjectRequest) -> HttpResponse:
    """Add a stage to the plan."""
    return _edit(request, None)


@project_view(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def stage(request: ProjectRequest, pk: int) -> HttpResponse:
    """Say how a stage stands."""
    return _edit(request, get_object_or_404(Stage, project=request.access.project, pk=pk))


def _edit(request: ProjectRequest, found: Stage | None) -> HttpResponse:
    project = request.access.project
    form = StageForm(project, request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        kept = save_stage(project, form.save(commit=False))
        messages.success(request, f"Stage {kept.number}, {kept.title}, is kept.")
        return redirect("migration:status", project=project.slug)
    page = StagePage(form=form, stage=found)
    return render(request, "migration/stage.html", {"page": page}, status=422 if form.errors else 200)


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/status/", status, name="status"),
    path("p/<slug:project>/status/document/<slug:format>/", document, name="status_document"),
    path("p/<slug:project>/status/stages/new/", stage_new, name="stage_new"),
    path("p/<slug:project>/status/stages/<int:pk>/", stage, name="stage"),
]
