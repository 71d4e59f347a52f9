"""Comparisons: list, new, scope, and the differences, as a page and as fragments of it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods

from schemadiff import comparison as comparing
from schemadiff import exports, store
from schemadiff.core.errors import SchemadiffError
from schemadiff.forms.comparisons import ComparisonForm, ScopeForm, names_as_text
from schemadiff.models import Comparison, Snapshot
from schemadiff.pages.comparison_filters import Filters
from schemadiff.pages.comparisons import (
    ComparisonFormPage,
    ScopePage,
    comparison_page,
    comparisons_page,
    discussed,
    listing_of,
    object_sql_page,
    panel_of,
)
from schemadiff.pages.picture import picture_page
from schemadiff.pages.reviews import with_threads
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparisons(request: ProjectRequest) -> HttpResponse:
    page = comparisons_page(_all(request), can_compare=request.access.project.connections.count() > 1)
    return render(request, "schemadiff/comparisons.html", {"page": page})


@project_view(Permission.COMPARE)
@require_http_methods(["GET", "POST"])
def comparison_new(request: ProjectRequest) -> HttpResponse:
    """Choose two sides; sent, both are read at once and the differences are shown. The address may name them."""
    project = request.access.project
    asked = {name: request.GET[name] for name in ("source", "target") if name in request.GET}
    form = ComparisonForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        project=project,
        initial=_as_last_time(request) | asked,
    )
    if form.is_valid():
        try:
            made = comparing.compare(
                project,
                form.cleaned_data["source"],
                form.cleaned_data["target"],
                tables=form.cleaned_data["tables"] or None,
                protected=form.cleaned_data["protected"],
                schema_map=form.cleaned_data["schema_map"],
                user=request.user,
            )
        except SchemadiffError as exc:
            form.add_error(None, str(exc))
        else:
            return redirect("schemadiff:comparison", project=project.slug, number=made.number)
    page = ComparisonFormPage(form=form)
    status = 422 if form.is_bound else 200
    return render(request, "schemadiff/comparison_form.html", {"page": page}, status=status)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison(request: ProjectRequest, number: int) -> HttpResponse:
    edit = request.GET.get("edit", "")
    editing = int(edit) if edit.isdecimal() else None
    page = comparison_page(comparison_of(request, number), Filters.of(request.GET), request.user, editing)
    return render(request, "schemadiff/comparison.html", {"page": page})


@project_view(Permission.COMPARE)
@require_http_methods(["GET", "POST"])
def comparison_scope(request: ProjectRequest, number: int) -> HttpResponse:
    """Which tables are carried over, and which are protected."""
    found = comparison_of(request, number)
    form = ScopeForm(
        request.POST if request.method == "POST" else None,
        source=store.catalog_of(found.source),
        target=store.catalog_of(found.target),
        scope=store.scope_of(found),
    )
    if form.is_valid():
        comparing.change_scope(found, tables=form.chosen("tables"), protected=form.chosen("protected"))
        messages.success(request, "The scope is saved. What was measured for the former one is void.")
        return redirect("schemadiff:comparison", project=request.access.project.slug, number=number)
    status = 422 if form.is_bound else 200
    page = ScopePage(comparison=found, form=form)
    return render(request, "schemadiff/comparison_scope.html", {"page": page}, status=status)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_objects(request: ProjectRequest, number: int) -> HttpResponse:
    """The list of objects alone; without htmx, the whole page."""
    found = comparison_of(request, number)
    if not request.headers.get("HX-Request"):
        return redirect(f"{_url(request, number)}?{request.GET.urlencode()}")
    filters = Filters.of(request.GET)
    listing, bar = listing_of(found, filters, request.user)
    context = {"listing": listing, "bar": bar, "filters": filters, "number": number, "is_fragment": True}
    template = "_object_entries.html" if filters.page > 1 else "_object_list.html"
    response = render(request, f"schemadiff/{template}", context)
    if filters.page == 1:
        response["HX-Replace-Url"] = _url(request, number) + filters.query()
    return response


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_object(request: ProjectRequest, number: int) -> HttpResponse:
    """One object alone; without htmx, the whole page with it chosen."""
    filters = Filters.of(request.GET)
    if not request.headers.get("HX-Request"):
        return redirect(_url(request, number) + filters.query())
    found = comparison_of(request, number)
    panel = panel_of(found, filters, filters.object, request.user)
    if panel is None:
        raise Http404(filters.object)
    said = discussed(found, panel, request.user, None)
    context = {"panel": with_threads(panel, said), "discussion": said, "number": number}
    return render(request, "schemadiff/_object.html", context)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_picture(request: ProjectRequest, number: int) -> HttpResponse:
    """The tables that differ and their foreign keys, drawn."""
    page = picture_page(comparison_of(request, number), request.GET.get("around", ""))
    return render(request, "schemadiff/picture.html", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_sql(request: ProjectRequest, number: int) -> HttpResponse:
    """The statements that bring one object of the target to what it is in the source."""
    page = object_sql_page(comparison_of(request, number), request.GET.get("key", ""))
    if page is None:
        raise Http404(request.GET.get("key", ""))
    template = "_object_sql.html" if request.headers.get("HX-Request") else "object_sql.html"
    return render(request, f"schemadiff/{template}", {"page": page})


@project_view(Permission.SEE_SCHEMA)
@require_GET
def comparison_export(request: ProjectRequest, number: int, fmt: str) -> HttpResponse:
    """The comparison as a file."""
    found = comparison_of(request, number)
    export = exports.export(found, fmt)
    if export is None:
        raise Http404(fmt)
    response = HttpResponse(export.content, content_type=export.content_type)
    response["Content-Disposition"] = f'attachment; filename="{export.name}"'
    return response


def _all(request: ProjectRequest) -> list[Comparison]:
    rows = Comparison.objects.filter(project=request.access.project)
    return list(
        rows.select_related("source", "target", "created_by").defer("source__catalog", "target__catalog")
    )


def _as_last_time(request: ProjectRequest) -> dict[str, object]:
    """The sides and tables of the last comparison: who compares again mostly compares the same."""
    last = next(iter(_all(request)), None)
    if last is None:
        return {}
    scope = store.scope_of(last)
    everything = len(scope.tables) == len(store.catalog_of(last.source).tables)
    return {
        "source": _choice(last.source),
        "target": _choice(last.target),
        "tables": "" if everything else names_as_text(scope.tables),
        "protected": names_as_text(scope.protected),
    }


def _choice(snapshot: Snapshot) -> str:
    """The connection that it was read from, to be read anew; else itself."""
    return str(snapshot.connection_id or f"snapshot-{snapshot.pk}")


def _url(request: ProjectRequest, number: int) -> str:
    return reverse("schemadiff:comparison", kwargs={"project": request.access.project.slug, "number": number})


_BASE = "p/<slug:project>/comparisons/"
_ONE = f"{_BASE}<int:number>/"

urlpatterns: list[URLPattern] = [
    path(_BASE, comparisons, name="comparisons"),
    path(f"{_BASE}new/", comparison_new, name="comparison_new"),
    path(_ONE, comparison, name="comparison"),
    path(f"{_ONE}scope/", comparison_scope, name="comparison_scope"),
    path(f"{_ONE}objects/", comparison_objects, name="comparison_objects"),
    path(f"{_ONE}object/", comparison_object, name="comparison_object"),
    path(f"{_ONE}picture/", comparison_picture, name="comparison_picture"),
    path(f"{_ONE}object/sql/", comparison_sql, name="comparison_sql"),
    path(f"{_ONE}export/<slug:fmt>/", comparison_export, name="comparison_export"),
]
