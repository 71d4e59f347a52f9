"""The mapping page and what a person does there."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schemadiff import mapping_review, store
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.mapping import PairStatus, QualifiedName
from schemadiff.forms.mapping import MappingFileForm, PairForm
from schemadiff.models import Comparison, Pair
from schemadiff.pages.mapping import CONFIRM_FROM, MappingPage, mapping_page
from schemadiff.permissions import Permission, ProjectRequest, project_view

_ACTIONS = {
    "confirm": PairStatus.CONFIRMED,
    "reject": PairStatus.REJECTED,
    "reopen": PairStatus.SUGGESTED,
}


@project_view(Permission.SEE_SCHEMA)
@require_GET
def mapping(request: ProjectRequest, number: int) -> HttpResponse:
    page = _page(_comparison(request, number), request.GET.get("table", ""))
    template = "_mapping_panel.html" if request.headers.get("HX-Request") else "mapping.html"
    return render(request, f"schemadiff/{template}", {"page": page, "file_form": MappingFileForm()})


@project_view(Permission.MAP)
@require_POST
def pair(request: ProjectRequest, number: int, pk: int) -> HttpResponseBase:
    """Confirm, reject or reopen one pair."""
    comparison = _comparison(request, number)
    row = get_object_or_404(Pair, pk=pk, comparison=comparison)
    action = request.POST.get("action", "")
    if action not in _ACTIONS:
        return HttpResponse("Choose confirm, reject or reopen.", status=400, content_type="text/plain")
    store.decide_pair(row, _ACTIONS[action], user=request.user)
    return _answer(request, comparison, f"{row.source_schema}.{row.source_table}")


@project_view(Permission.MAP)
@require_POST
def bulk(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Confirm all likely suggestions of one table, or of all."""
    comparison = _comparison(request, number)
    table = request.POST.get("table", "")
    count = store.confirm_above(
        comparison,
        CONFIRM_FROM,
        user=request.user,
        table=_name(comparison, table) if table else None,
    )
    messages.success(request, f"{count} suggestion{'' if count == 1 else 's'} confirmed.")
    return redirect(_url(request, comparison, table))


@project_view(Permission.MAP)
@require_http_methods(["GET", "POST"])
def edit(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Choose another source column, or write an expression, for one target column."""
    comparison = _comparison(request, number)
    table, target_column = request.GET.get("table", ""), request.GET.get("column", "")
    tables = mapping_review.tables_of(comparison, _name(comparison, table))
    page = _page(comparison, table)
    columns = page.panel.source_columns if page.panel else ()
    current = next((r for r in page.panel.rows if r.target == target_column), None) if page.panel else None
    initial = {"source": current.source, "expression": current.expression} if current else {}
    form = PairForm(request.POST or None, columns=columns, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            mapping_review.fill(
                comparison,
                tables,
                target_column,
                source=form.cleaned_data["source"] or None,
                expression=form.cleaned_data["expression"] or None,
                user=request.user,
            )
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{target_column} is filled as you said.")
            return redirect(_url(request, comparison, table))
    context = {"page": page, "form": form, "table": table, "column": target_column, "current": current}
    return render(request, "schemadiff/mapping_edit.html", context, status=422 if form.errors else 200)


@project_view(Permission.SEE_ROWS)
@require_POST
def preview(request: ProjectRequest, number: int) -> HttpResponse:
    """What some real rows would become; nothing is kept."""
    comparison = _comparison(request, number)
    tables = mapping_review.tables_of(comparison, _name(comparison, request.GET.get("table", "")))
    page = _page(comparison, ".".join(tables.source))
    form = PairForm(request.POST, columns=page.panel.source_columns if page.panel else ())
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        try:
            context["preview"] = mapping_review.preview_of(
                comparison,
                tables,
                request.GET.get("column", ""),
                source=form.cleaned_data["source"] or None,
                expression=form.cleaned_data["expression"] or None,
            )
        except SchemadiffError as refusal:
            context["refusal"] = str(refusal)
    return render(request, "schemadiff/_mapping_preview.html", context)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def export(request: ProjectRequest, number: int) -> HttpResponse:
    comparison = _comparison(request, number)
    response = HttpResponse(mapping_review.export(comparison), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="mapping-{comparison.number}.json"'
    return response


@project_view(Permission.MAP)
@require_POST
def take_over(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Replace the mapping of the tables that an uploaded file names."""
    comparison = _comparison(request, number)
    form = MappingFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            count = mapping_review.take_over(comparison, form.cleaned_data["file"], user=request.user)
        except SchemadiffError as refusal:
            form.add_error("file", str(refusal))
        else:
            messages.success(
                request, f"The mapping of {count} table{'' if count == 1 else 's'} was taken over."
            )
            return redirect(_url(request, comparison, ""))
    page = _page(comparison, "")
    return render(request, "schemadiff/mapping.html", {"page": page, "file_form": form}, status=422)


def _comparison(request: ProjectRequest, number: int) -> Comparison:
    comparisons = Comparison.objects.select_related("source__connection", "target").defer(
        "source__catalog", "target__catalog"
    )
    return get_object_or_404(comparisons, project=request.access.project, number=number)


def _page(comparison: Comparison, chosen: str) -> MappingPage:
    return mapping_page(
        comparison,
        store.catalog_of(comparison.source),
        store.catalog_of(comparison.target),
        store.scope_of(comparison),
        Pair.objects.filter(comparison=comparison),
        chosen,
    )


def _answer(request: ProjectRequest, comparison: Comparison, table: str) -> HttpResponseBase:
    if request.headers.get("HX-Request"):
        page = _page(comparison, table)
        return render(request, "schemadiff/_mapping_panel.html", {"page": page})
    return redirect(_url(request, comparison, table))


def _url(request: ProjectRequest, comparison: Comparison, table: str) -> str:
    url = reverse("schemadiff:mapping", args=[request.access.project.slug, comparison.number])
    return f"{url}?{urlencode({'table': table})}" if table else url


def _name(comparison: Comparison, key: str) -> QualifiedName:
    """The table of the scope that a `schema.table` of the URL names (either part may hold a dot itself)."""
    named = next((name for name in store.scope_of(comparison).tables if ".".join(name) == key), None)
    if named is None:
        raise Http404(f"This comparison carries no table {key}.")
    return named


_BASE = "p/<slug:project>/comparisons/<int:number>/mapping/"
urlpatterns: list[URLPattern] = [
    path(_BASE, mapping, name="mapping"),
    path(f"{_BASE}pair/<int:pk>/", pair, name="mapping_pair"),
    path(f"{_BASE}confirm/", bulk, name="mapping_bulk"),
    path(f"{_BASE}edit/", edit, name="mapping_edit"),
    path(f"{_BASE}preview/", preview, name="mapping_preview"),
    path(f"{_BASE}export/", export, name="mapping_export"),
    path(f"{_BASE}import/", take_over, name="mapping_import"),
]
