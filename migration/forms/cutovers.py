"""What a person says when the side that leads is to change."""

import csv
from typing import Any

from django import forms

from migration.models import Application
from schemadiff.models import Project

MOST_ROLES = 50


class CutOverForm(forms.Form):
    """Whose flags, whose right to write, and why. `no_way_back` is asked for on the way to the target only."""

    application = forms.ModelChoiceField(
        label="Application",
        queryset=Application.objects.none(),
        required=False,
        empty_label="None: I switch the application over myself",
        help_text="Its flags ask the clients to hold their writes, and say where they write from then on.",
    )
    roles = forms.CharField(
        label="Roles that may write no more",
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off", "class": "mono"}),
    )
    patience = forms.FloatField(
        label="Open transactions may take … seconds to end",
        min_value=0,
        max_value=60,
        initial=1,
        help_text="Then their sessions are ended. Writes are held for that long at the most.",
    )
    no_way_back = forms.CharField(
        label="Without a way back, because",
        required=False,
        max_length=2000,
        help_text="Left empty: what is written to the target comes back into the source, so that the source can lead "
        "again without a loss. Only where that cannot be, or is not wanted, say why.",
    )
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Kept for good: why now, and who knows of it.",
    )
    sure = forms.BooleanField(label="Writes are held while this goes on, for about a second")

    def __init__(self, *args: Any, project: Project, back: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        application = self.fields["application"]
        assert isinstance(application, forms.ModelChoiceField)
        application.queryset = Application.objects.filter(project=project)
        side = "target" if back else "source"
        self.fields["roles"].help_text = (
            f"The application's own roles on the {side}, with commas between them. Left empty: all that are connected"
            " to it. A superuser cannot be held back, nor the role by which the run follows."
        )
        if back:
            del self.fields["no_way_back"]

    def clean_roles(self) -> list[str]:
        roles = next(csv.reader([self.cleaned_data["roles"]], skipinitialspace=True), [])
        named = [role.strip() for role in roles if role.strip()]
        if len(named) > MOST_ROLES:
            raise forms.ValidationError(f"At most {MOST_ROLES} roles.")
        return named

    def terms(self) -> dict[str, Any]:
        """Those of them that can be understood, without a reason: for a look."""
        self.full_clean()
        return {name: said for name, said in self.cleaned_data.items() if name not in ("sure", "reason")}

    def values(self) -> dict[str, Any]:
        """As `leading.request` takes them."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "sure"}


class ReasonForm(forms.Form):
    """What asks for a reason only."""

    reason = forms.CharField(label="Reason", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))
    sure = forms.BooleanField(label="I know what this does")
