"""The form of a new project, and that of its masked columns."""

from typing import Any

from django import forms

from schemadiff.core.errors import Refused
from schemadiff.core.masking import Masked, masked_from_text
from schemadiff.models import Project


class ProjectForm(forms.ModelForm[Project]):
    class Meta:
        model = Project
        fields = ["name", "slug", "about"]
        labels = {"slug": "Short name", "about": "What is migrated, and why"}
        help_texts = {
            "slug": "Part of every address: letters, digits and hyphens. It cannot be changed later."
        }
        widgets = {"about": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "slug": {
                "unique": "Another project has this short name. Choose another one.",
                "invalid": "Only letters, digits, - and _ are possible here, and no space.",
            }
        }


class MaskingForm(forms.Form):
    """Which columns' values nobody is shown."""

    columns = forms.CharField(
        label="Masked columns",
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 10, "spellcheck": "false"}),
        help_text="One a line: schema.table.column, as the source or the target calls it.",
    )

    def clean_columns(self) -> Masked:
        text: Any = self.cleaned_data["columns"]
        try:
            return masked_from_text(text)
        except Refused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
