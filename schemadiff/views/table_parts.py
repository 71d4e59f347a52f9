"""A source table split by hand: another target table that takes of its rows, which rows, and its end."""

from dataclasses import replace

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_POST

from schemadiff import store, table_parts
from schemadiff.core.catalog import Table
from schemadiff.core.errors import NotFound, SchemadiffError
from schemadiff.core.mapping import TableMapping
from schemadiff.forms.table_parts import ConditionForm, PartForm, TargetForm
from schemadiff.mapping_review import both_tables
from schemadiff.models import Comparison
from schemadiff.pages.table_parts import PartPage, divided_panel, target_choices
from schemadiff.permissions import Permission, ProjectRequest, project_view
from schemadiff.views.mapping import mapping_comparison, mapping_url, named_tables


@project_view(Permission.MAP)
@require_http_methods(["GET", "POST"])
def add(request: ProjectRequest, number: int) -> HttpResponseBase:
    """First the target table, by the address; then its columns, and which rows."""
    comparison = mapping_comparison(request, number)
    here = named_tables(request, comparison)
    possible = table_parts.possible_targets(comparison, here.source)
    targets = {".".join(name): name for name in possible}
    asked = request.GET.get("target", "")
    page = PartPage(
        comparison=comparison,
        back=".".join(here.name),
        source=".".join(here.source),
        target=asked if asked in targets else "",
        is_new=True,
        has_targets=bool(targets),
    )
    if not page.target:
        first = TargetForm(request.GET if asked else None, targets=target_choices(possible))
        return _rendered(request, page, first)
    table = TableMapping(source=here.source, target=targets[asked])
    giver, taker = _both(comparison, table)
    form = PartForm(
        request.POST or None, source=giver, target=taker, likely=table_parts.likely_columns(giver, taker)
    )
    if request.method == "POST" and form.is_valid():
        table = replace(table, where=form.condition())
        try:
            made = table_parts.add_part(comparison, table, form.columns(), user=request.user)
        except SchemadiffError as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{page.target} now takes rows of {page.source}.")
            return redirect(mapping_url(request, comparison, ".".join(made.name)))
    return _rendered(request, page, form)


@project_view(Permission.MAP)
@require_http_methods(["GET", "POST"])
def condition(request: ProjectRequest, number: int) -> HttpResponseBase:
    """Which rows go into the target table that the address names by its entry."""
    comparison = mapping_comparison(request, number)
    table = named_tables(request, comparison)
    _both(comparison, table)
    page = PartPage(
        comparison=comparison,
        back=".".join(table.name),
        source=".".join(table.source),
        target=".".join(table.target),
        is_new=False,
        is_split=len(store.mapping_of(comparison).all_for_source(table.source)) > 1,
    )
    form = ConditionForm(request.POST or None, initial={"where": table.where or ""})
    if request.method == "POST" and form.is_valid():
        try:
            table_parts.set_condition(comparison, table, form.condition(), user=request.user)
        except SchemadiffError as refusal:
            form.add_error("where", str(refusal))
        else:
            which = "those rows" if form.condition() else "every row"
            messages.success(request, f"{page.target} takes {which} of {page.source}.")
            return redirect(mapping_url(request, comparison, page.back))
    return _rendered(request, page, form)


@project_view(Permission.SEE_ROWS)
@require_POST
def tried(request: ProjectRequest, number: int) -> HttpResponse:
    """How the rows would be divided; nothing is kept."""
    comparison = mapping_comparison(request, number)
    table = named_tables(request, comparison)
    targets = {".".join(name): name for name in table_parts.possible_targets(comparison, table.source)}
    if (asked := request.GET.get("target", "")) in targets:
        table = TableMapping(source=table.source, target=targets[asked])
    _both(comparison, table)
    form = ConditionForm(request.POST)
    context: dict[str, object] = {"form": form}
    if form.is_valid():
        table = replace(table, where=form.condition())
        try:
            context["divided"] = divided_panel(table_parts.divided(comparison, table), table)
        except SchemadiffError as refusal:
            context["refusal"] = str(refusal)
    return render(request, "schemadiff/_part_rows.html", context)


@project_view(Permission.MAP)
@require_POST
def remove(request: ProjectRequest, number: int) -> HttpResponseBase:
    comparison = mapping_comparison(request, number)
    table = named_tables(request, comparison)
    source, target = ".".join(table.source), ".".join(table.target)
    try:
        left = table_parts.remove_part(comparison, table)
    except SchemadiffError as refusal:
        messages.error(request, str(refusal))
        return redirect(mapping_url(request, comparison, ".".join(table.name)))
    messages.success(request, f"{target} takes no rows of {source} any more.")
    if all(entry.where for entry in left):
        names = " and ".join(".".join(entry.target) for entry in left)
        messages.warning(
            request,
            f"{names} still take{'s' if len(left) == 1 else ''} only the rows that the condition says. The others may "
            "stay behind: look at which rows.",
        )
    return redirect(mapping_url(request, comparison, source))


def _both(comparison: Comparison, table: TableMapping) -> tuple[Table, Table]:
    try:
        return both_tables(comparison, table)
    except NotFound as missing:
        raise Http404(str(missing)) from missing


def _rendered(request: ProjectRequest, page: PartPage, form: ConditionForm | TargetForm) -> HttpResponse:
    context = {"page": page, "form": form}
    return render(request, "schemadiff/mapping_part.html", context, status=422 if form.errors else 200)


_BASE = "p/<slug:project>/comparisons/<int:number>/mapping/part"
urlpatterns: list[URLPattern] = [
    path(f"{_BASE}/add/", add, name="mapping_part_add"),
    path(f"{_BASE}/condition/", condition, name="mapping_part_condition"),
    path(f"{_BASE}/tried/", tried, name="mapping_part_tried"),
    path(f"{_BASE}/remove/", remove, name="mapping_part_remove"),
]
