"""A run's tables compared again, repaired, and compared every so often; differing rows side by side."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseStopPolling

from migration import checking, differing
from migration.core.errors import StillInUse
from migration.forms.verifications import RepairForm, ScheduleForm, VerifyForm
from migration.models import Run, Verification
from migration.pages.repairs import overwriting_undo_page, repair_page, retry_page, undo_page
from migration.pages.verifications import (
    HISTORY,
    SHOWN,
    VerificationPage,
    chosen_table,
    history_page,
    rows_page,
    verification_page,
)
from migration.store import verifications as store
from migration.store.verifications import Wanted
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.permissions import Permission, ProjectRequest, project_view

Kind = Verification.Kind


@require_GET
@project_view(Permission.SEE_STATUS)
def verifications(request: ProjectRequest, number: int) -> HttpResponse:
    return _history(request, _run(request, number))


@require_GET
@project_view(Permission.SEE_STATUS)
def verification(request: ProjectRequest, number: int, which: int) -> HttpResponse:
    return render(request, "migration/verification.html", {"page": _page(request, number, which)})


@require_GET
@project_view(Permission.SEE_STATUS)
def verification_progress(request: ProjectRequest, number: int, which: int) -> HttpResponse:
    """The part that changes. Answers 286, which ends htmx's polling, once it has ended."""
    page = _page(request, number, which)
    response = render(request, "migration/_verification.html", {"page": page})
    return response if page.live else HttpResponseStopPolling(response.content)


@require_GET
@never_cache
@project_view(Permission.SEE_ROWS)
def verification_rows(request: ProjectRequest, number: int, which: int) -> HttpResponse:
    found = _verification(request, number, which)
    table, problem = chosen_table(found, request.GET.get("table", "")), ""
    try:
        rows = checking.rows_of(found, table, SHOWN) if table else ()
    except SchemadiffError as error:
        rows, problem = (), str(error)
    page = rows_page(found, table, rows, problem=problem)
    return render(request, "migration/verification_rows.html", {"page": page})


@require_GET
@never_cache
@project_view(Permission.SEE_ROWS)
def verification_rows_file(request: ProjectRequest, number: int, which: int, kind: str) -> HttpResponse:
    found = _verification(request, number, which)
    table = request.GET.get("table", "")
    if not table or chosen_table(found, table) != table:
        raise Http404(
            f"Verification #{which} of run #{number} found nothing in {table or 'a table without a name'}."
        )
    try:
        rows = checking.rows_of(found, table, longest=differing.LONGEST)
    except SchemadiffError as error:
        messages.error(request, str(error))
        return redirect("migration:verification_rows", request.access.project.slug, number, which)
    name = f"{request.access.project.slug}-run-{number}-verification-{which}-{table}.{kind}"
    csv = kind == "csv"
    return HttpResponse(
        "".join(differing.as_csv(table, rows)) if csv else differing.as_json(table, rows),
        content_type=f"{'text/csv' if csv else 'application/json'}; charset=utf-8",
        headers={"Content-Disposition": content_disposition_header(as_attachment=True, filename=name) or ""},
    )


@require_POST
@project_view(Permission.COMPARE)
def verify(request: ProjectRequest, number: int) -> HttpResponse:
    run = _run(request, number)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        return _history(request, run, verify_form=form)
    wanted = Wanted(semantic=form.cleaned_data["semantic"], sample=form.cleaned_data["sample"])
    try:
        made = checking.request(run, wanted, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("migration:verifications", request.access.project.slug, number)
    return _to(request, made)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def repair(request: ProjectRequest, number: int) -> HttpResponse:
    run = _run(request, number)
    form = RepairForm(request.POST or None)
    try:
        checking.refuse_unfit(run, Kind.REPAIR)
        if request.method == "POST" and form.is_valid():
            wanted = Wanted(kind=Kind.REPAIR, reason=form.cleaned_data["reason"])
            return _to(request, checking.request(run, wanted, request.user))
    except Refused as refusal:
        page = repair_page(run, None, form, refusal=str(refusal), remedy=_remedy(refusal))
        return render(request, "migration/repair.html", {"page": page}, status=409)
    latest = run.verifications.filter(state=Verification.State.DONE).order_by("-number").first()
    page = repair_page(run, latest, form)
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/repair.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def retry(request: ProjectRequest, number: int) -> HttpResponse:
    run = _run(request, number)
    form = RepairForm(request.POST or None)
    try:
        checking.refuse_unfit(run, Kind.RETRY)
        if not run.reject_groups.exists():
            raise Refused(f"Run #{number} has no rejects: there is nothing to try again.")
        if request.method == "POST" and form.is_valid():
            wanted = Wanted(kind=Kind.RETRY, reason=form.cleaned_data["reason"])
            return _to(request, checking.request(run, wanted, request.user))
    except Refused as refusal:
        page = retry_page(run, form, refusal=str(refusal), remedy=_remedy(refusal))
        return render(request, "migration/repair.html", {"page": page}, status=409)
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/repair.html", {"page": retry_page(run, form)}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def repair_undo(request: ProjectRequest, number: int, which: int) -> HttpResponse:
    found = _verification(request, number, which)
    form = RepairForm(request.POST or None)
    try:
        if found.repair is None:
            raise Refused(
                f"Verification #{which} of run #{number} repaired nothing, so nothing can be undone."
            )
        checking.refuse_unfit(found.run, Kind.UNDO)
        if request.method == "POST" and form.is_valid():
            wanted = Wanted(kind=Kind.UNDO, reason=form.cleaned_data["reason"], repair=found.repair)
            return _to(request, checking.request(found.run, wanted, request.user))
    except Refused as refusal:
        page = undo_page(found, form, refusal=str(refusal), remedy=_remedy(refusal))
        return render(request, "migration/repair.html", {"page": page}, status=409)
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/repair.html", {"page": undo_page(found, form)}, status=status)


@require_http_methods(["GET", "POST"])
@project_view(Permission.RUN)
def overwriting_undo(request: ProjectRequest, number: int) -> HttpResponse:
    run = _run(request, number)
    form = RepairForm(request.POST or None)
    try:
        checking.refuse_unfit(run, Kind.UNDO)
        kept = checking.record_of_overwriting(run)
        if request.method == "POST" and form.is_valid():
            wanted = Wanted(kind=Kind.UNDO, reason=form.cleaned_data["reason"], repair=kept)
            return _to(request, checking.request(run, wanted, request.user))
    except SchemadiffError as refusal:
        page = overwriting_undo_page(run, form, refusal=str(refusal), remedy=_remedy(refusal))
        return render(request, "migration/repair.html", {"page": page}, status=409)
    status = 422 if request.method == "POST" else 200
    return render(request, "migration/repair.html", {"page": overwriting_undo_page(run, form)}, status=status)


@require_POST
@project_view(Permission.RUN)
def verification_schedule(request: ProjectRequest, number: int) -> HttpResponse:
    """With the field `end` it is ended."""
    run = _run(request, number)
    if "end" in request.POST:
        ended = store.end_schedule(run)
        messages.success(
            request, "It is not verified by itself any more." if ended else "There was no schedule."
        )
        return redirect("migration:verifications", request.access.project.slug, number)
    form = ScheduleForm(request.POST)
    if not form.is_valid():
        return _history(request, run, form)
    try:
        checking.refuse_unfit(run, Kind.VERIFY)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        every = form.cleaned_data["every_minutes"]
        store.set_schedule(run, every, form.cleaned_data["tolerated"], request.user)
        messages.success(request, f"Verified every {every} minutes from now on.")
    return redirect("migration:verifications", request.access.project.slug, number)


def _history(
    request: ProjectRequest,
    run: Run,
    form: ScheduleForm | None = None,
    verify_form: VerifyForm | None = None,
) -> HttpResponse:
    refusal = ""
    try:
        checking.refuse_unfit(run, Kind.VERIFY)
    except Refused as error:
        refusal = str(error)
    rows = store.history(run)
    page = history_page(
        run,
        list(rows[:HISTORY]),
        rows.count(),
        store.schedule_of(run),
        request.access,
        refusal=refusal,
        schedule_form=form,
        verify_form=verify_form,
    )
    status = 422 if form is not None or verify_form is not None else 200
    return render(request, "migration/verifications.html", {"page": page}, status=status)


def _remedy(refusal: SchemadiffError) -> str:
    return "flags" if isinstance(refusal, StillInUse) else ""


def _page(request: ProjectRequest, number: int, which: int) -> VerificationPage:
    found = _verification(request, number, which)
    latest = not Verification.objects.filter(run=found.run, number__gt=which).exists()
    return verification_page(found, request.access, latest=latest)


def _verification(request: ProjectRequest, number: int, which: int) -> Verification:
    rows = Verification.objects.select_related("run__project", "run__source", "run__target", "requested_by")
    return get_object_or_404(rows, run__project=request.access.project, run__number=number, number=which)


def _run(request: ProjectRequest, number: int) -> Run:
    rows = Run.objects.select_related("project", "source", "target").defer("spec")
    return get_object_or_404(rows, project=request.access.project, number=number)


def _to(request: ProjectRequest, made: Verification) -> HttpResponse:
    return redirect("migration:verification", request.access.project.slug, made.run.number, made.number)


_BASE = "p/<slug:project>/runs/<int:number>"

urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/verifications/", verifications, name="verifications"),
    path(f"{_BASE}/verifications/<int:which>/", verification, name="verification"),
    path(f"{_BASE}/verifications/<int:which>/progress/", verification_progress, name="verification_progress"),
    path(f"{_BASE}/verifications/<int:which>/rows/", verification_rows, name="verification_rows"),
    *(
        path(
            f"{_BASE}/verifications/<int:which>/rows.{kind}",
            verification_rows_file,
            {"kind": kind},
            name=f"verification_rows_{kind}",
        )
        for kind in ("csv", "json")
    ),
    path(f"{_BASE}/verifications/<int:which>/undo/", repair_undo, name="repair_undo"),
    path(f"{_BASE}/verify/", verify, name="verify"),
    path(f"{_BASE}/retry/", retry, name="retry"),
    path(f"{_BASE}/repair/", repair, name="repair"),
    path(f"{_BASE}/overwritten/undo/", overwriting_undo, name="overwriting_undo"),
    path(f"{_BASE}/schedule/", verification_schedule, name="verification_schedule"),
]
