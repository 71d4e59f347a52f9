"""The row of a trial: a comparison's plan tried by a worker before anybody applies it. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Trial(models.Model):
    """A plan replayed on a scratch copy of the target's schema (`core.proof`), or the target's rows counted for it
    (`core.row_checks`): who asked for it, of what, and what came of it. Immutable once it has ended.
    """

    class Kind(models.TextChoices):
        PROOF = "proof", "Proof"
        ROWS = "rows", "Row check"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"  # what came of it says `outcome`
        FAILED = "failed", "Failed"  # it could not be tried: `error`

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey("schemadiff.Comparison", on_delete=models.CASCADE, related_name="trials")
    kind = models.CharField(max_length=10, choices=Kind)
    mode = models.CharField(max_length=10, default="plain")  # core.plan.Mode
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    reached = models.TextField(blank=True)  # what is being done just now, in words
    error = models.TextField(blank=True)
    source_fingerprint = models.CharField(max_length=64)
    target_fingerprint = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, blank=True)  # of what differed then: `store.compared.Summary`
    outcome = models.CharField(max_length=20, blank=True)
    sentence = models.TextField(blank=True)  # that sums it up
    result = models.JSONField(null=True)
    findings = models.JSONField(
        default=dict
    )  # of row checks: sentences by the key of the object they are about
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "schemadiff"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["comparison", "kind", "-id"], name="latest_trials")]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "kind"],
                condition=models.Q(state__in=("queued", "running")),
                name="one_trial_of_a_kind_at_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of comparison {self.comparison_id}: {self.outcome or self.state}"

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY
