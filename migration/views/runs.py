"""Runs: list, start, follow, cancel, resume, and what a run leaves behind."""

from functools import partial

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseStopPolling

from config.csp import charts_allowed
from migration import runs as use_case
from migration.core.errors import StillInUse
from migration.core.limits import limits_from_json
from migration.engine.clean import Leftover
from migration.forms.runs import ChosenPlanForm, LimitsForm, RemoveForm, StartForm
from migration.leftovers import Left, backup_restoration_of, left_in, remove, remove_one, restoration_of
from migration.models import Run, RunState
from migration.pages.following_needs import NeedsPage, needs_page, unseen_page
from migration.pages.run import RunPage, run_page
from migration.pages.run_lag import LagPage, lag_page
from migration.pages.runs import (
    cancel_page,
    leftovers_page,
    limits_of,
    limits_page,
    restore_backup_page,
    restore_backup_refused_page,
    restore_page,
    restore_refused_page,
    runs_page,
    start_page,
)
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.pages.plans import mode_of
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.store import current_decision


@require_GET
@project_view(Permission.SEE_STATUS)
def runs(request: ProjectRequest) -> HttpResponse:
    decision = current_decision(request.access.project)
    plan = (decision.comparison.number, decision.option) if decision else None
    page = runs_page(Run.objects.filter(project=request.access.project), plan)
    return render(request, "migration/runs.html", {"page": page})


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_start(request: ProjectRequest) -> HttpResponse:
    chosen = ChosenPlanForm(request.GET, project=request.access.project)
    if not chosen.is_valid():
        messages.error(request, "That comparison or option is not there. Open the plan that you want to run.")
        return redirect("migration:runs", project=request.access.project.slug)
    comparison, option = chosen.cleaned_data["comparison"], chosen.cleaned_data["option"]
    mode = mode_of(chosen.cleaned_data["mode"])
    unsaved = use_case.backup_refusal(comparison)
    form = StartForm(request.POST or None, option=option, can_back_up=not unsaved)
    needs = None
    try:
        start = use_case.prepare_start(request.access.project, comparison, option, mode)
        if request.method == "POST" and form.is_valid() and form.cleaned_data["live"]:
            needs = _needs(start, compares=form.cleaned_data["compares"])
            if needs.tone == "bad":
                form.add_error("live", "Mend what is named below first, or copy without following.")
        if request.method == "POST" and form.is_valid():
            run = use_case.create_run(
                request.access.project,
                comparison,
                option,
                user=request.user,
                reason=form.cleaned_data["reason"],
                mode=mode,
                overwrites=form.cleaned_data.get("overwrites", False),
                live=form.cleaned_data["live"],
                compares=form.cleaned_data["compares"],
                backs_up=form.cleaned_data.get("backs_up", False),
                limits=form.limits(),
            )
            return _to(request, run)
    except Refused as refused:
        page = start_page(comparison, option.value, form, refusal=str(refused))
        return render(request, "migration/run_start.html", {"page": page}, status=409)
    counted = use_case.rows_to_copy(start)
    page = start_page(comparison, option.value, form, start=start, counted=counted, unsaved=unsaved)
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/run_start.html", {"page": page, "needs": needs}, status=status)


@require_GET
@project_view(Permission.RUN)
def run_following(request: ProjectRequest) -> HttpResponse:
    """What following needs, for a plan as `run_start` has it: for htmx when it is ticked, else as a page."""
    chosen = ChosenPlanForm(request.GET, project=request.access.project)
    if not chosen.is_valid():
        raise Http404("There is no such plan.")
    is_part = "HX-Request" in request.headers
    if is_part and not request.GET.get("live"):
        return HttpResponse()
    given, compares = chosen.cleaned_data, bool(request.GET.get("compares"))
    try:
        start = use_case.prepare_start(
            request.access.project, given["comparison"], given["option"], mode_of(given["mode"])
        )
        page = _needs(start, compares=compares)
    except Refused as refused:
        page = unseen_page(given["comparison"], str(refused), compares=compares)
    name = "_following_needs" if is_part else "run_following"
    return render(request, f"migration/{name}.html", {"page": page})


def _needs(start: use_case.Start, *, compares: bool) -> NeedsPage:
    comparison = start.decision.comparison
    try:
        found = use_case.following_of(start, compares=compares)
        return needs_page(comparison, found, compares=compares)
    except SchemadiffError as error:
        return unseen_page(comparison, str(error), compares=compares)


@charts_allowed
@require_GET
@project_view(Permission.SEE_STATUS)
def run(request: ProjectRequest, number: int) -> HttpResponse:
    page = _page(request, number)
    return render(request, "migration/run.html", {"page": page, "lag": _lag(request, page.run)})


@require_GET
@project_view(Permission.SEE_STATUS)
def run_lag(request: ProjectRequest, number: int) -> HttpResponse:
    """How far it is behind its source, over a `span`; polled more slowly than the rest."""
    found = _run(request, number)
    response = render(request, "migration/_run_lag.html", {"lag": _lag(request, found)})
    return HttpResponseStopPolling(response.content) if found.state == RunState.ENDED else response


@require_GET
@project_view(Permission.SEE_STATUS)
def run_progress(request: ProjectRequest, number: int) -> HttpResponse:
    """The part that changes. Answers 286, which ends htmx's polling, once the run has ended."""
    page = _page(request, number)
    response = render(request, "migration/_run_polled.html", {"page": page})
    return response if page.live else HttpResponseStopPolling(response.content)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_cancel(request: ProjectRequest, number: int) -> HttpResponse:
    found = _run(request, number)
    if request.method == "POST":
        return _do(request, found, use_case.cancel, f"Run #{number} is asked to stop.")
    return render(request, "migration/run_confirm.html", {"page": cancel_page(found)})


@require_POST
@project_view(Permission.RUN)
def run_pause(request: ProjectRequest, number: int) -> HttpResponse:
    return _do(request, _run(request, number), use_case.pause, f"Run #{number} is asked to pause.")


@require_POST
@project_view(Permission.RUN)
def run_resume(request: ProjectRequest, number: int) -> HttpResponse:
    return _do(request, _run(request, number), use_case.resume, f"Run #{number} goes on where it stopped.")


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_limits(request: ProjectRequest, number: int) -> HttpResponse:
    found = _run(request, number)
    form = LimitsForm(
        request.POST or None, initial=limits_of(found), compares=bool(getattr(found, "by_comparing", None))
    )
    if request.method == "POST" and form.is_valid():
        kept = limits_from_json(getattr(found, "held_back_by", None))
        change = partial(use_case.change_limits, limits=form.limits(kept))
        return _do(request, found, change, f"Run #{number} keeps these limits when it goes on.")
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/run_limits.html", {"page": limits_page(found, form)}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_restore(request: ProjectRequest, number: int) -> HttpResponse:
    found = _run(request, number)
    if request.method == "POST":
        return _do(request, found, use_case.restore, f"What run #{number} had parked is back in its place.")
    try:
        page, status = restore_page(found, restoration_of(found)), 200
    except SchemadiffError as error:
        remedy = "flags" if isinstance(error, StillInUse) else ""
        page, status = restore_refused_page(found, str(error), remedy=remedy), 409
    return render(request, "migration/run_confirm.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_restore_backup(request: ProjectRequest, number: int) -> HttpResponse:
    found = _run(request, number)
    if request.method == "POST":
        said = f"What run #{number} had backed up is back in its place."
        return _do(request, found, use_case.restore_from_backup, said)
    try:
        page, status = restore_backup_page(found, backup_restoration_of(found)), 200
    except SchemadiffError as error:
        remedy = "flags" if isinstance(error, StillInUse) else ""
        page, status = restore_backup_refused_page(found, str(error), remedy=remedy), 409
    return render(request, "migration/run_confirm.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def run_leftovers(request: ProjectRequest, number: int) -> HttpResponse:
    found = _run(request, number)
    if request.method == "POST":
        return _remove(request, found)
    try:
        page = leftovers_page(found, left_in(found.target))
    except SchemadiffError as error:
        page = leftovers_page(found, Left(), problem=str(error))
    return render(request, "migration/run_leftovers.html", {"page": page})


def _remove(request: ProjectRequest, found: Run) -> HttpResponse:
    form = RemoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Nothing was removed: say first that it may go for good.")
    else:
        try:
            removed = _removed(form, found, request.user)
        except SchemadiffError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"Removed: {', '.join(item.name for item in removed)}.")
    return redirect("migration:run_leftovers", project=request.access.project.slug, number=found.number)


def _removed(form: RemoveForm, found: Run, user: User) -> tuple[Leftover, ...]:
    given = form.cleaned_data
    if not given["kind"]:
        return remove(found.target, given["ledger_id"], user)
    return (remove_one(found.target, given["kind"], given["name"], given["ledger_id"], user),)


def _do(request: ProjectRequest, found: Run, act: use_case.Act, said: str) -> HttpResponse:
    try:
        act(found, request.user)
    except SchemadiffError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return _to(request, found)


def _lag(request: ProjectRequest, found: Run) -> LagPage | None:
    return lag_page(found, request.GET.get("span", ""))


def _page(request: ProjectRequest, number: int) -> RunPage:
    return run_page(_run(request, number), request.access, level=request.GET.get("level", ""))


def _run(request: ProjectRequest, number: int) -> Run:
    rows = Run.objects.select_related(
        "project", "source", "target", "created_by", "comparison", "decision__author"
    ).defer("spec")
    rows = rows.annotate(
        held_back_by=F("spec__limits"), overwrote=F("spec__overwrites"), by_comparing=F("spec__compares")
    )  # not the whole plan
    return get_object_or_404(rows, project=request.access.project, number=number)


def _to(request: ProjectRequest, found: Run) -> HttpResponse:
    return redirect("migration:run", project=request.access.project.slug, number=found.number)


_BASE = "p/<slug:project>/runs/"

urlpatterns: list[URLPattern] = [
    path(_BASE, runs, name="runs"),
    path(f"{_BASE}start/", run_start, name="run_start"),
    path(f"{_BASE}start/following/", run_following, name="run_following"),
    path(f"{_BASE}<int:number>/", run, name="run"),
    path(f"{_BASE}<int:number>/progress/", run_progress, name="run_progress"),
    path(f"{_BASE}<int:number>/lag/", run_lag, name="run_lag"),
    path(f"{_BASE}<int:number>/cancel/", run_cancel, name="run_cancel"),
    path(f"{_BASE}<int:number>/pause/", run_pause, name="run_pause"),
    path(f"{_BASE}<int:number>/resume/", run_resume, name="run_resume"),
    path(f"{_BASE}<int:number>/limits/", run_limits, name="run_limits"),
    path(f"{_BASE}<int:number>/restore/", run_restore, name="run_restore"),
    path(f"{_BASE}<int:number>/restore-backup/", run_restore_backup, name="run_restore_backup"),
    path(f"{_BASE}<int:number>/leftovers/", run_leftovers, name="run_leftovers"),
]
