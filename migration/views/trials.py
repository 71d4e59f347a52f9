"""Trials of a comparison's plan asked for, to be done by a worker. What comes of them is shown by `schemadiff`."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.views.decorators.http import require_POST

from migration.trying import request_trial
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Trial
from schemadiff.permissions import Permission, ProjectRequest, project_view


@require_POST
@project_view(Permission.COMPARE)
def prove(request: ProjectRequest, number: int) -> HttpResponse:
    """Of the plan of the mode that the field `mode` names."""
    return _requested(request, number, Trial.Kind.PROOF, "schemadiff:proof_of")


@require_POST
@project_view(Permission.COMPARE)
def check_rows(request: ProjectRequest, number: int) -> HttpResponse:
    return _requested(request, number, Trial.Kind.ROWS, "schemadiff:rows_of")


def _requested(request: ProjectRequest, number: int, kind: Trial.Kind, page: str) -> HttpResponse:
    mode = Mode.ONLINE if request.POST.get("mode") == Mode.ONLINE.value else Mode.PLAIN
    slug = request.access.project.slug
    try:
        trial = request_trial(_comparison(request, number), kind, mode, request.user)
    except SchemadiffError as refusal:
        messages.error(request, str(refusal))
        return redirect("schemadiff:comparison", project=slug, number=number)
    return redirect(page, slug, number, trial.pk)


def _comparison(request: ProjectRequest, number: int) -> Comparison:
    rows = Comparison.objects.filter(project=request.access.project)
    rows = rows.select_related("project", "source", "target").defer("source__catalog", "target__catalog")
    return get_object_or_404(rows, number=number)


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/comparisons/<int:number>/prove/", prove, name="prove"),
    path("p/<slug:project>/comparisons/<int:number>/check-rows/", check_rows, name="check_rows"),
]
