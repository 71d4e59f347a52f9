"""Alerts: seen by everybody in the project; rules and channels are changed by admins."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from migration.forms.alerts import ChannelForm, RuleForm, SilenceForm
from migration.models import AlertRule, Channel
from migration.monitoring import alerts, notifying
from migration.pages.alerts import AlertFormPage, alerts_page, condition
from schemadiff.core.errors import Refused
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.SEE_STATUS)
@require_GET
def alerts_list(request: ProjectRequest) -> HttpResponse:
    """What fires, the rules, where alerts are sent, and what was."""
    project = request.access.project
    rules = AlertRule.objects.filter(project=project).select_related("application")
    page = alerts_page(
        alerts.unfinished(project),
        list(rules),
        notifying.channels_of(project),
        alerts.history(project),
        timezone.now(),
    )
    return render(request, "migration/alerts.html", {"page": page})


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def rule_new(request: ProjectRequest) -> HttpResponse:
    return _edit(request, AlertRule(project=request.access.project))


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def rule_edit(request: ProjectRequest, pk: int) -> HttpResponse:
    return _edit(request, _rule(request, pk))


@project_view(Permission.WATCH)
@require_POST
def rule_delete(request: ProjectRequest, pk: int) -> HttpResponse:
    rule = _rule(request, pk)
    try:
        alerts.delete(rule)
        messages.success(request, f"The rule “{rule.name}” is deleted, with its history.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return _back(request)


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def rule_silence(request: ProjectRequest, pk: int) -> HttpResponse:
    """With the field `end` the silence ends now."""
    rule = _rule(request, pk)
    if request.method == "POST" and "end" in request.POST:
        alerts.end_silence(rule)
        messages.success(request, f"“{rule.name}” is told again.")
        return _back(request)
    form = SilenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        until = timezone.now() + form.length
        alerts.silence(rule, until=until, reason=form.cleaned_data["reason"], by=request.user.get_username())
        messages.success(request, f"Nobody is told of “{rule.name}” until {until:%H:%M on %d %b} UTC.")
        return _back(request)
    page = AlertFormPage(
        title=f"Silence “{rule.name}”", form=form, submit="Silence it", about=condition(rule)
    )
    return _form(request, page)


@project_view(Permission.WATCH)
@require_http_methods(["GET", "POST"])
def channel_new(request: ProjectRequest) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = notifying.add_channel(
                request.access.project, **form.cleaned_data, by=request.user.get_username()
            )
            messages.success(request, f"Alerts are sent to {made.shown} from now on. Try it out.")
            return _back(request)
        except Refused as refusal:
            form.add_error("address", str(refusal))
    return _form(request, AlertFormPage(title="Add a channel", form=form, submit="Add it"))


@project_view(Permission.WATCH)
@require_POST
def channel_try(request: ProjectRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk)
    notifying.try_out(channel, request.user.get_username())
    messages.success(request, f"A trial is on its way to {channel.shown}; what became of it is shown here.")
    return _back(request)


@project_view(Permission.WATCH)
@require_POST
def channel_remove(request: ProjectRequest, pk: int) -> HttpResponse:
    channel = _channel(request, pk)
    channel.delete()
    messages.success(request, f"Nothing is sent to {channel.shown} any more.")
    return _back(request)


def _edit(request: ProjectRequest, rule: AlertRule) -> HttpResponse:
    form = RuleForm(request.access.project, request.POST or None, instance=rule)
    if request.method == "POST" and form.is_valid():
        kept = form.save(commit=False)
        kept.set_by, kept.set_at = request.user.get_username(), timezone.now()
        kept.save()
        messages.success(request, f"The rule “{kept.name}” holds from now on.")
        return _back(request)
    new = rule.pk is None
    page = AlertFormPage(
        title="Add a rule" if new else f"Change “{AlertRule.objects.get(pk=rule.pk).name}”",
        form=form,
        submit="Add it" if new else "Keep it",
        deletes=None if new or rule.is_default else rule.pk,
    )
    return _form(request, page)


def _form(request: ProjectRequest, page: AlertFormPage) -> HttpResponse:
    status = 422 if page.form.errors else 200
    return render(request, "migration/alert_form.html", {"page": page}, status=status)


def _rule(request: ProjectRequest, pk: int) -> AlertRule:
    rules = AlertRule.objects.select_related("project", "application")
    return get_object_or_404(rules, project=request.access.project, pk=pk)


def _channel(request: ProjectRequest, pk: int) -> Channel:
    return get_object_or_404(Channel.objects.select_related("project"), project=request.access.project, pk=pk)


def _back(request: ProjectRequest) -> HttpResponse:
    return redirect("migration:alerts", request.access.project.slug)


_BASE = "p/<slug:project>/monitoring/alerts/"
urlpatterns: list[URLPattern] = [
    path(_BASE, alerts_list, name="alerts"),
    path(f"{_BASE}rules/new/", rule_new, name="alert_rule_new"),
    path(f"{_BASE}rules/<int:pk>/", rule_edit, name="alert_rule"),
    path(f"{_BASE}rules/<int:pk>/delete/", rule_delete, name="alert_rule_delete"),
    path(f"{_BASE}rules/<int:pk>/silence/", rule_silence, name="alert_rule_silence"),
    path(f"{_BASE}channels/new/", channel_new, name="channel_new"),
    path(f"{_BASE}channels/<int:pk>/try/", channel_try, name="channel_try"),
    path(f"{_BASE}channels/<int:pk>/remove/", channel_remove, name="channel_remove"),
]
