"""The flags of the project's applications: seen by those who see schemas, changed by those who may flip."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from migration import flag_board, flags
from migration.core.errors import RevisionConflict
from migration.core.flag_effects import differences, seal_of
from migration.core.flags import Flags
from migration.forms.flags import ApplicationForm, FlagsForm, ReasonForm
from migration.models import Application, Revision
from migration.pages.flags import (
    ApplicationFormPage,
    ChangePage,
    FlagsPage,
    Outlook,
    RollBackPage,
    TokenPage,
    application_page,
    clients_in_words,
    flags_page,
    outlook_of,
)
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view

UNSEEN = "This would be the first time that you see what this does. Look at the list, then apply."


@project_view(Permission.SEE_SCHEMA)
@require_GET
def flags_list(request: ProjectRequest) -> HttpResponse:
    """All applications of the project."""
    page: FlagsPage = flags_page(flag_board.boards(request.access.project))
    return render(request, "migration/flags.html", {"page": page})


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def application_new(request: ProjectRequest) -> HttpResponse:
    """Add an application, with the defaults as its first revision."""
    form = ApplicationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = flags.create_application(request.access.project, **form.cleaned_data, user=request.user)
            return redirect(_address(made))
        except Refused as exc:
            form.add_error(None, str(exc))
    page = ApplicationFormPage(form=form)
    return render(request, "migration/application_new.html", {"page": page}, status=_status(form))


@project_view(Permission.SEE_SCHEMA)
@require_GET
def application_board(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """One application: what holds, who has seen it, and the audit trail."""
    found = _application(request, application, environment)
    trail, older = flag_board.audit(found, before=_number(request.GET.get("before")))
    page = application_page(flag_board.board(found), trail, older)
    return render(request, "migration/application.html", {"page": page})


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def flags_change(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Choose other values, see what that does, say why, apply."""
    found = _application(request, application, environment)
    if request.method == "POST" and request.POST.get("step") != "preview":
        return _apply(request, found)
    now = flags.current(found)
    data = request.POST if request.method == "POST" else None
    form = FlagsForm(found, flags.flags_of(now), data, focus=request.GET.get("module", ""))
    page = _change_page(found, now, form, ReasonForm(initial=_reason_so_far(request)))
    template = "_flag_effects" if getattr(request, "htmx", False) else "flags_change"
    return render(request, f"migration/{template}.html", {"page": page})


def _reason_so_far(request: HttpRequest) -> dict[str, str]:
    return {"reason": request.POST.get("reason", "")}


def _apply(request: ProjectRequest, found: Application) -> HttpResponse:
    now = flags.current(found)
    before = flags.flags_of(now)
    form, reason = FlagsForm(found, before, request.POST), ReasonForm(request.POST)
    if not (form.is_valid() and reason.is_valid()):
        return _ask_again(request, found, now, form, reason, status=422)
    expected = reason.cleaned_data["expected_revision"]
    if request.POST.get("seal") != seal_of(expected, form.flags(before)):
        return _ask_again(request, found, now, form, reason, status=422, note=UNSEEN)
    try:
        made = flags.change(
            found,
            form.changes(),
            reason=reason.cleaned_data["reason"],
            user=request.user,
            expected_revision=expected,
        )
    except RevisionConflict as exc:
        return _ask_again(request, found, flags.current(found), form, reason, status=409, conflict=str(exc))
    except Refused as exc:
        form.add_error(None, str(exc))
        return _ask_again(request, found, now, form, reason, status=422)
    messages.success(request, f"r{made.number} holds now.")
    return redirect(_address(found))


def _ask_again(
    request: ProjectRequest,
    found: Application,
    now: Revision,
    form: FlagsForm,
    reason: ReasonForm,
    *,
    status: int,
    **said: Any,
) -> HttpResponse:
    page = _change_page(found, now, form, reason, **said)
    return render(request, "migration/flags_change.html", {"page": page}, status=status)


def _change_page(
    found: Application, now: Revision, form: FlagsForm, reason: ReasonForm, **said: Any
) -> ChangePage:
    before = flags.flags_of(now)
    after = form.flags(before) if form.is_bound and form.is_valid() else before
    return ChangePage(
        application=found, form=form, reason=reason, outlook=_outlook(now, before, after), **said
    )


def _outlook(now: Revision, before: Flags, after: Flags) -> Outlook:
    return outlook_of(now, before, after, seal_of(now.number, after))


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def flags_rollback(request: ProjectRequest, application: str, environment: str, number: int) -> HttpResponse:
    """Restore an earlier revision, after seeing what that does and saying why."""
    found = _application(request, application, environment)
    to = get_object_or_404(Revision, application=found, number=number)
    reason = ReasonForm(request.POST or None)
    conflict, status = "", 200
    if request.method == "POST" and reason.is_valid():
        try:
            made = flags.roll_back(found, number, user=request.user, **reason.cleaned_data)
            messages.success(request, f"r{made.number} holds now: it restores r{number}.")
            return redirect(_address(found))
        except RevisionConflict as exc:
            conflict, status = str(exc), 409
        except Refused as exc:
            reason.add_error(None, str(exc))
    page = _roll_back_page(found, to, reason, conflict)
    return render(
        request, "migration/flags_rollback.html", {"page": page}, status=max(status, _status(reason))
    )


def _roll_back_page(found: Application, to: Revision, reason: ReasonForm, conflict: str) -> RollBackPage:
    now = flags.current(found)
    before, after = flags.flags_of(now), flags.flags_of(to)
    return RollBackPage(
        application=found,
        to=to,
        differences=differences(before, after),
        reason=reason,
        outlook=_outlook(now, before, after),
        conflict=conflict,
    )


@project_view(Permission.FLIP)
@never_cache
@require_http_methods(["GET", "POST"])
def application_token(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Issue a token, shown once; the one before stops working."""
    found = _application(request, application, environment)
    token = flags.issue_token(found, user=request.user) if request.method == "POST" else ""
    page = TokenPage(
        application=found,
        clients=clients_in_words(flag_board.board(found).seen),
        address=request.build_absolute_uri(reverse("migration:ofrep_bulk")),
        token=token,
    )
    return render(request, "migration/application_token.html", {"page": page})


def _application(request: ProjectRequest, application: str, environment: str) -> Application:
    return get_object_or_404(
        Application, project=request.access.project, name=application, environment=environment
    )


def _address(found: Application) -> str:
    return reverse("migration:application", args=[found.project.slug, found.name, found.environment])


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _status(form: Any) -> int:
    return 422 if form.errors else 200


_ONE = "p/<slug:project>/flags/<slug:application>/<slug:environment>/"
urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/flags/", flags_list, name="flags"),
    path("p/<slug:project>/flags/new/", application_new, name="application_new"),
    path(_ONE, application_board, name="application"),
    path(f"{_ONE}change/", flags_change, name="flags_change"),
    path(f"{_ONE}rollback/<int:number>/", flags_rollback, name="flags_rollback"),
    path(f"{_ONE}token/", application_token, name="application_token"),
]
