"""Estimates and criteria: seen, tried without being kept, and kept."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from schemadiff.forms.weighing import WeighingForm
from schemadiff.pages.moved import moved_banner
from schemadiff.pages.weighing import WeighingPage, weighing_page
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view
from schemadiff.store import current_decision
from schemadiff.store.weighings import keep_assumptions
from schemadiff.weighing import weighing_of


@project_view(Permission.SEE_SCHEMA)
@require_http_methods(["GET"])
def weighing(request: ProjectRequest, number: int) -> HttpResponse:
    comparison = comparison_of(request, number)
    found = weighing_of(comparison)
    page = weighing_page(comparison, found, WeighingForm(current=found.assumptions))
    return _shown(request, page)


@project_view(Permission.DECIDE)
@require_POST
def weighing_keep(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Keep what was put in; `rank` in the place of `save` makes weights of the order of importance."""
    comparison = comparison_of(request, number)
    found = weighing_of(comparison)
    form = WeighingForm(request.POST, current=found.assumptions)
    if not form.is_valid():
        return _shown(request, weighing_page(comparison, found, form), status=422)
    by_rank = request.POST.get("action") == "rank"
    given = form.assumptions(request.user.get_username(), by_rank=by_rank)
    keep_assumptions(comparison, given, request.user)
    messages.success(request, "Kept. Everything on this page follows from it.")
    return redirect("schemadiff:weighing", request.access.project.slug, number)


@project_view(Permission.SEE_SCHEMA)
@require_POST
def weighing_try(request: ProjectRequest, number: int) -> HttpResponse:
    """What would follow from what is put in; nothing is kept."""
    comparison = comparison_of(request, number)
    found = weighing_of(comparison)
    form = WeighingForm(request.POST, current=found.assumptions)
    if form.is_valid():
        given = form.assumptions(request.user.get_username())
        found = weighing_of(comparison, given)
        form = WeighingForm(current=found.assumptions)
    page = weighing_page(comparison, found, form)
    return render(request, "schemadiff/_weighed.html", {"page": page, "is_tried": True})


def _shown(request: ProjectRequest, page: WeighingPage, status: int = 200) -> HttpResponse:
    project = request.access.project
    moved = moved_banner(current_decision(project), project.slug)
    return render(request, "schemadiff/weighing.html", {"page": page, "moved": moved}, status=status)


_BASE = "p/<slug:project>/comparisons/<int:number>/weighing/"

urlpatterns: list[URLPattern] = [
    path(_BASE, weighing, name="weighing"),
    path(f"{_BASE}keep/", weighing_keep, name="weighing_keep"),
    path(f"{_BASE}try/", weighing_try, name="weighing_try"),
]
