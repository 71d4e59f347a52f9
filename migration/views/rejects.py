"""The rows that a run's target refused: people's data, for engineers and admins only."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from migration.models import Run
from migration.pages.rejects import SHOWN, chosen_reason, chosen_table, rejects_page
from migration.rejected import as_csv, sample
from schemadiff.core.errors import SchemadiffError
from schemadiff.permissions import Permission, ProjectRequest, project_view


@require_GET
@never_cache
@project_view(Permission.SEE_ROWS)
def run_rejects(request: ProjectRequest, number: int) -> HttpResponse:
    run = _run(request, number)
    groups = list(run.reject_groups.all())
    table = chosen_table(groups, request.GET.get("table", ""))
    reason = chosen_reason(groups, table, request.GET.get("reason", ""))
    problem = ""
    try:
        rows = sample(run, table, SHOWN, reason) if table else ()
    except SchemadiffError as error:
        rows, problem = (), str(error)
    page = rejects_page(run, groups, table, rows, reason=reason, problem=problem)
    return render(request, "migration/run_rejects.html", {"page": page})


@require_GET
@never_cache
@project_view(Permission.SEE_ROWS)
def run_rejects_csv(request: ProjectRequest, number: int) -> HttpResponseBase:
    run = _run(request, number)
    asked, why = request.GET.get("table", ""), request.GET.get("reason", "")
    groups = list(run.reject_groups.all())
    table = chosen_table(groups, asked)
    if table is None or ".".join(table) != asked or chosen_reason(groups, table, why) != why:
        raise Http404(f"Run #{number} has no such rejects of {asked or 'a table without a name'}.")
    try:
        lines = as_csv(run, table, why)
    except SchemadiffError as error:
        messages.error(request, str(error))
        return redirect("migration:run_rejects", project=request.access.project.slug, number=number)
    name = f"{request.access.project.slug}-run-{number}-{asked}-rejects.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


def _run(request: ProjectRequest, number: int) -> Run:
    rows = Run.objects.select_related("project", "source", "target").defer("spec")
    return get_object_or_404(rows, project=request.access.project, number=number)


_BASE = "p/<slug:project>/runs/<int:number>/rejects/"

urlpatterns: list[URLPattern] = [
    path(_BASE, run_rejects, name="run_rejects"),
    path(f"{_BASE}csv/", run_rejects_csv, name="run_rejects_csv"),
]
