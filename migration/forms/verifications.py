"""What a person says when a run's tables are compared again, repaired, or compared every so often."""

from django import forms


class VerifyForm(forms.Form):
    """How strictly, and how much."""

    semantic = forms.BooleanField(
        label="By meaning",
        required=False,
        help_text="1.5 and 1.50, −0.0 and 0.0, JSON with its keys in another order are taken for equal.",
    )
    sample = forms.FloatField(
        label="Only a share of large tables, in percent",
        required=False,
        min_value=0.01,
        max_value=99,
        help_text="For tables that take too long: what was not looked at is said. Without it every row is compared.",
    )


class RepairForm(forms.Form):
    """Why the target may be changed."""

    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the repair, here and in the target: why these rows are changed, and who knows of it.",
    )


class ScheduleForm(forms.Form):
    """How often, and from when on it alerts."""

    every_minutes = forms.IntegerField(
        label="Every … minutes", min_value=5, max_value=43_200, initial=60, help_text="60 is hourly."
    )
    tolerated = forms.IntegerField(
        label="Differing rows that are tolerated",
        min_value=0,
        max_value=1_000_000_000,
        initial=1,
        help_text="More of them alert on the status page.",
    )
