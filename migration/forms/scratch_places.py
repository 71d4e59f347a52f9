"""Where scratch databases are made: as the settings say, or on the server of a saved connection."""

from typing import Any

from django import forms

from schemadiff.models import Connection, Project


class PlaceForm(forms.Form):
    """Empty: as the settings say."""

    place = forms.ModelChoiceField(
        Connection.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": "The connection chosen for scratch databases is not there any more. Choose another."
        },
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["place"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Connection.objects.filter(project=project)
