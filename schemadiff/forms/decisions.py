"""Why this option, and why not the others."""

from typing import Any

from django import forms

from schemadiff.core.options.option import OptionName


class DecisionForm(forms.Form):
    """The reason is demanded; what speaks against the others is asked for each by its name."""

    reason = forms.CharField(
        label="Why this one",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text="One paragraph that somebody who was not here will understand in a year.",
    )

    conditions = forms.CharField(
        label="What has still to be seen to",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Open conditions: without them the decision does not hold.",
    )

    def __init__(self, *args: Any, others: tuple[OptionName, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.others = others
        for other in others:
            self.fields[self._name(other)] = forms.CharField(
                label=f"Why not {other.value}",
                required=False,
                max_length=4000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def why_not(self) -> dict[OptionName, str]:
        return {other: self.cleaned_data[self._name(other)] for other in self.others}

    @staticmethod
    def _name(option: OptionName) -> str:
        return f"why_not_{option.value}"
