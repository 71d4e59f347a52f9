"""Forms of alerts: a rule, its silence, a channel."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms

from migration.core.monitoring.metrics import METRICS
from migration.models import AlertRule, Application, Channel
from schemadiff.models import Project

BACKENDS = [("", "both"), ("source", "source"), ("target", "target")]


class RuleForm(forms.ModelForm[AlertRule]):
    """When somebody is to be told."""

    metric = forms.ChoiceField(
        choices=[(metric.name, f"{metric.title} ({metric.unit or 'yes 1, no 0'})") for metric in METRICS],
        help_text="Figures of calls need 20 of them in the time; fewer do not alert.",
    )
    module = forms.ChoiceField(required=False)
    backend = forms.ChoiceField(required=False, choices=BACKENDS)

    class Meta:
        model = AlertRule
        fields = (
            "name",
            "metric",
            "comparison",
            "threshold",
            "for_seconds",
            "window_seconds",
            "application",
            "module",
            "backend",
            "enabled",
        )
        labels: ClassVar[dict[str, str]] = {
            "comparison": "Alert when it is",
            "for_seconds": "For how long, in seconds",
            "window_seconds": "Over the last … seconds",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "for_seconds": "It is pending that long, then it fires; and it must be fine as long until it is over.",
            "window_seconds": "What the value is worked out of: 60 to 3600.",
            "enabled": "Switched off, it alerts nobody.",
        }

    def __init__(self, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        applications = Application.objects.filter(project=project)
        chosen = self.fields["application"]
        assert isinstance(chosen, forms.ModelChoiceField)
        chosen.queryset = applications
        chosen.empty_label = "all"
        names = sorted({name for application in applications for name in application.modules})
        modules = self.fields["module"]
        assert isinstance(modules, forms.ChoiceField)
        modules.choices = [("", "all"), *((name, name) for name in names)]

    def clean_window_seconds(self) -> int:
        seconds = int(self.cleaned_data["window_seconds"])
        if not 60 <= seconds <= 3600:
            raise forms.ValidationError("Between 60 and 3600: finer buckets are kept no longer.")
        return seconds

    def clean_for_seconds(self) -> int:
        seconds = int(self.cleaned_data["for_seconds"])
        if seconds > 86_400:
            raise forms.ValidationError("A day (86400) at most.")
        return seconds


class SilenceForm(forms.Form):
    """For how long nobody is told, and why."""

    hours = forms.TypedChoiceField(
        label="For",
        coerce=int,
        choices=[(1, "1 hour"), (4, "4 hours"), (24, "1 day"), (168, "7 days")],
        initial=1,
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why nobody is to be told."},
    )

    @property
    def length(self) -> timedelta:
        return timedelta(hours=self.cleaned_data["hours"])


class ChannelForm(forms.Form):
    """Where alerts are sent."""

    kind = forms.ChoiceField(label="By", choices=Channel.Kind)
    address = forms.CharField(
        label="Address",
        max_length=500,
        help_text="An e-mail address, or a webhook that takes {“text”: …} as Slack's do: https://…. "
        "It is kept encrypted.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
