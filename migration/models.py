"""Rows of runs and the people's plan. What a run needs to resume is kept in the target (engine/ledger.py)."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from migration.cutover_models import CutOverAttempt as CutOverAttempt
from migration.flag_models import Application as Application
from migration.flag_models import FlagChange as FlagChange
from migration.flag_models import FlagClient as FlagClient
from migration.flag_models import RateBucket as RateBucket
from migration.flag_models import Revision as Revision
from migration.monitoring_models import Alert as Alert
from migration.monitoring_models import AlertRule as AlertRule
from migration.monitoring_models import Bucket as Bucket
from migration.monitoring_models import Channel as Channel
from migration.monitoring_models import Guard as Guard
from migration.monitoring_models import GuardEvent as GuardEvent
from migration.monitoring_models import Notice as Notice
from migration.monitoring_models import ReportReceipt as ReportReceipt
from migration.monitoring_models import Series as Series
from migration.monitoring_models import ServerReading as ServerReading
from migration.monitoring_models import SlowStatement as SlowStatement
from migration.probe_models import ProbeRun as ProbeRun
from migration.verification_models import Verification as Verification
from migration.verification_models import VerificationSchedule as VerificationSchedule
from schemadiff.models import Comparison, Connection, Decision, Project


class RunState(models.TextChoices):
    """Whether somebody is working on the run; how far it is says `phase`."""

    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    CANCELLING = "cancelling", "Cancelling"
    PAUSING = "pausing", "Pausing"
    PAUSED = "paused", "Paused"  # nobody works on it until a person says so
    ENDED = "ended", "Ended"  # the phase says how: finish, cancelled, failed, rolled_back


AT_WORK = (RunState.RUNNING, RunState.CANCELLING, RunState.PAUSING)  # a worker has the run in hand


class Run(models.Model):
    """A plan being carried out. The pages show this row, never the queue's job.

    Whoever works on it holds `lease_token`; every update is filtered by it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="runs")
    number = models.PositiveIntegerField()  # per project, from 1
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="runs")
    decision = models.ForeignKey(Decision, null=True, on_delete=models.PROTECT, related_name="runs")
    source = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    option = models.CharField(max_length=10)
    spec = models.JSONField(
        default=dict
    )  # what exactly it does (core/spec.py), as it was when it was created
    ledger_id = models.UUIDField(unique=True)  # the run's name in the target's ledger
    tables = models.JSONField(default=list)
    protected = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=RunState, default=RunState.QUEUED)
    phase = models.CharField(max_length=12, default="prepare")
    reached = models.CharField(max_length=12, default="prepare")  # the phase it was in when it stopped
    error = models.TextField(blank=True)
    offered = models.CharField(max_length=60, blank=True)  # the snapshot that others may join, to help
    waiting = models.CharField(max_length=200, blank=True)  # what its copy waits for just now
    outlook = models.JSONField(null=True, blank=True)  # when its phase will have ended, as it was said last
    backup = models.JSONField(null=True, blank=True)  # the file that it dumped the target's tables into
    live = models.BooleanField(default=False)  # it follows its source after the copy
    following = models.JSONField(null=True, blank=True)  # how far it is then, as it was said last
    attempts = models.PositiveIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_run_a_number")]

    def __str__(self) -> str:
        return f"Run #{self.number}"


class RunTable(models.Model):
    """One table of a run: rows carried, rejects, and what verification found."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="table_rows")
    position = models.PositiveIntegerField()
    source_schema = models.CharField(max_length=63)
    source_table = models.CharField(max_length=200)  # of a split one a part: clients → client_contacts
    target_schema = models.CharField(max_length=63)
    target_table = models.CharField(max_length=63)
    state = models.CharField(max_length=12, default="not started")
    rows_total = models.BigIntegerField(default=0)
    rows_written = models.BigIntegerField(default=0)
    rejects = models.BigIntegerField(default=0)
    bytes_copied = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)
    differing = models.BigIntegerField(null=True, blank=True)  # None: not verified yet
    method = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["run", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "source_schema", "source_table"], name="one_row_a_run_table"
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_schema}.{self.source_table}"


class RunCarrier(models.Model):
    """A process of a worker, by its host's name, and how much of the run it has carried."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="carriers")
    name = models.CharField(max_length=300)
    chunks = models.BigIntegerField()
    rows = models.BigIntegerField()

    class Meta:
        ordering = ["run", "name"]
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_row_a_carrier")]

    def __str__(self) -> str:
        return self.name


class RunReject(models.Model):
    """How many rows of a table were refused for one reason. The rows themselves stay in the target."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="reject_groups")
    source_schema = models.CharField(max_length=63)
    source_table = models.CharField(max_length=200)  # of a split one a part: clients → client_contacts
    sqlstate = models.CharField(max_length=5)
    constraint = models.CharField(max_length=63, blank=True)
    column = models.CharField(max_length=63, blank=True)
    reason = models.TextField()
    count = models.BigIntegerField()

    class Meta:
        ordering = ["run", "source_table", "-count", "pk"]

    def __str__(self) -> str:
        return f"{self.count} × {self.reason}"


class RunFingerprint(models.Model):
    """A protected table counted and hashed before and after the run."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="fingerprints")
    schema = models.CharField(max_length=63)
    table = models.CharField(max_length=63)
    moment = models.CharField(max_length=6)  # before, after
    rows = models.BigIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["run", "schema", "table", "-moment"]
        constraints = [
            models.UniqueConstraint(fields=["run", "schema", "table", "moment"], name="one_print_a_moment")
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.moment}"


class RunEvent(models.Model):
    """One line of a run's log."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    phase = models.CharField(max_length=12)
    level = models.CharField(max_length=7, default="info")
    message = models.TextField()

    class Meta:
        ordering = ["run", "pk"]

    def __str__(self) -> str:
        return self.message


class RunLag(models.Model):
    """How far a run that follows was behind in `width` seconds from `at` on: the worst of them."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="lags")
    at = models.DateTimeField()
    width = models.PositiveSmallIntegerField()
    lag_seconds = models.FloatField(null=True, blank=True)  # None: not known then
    lag_bytes = models.BigIntegerField()
    changes = models.BigIntegerField()  # applied in this time
    held = models.BigIntegerField()  # bytes of its log that the followed side kept for it
    side = models.CharField(max_length=6)  # which is followed: source or, on the way back, target

    class Meta:
        ordering = ["run", "at"]
        indexes = [models.Index(fields=["run", "at"], name="lag_of_a_run_by_time")]

    def __str__(self) -> str:
        return f"{self.at}: {self.lag_seconds} s"


class Measuring(models.Model):
    """The last measuring of a comparison's options on scratch databases; what was found is `Evidence`."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Kind(models.TextChoices):
        MEASURE = "measure", "Measured without rows"
        REHEARSE = "rehearse", "Rehearsed with rows"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    comparison = models.OneToOneField(Comparison, on_delete=models.CASCADE, related_name="measuring")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MEASURE)
    reached = models.CharField(max_length=100, blank=True)  # what is being done, in words
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Measuring of comparison #{self.comparison.number}"


class StageState(models.TextChoices):
    PENDING = "pending", "Pending"
    ACTIVE = "active", "In progress"
    BLOCKED = "blocked", "Blocked"
    DEFERRED = "deferred", "Deferred"
    DONE = "done", "Done"


class Stage(models.Model):
    """A step of the people's plan for the whole migration."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stages")
    position = models.PositiveIntegerField()
    number = models.CharField(max_length=8)  # 0, 0.8, 1 … 5
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=StageState, default=StageState.PENDING)
    planned = models.CharField(max_length=60, blank=True)
    actual = models.CharField(max_length=60, blank=True)
    finished_on = models.DateField(null=True, blank=True)
    result = models.TextField(blank=True)

    class Meta:
        ordering = ["project", "position"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_stage_a_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PastDecision(models.Model):
    """A decision taken before, or outside, this application: what, what was rejected, and why."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="past_decisions")
    position = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    chosen = models.TextField()
    rejected = models.TextField()

    class Meta:
        ordering = ["project", "position"]

    def __str__(self) -> str:
        return self.subject


class Lesson(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="lessons")
    position = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["project", "position"]

    def __str__(self) -> str:
        return self.text
