"""An application's queries: which there are, more of them, and their end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST

from schemadiff.forms.queries import JudgingForm, QueriesForm
from schemadiff.pages.queries import queries_page
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.store.queries import add_queries


@project_view(Permission.SEE_SCHEMA)
@require_GET
def queries(request: ProjectRequest) -> HttpResponse:
    return show_queries(request)


@project_view(Permission.COMPARE)
@require_POST
def queries_add(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    form = QueriesForm(request.POST, request.FILES, project=project)
    if not form.is_valid():
        return show_queries(request, form=form, status=422)
    replace = form.cleaned_data["replace"]
    added = add_queries(project, form.found, request.user, replace=replace)
    others, gaps = len(form.found.queries) - added, len(form.found.unresolved)
    messages.success(
        request,
        f"{_counted(added, 'new query', 'new queries')} added{f'; {others:,} known already' if others else ''}"
        f"{f'; {gaps:,} not made out, listed below' if gaps else ''}. "
        "Measure the options of a comparison again to have them judged.",
    )
    return redirect("schemadiff:queries", project=project.slug)


@project_view(Permission.COMPARE)
@require_POST
def query_remove(request: ProjectRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(request.access.project.queries, pk=pk)
    row.delete()
    messages.success(request, f"“{row.name}” is no longer judged.")
    return redirect("schemadiff:queries", project=request.access.project.slug)


@project_view(Permission.COMPARE)
@require_POST
def gaps_clear(request: ProjectRequest) -> HttpResponse:
    request.access.project.query_gaps.all().delete()
    messages.success(request, "The list of what could not be made out is empty.")
    return redirect("schemadiff:queries", project=request.access.project.slug)


def _counted(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"


def show_queries(
    request: ProjectRequest,
    *,
    form: QueriesForm | None = None,
    judging_form: JudgingForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with a form as somebody has filled it in."""
    project = request.access.project
    page = queries_page(
        project, form or QueriesForm(project=project), judging_form or JudgingForm(project=project)
    )
    return render(request, "schemadiff/queries.html", {"page": page}, status=status)


_BASE = "p/<slug:project>/queries/"

urlpatterns: list[URLPattern] = [
    path(_BASE, queries, name="queries"),
    path(f"{_BASE}add/", queries_add, name="queries_add"),
    path(f"{_BASE}not-made-out/clear/", gaps_clear, name="query_gaps_clear"),
    path(f"{_BASE}<int:pk>/remove/", query_remove, name="query_remove"),
]
