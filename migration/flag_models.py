"""The rows of flags: who reads them, their numbered states, and the clients that have asked. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from migration.core.flag_rules import Dependency
from migration.core.own_flags import OwnFlag, from_rows


class Application(models.Model):
    """Who reads the flags: an application in an environment. Only a hash of its token is kept."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="applications")
    name = models.SlugField(max_length=60)
    environment = models.SlugField(max_length=60, default="production")
    modules = models.JSONField(default=list)  # ["dataLoader", …]
    token_hash = models.CharField(max_length=64, blank=True)
    former_token_hash = models.CharField(max_length=64, blank=True)  # so that who has it still can be told
    poll_milliseconds = models.PositiveIntegerField(default=1000)  # how often its clients ask
    lease_seconds = models.PositiveIntegerField(default=10)  # how long a client may write after it asked
    second_person = models.BooleanField(default=False)  # a change needs another admin's approval
    own_flags = models.JSONField(default=list)  # as core/own_flags.py writes them
    module_tables = models.JSONField(default=dict)  # {module: ["public.clients", …]}; absent: all tables
    dependencies = models.JSONField(default=list)  # [[module, the one that it needs on the same backend], …]
    env_names = models.JSONField(default=dict)  # {key: its name in the environment}
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

    @property
    def own(self) -> tuple[OwnFlag, ...]:
        """The user's own flags, the archived ones too."""
        return from_rows(self.own_flags)

    @property
    def needs(self) -> tuple[Dependency, ...]:
        return tuple(Dependency(module=module, needs=needs) for module, needs in self.dependencies)


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
    back_to = models.PositiveIntegerField(null=True, blank=True)  # the last one that said something else
    overridden = models.JSONField(default=list)  # the objections that it was made against
    override_reason = models.TextField(blank=True)
    approved_by = models.CharField(max_length=150, blank=True)
    notes = models.JSONField(default=list)  # what it did beside the flags' values, in sentences

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
    writes_in_flight = models.PositiveIntegerField(default=0)  # begun and not ended, as it says itself
    holding = models.BooleanField(default=False)  # it lets no new write begin
    may_write_until = models.DateTimeField(null=True)  # what it was told last; None: it was given no lease
    last_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["application", "name"], name="one_client_a_name")]

    def __str__(self) -> str:
        return self.name


class FlagChange(models.Model):
    """A change of flags that somebody asked for and that waits: for another admin, for its time, or for a decision
    because what it rests on has changed. Once it has ended, it is history."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waits for approval"
        SCHEDULED = "scheduled", "Scheduled"
        SUSPENDED = "suspended", "Suspended"
        APPLIED = "applied", "Applied"
        CANCELLED = "cancelled", "Cancelled"

    PENDING = (State.WAITING, State.SCHEDULED, State.SUSPENDED)

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="changes")
    number = models.PositiveIntegerField()  # per application, from 1
    state = models.CharField(max_length=10, choices=State)
    changes = models.JSONField()  # {key: value, or null for a module that follows the global backend}
    base = models.PositiveIntegerField()  # the revision that it was decided on
    ends_second_person = models.BooleanField(default=False)  # from then on, no approval is needed any more
    own_flag = models.JSONField(null=True)  # the new definition of one, as core/own_flags.py writes it
    overridden = models.JSONField(default=list)
    override_reason = models.TextField(blank=True)
    reason = models.TextField()
    at = models.DateTimeField(null=True)  # None: as soon as it is approved
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_by_name = models.CharField(max_length=150)
    asked_at = models.DateTimeField(default=timezone.now)
    approved_by_name = models.CharField(max_length=150, blank=True)
    suspended_because = models.TextField(blank=True)
    ended_by_name = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(null=True)  # that it was applied as

    class Meta:
        app_label = "migration"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["application", "number"], name="one_change_a_number")]

    def __str__(self) -> str:
        return f"Change {self.number}"

    @property
    def definition(self) -> OwnFlag | None:
        """Of a flag of the user's own, where the change is that."""
        return from_rows([self.own_flag])[0] if self.own_flag else None

    @property
    def is_pending(self) -> bool:
        return self.state in self.PENDING


class RateBucket(models.Model):
    """The tokens that one key of a rate limit has left, at a moment; `given`: how many were fetched the last time."""

    key = models.CharField(max_length=100, primary_key=True)
    tokens = models.FloatField()
    given = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "migration"
        ordering = ["key"]

    def __str__(self) -> str:
        return f"{self.key} {self.tokens:.1f}"
