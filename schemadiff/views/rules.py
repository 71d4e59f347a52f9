"""Ignore rules of a project: which there are and were, a new one, a change, an end, and the command line's file."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schemadiff.core.errors import Refused
from schemadiff.core.noise.rules_file import dump
from schemadiff.forms.rules import EndForm, RuleForm
from schemadiff.models import ProjectRule
from schemadiff.pages.rules import RuleFormPage, rules_page
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.store.rules import add_rules, change_rule, end_rule, rule_of, rules_of


@project_view(Permission.SEE_SCHEMA)
@require_GET
def rules(request: ProjectRequest) -> HttpResponse:
    return render(request, "schemadiff/rules.html", {"page": rules_page(request.access.project)})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def rules_file(request: ProjectRequest) -> HttpResponse:
    """As `compare --rules` reads them."""
    response = HttpResponse(
        dump(rules_of(request.access.project.pk)), content_type="application/toml; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{request.access.project.slug}-rules.toml"'
    return response


@project_view(Permission.COMPARE)
@require_http_methods(["GET", "POST"])
def rule_new(request: ProjectRequest) -> HttpResponse:
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        add_rules(request.access.project, [form.rule], request.user)
        messages.success(request, "The rule is in force for all comparisons of this project.")
        return redirect("schemadiff:rules", project=request.access.project.slug)
    return _form(request, RuleFormPage(form=form))


@project_view(Permission.COMPARE)
@require_http_methods(["GET", "POST"])
def rule(request: ProjectRequest, pk: int) -> HttpResponse:
    """Change a rule; what it said before is kept."""
    row = _row(request, pk)
    form = RuleForm(request.POST if request.method == "POST" else None, rule=rule_of(row))
    if form.is_valid():
        try:
            change_rule(row, form.rule, request.user)
        except Refused as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "The rule is changed.")
        return redirect("schemadiff:rules", project=request.access.project.slug)
    return _form(request, RuleFormPage(form=form, end=EndForm(), pk=pk))


@project_view(Permission.COMPARE)
@require_POST
def rule_end(request: ProjectRequest, pk: int) -> HttpResponse:
    """Remove a rule, with a reason."""
    row = _row(request, pk)
    end = EndForm(request.POST)
    if not end.is_valid():
        return _form(request, RuleFormPage(form=RuleForm(None, rule=rule_of(row)), end=end, pk=pk))
    try:
        end_rule(row, end.cleaned_data["because"], request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "The rule is removed: what it hid is shown again.")
    return redirect("schemadiff:rules", project=request.access.project.slug)


def _form(request: ProjectRequest, page: RuleFormPage) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, "schemadiff/rule_form.html", {"page": page}, status=status)


def _row(request: ProjectRequest, pk: int) -> ProjectRule:
    return get_object_or_404(ProjectRule, project=request.access.project, pk=pk, ended_at=None)


_BASE = "p/<slug:project>/rules/"

urlpatterns: list[URLPattern] = [
    path(_BASE, rules, name="rules"),
    path(f"{_BASE}file/", rules_file, name="rules_file"),
    path(f"{_BASE}new/", rule_new, name="rule_new"),
    path(f"{_BASE}<int:pk>/", rule, name="rule"),
    path(f"{_BASE}<int:pk>/end/", rule_end, name="rule_end"),
]
