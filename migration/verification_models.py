"""The rows of verifications: what was compared of a run's tables when, by whom, and what came of it. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from migration.asked_models import Asked


class Verification(Asked):
    """A run's tables compared again; before that repaired, or its rejects tried again, where that was asked for.

    Immutable once it has ended, but for its samples.
    """

    class Kind(models.TextChoices):
        VERIFY = "verify", "Verification"
        REPAIR = "repair", "Repair"
        UNDO = "undo", "Undo of a repair"
        RETRY = "retry", "Retry of rejects"

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey("migration.Run", on_delete=models.CASCADE, related_name="verifications")
    number = models.PositiveIntegerField()  # per run, from 1
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.VERIFY)
    scheduled = models.BooleanField(default=False)
    semantic = models.BooleanField(default=False)
    sample = models.FloatField(null=True)  # percent of large tables that were compared; None: all
    differing = models.BigIntegerField(null=True)  # rows, at the end of it
    result = models.JSONField(null=True)  # tables with their counts, notes, what was repaired: no row values
    samples = models.JSONField(
        default=dict
    )  # keys of differing rows by table: people's data, kept for a time
    repair = models.BigIntegerField(
        null=True
    )  # the repair's number in the target; of an undo, which it undoes
    reason = models.TextField(blank=True)

    class Meta:
        app_label = "migration"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_verification_a_number"),
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(state__in=("queued", "running")),
                name="one_verification_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.number} of run {self.run_id}"


class VerificationSchedule(models.Model):
    """How often a run's tables are compared again by themselves, and from how many differing rows on that alerts."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    run = models.OneToOneField("migration.Run", on_delete=models.CASCADE, related_name="schedule")
    every_minutes = models.PositiveIntegerField(default=60)
    tolerated = models.PositiveIntegerField(default=1)  # more differing rows than these alert
    next_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["run"]

    def __str__(self) -> str:
        return f"Every {self.every_minutes} minutes: run {self.run_id}"
