"""What a person says about a pair of columns."""

from typing import Any

from django import forms

from schemadiff.core.errors import SchemadiffError
from schemadiff.core.sql_guard import check_expression

MAX_FILE = 2 * 1024 * 1024


class PairForm(forms.Form):
    """A source column taken as it is, or one SQL expression over the source table's columns."""

    source = forms.ChoiceField(label="Source column", required=False)
    expression = forms.CharField(
        label="SQL expression",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"}),
        help_text="One expression over the source table's columns, such as coalesce(price_min, 0). "
        "Leave it empty to take the column as it is.",
    )

    def __init__(self, *args: Any, columns: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "— none: only the expression —"), *((n, f"{n}  ({t})") for n, t in columns)]
        self.fields["source"] = forms.ChoiceField(label="Source column", required=False, choices=choices)
        self.order_fields(["source", "expression"])

    def clean_expression(self) -> str:
        text = str(self.cleaned_data["expression"]).strip()
        if text:
            try:
                check_expression(text)
            except SchemadiffError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("source") and not cleaned.get("expression"):
            raise forms.ValidationError(
                "Choose a source column or write an expression: this pair has neither."
            )
        return cleaned


class MappingFileForm(forms.Form):
    """A mapping file to take over."""

    file = forms.FileField(
        label="Mapping file",
        help_text="JSON as “Export” writes it. It replaces the mapping of the tables it names.",
    )

    def clean_file(self) -> str:
        upload = self.cleaned_data["file"]
        if upload.size > MAX_FILE:
            raise forms.ValidationError(
                f"{upload.name} has {upload.size} bytes; a mapping file has at most {MAX_FILE}."
            )
        try:
            return str(upload.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"{upload.name} is not a text file in UTF-8.") from error
