"""What somebody asked a worker for: how far it is, by whom it was asked for, when it was done. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Asked(models.Model):
    """Waits for a worker, is under way, has ended. Immutable once it has."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"  # it could not be done: `error`

    UNDER_WAY = (State.QUEUED, State.RUNNING)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @property
    def is_under_way(self) -> bool:
        return self.state in self.UNDER_WAY
