"""What becomes of each of the application's queries: the page, and its work list as files."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from schemadiff.models import Comparison, QueryJudging
from schemadiff.pages.judgements import as_csv, as_json, judgements_page, narrowed, wanted_in
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def judgements(request: ProjectRequest, number: int) -> HttpResponse:
    comparison = comparison_of(request, number)
    judged = list(comparison.judgements.all())
    gaps = list(request.access.project.query_gaps.all())
    page = judgements_page(comparison, judged, wanted_in(request.GET, judged), gaps)
    return render(request, "schemadiff/judgements.html", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def judgements_file(request: ProjectRequest, number: int, kind: str) -> HttpResponse:
    """What the page shows, all of it, as CSV or JSON."""
    return work_list(request, comparison_of(request, number), f"comparison-{number}-queries", kind)


def work_list(request: ProjectRequest, of: Comparison | QueryJudging, name: str, kind: str) -> HttpResponse:
    """What was judged for it, as far as the address narrows it; `kind` is csv or json."""
    judged = list(of.judgements.all())
    wanted = wanted_in(request.GET, judged)
    rows = narrowed(judged, wanted)
    content = "".join(as_csv(rows)) if kind == "csv" else as_json(of, wanted, rows)
    name = "-".join(each for each in (name, wanted.option) if each) + f".{kind}"
    form = "text/csv" if kind == "csv" else "application/json"
    response = HttpResponse(content, content_type=f"{form}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


_BASE = "p/<slug:project>/comparisons/<int:number>/queries"

urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/", judgements, name="judgements"),
    path(f"{_BASE}.csv", judgements_file, {"kind": "csv"}, name="judgements_csv"),
    path(f"{_BASE}.json", judgements_file, {"kind": "json"}, name="judgements_json"),
]
