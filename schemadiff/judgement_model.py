"""The row of a query's judgement: what becomes of it under one option of a comparison. See `models`."""

from django.db import models


class QueryJudgement(models.Model):
    """One of the application's queries under one option, as `evidence.queries` judged it, with the rewriting that the
    mapping allows. Kept as long as the option's evidence. The query itself is copied: it may be removed later.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(
        "schemadiff.Comparison", on_delete=models.CASCADE, related_name="judgements"
    )
    option = models.CharField(max_length=10)
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
            models.UniqueConstraint(fields=["comparison", "option", "position"], name="one_judgement_a_place")
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
