"""Decisions: taken on a form, listed, shown, exported. There is no view that edits one."""

from django.contrib import messages
from django.db.models import Max, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods

from schemadiff import deciding, store
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.options.option import OptionName
from schemadiff.core.options.weighing import recommend
from schemadiff.forms.decisions import DecisionForm
from schemadiff.models import Comparison, Decision
from schemadiff.pages.decisions import DecisionPage, decide_page, decision_page, decisions_page, noted
from schemadiff.pages.moved import moved_banner
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.SEE_STATUS)
@require_GET
def decisions(request: ProjectRequest) -> HttpResponse:
    project = request.access.project
    latest = Comparison.objects.filter(project=project).aggregate(latest=Max("number"))["latest"]
    return render(request, "schemadiff/decisions.html", {"page": decisions_page(_decisions(request), latest)})


@project_view(Permission.SEE_STATUS)
@require_GET
def decision(request: ProjectRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_decisions(request), pk=pk)
    return render(request, "schemadiff/decision.html", {"page": _page(request, found)})


@project_view(Permission.SEE_STATUS)
@require_GET
def export(request: ProjectRequest, pk: int) -> HttpResponse:
    """The decision as Markdown, to be kept beside the application's code."""
    found = get_object_or_404(_decisions(request), pk=pk)
    text = render_to_string("schemadiff/decision.md", {"page": _page(request, found)})
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="decision-{found.option}-{found.pk}.md"'
    return response


@project_view(Permission.SEE_STATUS)
@require_GET
def export_page(request: ProjectRequest, pk: int) -> HttpResponse:
    """The decision as one HTML file with its styles in it, to be printed, signed and kept."""
    found = get_object_or_404(_decisions(request), pk=pk)
    page = _page(request, found)
    text = render_to_string(
        "schemadiff/decision_file.html",
        {"page": page, "figures": noted(page.rows), "project": request.access.project.name},
    )
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="decision-{found.option}-{found.pk}.html"'
    return response


@project_view(Permission.SEE_STATUS)
@require_GET
def mapping(request: ProjectRequest, pk: int) -> HttpResponse:
    """The mapping as it stood when it was decided, as a file that `--mapping` and the mapping page take."""
    found = get_object_or_404(_decisions(request), pk=pk)
    if not found.mapping:
        raise Http404("This decision was recorded before mappings were kept with decisions.")
    response = HttpResponse(found.mapping, content_type="application/json")
    response["Content-Disposition"] = (
        f'attachment; filename="decision-{found.option}-{found.pk}-mapping.json"'
    )
    return response


@project_view(Permission.DECIDE)
@require_http_methods(["GET", "POST"])
def decide(request: ProjectRequest, number: int, option: str) -> HttpResponseBase:
    """The form in which an option is chosen."""
    comparison = get_object_or_404(
        Comparison.objects.select_related("source", "target").defer("source__catalog", "target__catalog"),
        project=request.access.project,
        number=number,
    )
    chosen = _option(option)
    measures = store.measures_of(comparison)
    blockers = deciding.obstacles(comparison, chosen)
    page = decide_page(comparison, chosen, measures, recommend(measures, {chosen: blockers}), blockers)
    form = DecisionForm(request.POST or None, others=page.others)
    if request.method == "POST" and form.is_valid():
        try:
            made = deciding.decide(
                comparison,
                chosen,
                reason=form.cleaned_data["reason"],
                why_not=form.why_not(),
                user=request.user,
                conditions=form.cleaned_data["conditions"],
            )
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"The decision for {chosen.value} is recorded.")
            return redirect("schemadiff:decision", request.access.project.slug, made.pk)
    status = 422 if form.errors else 200
    return render(request, "schemadiff/decide.html", {"page": page, "form": form}, status=status)


def _page(request: ProjectRequest, found: Decision) -> DecisionPage:
    """What was superseded moves no more."""
    current = found if found.superseded_by_id is None else None
    return decision_page(found, moved_banner(current, request.access.project.slug))


def _decisions(request: ProjectRequest) -> QuerySet[Decision]:
    return (
        Decision.objects.filter(project=request.access.project)
        .select_related("comparison__source", "comparison__target")
        .defer("comparison__source__catalog", "comparison__target__catalog")
    )


def _option(word: str) -> OptionName:
    try:
        return OptionName(word)
    except ValueError as error:
        raise Http404(f"There is no option {word}; there are recreate, transform and hybrid.") from error


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/comparisons/<int:number>/decide/<slug:option>/", decide, name="decide"),
    path("p/<slug:project>/decisions/", decisions, name="decisions"),
    path("p/<slug:project>/decisions/<int:pk>/", decision, name="decision"),
    path("p/<slug:project>/decisions/<int:pk>/export/", export, name="decision_export"),
    path("p/<slug:project>/decisions/<int:pk>/export.html", export_page, name="decision_export_html"),
    path("p/<slug:project>/decisions/<int:pk>/mapping.json", mapping, name="decision_mapping"),
]
