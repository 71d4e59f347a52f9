"""What came of trials: pages with permalinks, and how far one is. They are asked for under `migration`, which has the
queue."""

from typing import Protocol

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET
from django_htmx.http import HttpResponseStopPolling

from schemadiff.compared import summary_of
from schemadiff.models import Comparison, Trial
from schemadiff.pages.comparisons import trials_of as strip_of
from schemadiff.pages.proof import empty_proof_page, proof_page
from schemadiff.pages.row_findings import empty_rows_page, rows_page
from schemadiff.pages.trials import trial_chip
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view
from schemadiff.store import reviews
from schemadiff.store.trials import trials_of, why_outdated


class _Empty(Protocol):
    def __call__(self, comparison: Comparison, /, *, is_needed: bool) -> object: ...


@project_view(Permission.SEE_STATUS)
@require_GET
def proof(request: ProjectRequest, number: int) -> HttpResponse:
    """The latest; where there is none, what one is."""
    return _latest(request, number, Trial.Kind.PROOF, empty_proof_page)


@project_view(Permission.SEE_STATUS)
@require_GET
def proof_of(request: ProjectRequest, number: int, pk: int) -> HttpResponse:
    comparison, trial = comparison_of(request, number), _trial(request, number, pk, Trial.Kind.PROOF)
    summary = summary_of(comparison)
    page = proof_page(
        comparison,
        trial,
        why_outdated(trial, summary.digest, reviews.standing(comparison)),
        trials_of(comparison, Trial.Kind.PROOF),
        is_needed=summary.differ > 0,
    )
    return render(request, "schemadiff/proof.html", {"page": page})


@project_view(Permission.SEE_STATUS)
@require_GET
def rows(request: ProjectRequest, number: int) -> HttpResponse:
    """The latest; where there is none, what one is."""
    return _latest(request, number, Trial.Kind.ROWS, empty_rows_page)


@project_view(Permission.SEE_STATUS)
@require_GET
def rows_of(request: ProjectRequest, number: int, pk: int) -> HttpResponse:
    comparison, trial = comparison_of(request, number), _trial(request, number, pk, Trial.Kind.ROWS)
    summary = summary_of(comparison)
    page = rows_page(
        comparison,
        trial,
        why_outdated(trial, summary.digest, reviews.standing(comparison)),
        trials_of(comparison, Trial.Kind.ROWS),
        is_needed=summary.differ > 0,
        with_rows=request.access.allows(Permission.SEE_ROWS),
    )
    return render(request, "schemadiff/rows.html", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_trials(request: ProjectRequest, number: int) -> HttpResponse:
    """The part of the comparison's page alone; without htmx, the page."""
    if not request.headers.get("HX-Request"):
        return redirect("schemadiff:comparison", project=request.access.project.slug, number=number)
    context = {"trials": strip_of(comparison_of(request, number)), "number": number}
    return render(request, "schemadiff/_trials.html", context)


@project_view(Permission.SEE_STATUS)
@require_GET
def trial_progress(request: ProjectRequest, number: int, pk: int) -> HttpResponse:
    """Answers 286, which ends htmx's polling, once the trial has ended; who waited gets the page anew."""
    trial = get_object_or_404(_trials(request, number).defer("result", "findings"), pk=pk)
    context = {"trial": trial_chip(trial, ""), "number": number}
    fragment = render(request, "schemadiff/_trial_progress.html", context)
    if trial.is_under_way:
        return fragment
    response = HttpResponseStopPolling(fragment.content)
    response["HX-Refresh"] = "true"
    return response


def _latest(request: ProjectRequest, number: int, kind: Trial.Kind, empty: _Empty) -> HttpResponse:
    """A trial's page and its view are called as its kind."""
    comparison = comparison_of(request, number)
    latest = next(iter(trials_of(comparison, kind)), None)
    if latest is not None:
        return redirect(f"schemadiff:{kind}_of", request.access.project.slug, number, latest.pk)
    page = empty(comparison, is_needed=summary_of(comparison).differ > 0)
    return render(request, f"schemadiff/{kind}.html", {"page": page})


def _trial(request: ProjectRequest, number: int, pk: int, kind: Trial.Kind) -> Trial:
    return get_object_or_404(_trials(request, number), pk=pk, kind=kind)


def _trials(request: ProjectRequest, number: int) -> QuerySet[Trial]:
    rows = Trial.objects.filter(project=request.access.project, comparison__number=number)
    return rows.select_related("requested_by")


_ONE = "p/<slug:project>/comparisons/<int:number>/"

urlpatterns: list[URLPattern] = [
    path(f"{_ONE}proof/", proof, name="proof"),
    path(f"{_ONE}proof/<int:pk>/", proof_of, name="proof_of"),
    path(f"{_ONE}rows/", rows, name="rows"),
    path(f"{_ONE}rows/<int:pk>/", rows_of, name="rows_of"),
    path(f"{_ONE}trials/", comparison_trials, name="comparison_trials"),
    path(f"{_ONE}trial/<int:pk>/progress/", trial_progress, name="trial_progress"),
]
