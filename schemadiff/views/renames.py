"""Confirm or reject what looks like a rename, or take that back."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from schemadiff.core.errors import SchemadiffError
from schemadiff.permissions import Permission, ProjectRequest, comparison_of, project_view
from schemadiff.renames_review import confirm_rename, reject_rename, take_back


@project_view(Permission.MAP)
@require_POST
def rename_decide(request: ProjectRequest, number: int) -> HttpResponse:
    """`target` and `source` are keys of objects; without a source the target's object is none of the candidates."""
    found = comparison_of(request, number)
    target, source = request.POST.get("target", ""), request.POST.get("source", "")

    def decide() -> str:
        if not source:
            reject_rename(found, target, request.user)
            return "Noted: it is no rename. It is not proposed again."
        rename = confirm_rename(found, target, source, request.user)
        return f"{rename.target.label} counts as {rename.source.label} from now on: here, in the plan and in reports."

    return _answer(request, number, decide)


@project_view(Permission.MAP)
@require_POST
def rename_take_back(request: ProjectRequest, number: int, pk: int) -> HttpResponse:
    found = comparison_of(request, number)

    def decide() -> str:
        take_back(found, pk)
        return "Taken back: it is open again."

    return _answer(request, number, decide)


def _answer(request: ProjectRequest, number: int, decide: Callable[[], str]) -> HttpResponse:
    try:
        messages.success(request, decide())
    except SchemadiffError as exc:
        messages.error(request, str(exc))
    kwargs = {"project": request.access.project.slug, "number": number}
    return redirect(reverse("schemadiff:comparison", kwargs=kwargs) + "?renames=open#renames")


_ONE = "p/<slug:project>/comparisons/<int:number>/"

urlpatterns: list[URLPattern] = [
    path(f"{_ONE}renames/", rename_decide, name="rename_decide"),
    path(f"{_ONE}renames/<int:pk>/take-back/", rename_take_back, name="rename_take_back"),
]
