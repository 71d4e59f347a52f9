"""The mapping page and what a person does there."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schemadiff import mapping_review, store
from schemadiff.comparison import match_again
from schemadiff.core.errors import NotFound, SchemadiffError
from schemadiff.core.mapping import ColumnPair, PairStatus, TableMapping
from schemadiff.forms.mapping import MappingFileForm, PairForm
from schemadiff.mapping_review import Return
from schemadiff.models import Comparison, Pair
from schemadiff.pages.mapping import (
    EditPage,
    MappingPage,
    after_decision,
    at_first_suggestion,
    edit_page,
    mapping_page,
    preview_panel,
)
from schemadiff.pages.mapping_bulk import CONFIRM_FROM, THRESHOLDS
from schemadiff.permissions import Permission, ProjectRequest, project_view

_ACTIONS = {
    "confirm": PairStatus.CONFIRMED,
    "reject": PairStatus.REJECTED,
    "reopen": PairStatus.SUGGESTED,
}


@project_view(Permission.SEE_SCHEMA)
@require_GET
def mapping(request: ProjectRequest, number: int) -> HttpResponse:
    """One table of the mapping beside the list of all; to htmx only what stands below the bar."""
    page = _page(mapping_comparison(request, number), request.GET.get("table", ""))
    if request.headers.get("HX-Request"):
        response = _fragment(request, at_first_suggestion(page))
    else:
        response = render(request, "schemadiff/mapping.html", {"page": page, "file_form": MappingFileForm()})
    patch_vary_headers(response, ["HX-Request"])
    return response


@project_view(Permission.MAP)
@require_POST
def pair(request: ProjectRequest, number: int, pk: int) -> HttpResponseBase:
    """Confirm, reject or reopen one pair."""
    comparison = mapping_comparison(request, number)
    row = get_object_or_404(Pair.objects.select_related("comparison"), pk=pk, comparison=comparison)
    action = request.POST.get("action", "")
    if action not in _ACTIONS:
        return HttpResponse("Choose confirm, reject or reopen.", status=400, content_type="text/plain")
    store.decide_pair(row, _ACTIONS[action], user=request.user)
    table = ".".join(store.entry_of(row).name)
    if not request.headers.get("HX-Request"):
        return redirect(mapping_url(request, comparison, table, row.target_column))
    was_suggested = row.status == PairStatus.SUGGESTED.value
    return _fragment(request, after_decision(_page(comparison, table), pk, was_suggested=was_suggested))


@project_view(Permission.MAP)
@require_POST
def bulk(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Confirm the suggestions of one table, or of all, from the score on that was chosen."""
    comparison = mapping_comparison(request, number)
    table = request.POST.get("table", "")
    count = store.confirm_above(
        comparison,
        _threshold(request) / 100,
        user=request.user,
        table=_tables(comparison, table) if table else None,
    )
    messages.success(request, f"{count} suggestion{'' if count == 1 else 's'} confirmed.")
    return redirect(mapping_url(request, comparison, table))


def _threshold(request: ProjectRequest) -> int:
    """In percent; what is none of those offered is the usual one."""
    chosen = {str(percent): percent for percent in THRESHOLDS}
    return chosen.get(request.POST.get("from", ""), CONFIRM_FROM)


@project_view(Permission.MAP)
@require_POST
def again(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Match anew beside what was decided."""
    comparison = mapping_comparison(request, number)
    found = match_again(comparison)
    said = f"{found.new} new suggestion{'' if found.new == 1 else 's'}, {found.gone} taken back"
    messages.success(
        request,
        f"Matched again: {said if found.new or found.gone else 'nothing is suggested otherwise'}. What was confirmed "
        "or rejected is as it was.",
    )
    return redirect(mapping_url(request, comparison, ""))


@project_view(Permission.MAP)
@require_POST
def part(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Confirm or reject all suggestions of one part of a split table, or of a table that is merged with another."""
    comparison = mapping_comparison(request, number)
    table = _tables(comparison, request.POST.get("table", ""))
    status = {"confirm": PairStatus.CONFIRMED, "reject": PairStatus.REJECTED}.get(
        request.POST.get("action", "")
    )
    if status is None or not (table.part or mapping_review.is_added(comparison, table)):
        return HttpResponse(
            "Choose confirm or reject, of a part of a split table or a table that is merged with another.",
            status=400,
            content_type="text/plain",
        )
    count = store.decide_table(comparison, table, status, user=request.user)
    messages.success(
        request, f"{count} suggestion{'' if count == 1 else 's'} of {'.'.join(table.name)} {status.value}."
    )
    return redirect(mapping_url(request, comparison, ".".join(table.name)))


@project_view(Permission.MAP)
@require_http_methods(["GET", "POST"])
def edit(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Choose another source column, or write an expression, for one target column."""
    comparison = mapping_comparison(request, number)
    tables = named_tables(request, comparison)
    page = _edit_page(comparison, tables, request.GET.get("column", ""))
    now = page.now
    initial = {"source": now.source, "expression": now.expression, "inverse": now.inverse} if now else {}
    if now is None and (near := request.GET.get("source", "")) in dict(page.source_columns):
        initial = {"source": near}
    if proposed := request.GET.get("expression", "")[:4000]:
        initial |= {"expression": proposed, "inverse": ""}
    form = PairForm(request.POST or None, columns=page.source_columns, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            mapping_review.fill(
                comparison, tables, page.column, user=request.user, **form.chosen_with_way_back()
            )
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{page.column} is filled as you said.")
            return redirect(mapping_url(request, comparison, page.table, page.column, again=bool(proposed)))
    status = 422 if form.errors else 200
    return render(request, "schemadiff/mapping_edit.html", {"page": page, "form": form}, status=status)


@project_view(Permission.SEE_ROWS)
@require_POST
def preview(request: ProjectRequest, number: int) -> HttpResponse:
    """What some real rows would become; nothing is kept."""
    comparison = mapping_comparison(request, number)
    tables = named_tables(request, comparison)
    page = _edit_page(comparison, tables, request.GET.get("column", ""))
    form = PairForm(request.POST, columns=page.source_columns)
    context: dict[str, object] = {"form": form, "page": page}
    if form.is_valid():
        try:
            found = mapping_review.preview_of(comparison, tables, page.column, **form.chosen())
            context["preview"] = preview_panel(found)
            context["back"] = _back(comparison, tables, page.column, form)
        except SchemadiffError as refusal:
            context["refusal"] = str(refusal)
    return render(request, "schemadiff/_mapping_preview.html", context)


def _back(comparison: Comparison, tables: TableMapping, column: str, form: PairForm) -> Return | None:
    """What the way back makes of the same rows, where somebody wrote one."""
    chosen = form.chosen_with_way_back()
    if chosen["inverse"] is None:
        return None
    return mapping_review.return_of(comparison, tables, ColumnPair(target=column, **chosen))


@project_view(Permission.SEE_ROWS)
@require_GET
def values(request: ProjectRequest, number: int) -> HttpResponse:
    """Whether a table's values fit where they are mapped to; looked at now, nothing is kept."""
    comparison = mapping_comparison(request, number)
    tables = named_tables(request, comparison)
    context: dict[str, object] = {"table": ".".join(tables.name), "comparison": comparison}
    try:
        context["fit"] = mapping_review.fit_of(comparison, tables)
    except SchemadiffError as refusal:
        context["refusal"] = str(refusal)
    return render(request, "schemadiff/_mapping_values.html", context)


@project_view(Permission.SEE_SCHEMA)
@require_GET
def export(request: ProjectRequest, number: int) -> HttpResponse:
    """The mapping as a file, which the command line reads too."""
    comparison = mapping_comparison(request, number)
    response = HttpResponse(mapping_review.export(comparison), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="mapping-{comparison.number}.json"'
    return response


@project_view(Permission.MAP)
@require_POST
def take_over(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Replace the mapping of the tables that an uploaded file names."""
    comparison = mapping_comparison(request, number)
    form = MappingFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            taken = mapping_review.take_over(comparison, form.cleaned_data["file"], user=request.user)
        except SchemadiffError as refusal:
            form.add_error("file", str(refusal))
        else:
            plural = "" if taken.tables == 1 else "s"
            messages.success(request, f"The mapping of {taken.tables} table{plural} was taken over.")
            if taken.unchecked:
                messages.warning(request, f"The expressions were not tried: {taken.unchecked}")
            if taken.left_out:
                names = ", ".join(taken.left_out)
                messages.info(request, f"Not in this comparison’s scope, and so left out: {names}.")
            return redirect(mapping_url(request, comparison, ""))
    page = _page(comparison, "")
    return render(request, "schemadiff/mapping.html", {"page": page, "file_form": form}, status=422)


def mapping_comparison(request: ProjectRequest, number: int) -> Comparison:
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
        Pair.objects.filter(comparison=comparison).select_related("decided_by"),
        chosen,
    )


def _fragment(request: ProjectRequest, page: MappingPage) -> HttpResponse:
    context = {"page": page, "file_form": MappingFileForm(), "is_fragment": True}
    return render(request, "schemadiff/_mapping.html", context)


def _edit_page(comparison: Comparison, tables: TableMapping, target_column: str) -> EditPage:
    try:
        source, column = mapping_review.sides(comparison, tables, target_column)
    except NotFound as missing:
        raise Http404(str(missing)) from missing
    table = ".".join(tables.name)
    panel = _page(comparison, table).panel
    now = next((row for row in panel.rows if row.target == target_column), None) if panel else None
    return edit_page(comparison, table, source, column, now)


def named_tables(request: ProjectRequest, comparison: Comparison) -> TableMapping:
    return _tables(comparison, request.GET.get("table", ""))


def mapping_url(
    request: ProjectRequest, comparison: Comparison, table: str, column: str = "", *, again: bool = False
) -> str:
    """`again`: the values are looked at once more, as it was from there that somebody came."""
    url = reverse("schemadiff:mapping", args=[request.access.project.slug, comparison.number])
    asked = ({"table": table} if table else {}) | ({"values": "1"} if again else {})
    where = f"?{urlencode(asked)}" if asked else ""
    return f"{url}{where}{f'#column-{column}' if column else ''}"


def _tables(comparison: Comparison, key: str) -> TableMapping:
    """The tables that a `schema.table` of the URL names (either part may hold a dot itself)."""
    try:
        return mapping_review.tables_of(comparison, key)
    except NotFound as missing:
        raise Http404(str(missing)) from missing


_BASE = "p/<slug:project>/comparisons/<int:number>/mapping/"
urlpatterns: list[URLPattern] = [
    path(_BASE, mapping, name="mapping"),
    path(f"{_BASE}pair/<int:pk>/", pair, name="mapping_pair"),
    path(f"{_BASE}confirm/", bulk, name="mapping_bulk"),
    path(f"{_BASE}again/", again, name="mapping_again"),
    path(f"{_BASE}part/", part, name="mapping_part"),
    path(f"{_BASE}edit/", edit, name="mapping_edit"),
    path(f"{_BASE}preview/", preview, name="mapping_preview"),
    path(f"{_BASE}values/", values, name="mapping_values"),
    path(f"{_BASE}export/", export, name="mapping_export"),
    path(f"{_BASE}import/", take_over, name="mapping_import"),
]
