"""What a person says about a pair of columns."""

from typing import Any, TypedDict

from django import forms

from schemadiff.forms.expressions import ExpressionField, SqlField

MAX_FILE = 2 * 1024 * 1024


class Chosen(TypedDict):
    """What fills the column; at least one of the two."""

    source: str | None
    expression: str | None


class ChosenWithWayBack(Chosen):
    """And how the target's value becomes the source's again, where an expression does not say it by itself."""

    inverse: str | None


class PairForm(forms.Form):
    """A source column taken as it is, or one SQL expression over the source table's columns."""

    expression = ExpressionField(
        label="SQL expression",
        rows=3,
        help_text="One expression over the source table’s columns, such as coalesce(price_min, 0). "
        "Without it the column is taken as it is.",
    )

    inverse = SqlField(
        label="Its inverse",
        rows=2,
        help_text="One expression over the target column, which gives the source’s value back: for an expression that "
        "cannot be read backwards by itself. The application on the target and the way back use it.",
    )

    def __init__(self, *args: Any, columns: tuple[tuple[str, str], ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            ("", "none: only the expression"),
            *((name, f"{name} ({type_})") for name, type_ in columns),
        ]
        self.fields["source"] = forms.ChoiceField(
            label="Source column",
            required=False,
            choices=choices,
            help_text="Which column it became, also where an expression converts its values.",
        )
        self.order_fields(["source", "expression", "inverse"])

    def chosen(self) -> Chosen:
        """Of a valid form."""
        return Chosen(
            source=self.cleaned_data["source"] or None, expression=self.cleaned_data["expression"] or None
        )

    def chosen_with_way_back(self) -> ChosenWithWayBack:
        """Of a valid form."""
        return ChosenWithWayBack(**self.chosen(), inverse=self.cleaned_data["inverse"] or None)

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
                f"{upload.name} has {upload.size:,} bytes; a mapping file has at most {MAX_FILE:,}."
            )
        try:
            return str(upload.read().decode("utf-8"))
        except UnicodeDecodeError as error:
            raise forms.ValidationError(f"{upload.name} is not a text file in UTF-8.") from error
