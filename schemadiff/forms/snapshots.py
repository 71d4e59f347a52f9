"""The form of a snapshot: of which connection."""

from typing import Any

from django import forms

from schemadiff.models import Connection, Project


class SnapshotForm(forms.Form):
    connection = forms.ModelChoiceField(
        Connection.objects.none(), label="Take a snapshot of", empty_label="Choose…"
    )

    def __init__(self, data: Any, *, project: Project) -> None:
        super().__init__(data)
        field = self.fields["connection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Connection.objects.filter(project=project)
