"""The fields in which a person writes SQL, one of them held to the rule for what is entered."""

from typing import Any

from django import forms

from schemadiff.core.errors import SchemadiffError
from schemadiff.core.sql_guard import check_expression


class SqlField(forms.CharField):
    """SQL, or nothing; whoever takes it looks at what it is."""

    def __init__(self, *, rows: int, **kwargs: Any) -> None:
        attributes = {"rows": rows, "class": "mono", "spellcheck": "false", "autocapitalize": "off"}
        super().__init__(required=False, max_length=4000, widget=forms.Textarea(attrs=attributes), **kwargs)


class ExpressionField(SqlField):
    """One SQL expression, or nothing. Cleans to its text, which may be empty."""

    def clean(self, value: Any) -> str:
        text = str(super().clean(value))
        if text:
            try:
                check_expression(text)
            except SchemadiffError as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return text
