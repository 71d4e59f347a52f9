"""A change of flags: chosen, its effects seen, asked for with a reason; and one that waits: what becomes of it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from migration import flag_changes, flag_evidence, flags
from migration.core.errors import Overridable, RevisionConflict
from migration.core.flag_effects import differences
from migration.core.flags import Flags, changed
from migration.flag_changes import Wanted
from migration.forms.flags import ChangeForm, FlagsForm, OverrideForm
from migration.models import Application, FlagChange, Revision
from migration.own_flag_definitions import served, told_of
from migration.pages.flag_changes import FlagChangePage, verdict_of, waiting_row
from migration.pages.flags import ChangePage, Outlook, outlook_of
from migration.views.flag_address import ONE, address_of, application_of
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view

UNSEEN = "This would be the first time that you see what this does. Look at the list, then apply."


@project_view(Permission.FLIP)
@require_http_methods(["GET", "POST"])
def flags_change(request: ProjectRequest, application: str, environment: str) -> HttpResponse:
    """Choose other values, see what that does, say why and when, apply or ask for it."""
    found = application_of(request, application, environment)
    if request.method == "POST" and request.POST.get("step") != "preview":
        return _apply(request, found)
    now = flags.current(found)
    data = request.POST if request.method == "POST" else None
    form = FlagsForm(found, flags.flags_of(now), data, focus=request.GET.get("module", ""))
    page = _change_page(now, form, ChangeForm(initial=_said_so_far(request)))
    template = "_flag_effects" if getattr(request, "htmx", False) else "flags_change"
    return render(request, f"migration/{template}.html", {"page": page})


def _said_so_far(request: HttpRequest) -> dict[str, str]:
    return {
        name: request.POST[name]
        for name in ("reason", "override_reason", "when", "at")
        if name in request.POST
    }


def _apply(request: ProjectRequest, found: Application) -> HttpResponse:
    now = flags.current(found)
    before = flags.flags_of(now)
    form, reason = FlagsForm(found, before, request.POST), ChangeForm(request.POST)
    if not (form.is_valid() and reason.is_valid()):
        return _ask_again(request, now, form, reason, status=422)
    page = _change_page(now, form, reason)
    expected = reason.cleaned_data["expected_revision"]
    if expected == now.number and request.POST.get("seal") != page.outlook.seal:
        return _ask_again(request, now, form, reason, status=422, note=UNSEEN)
    try:
        made = flag_changes.ask(found, _wanted(before, form, reason, page.outlook.objections), request.user)
    except RevisionConflict as exc:
        return _ask_again(request, flags.current(found), form, reason, status=409, conflict=str(exc))
    except Overridable:
        reason.add_error("override_reason", "Say why it is to be done all the same, or leave it.")
        return _ask_again(request, now, form, reason, status=422)
    except Refused as exc:
        form.add_error(None, str(exc))
        return _ask_again(request, now, form, reason, status=422)
    return _say(request, found, made)


def _wanted(before: Flags, form: FlagsForm, reason: ChangeForm, seen: tuple[str, ...]) -> Wanted:
    """Only what differs: what others change until then stays theirs."""
    return Wanted(
        changes={entry.key: entry.after for entry in differences(before, form.flags(before))},
        reason=reason.cleaned_data["reason"],
        expected_revision=reason.cleaned_data["expected_revision"],
        override=reason.override(seen),
        at=reason.cleaned_data["at"],
    )


def _say(request: ProjectRequest, found: Application, made: Revision | FlagChange) -> HttpResponse:
    if isinstance(made, Revision):
        messages.success(request, f"r{made.number} holds now.")
        return redirect(address_of(found))
    messages.success(request, f"Change {made.number} is kept. {verdict_of(made)[0]}")
    return redirect(_change_address(made))


def _ask_again(
    request: ProjectRequest, now: Revision, form: FlagsForm, reason: ChangeForm, *, status: int, **said: Any
) -> HttpResponse:
    page = _change_page(now, form, reason, **said)
    return render(request, "migration/flags_change.html", {"page": page}, status=status)


def _change_page(now: Revision, form: FlagsForm, reason: ChangeForm, **said: Any) -> ChangePage:
    before = flags.flags_of(now)
    after = form.flags(before) if form.is_bound and form.is_valid() else before
    return ChangePage(
        application=now.application, form=form, reason=reason, outlook=_outlook(now, before, after), **said
    )


def _outlook(now: Revision, before: Flags, after: Flags) -> Outlook:
    return outlook_of(now, before, after, flag_evidence.surroundings(now.application))


@project_view(Permission.SEE_SCHEMA)
@require_GET
def flag_change(request: ProjectRequest, application: str, environment: str, number: int) -> HttpResponse:
    """One change that was asked for."""
    change = _change(request, application, environment, number)
    return _shown(request, change, OverrideForm())


@project_view(Permission.FLIP)
@require_POST
def flag_change_decide(
    request: ProjectRequest, application: str, environment: str, number: int
) -> HttpResponse:
    """Approve, resume or cancel it."""
    change = _change(request, application, environment, number)
    override = OverrideForm(request.POST)
    override.is_valid()
    try:
        done = _decide(request, change, override)
    except Overridable:
        override.add_error("override_reason", "Say why it is to be done all the same, or leave it.")
        return _shown(request, change, override, status=422)
    except RevisionConflict as exc:
        return _shown(request, change, override, conflict=str(exc), status=409)
    except Refused as exc:
        return _shown(request, change, override, conflict=str(exc), status=422)
    messages.success(request, f"Change {done.number}: {verdict_of(done)[0]}")
    return redirect(_change_address(done))


def _decide(request: ProjectRequest, change: FlagChange, override: OverrideForm) -> FlagChange:
    match request.POST.get("step"):
        case "approve":
            return flag_changes.approve(change, request.user)
        case "cancel":
            return flag_changes.cancel(change, request.user)
        case "resume":
            return flag_changes.resume(
                change,
                request.user,
                expected_revision=_revision_seen(request),
                override=override.override(flag_changes.objections_now(change)),
            )
        case _:
            raise Refused("Approve it, resume it or cancel it.")


def _revision_seen(request: HttpRequest) -> int:
    """The revision that the page showed. Refused where its form does not say."""
    text = request.POST.get("expected_revision", "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Refused(
            "The page did not say which revision it showed. Look at what holds now, and decide again."
        )
    return int(text)


def _shown(
    request: ProjectRequest,
    change: FlagChange,
    override: OverrideForm,
    *,
    conflict: str = "",
    status: int = 200,
) -> HttpResponse:
    now = flags.current(change.application)
    verdict, tone = verdict_of(change)
    own = change.asked_by_name == request.user.get_username()
    page = FlagChangePage(
        application=change.application,
        row=waiting_row(change, now.number),
        verdict=verdict,
        tone=tone,
        outlook=_outlook_of(change, now),
        override=override if change.state == FlagChange.State.SUSPENDED else None,
        may_approve=change.state == FlagChange.State.WAITING and not own,
        own=own,
        revision=now.number,
        conflict=conflict,
    )
    return render(request, "migration/flag_change.html", {"page": page}, status=status)


def _outlook_of(change: FlagChange, now: Revision) -> Outlook | None:
    """What it would do now; None where it has ended, or can no longer be done."""
    if not change.is_pending or change.ends_second_person:
        return None
    application, before = now.application, flags.flags_of(now)
    try:
        if change.definition:
            told_of(application, change.definition)
            _, after = served(now, change.definition)
        else:
            after = changed(before, change.changes, application.modules, application.own)
    except Refused:
        return None
    outlook = _outlook(now, before, after)
    if change.state == FlagChange.State.SUSPENDED:
        return outlook
    unanswered = tuple(each for each in outlook.objections if each not in change.overridden)
    return replace(outlook, objections=unanswered)


def _change(request: ProjectRequest, application: str, environment: str, number: int) -> FlagChange:
    found = application_of(request, application, environment)
    return get_object_or_404(
        FlagChange.objects.select_related("application__project", "asked_by"),
        application=found,
        number=number,
    )


def _change_address(change: FlagChange) -> str:
    found = change.application
    address = [found.project.slug, found.name, found.environment, change.number]
    return reverse("migration:flag_change", args=address)


urlpatterns: list[URLPattern] = [
    path(f"{ONE}change/", flags_change, name="flags_change"),
    path(f"{ONE}changes/<int:number>/", flag_change, name="flag_change"),
    path(f"{ONE}changes/<int:number>/decide/", flag_change_decide, name="flag_change_decide"),
]
