"""The plan of an option: its statements, whether the target is still what it was made for, the script."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.options.option import Option
from schemadiff.core.planner import render as render_script
from schemadiff.models import Comparison
from schemadiff.pages.plans import Moved, mode_of, moved_since, name_of, plan_page
from schemadiff.pages.reviews import chip_of
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.plan_check import fingerprint_now
from schemadiff.store import current_decision, option_of


@require_GET
@project_view(Permission.SEE_SCHEMA)
def plan(request: ProjectRequest, number: int, option: str) -> HttpResponse:
    comparison = _comparison(request, number)
    try:
        found = _option(request, comparison, option)
    except Refused as refused:
        refusal = {"comparison": comparison, "option": option, "text": str(refused), "section": "comparisons"}
        return render(request, "schemadiff/plan_refused.html", {"page": refusal}, status=409)
    page = plan_page(
        comparison,
        found,
        decision=current_decision(request.access.project),
        moved=_check(comparison, found) if "check" in request.GET else None,
        whole="whole" in request.GET,
    )
    return render(request, "schemadiff/plan.html", {"page": page, "review": chip_of(comparison)})


@require_GET
@project_view(Permission.SEE_SCHEMA)
def plan_script(request: ProjectRequest, number: int, option: str) -> HttpResponse:
    """The whole plan as an SQL script, with a `-- hazard:` line above what destroys."""
    script = render_script(_option(request, _comparison(request, number), option).plan)
    name = f"{request.access.project.slug}-{number}-{option}.sql"
    return HttpResponse(
        script,
        content_type="application/sql; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _check(comparison: Comparison, option: Option) -> Moved:
    connection = comparison.target.connection
    if connection is None:
        return Moved(tone="bad", text="The target's connection was removed, so its schema cannot be read.")
    try:
        return moved_since(option.plan, fingerprint_now(connection), connection.name)
    except SchemadiffError as error:
        return Moved(tone="warn", text=f"The target's schema cannot be read now. {error}")


def _option(request: ProjectRequest, comparison: Comparison, name: str) -> Option:
    """With `?mode=online` the plan takes the ways that let readers and writers go on."""
    found = name_of(name)
    if found is None:
        raise Http404(f"There is no option {name}.")
    return option_of(comparison, found, mode_of(request.GET.get("mode", "")))


def _comparison(request: ProjectRequest, number: int) -> Comparison:
    rows = Comparison.objects.select_related("source__connection", "target__connection")
    rows = rows.defer("source__catalog", "target__catalog")
    return get_object_or_404(rows, project=request.access.project, number=number)


_BASE = "p/<slug:project>/comparisons/<int:number>/plan/<slug:option>/"

urlpatterns: list[URLPattern] = [
    path(_BASE, plan, name="plan"),
    path(f"{_BASE}script/", plan_script, name="plan_script"),
]
