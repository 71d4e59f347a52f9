"""The forms of a comparison: which two databases, and which of their tables."""

from collections.abc import Iterable
from typing import Any

from django import forms

from schemadiff.core.catalog import Catalog
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Scope
from schemadiff.models import Connection, Project, Snapshot
from schemadiff.sides import MOST_BYTES, Upload

_MOST_SNAPSHOTS = 300
_NO_SIDE = "Choose a connection or a snapshot, or a file."


class TablesField(forms.CharField):
    """Table names, one a line or separated by commas: `name` is in the schema public."""

    widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "spellcheck": "false"})

    def to_python(self, value: Any) -> list[QualifiedName]:  # type: ignore[override]
        words = str(value or "").replace(",", "\n").split("\n")
        return [_qualified(word.strip()) for word in words if word.strip()]


class SchemaMapField(forms.CharField):
    """`public=app`, one a line or separated by commas."""

    widget = forms.TextInput(attrs={"class": "mono", "spellcheck": "false", "placeholder": "public=app"})

    def to_python(self, value: Any) -> dict[str, str]:  # type: ignore[override]
        found = {}
        for word in str(value or "").replace(",", "\n").split("\n"):
            name, sign, other = (piece.strip() for piece in word.partition("="))
            if word.strip() and not (name and sign and other):
                raise forms.ValidationError(
                    f"Write it as public=app (the source's schema, an equals sign, its name in the target), not {word}."
                )
            if name:
                found[name] = other
        return found


class ComparisonForm(forms.Form):
    """Two sides, in the direction that the data goes: each a connection, a snapshot of the project, or a file."""

    use_required_attribute = False  # a file will do instead of a choice

    source = forms.ChoiceField(
        label="Source", help_text="Where the data is now.", error_messages={"required": _NO_SIDE}
    )
    target = forms.ChoiceField(
        label="Target", help_text="Where it is going to.", error_messages={"required": _NO_SIDE}
    )
    source_file = forms.FileField(
        required=False,
        label="or a file as the source",
        help_text="An .sql file (a dump of the schema, say) or a snapshot .json.",
    )
    target_file = forms.FileField(required=False, label="or a file as the target", help_text="Likewise.")
    schema_map = SchemaMapField(
        required=False,
        label="Schemas of other names",
        help_text="Of the source and what they are called in the target. Such a comparison is for reading and scripts:"
        " no run can follow it.",
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
        self._project = project
        for name in ("source", "target"):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = _sides(project)
            field.required = f"{name}_file" not in self.files

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.get("source")
        if (
            chosen
            and chosen == cleaned.get("target")
            and not (cleaned.get("source_file") or cleaned.get("target_file") or cleaned.get("schema_map"))
        ):
            self.add_error("target", "Source and target are the same. Choose two different ones.")
        for name in ("source", "target"):
            self._find(name, cleaned)
        return cleaned

    def _find(self, name: str, cleaned: dict[str, Any]) -> None:
        """Puts the side itself into the place of what was chosen."""
        upload, chosen = cleaned.get(f"{name}_file"), cleaned.get(name)
        if upload is not None:
            if upload.size > MOST_BYTES:
                self.add_error(
                    f"{name}_file",
                    f"{upload.name} has {upload.size:,} bytes, and {MOST_BYTES:,} are the most. A schema without rows"
                    " is far smaller: pg_dump --schema-only.",
                )
                return
            cleaned[name] = Upload(name=upload.name, content=upload.read())
        elif chosen:
            kind, _, pk = chosen.rpartition("-")
            rows: Any = Snapshot.objects.defer("catalog") if kind else Connection.objects
            cleaned[name] = rows.get(project=self._project, pk=pk)


def _sides(project: Project) -> list[Any]:
    """Connections by their number, snapshots by `snapshot-` and theirs, the latest first."""
    connections = [(str(one.pk), one.name) for one in Connection.objects.filter(project=project)]
    snapshots = Snapshot.objects.filter(project=project).defer("catalog")[:_MOST_SNAPSHOTS]
    moments = [
        (f"snapshot-{one.pk}", f"{one.label}, {one.taken_at:%Y-%m-%d %H:%M} UTC, {one.fingerprint[:8]}")
        for one in snapshots
    ]
    return [("", "Choose…"), ("Connections, as they are now", connections), ("Snapshots", moments)]


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
