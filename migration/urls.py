"""Every address of this app, view module by view module."""

from django.urls import URLPattern

from migration.views import (
    alerts,
    cutovers,
    flag_changes,
    flag_settings,
    flags,
    guards,
    measure,
    metrics,
    monitoring,
    ofrep,
    probes,
    rejects,
    runs,
    status,
    trials,
    verifications,
)

app_name = "migration"

urlpatterns: list[URLPattern] = [
    *runs.urlpatterns,
    *rejects.urlpatterns,
    *verifications.urlpatterns,
    *cutovers.urlpatterns,
    *probes.urlpatterns,
    *measure.urlpatterns,
    *trials.urlpatterns,
    *flags.urlpatterns,
    *flag_changes.urlpatterns,
    *flag_settings.urlpatterns,
    *ofrep.urlpatterns,
    *metrics.urlpatterns,
    *monitoring.urlpatterns,
    *alerts.urlpatterns,
    *guards.urlpatterns,
    *status.urlpatterns,
]
