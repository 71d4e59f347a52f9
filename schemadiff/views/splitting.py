"""One source column split into several target columns, tried on real rows before it is confirmed."""

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from schemadiff import mapping_review
from schemadiff.core.errors import NotFound, SchemadiffError
from schemadiff.core.mapping import TableMapping
from schemadiff.core.parting import Part, propose_parts
from schemadiff.forms.splitting import SplitForm
from schemadiff.models import Comparison
from schemadiff.pages.splitting import SplitPage, split_page, split_preview
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.views.mapping import mapping_comparison, mapping_url, named_tables


@project_view(Permission.MAP)
@require_http_methods(["GET", "POST"])
def split(request: ProjectRequest, number: int) -> HttpResponseBase:
    comparison = mapping_comparison(request, number)
    tables = named_tables(request, comparison)
    page, proposed = _page(comparison, tables, request.GET.get("column", ""))
    form = SplitForm(request.POST or None, columns=page.targets, proposed=proposed)
    if request.method == "POST" and form.is_valid():
        parts = form.parts()
        try:
            mapping_review.split(comparison, tables, parts, user=request.user)
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{page.column} now fills {_listed(parts)}, each by an expression.")
            return redirect(mapping_url(request, comparison, page.table, parts[0].target))
    status = 422 if form.errors else 200
    return render(request, "schemadiff/mapping_split.html", {"page": page, "form": form}, status=status)


@project_view(Permission.SEE_ROWS)
@require_POST
def split_tried(request: ProjectRequest, number: int) -> HttpResponse:
    """What some real rows would become in each target column; nothing is kept."""
    comparison = mapping_comparison(request, number)
    tables = named_tables(request, comparison)
    page, _ = _page(comparison, tables, request.GET.get("column", ""))
    form = SplitForm(request.POST, columns=page.targets)
    context: dict[str, object] = {"form": form, "page": page}
    if form.is_valid() and (parts := form.parts()):
        try:
            found = [
                mapping_review.preview_of(
                    comparison, tables, part.target, source=None, expression=part.expression
                )
                for part in parts
            ]
            context["preview"] = split_preview(parts, found)
        except SchemadiffError as refusal:
            context["refusal"] = str(refusal)
    return render(request, "schemadiff/_split_preview.html", context)


def _page(comparison: Comparison, tables: TableMapping, name: str) -> tuple[SplitPage, tuple[Part, ...]]:
    try:
        giver, taker = mapping_review.both_tables(comparison, tables)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    column = giver.column(name)
    if column is None:
        raise Http404(f"{'.'.join(tables.source)} has no column {name}.")
    proposed = propose_parts(column, mapping_review.free_columns(comparison, tables))
    return split_page(comparison, ".".join(tables.name), column, taker, proposed), proposed


def _listed(parts: tuple[Part, ...]) -> str:
    names = [part.target for part in parts]
    return f"{', '.join(names[:-1])} and {names[-1]}"


_BASE = "p/<slug:project>/comparisons/<int:number>/mapping/split/"
urlpatterns: list[URLPattern] = [
    path(_BASE, split, name="mapping_split"),
    path(f"{_BASE}preview/", split_tried, name="mapping_split_preview"),
]
