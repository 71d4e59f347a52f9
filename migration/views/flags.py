"""The flags of the project's applications: seen by those who see schemas, changed by those who may flip."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from migration import flag_board, flag_changes, flag_evidence, flags
from migration.core.errors import RevisionConflict
from migration.core.flag_effects import differences
from migration.forms.flags import ApplicationForm, ReasonForm
from migration.models import Application, Revision
from migration.pages.flags import (
    ApplicationFormPage,
    FlagsPage,
    RollBackPage,
    TokenPage,
    application_page,
    clients_in_words,
    flags_page,
    outlook_of,
)
from migration.views.flag_address import ONE, address_of, application_of
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view

ACROSS = "This leads back across the cut-over: look at what it does first, and say why."


@project_view(Permission.SEE_SCHEMA)
@require_GET
def flags_list(request: ProjectRequest) -> HttpResponse:
    """All applications of the project."""
    project = request.access.project
    page: FlagsPage = flags_page(flag_board.boards(project), flag_board.waiting(project))
    return render(request, "migration/flags.html", {"page": page})


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def application_new(request: ProjectRequest) -> HttpResponse:
    """Add an application, with the defaults as its first revision."""
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = flags.create_application(request.access.project, **form.cleaned_data, user=request.user)
            return redirect(address_of(made))
        except Refused as exc:
            form.add_error(None, str(exc))
    page = ApplicationFormPage(form=form)
    return render(request, "migration/application_new.html", {"page": page}, status=_status(form))


@project_view(Permission.SEE_SCHEMA)
@require_GET
def application_board(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """One application: what holds, who has seen it, and the audit trail."""
    found = application_of(request, application, environment)
    trail, older = flag_board.audit(found, before=_number(request.GET.get("before")))
    page = application_page(flag_board.board(found), trail, older, flag_changes.pending(found))
    return render(request, "migration/application.html", {"page": page})


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def flags_rollback(request: ProjectRequest, application: str, environment: str, number: int) -> HttpResponse:
    """Restore an earlier revision, after seeing what that does and saying why."""
    found = application_of(request, application, environment)
    to = get_object_or_404(Revision, application=found, number=number)
    reason = ReasonForm(request.POST or None)
    conflict, status = "", 200
    if request.method == "POST" and reason.is_valid():
        try:
            made = flags.roll_back(found, number, user=request.user, **reason.cleaned_data)
            messages.success(request, f"r{made.number} holds now: it restores r{number}.")
            return redirect(address_of(found))
        except RevisionConflict as exc:
            conflict, status = str(exc), 409
        except Refused as exc:
            reason.add_error(None, str(exc))
    page = _roll_back_page(found, to, reason, conflict)
    return render(
        request, "migration/flags_rollback.html", {"page": page}, status=max(status, _status(reason))
    )


@project_view(Permission.FLIP)
@require_POST
def flags_back(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """One click: to the last state that said something else. What it was decided on comes with the click."""
    found = application_of(request, application, environment)
    number, expected = _number(request.POST.get("to")), _number(request.POST.get("expected_revision"))
    if number is None or expected is None:
        return redirect(address_of(found))
    reason = f"Rolled back from r{expected} with one click."
    if _crosses_the_cut_over(found, number):
        messages.warning(request, ACROSS)
        return redirect(
            "migration:flags_rollback", request.access.project.slug, application, environment, number
        )
    try:
        made = flags.roll_back(found, number, reason=reason, user=request.user, expected_revision=expected)
        messages.success(request, f"r{made.number} holds now: it restores r{number}.")
    except Refused as exc:
        messages.error(request, f"Nothing was rolled back. {exc}")
    return redirect(address_of(found))


def _crosses_the_cut_over(application: Application, number: int) -> bool:
    """Whether writes live on the target now, and did not at that revision."""
    to = application.revisions.filter(number=number).first()
    after = Revision.CutOver.AFTER
    return to is not None and flags.current(application).cut_over == after and to.cut_over != after


def _roll_back_page(found: Application, to: Revision, reason: ReasonForm, conflict: str) -> RollBackPage:
    now = flags.current(found)
    before, after = flags.flags_of(now), flags.flags_of(to)
    return RollBackPage(
        application=found,
        to=to,
        differences=differences(before, after),
        reason=reason,
        outlook=outlook_of(now, before, after, flag_evidence.surroundings(found)),
        conflict=conflict,
    )


@project_view(Permission.FLIP)
@never_cache
@require_http_methods(["GET", "POST"])
def application_token(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Issue a token, shown once; the one before stops working."""
    found = application_of(request, application, environment)
    token = flags.issue_token(found, user=request.user) if request.method == "POST" else ""
    page = TokenPage(
        application=found,
        clients=clients_in_words(flag_board.board(found).seen),
        address=request.build_absolute_uri(reverse("migration:ofrep_bulk")),
        token=token,
    )
    return render(request, "migration/application_token.html", {"page": page})


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _status(form: Any) -> int:
    return 422 if form.errors else 200


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/flags/", flags_list, name="flags"),
    path("p/<slug:project>/flags/new/", application_new, name="application_new"),
    path(ONE, application_board, name="application"),
    path(f"{ONE}back/", flags_back, name="flags_back"),
    path(f"{ONE}rollback/<int:number>/", flags_rollback, name="flags_rollback"),
    path(f"{ONE}token/", application_token, name="application_token"),
]
