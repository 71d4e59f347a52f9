"""The rows of probes: what was asked of both databases when, by whom, and what came of it. See `models`."""

from django.db import models

from migration.asked_models import Asked


class ProbeRun(Asked):
    """Both databases of a run asked the same by every method of the data layer. Immutable once it has ended."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="probes")
    run = models.ForeignKey("migration.Run", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()  # per project, from 1
    queries = models.TextField(blank=True)  # the user's SELECTs, as a .sql file
    differing = models.PositiveIntegerField(null=True)
    result = models.JSONField(null=True)  # as `probe_report` writes it: no row values

    class Meta:
        app_label = "migration"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="one_probe_a_number"),
            models.UniqueConstraint(
                fields=["project"],
                condition=models.Q(state__in=("queued", "running")),
                name="one_probe_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"Probes #{self.number} of {self.project_id}"
