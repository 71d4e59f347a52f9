"""A run's cut-over: the checklist looked at, gone through, gone back; each time with an address of its own."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseStopPolling

from migration import leading
from migration.forms.cutovers import CutOverForm, ReasonForm
from migration.models import Application, CutOverAttempt, Run
from migration.pages.cutovers import HISTORY, AttemptPage, attempt_page, cut_overs_page
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view

Kind = CutOverAttempt.Kind

_ASKED = {kind.value: kind for kind in (Kind.OVER, Kind.BACK, Kind.LEAVE, Kind.UNDO, Kind.END)}


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def cut_overs(request: ProjectRequest, number: int) -> HttpResponse:
    """Which side leads, the checklist as it was looked at last, and what may be done; POST asks for it."""
    run = _run(request, number)
    forms = _forms(request, run)
    if request.method == "POST":
        kind = _ASKED.get(request.POST.get("kind", ""))
        if kind is None:
            return HttpResponse(
                "There is nothing of that kind to be done.", status=400, content_type="text/plain"
            )
        form = forms[_form_of(kind)]
        if form.is_valid():
            values = (
                form.values() if isinstance(form, CutOverForm) else {"reason": form.cleaned_data["reason"]}
            )
            return _ask(request, run, kind, **values)
    rows = CutOverAttempt.objects.filter(run=run).select_related("requested_by")
    page = cut_overs_page(run, list(rows[:HISTORY]), rows.count(), forms)
    return render(
        request, "migration/cutovers.html", {"page": page}, status=422 if request.method == "POST" else 200
    )


@require_POST
@project_view(Permission.RUN)
def cut_over_look(request: ProjectRequest, number: int) -> HttpResponse:
    """Go through what has to hold, by the terms as they are said so far; nothing is changed."""
    run = _run(request, number)
    back = request.POST.get("look") == Kind.LOOK_BACK
    form = CutOverForm(request.POST, project=run.project, back=back, prefix="back" if back else "over")
    return _ask(request, run, Kind.LOOK_BACK if back else Kind.LOOK, **form.terms())


@require_GET
@project_view(Permission.SEE_STATUS)
def cut_over(request: ProjectRequest, number: int, attempt: int) -> HttpResponse:
    return render(request, "migration/cutover.html", {"page": _page(request, number, attempt)})


@require_GET
@project_view(Permission.SEE_STATUS)
def cut_over_progress(request: ProjectRequest, number: int, attempt: int) -> HttpResponse:
    """The part that changes. Answers 286, which ends htmx's polling, once it has ended."""
    page = _page(request, number, attempt)
    response = render(request, "migration/_cutover.html", {"page": page})
    return response if page.live else HttpResponseStopPolling(response.content)


def _ask(request: ProjectRequest, run: Run, kind: CutOverAttempt.Kind, **values: Any) -> HttpResponse:
    try:
        made = leading.request(run, kind, user=request.user, **values)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("migration:cut_overs", request.access.project.slug, run.number)
    return redirect("migration:cut_over", request.access.project.slug, run.number, made.number)


def _forms(request: HttpRequest, run: Run) -> dict[str, Form]:
    """The one that was sent with what was said in it."""
    asked = request.POST.get("kind", "") if request.method == "POST" else ""
    named = Application.objects.filter(project=run.project_id).order_by("pk").values_list("pk", flat=True)[:2]
    initial = {"patience": 1, "application": named[0] if len(named) == 1 else None}

    def said(name: str) -> Any:
        return request.POST if asked in _ASKED and _form_of(_ASKED[asked]) == name else None

    return {
        "over": CutOverForm(said("over"), project=run.project, prefix="over", initial=initial),
        "back": CutOverForm(said("back"), project=run.project, back=True, prefix="back", initial=initial),
        "plain": ReasonForm(said("plain"), prefix="plain"),
    }


def _form_of(kind: CutOverAttempt.Kind) -> str:
    return {Kind.OVER: "over", Kind.BACK: "back", Kind.LEAVE: "back"}.get(kind, "plain")


def _run(request: ProjectRequest, number: int) -> Run:
    rows = Run.objects.select_related("project", "source", "target")
    return get_object_or_404(rows, project=request.access.project, number=number)


def _page(request: ProjectRequest, number: int, attempt: int) -> AttemptPage:
    rows = CutOverAttempt.objects.select_related("run__source", "run__target", "application", "requested_by")
    return attempt_page(
        get_object_or_404(rows, run__project=request.access.project, run__number=number, number=attempt)
    )


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/runs/<int:number>/cut-over/", cut_overs, name="cut_overs"),
    path("p/<slug:project>/runs/<int:number>/cut-over/look/", cut_over_look, name="cut_over_look"),
    path("p/<slug:project>/runs/<int:number>/cut-over/<int:attempt>/", cut_over, name="cut_over"),
    path(
        "p/<slug:project>/runs/<int:number>/cut-over/<int:attempt>/progress/",
        cut_over_progress,
        name="cut_over_progress",
    ),
]
