"""An application's settings, its own flags, and its flags as an environment file."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from migration import flag_evidence, flag_settings, flags, own_flag_definitions
from migration.core.errors import FlagRefused, RevisionConflict
from migration.core.own_flags import OwnFlag
from migration.forms.flag_settings import OwnFlagForm, SettingsForm
from migration.models import Application, FlagChange, Revision
from migration.pages.flag_changes import verdict_of
from migration.pages.flag_settings import OwnFlagPage, SettingsPage
from migration.views.flag_address import ONE, address_of, application_of
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def application_settings(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Modules and what they need, a second person, how clients behave, names in the environment."""
    found = application_of(request, application, environment)
    form = SettingsForm(found, request.POST or None)
    conflict, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            return _settled(request, found, form)
        except RevisionConflict as exc:
            conflict, status = str(exc), 409
        except Refused as exc:
            form.add_error(None, str(exc))
    page = SettingsPage(
        application=found,
        form=form,
        tables=tuple(flag_evidence.standings(found.project)),
        revision=flags.current(found).number,
        conflict=conflict,
    )
    status = 422 if form.errors else status
    return render(request, "migration/application_settings.html", {"page": page}, status=status)


def _settled(request: ProjectRequest, found: Application, form: SettingsForm) -> HttpResponse:
    made = flag_settings.change_settings(
        found,
        form.settings(),
        reason=form.cleaned_data["reason"],
        user=request.user,
        expected_revision=form.cleaned_data["expected_revision"],
    )
    _say(request, made)
    return redirect(address_of(found))


def _say(request: ProjectRequest, made: Revision | FlagChange) -> None:
    if isinstance(made, FlagChange):
        messages.success(request, f"Change {made.number} is kept. {verdict_of(made)[0]}")
    else:
        messages.success(request, f"r{made.number}: {' '.join(made.notes)}")


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def own_flag_new(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Add a flag of the application's own."""
    found = application_of(request, application, environment)
    form = OwnFlagForm(request.POST or None)
    return _own_flag(request, found, form, None)


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def own_flag(request: ProjectRequest, application: str, environment: str, key: str) -> HttpResponse:
    """Define a flag anew, or archive it."""
    found = application_of(request, application, environment)
    try:
        flag = own_flag_definitions.own_flag(found, key)
    except FlagRefused as exc:
        raise Http404(str(exc)) from exc
    return _own_flag(request, found, OwnFlagForm(request.POST or None, flag=flag), flag)


def _own_flag(
    request: ProjectRequest, found: Application, form: OwnFlagForm, flag: OwnFlag | None
) -> HttpResponse:
    conflict, status = "", 200
    if request.method == "POST" and form.is_valid():
        try:
            _keep(request, found, form, flag)
            return redirect(address_of(found))
        except RevisionConflict as exc:
            conflict, status = str(exc), 409
        except Refused as exc:
            form.add_error(None, str(exc))
    found.refresh_from_db()
    page = OwnFlagPage(
        application=found, form=form, flag=flag, revision=flags.current(found).number, conflict=conflict
    )
    status = 422 if form.errors else status
    return render(request, "migration/own_flag.html", {"page": page}, status=status)


def _keep(request: ProjectRequest, found: Application, form: OwnFlagForm, flag: OwnFlag | None) -> None:
    reason, expected = form.cleaned_data["reason"], form.cleaned_data["expected_revision"]
    made: Revision | FlagChange
    if flag is not None and request.POST.get("step") == "archive":
        made = flag_settings.archive_flag(
            found, flag.key, reason=reason, user=request.user, expected_revision=expected
        )
    else:
        keep = flag_settings.add_flag if flag is None else flag_settings.edit_flag
        made = keep(found, form.flag(), reason=reason, user=request.user, expected_revision=expected)
    _say(request, made)


@project_view(Permission.SEE_SCHEMA)
@never_cache
@require_GET
def environment_file(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """The flags as they hold now, as a file for applications that read their environment."""
    found = application_of(request, application, environment)
    name = f"{found.name}-{found.environment}.env"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    text = flag_settings.environment_file(found)
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


urlpatterns: list[URLPattern] = [
    path(f"{ONE}settings/", application_settings, name="application_settings"),
    path(f"{ONE}new-flag/", own_flag_new, name="own_flag_new"),
    path(f"{ONE}own/<path:key>/", own_flag, name="own_flag"),
    path(f"{ONE}env/", environment_file, name="environment_file"),
]
