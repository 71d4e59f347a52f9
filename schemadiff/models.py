"""Rows of projects, members, connections, snapshots, comparisons, mappings, evidence and decisions.

Values (Catalog, Mapping…) become rows and rows values in `store.py` only.
"""

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from schemadiff.core.errors import Refused
from schemadiff.judgement_model import QueryGap as QueryGap
from schemadiff.judgement_model import QueryJudgement as QueryJudgement
from schemadiff.judgement_model import QueryJudging as QueryJudging
from schemadiff.review_models import Approval as Approval
from schemadiff.review_models import Comment as Comment
from schemadiff.review_models import ViewedMark as ViewedMark
from schemadiff.trial_model import Trial as Trial
from schemadiff.weighing_model import Weighing as Weighing

_STANDS = "A recorded decision is never edited or removed; another one supersedes it."


class Project(models.Model):
    """One migration effort. Its key is in every other model."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    about = models.TextField(blank=True)
    masked_columns = models.JSONField(default=list, blank=True)  # [[schema, table, column]], of either side
    firing_alerts = models.PositiveIntegerField(default=0)  # shown on every page; whoever alerts keeps it
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; see `access.py`."""

    ENGINEER = "engineer", "Engineer"
    ADMIN = "admin", "Admin"
    MANAGER = "manager", "Manager"


class Member(models.Model):
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "user"], name="one_role_a_project")]

    def __str__(self) -> str:
        return f"{self.user} as {self.role}"


class SslMode(models.TextChoices):
    """libpq's sslmode words."""

    DISABLE = "disable", "disable: never encrypted"
    PREFER = "prefer", "prefer: encrypted if the server can"
    REQUIRE = "require", "require: encrypted, certificate not checked"
    VERIFY_CA = "verify-ca", "verify-ca: certificate checked"
    VERIFY_FULL = "verify-full", "verify-full: certificate and host name checked"


class Connection(models.Model):
    """A saved database (`@name` on the command line). The password is encrypted and never shown again."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="connections")
    name = models.SlugField(max_length=60)
    host = models.CharField(max_length=255)
    port = models.PositiveIntegerField(default=5432)
    dbname = models.CharField("database", max_length=63)
    user = models.CharField(max_length=63)
    password_encrypted = models.BinaryField(blank=True, default=b"")
    sslmode = models.CharField("TLS", max_length=12, choices=SslMode, default=SslMode.PREFER)
    ssl_root_certificate = models.TextField("CA certificate (PEM)", blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    checks = models.JSONField(default=list, blank=True)  # the last test: [{key, label, state, message}]
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="one_connection_a_name")]

    def __str__(self) -> str:
        return self.name


class Snapshot(models.Model):
    """A catalog saved at a moment. Immutable."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="snapshots")
    connection = models.ForeignKey(Connection, null=True, on_delete=models.SET_NULL, related_name="snapshots")
    label = models.CharField(max_length=120)
    taken_at = models.DateTimeField(default=timezone.now)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    server_version = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    catalog = models.JSONField()

    class Meta:
        ordering = ["-taken_at"]

    def __str__(self) -> str:
        return f"{self.label} {self.taken_at:%Y-%m-%d %H:%M}"


class Comparison(models.Model):
    """Two snapshots and what differs between them. The difference itself is computed from the snapshots."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="comparisons")
    number = models.PositiveIntegerField()  # per project, from 1
    source = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Snapshot, on_delete=models.PROTECT, related_name="+")
    tables = models.JSONField(default=list)  # scope: [[schema, name]] of the source
    protected = models.JSONField(default=list)  # [[schema, name]] of the target
    hybrid_choices = models.JSONField(default=list)  # relaxations of hybrid, by their keys
    matched_by = models.PositiveSmallIntegerField(default=0)  # core.matching.learnt.VERSION
    # Whose server the scratch databases are made on; None: as the settings say.
    scratch_on = models.ForeignKey(
        Connection, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    summary = models.JSONField(default=dict)  # the figures of its difference; see ComparedObject
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="one_comparison_a_number")]

    def __str__(self) -> str:
        return f"#{self.number} {self.source.label} → {self.target.label}"


class Pair(models.Model):
    """One target column and what fills it. See `core.mapping.ColumnPair`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="pairs")
    source_schema = models.CharField(max_length=63)
    source_table = models.CharField(max_length=63)
    source_column = models.CharField(max_length=63, blank=True)
    target_schema = models.CharField(max_length=63)
    target_table = models.CharField(max_length=63)
    target_column = models.CharField(max_length=63)
    row_condition = models.TextField(
        blank=True
    )  # which rows go into that table: alike in all pairs of two tables
    expression = models.TextField(blank=True)
    inverse = models.TextField(blank=True)  # over the target column
    status = models.CharField(max_length=10, default="suggested")
    score = models.FloatField(default=1.0)
    certainty = models.CharField(max_length=11, blank=True)  # of a suggestion
    reasons = models.JSONField(default=list)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["source_schema", "source_table", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "comparison",
                    "target_schema",
                    "target_table",
                    "target_column",
                    "source_schema",
                    "source_table",
                ],
                name="one_pair_a_target_column",
            )
        ]
        indexes = [
            models.Index(fields=["comparison", "source_schema", "source_table"], name="pairs_of_a_table"),
            models.Index(
                fields=["comparison", "target_schema", "target_table", "target_column"],
                name="confirmed_renames",
                condition=models.Q(status="confirmed")
                & ~models.Q(
                    source_schema=models.F("target_schema"),
                    source_table=models.F("target_table"),
                    source_column=models.F("target_column"),
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_table}.{self.source_column} → {self.target_table}.{self.target_column}"


class RenameDecision(models.Model):
    """What a person said of two names: one object, or not. See `core.mapping.ObjectRename`."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="rename_decisions")
    kind = models.CharField(max_length=40)
    source_schema = models.TextField(blank=True)
    source_parent = models.TextField(blank=True)
    source_name = models.TextField()
    target_schema = models.TextField(blank=True)
    target_parent = models.TextField(blank=True)
    target_name = models.TextField()
    status = models.CharField(max_length=10)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kind", "target_schema", "target_parent", "target_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "comparison",
                    "kind",
                    *(
                        f"{side}_{part}"
                        for side in ("source", "target")
                        for part in ("schema", "parent", "name")
                    ),
                ],
                name="one_decision_a_pair_of_names",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_name} → {self.source_name}: {self.status}"


class Query(models.Model):
    """A named query of the application, judged on each option's result."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="queries")
    name = models.CharField(max_length=200)
    sql = models.TextField()
    calls = models.BigIntegerField(null=True)  # how often it was called, where that was counted
    place = models.CharField(max_length=500, blank=True)  # file and line, where it comes from code
    roles = models.JSONField(default=list)  # that sent it, where that is known
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True, null=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "queries"

    def __str__(self) -> str:
        return self.name


class Evidence(models.Model):
    """A measured fact about an option of a comparison, with how it was measured.

    `key` is that of `core.options.option.Measure`; `details` holds what a page lists beneath the figure.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="evidence")
    option = models.CharField(max_length=10)
    key = models.CharField(max_length=60)
    label = models.CharField(max_length=200)
    value = models.BigIntegerField()
    how = models.TextField()
    details = models.JSONField(default=list)
    measured_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["comparison", "option", "key"], name="one_fact_a_key")]

    def __str__(self) -> str:
        return f"{self.option}: {self.label} {self.value}"


class Decision(models.Model):
    """The chosen option, by whom, why, on which snapshots. Immutable, which a trigger of the database sees to, too;
    another one supersedes it.
    """

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="decisions")
    comparison = models.ForeignKey(Comparison, on_delete=models.PROTECT, related_name="decisions")
    option = models.CharField(max_length=10)
    reason = models.TextField()
    alternatives = models.JSONField(default=list)  # [{option, why_not}]
    figures = models.JSONField(default=list)  # as they stood: [{option, key, label, value, how, items}]
    mapping = models.TextField(blank=True, default="")  # as it stood, as a file; older records have none
    conditions = models.TextField(blank=True)  # what has still to be seen to
    basis = models.JSONField(default=dict)  # work, weights and mapping as they stood: `deciding.basis_of`
    source_fingerprint = models.CharField(max_length=64)
    target_fingerprint = models.CharField(max_length=64)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    signed_by = models.CharField(max_length=480)  # the author's name, also when the account is gone
    decided_at = models.DateTimeField(default=timezone.now)
    superseded_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="supersedes"
    )

    class Meta:
        ordering = ["-decided_at"]

    def __str__(self) -> str:
        return f"{self.option}, {self.decided_at:%Y-%m-%d}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises Refused where it is there already."""
        if not self._state.adding:
            raise Refused(f"{_STANDS} Decide anew.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises Refused, always."""
        raise Refused(_STANDS)


class ComparedObject(models.Model):
    """One object of a comparison as its pages list it: computed from the snapshots, kept so that no page
    reads a whole catalog. `Comparison.summary` says by its key what the rows were computed from.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="compared")
    position = models.PositiveIntegerField()  # by kind and name, from 0
    key = models.TextField()  # of its ObjectRef
    kind = models.CharField(max_length=60)
    label = models.TextField()
    target_label = models.TextField(blank=True)  # where it is renamed
    table = models.TextField(blank=True)  # the label of the table that it is, or belongs to
    mark = models.CharField(max_length=4)
    marks = models.PositiveSmallIntegerField(
        default=0
    )  # of its changes: a bit for each of core.marks.FILTERED
    changes = models.PositiveIntegerField(default=0)
    severity = models.PositiveSmallIntegerField(default=0)  # core.severity.Severity; 0 where nothing differs
    reasons = models.JSONField(default=list)  # the sentences behind it
    digest = models.CharField(max_length=64, blank=True)  # of what differs
    words = models.TextField()  # what a search looks through, in small letters
    entry = models.JSONField(null=True)  # core.change_json; null where nothing differs
    references = models.JSONField(default=list)  # foreign keys: [[name, key of the table, mark]]
    source_place = models.CharField(max_length=80, blank=True)  # in the snapshot's JSON: tables__17
    target_place = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["comparison", "position"], name="one_object_a_position")
        ]

    def __str__(self) -> str:
        return self.label


class ProjectRule(models.Model):
    """What the project's comparisons ignore (`core.noise.rules.IgnoreRule`). Immutable but for its end: a rule that is
    changed is ended and another takes its place."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="ignore_rules")
    position = models.PositiveIntegerField()  # among those in force
    attributes = models.JSONField(default=list)
    kinds = models.JSONField(default=list)
    schemas = models.JSONField(default=list)
    names = models.JSONField(default=list)
    reason = models.TextField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_because = models.TextField(blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "position"],
                condition=models.Q(ended_at=None),
                name="one_rule_a_position",
            )
        ]

    def __str__(self) -> str:
        return self.reason
