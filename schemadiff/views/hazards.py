"""What the hazards mean: the page that every hazard of a plan leads to."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.views.decorators.http import require_GET

from schemadiff.pages.hazards import hazards_page


@login_required
@require_GET
def hazards(request: HttpRequest) -> HttpResponse:
    return render(request, "schemadiff/hazards.html", {"page": hazards_page()})


urlpatterns: list[URLPattern] = [path("hazards/", hazards, name="hazards")]
