"""The form of an ignore rule, and of its end."""

from collections.abc import Iterable
from typing import Any

from django import forms

from schemadiff.core.errors import Refused
from schemadiff.core.noise.attributes import WORDS
from schemadiff.core.noise.rules import KINDS, IgnoreRule
from schemadiff.core.noise.rules_file import made


class PatternsField(forms.CharField):
    """Names with `*` and `?`, one a line or separated by commas."""

    widget = forms.Textarea(attrs={"rows": 2, "class": "mono", "spellcheck": "false"})

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        lines = str(value or "").replace(",", "\n").split("\n")
        return [line.strip() for line in lines if line.strip()]


class RuleForm(forms.Form):
    """What is ignored, and why; `rule` is there once it is valid."""

    attributes = forms.MultipleChoiceField(
        choices=[(word, word) for word in WORDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Only these attributes",
        help_text="None of them: the objects as a whole.",
    )
    kinds = forms.MultipleChoiceField(
        choices=[(kind.value, kind.value) for kind in KINDS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        label="Of these kinds",
        help_text="None of them: any kind; of whole objects those that stand by themselves, with all their parts.",
    )
    schemas = PatternsField(
        required=False,
        label="In these schemas",
        help_text="One a line; * stands for anything. Empty: in any.",
    )
    names = PatternsField(
        required=False,
        label="Called so",
        help_text="tmp_* or public.tmp_*, one a line. A table's name also means its parts. Empty: called anything.",
    )
    reason = forms.CharField(
        label="Why", max_length=500, help_text="Everybody who does not see something reads this."
    )

    def __init__(self, data: Any, *, rule: IgnoreRule | None = None) -> None:
        super().__init__(data, initial=_initial(rule) if rule else None)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.rule = made(cleaned, "Not yet a rule")
            except Refused as refused:
                self.add_error(None, str(refused))
        return cleaned


class EndForm(forms.Form):
    because = forms.CharField(label="Why", max_length=500)


def _initial(rule: IgnoreRule) -> dict[str, Any]:
    return {
        "attributes": list(rule.attributes),
        "kinds": [kind.value for kind in rule.kinds],
        "schemas": _lines(rule.schemas),
        "names": _lines(rule.names),
        "reason": rule.reason,
    }


def _lines(words: Iterable[str]) -> str:
    return "\n".join(words)
