"""A comparison and the earlier and later ones of the same two databases."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from schemadiff.pages.history import history_page, turn_page
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def history(request: ProjectRequest, number: int) -> HttpResponse:
    page = history_page(comparison_of(request, number))
    return render(request, "schemadiff/history.html", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def since(request: ProjectRequest, number: int) -> HttpResponse:
    """What became of the differences between two comparisons of the same databases."""
    other = request.GET.get("with", "")
    if not other.isdecimal() or len(other) > 9:
        raise Http404("Say with which comparison: ?with= and its number.")
    one, earlier = comparison_of(request, number), comparison_of(request, int(other))
    if (one.source.label, one.target.label) != (earlier.source.label, earlier.target.label):
        raise Http404(f"Comparison #{other} is of other databases.")
    return render(request, "schemadiff/turn.html", {"page": turn_page(one, earlier)})


_ONE = "p/<slug:project>/comparisons/<int:number>/"
urlpatterns: list[URLPattern] = [
    path(f"{_ONE}history/", history, name="comparison_history"),
    path(f"{_ONE}since/", since, name="comparison_since"),
]
