"""The application's queries judged on any saved database: asked for, looked at, taken as files."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from schemadiff.core.errors import SchemadiffError
from schemadiff.forms.queries import JudgingForm
from schemadiff.judging import judge_on
from schemadiff.models import QueryJudging
from schemadiff.pages.judgements import judgements_page, wanted_in
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.views.judgements import work_list
from schemadiff.views.queries import show_queries


@project_view(Permission.COMPARE)
@require_POST
def judge(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    form = JudgingForm(request.POST, project=project)
    if form.is_valid():
        try:
            judging = judge_on(project, *form.chosen, request.user)
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Judged. Nothing was executed, and nothing was changed.")
            return redirect("schemadiff:judging", project=project.slug, pk=judging.pk)
    return show_queries(request, judging_form=form, status=422)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def judging(request: ProjectRequest, pk: int) -> HttpResponse:
    found = _judging(request, pk)
    judged = list(found.judgements.all())
    page = judgements_page(found, judged, wanted_in(request.GET, judged), ())
    return render(request, "schemadiff/judging.html", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def judging_file(request: ProjectRequest, pk: int, kind: str) -> HttpResponse:
    """What the page shows, all of it, as CSV or JSON."""
    return work_list(request, _judging(request, pk), f"queries-judged-{pk}", kind)


def _judging(request: ProjectRequest, pk: int) -> QueryJudging:
    rows = QueryJudging.objects.filter(project=request.access.project)
    return get_object_or_404(rows.select_related("asked_by", "reference", "connection"), pk=pk)


_BASE = "p/<slug:project>/queries/judge"

urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/", judge, name="judge"),
    path(f"{_BASE}d/<int:pk>/", judging, name="judging"),
    path(f"{_BASE}d/<int:pk>.csv", judging_file, {"kind": "csv"}, name="judging_csv"),
    path(f"{_BASE}d/<int:pk>.json", judging_file, {"kind": "json"}, name="judging_json"),
]
