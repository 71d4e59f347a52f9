"""The rows of a review: what was viewed, what was said, what was found. See `models`."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ViewedMark(models.Model):
    """A person has looked at an object's change, in comparisons of these two sides; another change, another mark."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    source_label = models.CharField(max_length=120)
    target_label = models.CharField(max_length=120)
    object_key = models.TextField()
    digest = models.CharField(max_length=64)
    viewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["project", "source_label", "target_label", "user"], name="viewed_of_sides")
        ]

    def __str__(self) -> str:
        return f"{self.user} viewed {self.object_key}"


class Comment(models.Model):
    """What somebody said about an object's change or one row of it; an answer has a `thread`, the first has none.

    It belongs to all comparisons of the same two sides; `comparison` and `digest` say what it was said of.
    """

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey("schemadiff.Comparison", on_delete=models.CASCADE, related_name="+")
    source_label = models.CharField(max_length=120)
    target_label = models.CharField(max_length=120)
    object_key = models.TextField()
    attribute = models.TextField(blank=True)  # the row's anchor on the page; empty: the object as a whole
    digest = models.CharField(max_length=64, blank=True)
    thread = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="answers"
    )
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["project", "source_label", "target_label"], name="comments_of_sides")]

    def __str__(self) -> str:
        return f"{self.author} on {self.object_key}"


class Approval(models.Model):
    """A person's verdict on a comparison, of these fingerprints and these changes. Immutable; a later one counts."""

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    comparison = models.ForeignKey(
        "schemadiff.Comparison", on_delete=models.CASCADE, related_name="approvals"
    )
    outcome = models.CharField(max_length=20)  # approved, changes requested
    reason = models.TextField()
    source_fingerprint = models.CharField(max_length=64)
    target_fingerprint = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)  # of every object that differs
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-given_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.outcome} by {self.author}"
