"""A project's probes: asked for, how far they are, what they found."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods
from django_htmx.http import HttpResponseStopPolling

from migration.forms.probes import ProbeForm
from migration.models import ProbeRun
from migration.pages.probes import HISTORY, ProbePage, probe_page, probes_page
from migration.probing import carried_run
from migration.probing import request as request_probes
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view


@require_http_methods(["GET", "POST"])
@project_view(Permission.SEE_SCHEMA)
def probes(request: ProjectRequest) -> HttpResponse:
    """The list; whoever may compare asks for new ones here."""
    project = request.access.project
    may_probe = request.access.allows(Permission.COMPARE)
    if request.method == "POST" and not may_probe:
        raise PermissionDenied
    form = ProbeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = request_probes(project, form.cleaned_data["queries"], request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("migration:probes", project.slug)
        return redirect("migration:probe", project.slug, made.number)
    rows = ProbeRun.objects.filter(project=project).select_related("run", "requested_by")
    page = probes_page(
        list(rows.defer("result")[:HISTORY]), rows.count(), carried_run(project), form, may_probe=may_probe
    )
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/probes.html", {"page": page}, status=status)


@require_GET
@project_view(Permission.SEE_SCHEMA)
def probe(request: ProjectRequest, number: int) -> HttpResponse:
    return render(request, "migration/probe.html", {"page": _page(request, number)})


@require_GET
@project_view(Permission.SEE_SCHEMA)
def probe_progress(request: ProjectRequest, number: int) -> HttpResponse:
    """The part that changes. Answers 286, which ends htmx's polling, once it has ended."""
    page = _page(request, number)
    response = render(request, "migration/_probe.html", {"page": page})
    return response if page.live else HttpResponseStopPolling(response.content)


def _page(request: ProjectRequest, number: int) -> ProbePage:
    rows = ProbeRun.objects.select_related("run__source", "run__target", "requested_by")
    return probe_page(get_object_or_404(rows, project=request.access.project, number=number))


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/probes/", probes, name="probes"),
    path("p/<slug:project>/probes/<int:number>/", probe, name="probe"),
    path("p/<slug:project>/probes/<int:number>/progress/", probe_progress, name="probe_progress"),
]
