"""The script of some objects of a comparison: as a page and as a file, by GET with a permalink, by POST for many."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from schemadiff.pages.selection import keys_of, selection_page
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view


@project_view(Permission.SEE_SCHEMA)
@require_http_methods(["GET", "POST"])
def comparison_selection(request: ProjectRequest, number: int) -> HttpResponse:
    asked: QueryDict = request.POST if request.method == "POST" else request.GET
    comparison = comparison_of(request, number)
    keys = tuple(keys_of(asked.getlist("select")))
    if not keys:
        messages.info(request, "Nothing is selected: tick objects in the list, or press x on one.")
        return redirect("schemadiff:comparison", project=request.access.project.slug, number=number)
    page = selection_page(comparison, keys)
    if "download" in asked and not page.refusal:
        response = HttpResponse(page.script, content_type="application/sql; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="comparison-{number}-selection.sql"'
        return response
    status = 422 if page.refusal else 200
    return render(request, "schemadiff/selection.html", {"page": page}, status=status)


urlpatterns: list[URLPattern] = [
    path(
        "p/<slug:project>/comparisons/<int:number>/selection/",
        comparison_selection,
        name="comparison_selection",
    ),
]
