"""Measuring a comparison's options in the background: asked for, and how far it is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseStopPolling

from migration.forms.scratch_places import PlaceForm
from migration.measuring import choose_and_rehearse, choose_place, mend_and_rehearse, request_measuring
from migration.models import Measuring
from migration.pages.measure import measure_page
from schemadiff.core.errors import Refused, SchemadiffError
from schemadiff.core.options.mending import mending_called
from schemadiff.core.options.relaxing import relaxations
from schemadiff.mapping_review import Taken
from schemadiff.models import Comparison, Connection
from schemadiff.permissions import Permission, ProjectRequest, project_view


@require_POST
@project_view(Permission.COMPARE)
def measure(request: ProjectRequest, number: int) -> HttpResponse:
    return _requested(request, number, Measuring.Kind.MEASURE)


@require_POST
@project_view(Permission.COMPARE)
def rehearse(request: ProjectRequest, number: int) -> HttpResponse:
    return _requested(request, number, Measuring.Kind.REHEARSE)


@require_POST
@project_view(Permission.COMPARE)
def relax(request: ProjectRequest, number: int) -> HttpResponse:
    """What hybrid gives up from now on: the field `relaxation`, once for each. Rehearsed at once."""
    try:
        wanted = relaxations(request.POST.getlist("relaxation"))
        choose_and_rehearse(_comparison(request, number), wanted, request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("schemadiff:options", project=request.access.project.slug, number=number)


@require_POST
@project_view(Permission.MAP)
def mend(request: ProjectRequest, number: int) -> HttpResponse:
    """Take the expressions that transform's values need, those of the step in the field `mending`."""
    try:
        taken = mend_and_rehearse(
            _comparison(request, number), mending_called(request.POST.get("mending", "")), request.user
        )
    except SchemadiffError as refusal:
        messages.error(request, str(refusal))
    else:
        _tell(request, taken)
    return redirect("schemadiff:options", project=request.access.project.slug, number=number)


def _tell(request: ProjectRequest, taken: Taken) -> None:
    if taken.columns:
        messages.success(request, f"An expression now fills {', '.join(taken.columns)}. Rehearsing again.")
    if taken.left:
        messages.warning(
            request,
            f"Only a person can say what becomes of {', '.join(taken.left)}: look at the values on the mapping page.",
        )
    if not taken.columns and not taken.left:
        messages.info(
            request, "No expression is known that would help: look at the values on the mapping page."
        )


@require_GET
@project_view(Permission.SEE_SCHEMA)
def measure_progress(request: ProjectRequest, number: int) -> HttpResponse:
    """Answers 286, which ends htmx's polling, once nothing is under way; who waited gets the page anew."""
    page = measure_page(_comparison(request, number))
    fragment = render(request, "migration/_measure_progress.html", {"page": page})
    if page.under_way:
        return fragment
    response = HttpResponseStopPolling(fragment.content)
    if "waiting" in request.GET:
        response["HX-Refresh"] = "true"
    return response


def _requested(request: ProjectRequest, number: int, kind: Measuring.Kind) -> HttpResponse:
    comparison = _comparison(request, number)
    try:
        if "place" in request.POST:  # else it stays where it was
            choose_place(comparison, _place(request))
    except SchemadiffError as refusal:
        messages.error(request, str(refusal))
        return redirect("schemadiff:options", project=request.access.project.slug, number=number)
    request_measuring(comparison, request.user, kind)
    if getattr(request, "htmx", False):
        return render(request, "migration/_measure_progress.html", {"page": measure_page(comparison)})
    return redirect("schemadiff:options", project=request.access.project.slug, number=number)


def _place(request: ProjectRequest) -> Connection | None:
    form = PlaceForm(request.POST, project=request.access.project)
    if not form.is_valid():
        raise Refused(" ".join(map(str, form.errors["place"])))
    found: Connection | None = form.cleaned_data["place"]
    return found


def _comparison(request: ProjectRequest, number: int) -> Comparison:
    rows = Comparison.objects.select_related("measuring")
    return get_object_or_404(rows, project=request.access.project, number=number)


_BASE = "p/<slug:project>/comparisons/<int:number>"

urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/measure/", measure, name="measure"),
    path(f"{_BASE}/measure/progress/", measure_progress, name="measure_progress"),
    path(f"{_BASE}/rehearse/", rehearse, name="rehearse"),
    path(f"{_BASE}/relax/", relax, name="relax"),
    path(f"{_BASE}/mend/", mend, name="mend"),
]
