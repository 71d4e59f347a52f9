"""What a person says when a run is started."""

from typing import Any

from django import forms

from schemadiff.core.options.option import OptionName
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Project


class ChosenPlanForm(forms.Form):
    """Which plan: of a comparison by its number, and an option."""

    comparison = forms.ModelChoiceField(queryset=Comparison.objects.none(), to_field_name="number")
    option = forms.TypedChoiceField(choices=[(o.value, o.value) for o in OptionName], coerce=OptionName)
    mode = forms.ChoiceField(choices=[(m.value, m.value) for m in Mode], required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = project.comparisons.select_related("source__connection", "target__connection")
        comparison = self.fields["comparison"]
        assert isinstance(comparison, forms.ModelChoiceField)
        comparison.queryset = found.defer("source__catalog", "target__catalog")


class StartForm(forms.Form):
    """Why now."""

    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Kept with the run: why it is started now, and who knows of it.",
    )
    overwrites = forms.BooleanField(
        label="Overwrite rows that the target has",
        required=False,
        help_text="A row whose key is in the source becomes the source's, and what it was is kept as a repair that "
        "can be undone. Without this it stays, and the source's row is rejected.",
    )

    def __init__(self, *args: Any, option: OptionName, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if option is OptionName.RECREATE:  # its tables are new ones
            del self.fields["overwrites"]


class RemoveForm(forms.Form):
    """What one run left is removed for good."""

    ledger_id = forms.UUIDField()
    for_good = forms.BooleanField()
