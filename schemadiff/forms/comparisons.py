"""The forms of a comparison: which two databases, and which of their tables."""

from collections.abc import Iterable
from typing import Any

from django import forms

from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Scope
from schemadiff.models import Connection, Project


class TablesField(forms.CharField):
    """Table names, one a line or separated by commas: `name` is in the schema public."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})

    def to_python(self, value: Any) -> list[QualifiedName]:  # type: ignore[override]
        words = str(value or "").replace(",", "\n").split("\n")
        return [_qualified(word.strip()) for word in words if word.strip()]


class ComparisonForm(forms.Form):
    """Two connections of the project, in the direction that the data goes."""

    source = forms.ModelChoiceField(
        Connection.objects.none(), label="Source", empty_label="Choose…", help_text="Where the data is now."
    )
    target = forms.ModelChoiceField(
        Connection.objects.none(), label="Target", empty_label="Choose…", help_text="Where it is going to."
    )
    tables = TablesField(
        required=False,
        label="Tables to carry over",
        help_text="Of the source, one a line. Empty: all of them. It can be changed later.",
    )
    protected = TablesField(
        required=False,
        label="Protected tables",
        help_text="Of the target, one a line: no statement ever touches them.",
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("source", "target"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Connection.objects.filter(project=project)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("source") and cleaned.get("source") == cleaned.get("target"):
            self.add_error("target", "Source and target are the same connection. Choose two different ones.")
        return cleaned


class ScopeForm(forms.Form):
    """Which tables are carried over, and which are protected, from what the snapshots hold."""

    tables = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label="Tables to carry over",
        error_messages={"required": "Choose at least one table: without any there is nothing to carry over."},
    )
    protected = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple, label="Protected tables of the target", required=False
    )

    def __init__(self, data: Any, *, source: Catalog, target: Catalog, scope: Scope) -> None:
        initial = {"tables": _texts(scope.tables), "protected": _texts(scope.protected)}
        super().__init__(data, initial=initial)
        self._names = {"tables": _by_text(source), "protected": _by_text(target)}
        for name, names in self._names.items():
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)
            field.choices = [(text, text) for text in names]

    def chosen(self, name: str) -> tuple[QualifiedName, ...]:
        """What was ticked, as schema and name."""
        return tuple(self._names[name][text] for text in self.cleaned_data[name])


def names_as_text(names: Iterable[QualifiedName]) -> str:
    """As the text field of the form takes them."""
    return "\n".join(_texts(names))


def _by_text(catalog: Catalog) -> dict[str, QualifiedName]:
    names = [table.qualified for table in catalog.tables]
    return dict(zip(_texts(names), names, strict=True))


def _texts(names: Iterable[QualifiedName]) -> list[str]:
    return [f"{schema}.{name}" for schema, name in names]


def _qualified(text: str) -> QualifiedName:
    schema, _, name = text.partition(".")
    return (schema, name) if name else ("public", schema)
