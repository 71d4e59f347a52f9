"""Every address of this app, view module by view module."""

from django.urls import URLPattern

from schemadiff.views import (
    comparisons,
    connections,
    decisions,
    hazards,
    history,
    judgements,
    judgings,
    mapping,
    options,
    plans,
    projects,
    queries,
    renames,
    reviews,
    rules,
    selection,
    snapshots,
    splitting,
    table_parts,
    trials,
    weighing,
)

app_name = "schemadiff"

urlpatterns: list[URLPattern] = [
    *projects.urlpatterns,
    *connections.urlpatterns,
    *comparisons.urlpatterns,
    *judgements.urlpatterns,
    *judgings.urlpatterns,
    *mapping.urlpatterns,
    *renames.urlpatterns,
    *options.urlpatterns,
    *queries.urlpatterns,
    *decisions.urlpatterns,
    *plans.urlpatterns,
    *hazards.urlpatterns,
    *history.urlpatterns,
    *reviews.urlpatterns,
    *rules.urlpatterns,
    *selection.urlpatterns,
    *snapshots.urlpatterns,
    *splitting.urlpatterns,
    *table_parts.urlpatterns,
    *trials.urlpatterns,
    *weighing.urlpatterns,
]
