"""The rows of probes: what was asked of both databases when, by whom, and what came of it. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ProbeRun(models.Model):
    """Both databases of a run asked the same by every method of the data layer. Immutable once it has ended."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"  # what came of it says `differing`
        FAILED = "failed", "Failed"  # it could not be done: `error`

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="probes")
    run = models.ForeignKey("migration.Run", on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()  # per project, from 1
    queries = models.TextField(blank=True)  # the user's SELECTs, as a .sql file
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    differing = models.PositiveIntegerField(null=True)
    result = models.JSONField(null=True)  # as `probe_report` writes it: no row values
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

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

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY
