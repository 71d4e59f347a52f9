"""Which rows of a source table a target table takes, and what fills its columns."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from schemadiff.core.catalog import Table
from schemadiff.forms.expressions import ExpressionField

_NEEDED = "It must have a value and has no default: choose one, or write an expression afterwards."


class TargetForm(forms.Form):
    """The first step: which target table, by its name with what it is called here."""

    target = forms.ChoiceField(
        label="Target table",
        help_text="Those that are not protected. One that takes other tables’ rows "
        "takes these beside them, told apart by its key.",
    )

    def __init__(self, *args: Any, targets: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose…"), *targets.items()]


class ConditionForm(forms.Form):
    """One SQL expression over the source table's columns that is true or false; empty: every row."""

    where = ExpressionField(
        label="Condition",
        rows=3,
        help_text="Rows for which it is true are taken: one SQL expression over the source table’s columns, such as "
        "email IS NOT NULL. Empty: every row.",
    )

    def condition(self) -> str | None:
        """Of a valid form."""
        return self.cleaned_data["where"] or None


class PartForm(ConditionForm):
    """And for each column of the target table that may be written, a source column or none; `likely` are chosen when
    the form is opened, by target column."""

    def __init__(
        self, *args: Any, source: Table, target: Table, likely: Mapping[str, str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((each.name, f"{each.name} ({each.type})") for each in source.columns)]
        self._targets = tuple(each.name for each in target.columns if not each.generated)
        for number, column in enumerate(each for each in target.columns if not each.generated):
            must = column.not_null and column.default is None and column.identity is None
            self.fields[f"column_{number}"] = forms.ChoiceField(
                label=f"{column.name} ({column.type})",
                required=False,
                choices=choices,
                initial=likely.get(column.name, ""),
                help_text=_NEEDED if must else "",
            )

    def column_fields(self) -> Iterator[forms.BoundField]:
        return (self[f"column_{number}"] for number in range(len(self._targets)))

    def columns(self) -> dict[str, str]:
        """Source columns by target column, of a valid form."""
        chosen = ((name, self.cleaned_data[f"column_{n}"]) for n, name in enumerate(self._targets))
        return {target: source for target, source in chosen if source}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.columns():
            raise forms.ValidationError("Choose a source column for one column of the target table at least.")
        return cleaned
