"""The row of a weighing: what people assume about the options of one comparison. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Weighing(models.Model):
    """Minutes, guesses and criteria that people put in; what follows from them is worked out, never kept.

    `minutes`: {task: [low, likely, high]}. `guesses`: {option: [hours from, hours to]}. `criteria`: a list of
    {key, name, weight, cells: {option: {value 0 to 10, by, at}}}; a measured one has no cells.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.OneToOneField(
        "schemadiff.Comparison", on_delete=models.CASCADE, related_name="weighing"
    )
    minutes = models.JSONField(default=dict)
    shared_error = models.FloatField(default=0.3)
    guesses = models.JSONField(default=dict)
    criteria = models.JSONField(default=list)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        app_label = "schemadiff"

    def __str__(self) -> str:
        return f"{self.comparison}: {len(self.criteria)} criteria"
