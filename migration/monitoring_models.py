"""The rows of monitoring: series with their buckets of time, slow statements, alerts, guards. See `models`."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from migration.core.monitoring.levels import Level
from migration.core.monitoring.metrics import Comparison


class Series(models.Model):
    """What is measured over time: a metric of a project, of one application, module, backend, and part of it.

    `part` is a method, an error's kind, a slot, a table; empty for all of them together.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="series")
    application = models.ForeignKey(
        "migration.Application", null=True, on_delete=models.CASCADE, related_name="+"
    )
    metric = models.CharField(max_length=40)
    module = models.CharField(max_length=60, blank=True)
    backend = models.CharField(max_length=6, blank=True)  # source, target, none; empty: of neither
    part = models.CharField(max_length=200, blank=True)

    class Meta:
        app_label = "migration"
        ordering = ["metric", "application", "module", "backend", "part"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "application", "metric", "module", "backend", "part"],
                condition=models.Q(application__isnull=False),
                name="one_series_of_an_application",
            ),
            models.UniqueConstraint(
                fields=["project", "metric", "module", "backend", "part"],
                condition=models.Q(application__isnull=True),
                name="one_series_of_a_project",
            ),
        ]

    def __str__(self) -> str:
        return " ".join(word for word in (self.metric, self.module, self.backend, self.part) if word)


class Bucket(models.Model):
    """A series in one stretch of time. Durations have their sketch's bins, so that quantiles can be merged."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="buckets")
    level = models.PositiveSmallIntegerField(choices=[(level.value, level.name.lower()) for level in Level])
    at = models.DateTimeField()  # the stretch's beginning
    count = models.BigIntegerField()
    total = models.FloatField()
    lowest = models.FloatField()
    highest = models.FloatField()
    last = models.FloatField()
    keys = ArrayField(models.IntegerField(), default=list)
    counts = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        app_label = "migration"
        ordering = ["series", "level", "at"]
        constraints = [
            models.UniqueConstraint(fields=["series", "level", "at"], name="one_bucket_a_stretch"),
        ]
        indexes = [models.Index(fields=["level", "at"], name="buckets_by_age")]

    def __str__(self) -> str:
        return f"{self.series_id} {self.at:%Y-%m-%d %H:%M:%S}/{self.level}"


class ReportReceipt(models.Model):
    """The last report of a process of an application that was counted."""

    application = models.ForeignKey("migration.Application", on_delete=models.CASCADE, related_name="+")
    process = models.CharField(max_length=64)
    number = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "migration"
        ordering = ["application", "process"]
        constraints = [
            models.UniqueConstraint(fields=["application", "process"], name="one_receipt_a_process"),
        ]

    def __str__(self) -> str:
        return f"{self.process} {self.number}"


class SlowStatement(models.Model):
    """A statement that took long: without values, and how often and how long on which day."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    application = models.ForeignKey(
        "migration.Application", null=True, on_delete=models.CASCADE, related_name="+"
    )  # None: seen on the server
    backend = models.CharField(max_length=6)
    day = models.DateField()
    digest = models.CharField(max_length=64)
    statement = models.TextField()
    count = models.BigIntegerField()
    total = models.FloatField()  # milliseconds
    highest = models.FloatField()
    last_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["-total"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "application", "backend", "day", "digest"],
                condition=models.Q(application__isnull=False),
                name="one_slow_of_an_application",
            ),
            models.UniqueConstraint(
                fields=["project", "backend", "day", "digest"],
                condition=models.Q(application__isnull=True),
                name="one_slow_of_a_server",
            ),
        ]

    def __str__(self) -> str:
        return self.statement


class ServerReading(models.Model):
    """The last time that a server's statistics were read: what is counted since is the difference to it."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    connection = models.OneToOneField("schemadiff.Connection", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    counters = models.JSONField(default=dict)
    error = models.TextField(blank=True)  # a sentence, where the server could not be read

    class Meta:
        app_label = "migration"
        ordering = ["connection"]

    def __str__(self) -> str:
        return f"connection {self.connection_id} at {self.at:%H:%M:%S}"


class AlertRule(models.Model):
    """When somebody is to be told: a metric beyond a threshold for so long."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="alert_rules")
    name = models.CharField(max_length=120)
    metric = models.CharField(max_length=40)
    application = models.ForeignKey(
        "migration.Application", null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    module = models.CharField(max_length=60, blank=True)
    backend = models.CharField(max_length=6, blank=True)
    comparison = models.CharField(
        max_length=5, choices=[(one.value, one.value) for one in Comparison], default=Comparison.ABOVE
    )
    threshold = models.FloatField()
    window_seconds = models.PositiveIntegerField(default=300)  # what a value is worked out of
    for_seconds = models.PositiveIntegerField(default=120)  # for so long it is pending only
    enabled = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)  # made from the defaults: may be changed, not deleted
    silenced_until = models.DateTimeField(null=True, blank=True)
    silence_reason = models.TextField(blank=True)
    silenced_by = models.CharField(max_length=150, blank=True)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Alert(models.Model):
    """One time that a rule's metric was beyond its threshold, of one of its series."""

    class State(models.TextChoices):
        PENDING = "pending", "Pending"
        FIRING = "firing", "Firing"
        RESOLVED = "resolved", "Resolved"

    OPEN = (State.PENDING, State.FIRING)

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="alerts")
    rule = models.ForeignKey(AlertRule, on_delete=models.CASCADE, related_name="alerts")
    subject = models.CharField(max_length=300, blank=True)  # application, module, backend, part: in words
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    value = models.FloatField()  # as it was last seen
    worst = models.FloatField()
    threshold = models.FloatField()  # as it was when it began
    since = models.DateTimeField()
    fired_at = models.DateTimeField(null=True)
    calm_since = models.DateTimeField(null=True)  # firing still, but fine for so long
    told = models.BooleanField(default=False)  # that it fires; not while its rule is silenced
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "migration"
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "subject"],
                condition=models.Q(state__in=("pending", "firing")),
                name="one_open_alert_a_subject",
            )
        ]
        indexes = [models.Index(fields=["project", "state"], name="alerts_by_state")]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.subject}: {self.state}"


class Channel(models.Model):
    """Where alerts are sent. A webhook's address may hold a secret: it is kept encrypted and shown in part."""

    class Kind(models.TextChoices):
        EMAIL = "email", "E-mail"
        WEBHOOK = "webhook", "Webhook"

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=7, choices=Kind)
    shown = models.CharField(max_length=200)  # the address as people may see it
    address_encrypted = models.BinaryField()
    enabled = models.BooleanField(default=True)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["kind", "shown"]

    def __str__(self) -> str:
        return self.shown


class Notice(models.Model):
    """One message to one channel, and what became of it."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="notices")
    text = models.TextField()
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField(blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "migration"
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return self.text


class Guard(models.Model):
    """Watches a module of an application on a backend, and rolls its flags back, or tells, when it breaks."""

    class Action(models.TextChoices):
        ALERT = "alert", "Tell"
        ROLL_BACK = "roll back", "Roll the flag back"

    class State(models.TextChoices):
        ARMED = "armed", "Armed"
        TRIPPED = "tripped", "Tripped"  # has acted; a person arms it again
        DISARMED = "disarmed", "Disarmed"

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="guards")
    application = models.ForeignKey("migration.Application", on_delete=models.CASCADE, related_name="guards")
    name = models.CharField(max_length=80)
    module = models.CharField(max_length=60, blank=True)  # empty: whatever belongs to none
    backend = models.CharField(max_length=6, default="target")
    limits = models.JSONField(default=dict)  # {metric: value}; one beyond its limit is enough
    evaluations = models.PositiveSmallIntegerField(default=3)  # so many in a row, ten seconds apart at least
    least_calls = models.PositiveIntegerField(default=20)  # fewer say nothing
    window_seconds = models.PositiveIntegerField(default=60)
    action = models.CharField(max_length=9, choices=Action, default=Action.ROLL_BACK)
    state = models.CharField(max_length=8, choices=State, default=State.ARMED)
    breaches = models.PositiveSmallIntegerField(default=0)  # in a row, up to now
    breached_at = models.DateTimeField(null=True, blank=True)  # the last of them
    evaluated_at = models.DateTimeField(null=True)
    set_by = models.CharField(max_length=150)
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "migration"
        ordering = ["application", "name"]
        constraints = [
            models.UniqueConstraint(fields=["application", "name"], name="one_guard_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class GuardEvent(models.Model):
    """What happened to a guard: set, armed, disarmed, tripped; with the figures that made it do so."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=12)  # set, armed, disarmed, tripped, could not
    text = models.TextField()
    author_name = models.CharField(max_length=150)
    revision = models.PositiveIntegerField(null=True)  # that it made

    class Meta:
        app_label = "migration"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return self.text
