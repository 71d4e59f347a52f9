"""Saved databases: list, add, show, edit, test."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from schemadiff import connections as saved
from schemadiff.forms.connections import ConnectionForm
from schemadiff.models import Connection
from schemadiff.pages.connections import checked, connection_form_page, connection_page, connections_page
from schemadiff.permissions import Permission, ProjectRequest, project_view


@project_view(Permission.SEE_SCHEMA)
@require_GET
def connections(request: ProjectRequest) -> HttpResponse:
    page = connections_page(request.access.project.connections.all())
    return render(request, "schemadiff/connections.html", {"page": page})


@project_view(Permission.CONNECT)
@require_http_methods(["GET", "POST"])
def connection_new(request: ProjectRequest) -> HttpResponse:
    form = ConnectionForm(request.POST if request.method == "POST" else None, project=request.access.project)
    if form.is_valid():
        return _save_and_test(request, form)
    status = 422 if form.is_bound else 200
    return render(
        request, "schemadiff/connection_form.html", {"page": connection_form_page(form)}, status=status
    )


@project_view(Permission.SEE_SCHEMA)
@require_GET
def connection(request: ProjectRequest, pk: int) -> HttpResponse:
    found = _connection(request, pk)
    page = connection_page(found, used_in=found.snapshots.count())
    return render(request, "schemadiff/connection.html", {"page": page})


@project_view(Permission.CONNECT)
@require_http_methods(["GET", "POST"])
def connection_edit(request: ProjectRequest, pk: int) -> HttpResponse:
    found = _connection(request, pk)
    form = ConnectionForm(
        request.POST if request.method == "POST" else None, instance=found, project=request.access.project
    )
    if form.is_valid():
        return _save_and_test(request, form)
    page = connection_form_page(form, _connection(request, pk))
    status = 422 if form.is_bound else 200
    return render(request, "schemadiff/connection_form.html", {"page": page}, status=status)


@project_view(Permission.CONNECT)
@require_POST
def connection_test(request: ProjectRequest, pk: int) -> HttpResponse:
    found = _connection(request, pk)
    saved.test(found)
    if getattr(request, "htmx", False):
        return render(request, "schemadiff/_checks.html", {"checked": checked(found)})
    return _to(request, found)


def _save_and_test(request: ProjectRequest, form: ConnectionForm) -> HttpResponse:
    """A connection is tested when it is saved: who adds one wants to know."""
    kept = saved.save(form.save(commit=False), password=form.new_password, user=request.user)
    saved.test(kept)
    messages.success(request, f"{kept.name} is saved.")
    return _to(request, kept)


def _connection(request: ProjectRequest, pk: int) -> Connection:
    return get_object_or_404(Connection, project=request.access.project, pk=pk)


def _to(request: ProjectRequest, found: Connection) -> HttpResponse:
    return redirect("schemadiff:connection", project=request.access.project.slug, pk=found.pk)


_BASE = "p/<slug:project>/connections/"

urlpatterns: list[URLPattern] = [
    path(_BASE, connections, name="connections"),
    path(f"{_BASE}new/", connection_new, name="connection_new"),
    path(f"{_BASE}<int:pk>/", connection, name="connection"),
    path(f"{_BASE}<int:pk>/edit/", connection_edit, name="connection_edit"),
    path(f"{_BASE}<int:pk>/test/", connection_test, name="connection_test"),
]
