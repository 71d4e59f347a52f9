"""The form of a stage of the people's plan."""

from typing import Any, ClassVar

from django import forms

from migration.models import Stage
from schemadiff.models import Project


class StageForm(forms.ModelForm[Stage]):
    """A stage's state and what came of it."""

    class Meta:
        model = Stage
        fields = ("number", "title", "state", "planned", "actual", "finished_on", "result")
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "finished_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "result": forms.Textarea(attrs={"rows": 3}),
        }
        labels: ClassVar[dict[str, str]] = {
            "finished_on": "Date",
            "planned": "Planned time",
            "actual": "Actual time",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "number": "As people call it: 0, 0.8, 1, 3a.",
            "finished_on": "The day on which it was done, or since when it is blocked.",
            "result": "What came of it; where it is blocked, why.",
        }

    def __init__(self, project: Project, data: Any = None, instance: Stage | None = None) -> None:
        super().__init__(data, instance=instance)
        self.project = project

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        number, done = cleaned.get("number"), cleaned.get("state") == "done"
        taken = self.project.stages.filter(number=number).exclude(pk=self.instance.pk)
        if number and taken.exists():
            self.add_error("number", f"There is a stage {number} already. Choose another number.")
        if done and not cleaned.get("finished_on"):
            self.add_error("finished_on", "Say when it was done: the chart counts stages by that day.")
        return cleaned
