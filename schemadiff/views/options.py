"""The options page."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from schemadiff import store
from schemadiff.core.options.option import OptionName
from schemadiff.core.options.points import points_of
from schemadiff.core.options.weighing import recommend
from schemadiff.models import Comparison
from schemadiff.pages.moved import moved_banner
from schemadiff.pages.options import figure_page, options_page
from schemadiff.pages.reviews import chip_of
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def show(request: ProjectRequest, number: int) -> HttpResponse:
    """The three ways out, each figure as it was measured for this very comparison."""
    comparison = get_object_or_404(
        Comparison.objects.select_related("source__connection", "target__connection").defer(
            "source__catalog", "target__catalog"
        ),
        project=request.access.project,
        number=number,
    )
    measured = store.measured(comparison)
    measures = measured.measures
    options = store.options_or_refusals(comparison)
    blockers = {name: option.blockers for name, option in options.items() if not isinstance(option, str)}
    decision = store.current_decision(request.access.project)
    page = options_page(
        comparison,
        store.scope_of(comparison),
        options,
        measures,
        recommend(measures, blockers),
        points_of(measures),
        choices=store.hybrid_choices_of(comparison),
        proposals=store.proposals_of(comparison, measures.get(OptionName.HYBRID, ())),
        decision=decision,
        measured_at=measured.at,
        query_count=request.access.project.queries.count(),
    )
    context = {
        "page": page,
        "review": chip_of(comparison),
        "moved": moved_banner(decision, request.access.project.slug),
    }
    return render(request, "schemadiff/options.html", context)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def figure(request: ProjectRequest, number: int, option: str, key: str) -> HttpResponse:
    """One figure with everything that it counts by name."""
    comparison = comparison_of(request, number)
    name = next((name for name in OptionName if name.value == option), None)
    if name is None:
        raise Http404(f"There is no option {option}; there are recreate, transform and hybrid.")
    page = figure_page(comparison, name, key, store.measures_of(comparison).get(name, ()))
    return render(request, "schemadiff/figure.html", {"page": page})


urlpatterns: list[URLPattern] = [
    path("p/<slug:project>/comparisons/<int:number>/options/", show, name="options"),
    path(
        "p/<slug:project>/comparisons/<int:number>/options/<slug:option>/<slug:key>/",
        figure,
        name="option_figure",
    ),
]
