"""Into which target columns a person splits a source column, and by which expressions."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from schemadiff.core.parting import Part
from schemadiff.forms.expressions import ExpressionField

MOST_PARTS = 6


class SplitForm(forms.Form):
    """Some pairs of a target column and one SQL expression; those left empty are passed over."""

    def __init__(
        self, *args: Any, columns: Sequence[tuple[str, str]], proposed: Sequence[Part] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "—"), *((name, f"{name} ({type_})") for name, type_ in columns)]
        for place in range(1, MOST_PARTS + 1):
            part = proposed[place - 1] if place <= len(proposed) else None
            self.fields[f"target_{place}"] = forms.ChoiceField(
                label=f"Target column {place}",
                required=False,
                choices=choices,
                initial=part.target if part else "",
            )
            self.fields[f"expression_{place}"] = ExpressionField(
                label=f"SQL expression {place}", rows=2, initial=part.expression if part else ""
            )

    def rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        for place in range(1, MOST_PARTS + 1):
            yield self[f"target_{place}"], self[f"expression_{place}"]

    def parts(self) -> tuple[Part, ...]:
        """Of a valid form."""
        found = ((self.cleaned_data[f"target_{n}"], self.cleaned_data[f"expression_{n}"]) for n in _places())
        return tuple(Part(target=target, expression=expression) for target, expression in found if target)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for place in _places():
            target, expression = cleaned.get(f"target_{place}"), cleaned.get(f"expression_{place}")
            if target and not expression and f"expression_{place}" in cleaned:
                self.add_error(f"expression_{place}", f"Write the expression that {target} gets.")
            elif expression and not target and f"target_{place}" in cleaned:
                self.add_error(f"target_{place}", "Choose the target column that gets this expression.")
        return cleaned


def _places() -> range:
    return range(1, MOST_PARTS + 1)
