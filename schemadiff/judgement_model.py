"""The row of a query's judgement: what becomes of it under one option of a comparison, or on one database. See
`models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class QueryJudging(models.Model):
    """All of the application's queries judged on a saved database, compared with another where they work. Both are kept
    by name and version, too: a connection may be removed.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="query_judgings")
    reference = models.ForeignKey(
        "schemadiff.Connection", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    connection = models.ForeignKey(
        "schemadiff.Connection", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reference_words = models.CharField(max_length=400)
    connection_words = models.CharField(max_length=400)
    mapping_of = models.PositiveIntegerField(
        null=True
    )  # the comparison by whose mapping queries were rewritten
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "schemadiff"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"Queries on {self.connection_words}"


class QueryJudgement(models.Model):
    """One of the application's queries under one option (kept as long as its evidence) or in one judging, as
    `evidence.queries` judged it, with the rewriting that the mapping allows. The query itself is copied: it may be
    removed later.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(
        "schemadiff.Comparison", null=True, on_delete=models.CASCADE, related_name="judgements"
    )
    judging = models.ForeignKey(QueryJudging, null=True, on_delete=models.CASCADE, related_name="judgements")
    option = models.CharField(max_length=10, blank=True)  # empty in a judging
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    sql = models.TextField()
    place = models.CharField(max_length=500, blank=True)
    roles = models.JSONField(default=list)  # of the database, that sent it
    calls = models.BigIntegerField(null=True, blank=True)
    tables = models.JSONField(default=list)  # names, as the query has them
    outcome = models.CharField(max_length=20)  # evidence.queries.QueryOutcome
    detail = models.TextField()
    sqlstate = models.CharField(max_length=5, blank=True)
    rewritten = models.TextField(blank=True)  # SQL for the target; empty where the mapping changes nothing
    rewritten_outcome = models.CharField(max_length=20, blank=True)
    rewritten_detail = models.TextField(blank=True)
    remarks = models.JSONField(default=list)  # sentences about the rewriting

    class Meta:
        app_label = "schemadiff"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["comparison", "option", "position"], name="one_judgement_a_place"
            ),
            models.CheckConstraint(
                condition=models.Q(comparison__isnull=False, judging__isnull=True)
                | models.Q(comparison__isnull=True, judging__isnull=False),
                name="judged_under_an_option_or_in_a_judging",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class QueryGap(models.Model):
    """A place in the application's code or log whose query could not be made out, and why."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="query_gaps")
    place = models.CharField(max_length=500)
    why = models.TextField()

    class Meta:
        app_label = "schemadiff"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.place}: {self.why}"
