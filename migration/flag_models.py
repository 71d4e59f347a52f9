"""The rows of flags: who reads them, their numbered states, and the clients that have asked. See `models`."""

from django.db import models
from django.utils import timezone


class Application(models.Model):
    """Who reads the flags: an application in an environment. Only a hash of its token is kept."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="applications")
    name = models.SlugField(max_length=60)
    environment = models.SlugField(max_length=60, default="production")
    modules = models.JSONField(default=list)  # ["dataLoader", …]
    token_hash = models.CharField(max_length=64, blank=True)
    poll_milliseconds = models.PositiveIntegerField(default=1000)  # how often its clients ask
    lease_seconds = models.PositiveIntegerField(default=10)  # how long a client may write after it asked
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["name", "environment"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name", "environment"], name="one_application_an_environment"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.environment}"


class Revision(models.Model):
    """The numbered state of all flags of an application's environment. Never edited, only followed."""

    class Phase(models.TextChoices):
        NORMAL = "normal", "Normal"
        PREPARE = "prepare", "Prepared for a cut-over"  # clients ask often and hold their writes

    class CutOver(models.TextChoices):
        BEFORE = "before", "Before cut-over"
        AFTER = "after", "After cut-over"  # writes live on the target

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    flags = models.JSONField()  # {key: bool or "source" or "target"}
    reason = models.TextField()
    author_name = models.CharField(max_length=150)
    created_at = models.DateTimeField(default=timezone.now)
    phase = models.CharField(max_length=10, choices=Phase, default=Phase.NORMAL)
    cut_over = models.CharField(max_length=10, choices=CutOver, default=CutOver.BEFORE)
    restores = models.PositiveIntegerField(null=True, blank=True)  # the revision that it rolls back to

    class Meta:
        app_label = "migration"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["application", "number"], name="one_revision_a_number")
        ]

    def __str__(self) -> str:
        return f"r{self.number}"


class FlagClient(models.Model):
    """A process that reads the flags, and the revision that it holds."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="clients")
    name = models.CharField(max_length=200)  # the targeting key
    module = models.CharField(max_length=60, blank=True)
    revision = models.PositiveIntegerField(null=True, blank=True)
    version = models.CharField(max_length=60, blank=True)  # of the client's software, as it says itself
    last_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="one_client_a_name")]

    def __str__(self) -> str:
        return self.name
