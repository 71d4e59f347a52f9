"""The rows of cut-overs: what was asked for, by whom and why, each step as it was done. See `models`."""

from django.db import models

from migration.asked_models import Asked


class CutOverAttempt(Asked):
    """The checklist of a live run gone through once, in either direction. Immutable once it has ended."""

    class Kind(models.TextChoices):
        LOOK = "look", "Checklist"  # what has to hold for the target to take over; nothing is changed
        OVER = "over", "Cut-over"
        UNDO = "undo", "Undoing"  # of a cut-over that broke off: lift the fence, take the flags back
        LOOK_BACK = "look_back", "Checklist of the way back"
        BACK = "back", "Return"  # with what was written to the target
        LEAVE = "leave", "Return without the target's writes"
        END = "end", "End of the way back"

    LOOKS = (Kind.LOOK, Kind.LOOK_BACK)

    project = models.ForeignKey("schemadiff.Project", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey("migration.Run", on_delete=models.CASCADE, related_name="cut_overs")
    number = models.PositiveIntegerField()  # per run, from 1
    kind = models.CharField(max_length=10, choices=Kind)
    application = models.ForeignKey(
        "migration.Application", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    roles = models.JSONField(default=list)  # those that lose the right to write; none: all that are connected
    patience = models.FloatField(default=1.0)  # seconds that their open transactions may take
    no_way_back = models.TextField(blank=True)  # why none is wanted
    reason = models.TextField(blank=True)
    steps = models.JSONField(default=list)  # [{name, did, undo, seconds, at}], as they are done
    pause = models.FloatField(null=True)  # seconds in which nothing could be written
    held = models.BooleanField(default=False)  # it failed, and the application may be held back still
    rejects = models.PositiveIntegerField(default=0)  # rows that the other side refused

    class Meta:
        app_label = "migration"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_cut_over_a_number"),
            models.UniqueConstraint(
                fields=["run"],
                condition=models.Q(state__in=("queued", "running")),
                name="one_cut_over_at_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} of run {self.run_id}"

    @property
    def is_look(self) -> bool:
        return self.kind in self.LOOKS
