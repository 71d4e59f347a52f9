"""The form of a guard: what it watches, its limits, and what it does."""

from typing import Any

from django import forms

from migration.core.monitoring.guarding import GUARDED
from migration.core.monitoring.metrics import BY_NAME
from migration.models import Application, Guard
from migration.monitoring.guards import Wanted
from schemadiff.models import Project

_PREFIX = "limit_"


class GuardForm(forms.Form):
    """A guard of one of the project's applications. `wanted` is what `guards.add` takes."""

    def __init__(self, project: Project, guard: Guard | None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(guard))
        applications = list(Application.objects.filter(project=project))
        if guard is None:
            self.fields["application"] = forms.ModelChoiceField(
                queryset=Application.objects.filter(project=project), empty_label=None
            )
        else:
            applications = [guard.application]
        modules = sorted({name for application in applications for name in application.modules})
        self.fields["name"] = forms.CharField(
            max_length=80, help_text="The flags' history names it when it acts: “guard NAME”."
        )
        self.fields["module"] = forms.ChoiceField(
            required=False,
            choices=[("", "whatever belongs to no module"), *((name, name) for name in modules)],
        )
        self.fields["backend"] = forms.ChoiceField(
            choices=[("target", "target"), ("source", "source")],
            help_text="Watched only while the module is there.",
        )
        for name in GUARDED:
            metric = BY_NAME[name]
            self.fields[_PREFIX + name] = forms.FloatField(
                label=f"{metric.title[:1].upper()}{metric.title[1:]}, over … {metric.unit}",
                required=False,
                min_value=0,
            )
        self.fields["evaluations"] = forms.IntegerField(
            label="So many times in a row",
            min_value=1,
            max_value=100,
            help_text="At least ten seconds apart.",
        )
        self.fields["least_calls"] = forms.IntegerField(
            label="With at least … calls",
            min_value=1,
            max_value=1_000_000,
            help_text="Fewer calls say nothing.",
        )
        self.fields["window_seconds"] = forms.IntegerField(
            label="Over the last … seconds", min_value=10, max_value=3600
        )
        self.fields["action"] = forms.ChoiceField(
            label="What it does",
            choices=Guard.Action.choices,
            help_text="Rolled back, the module goes back to the source, at once and without a second person; what was "
            "decided on since of other modules stays. Once; then a person arms the guard again. After a cut-over it "
            "only tells.",
        )

    @property
    def limits(self) -> list[forms.BoundField]:
        return [self[_PREFIX + name] for name in GUARDED]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not any(cleaned.get(_PREFIX + name) is not None for name in GUARDED):
            raise forms.ValidationError("Give at least one limit: a guard without one watches nothing.")
        return cleaned

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            name=given["name"],
            module=given["module"],
            backend=given["backend"],
            limits={name: given[_PREFIX + name] for name in GUARDED if given[_PREFIX + name] is not None},
            evaluations=given["evaluations"],
            least_calls=given["least_calls"],
            window_seconds=given["window_seconds"],
            action=given["action"],
        )


def _initial(guard: Guard | None) -> dict[str, Any]:
    found = guard or Guard()
    names = ("name", "module", "backend", "evaluations", "least_calls", "window_seconds", "action")
    values: dict[str, Any] = {name: getattr(found, name) for name in names}
    return values | {_PREFIX + name: limit for name, limit in found.limits.items()}
