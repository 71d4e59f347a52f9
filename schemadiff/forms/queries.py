"""Where an application's queries come from: pasted, a file, or what a database has counted."""

from pathlib import PurePath
from typing import Any

from django import forms

from schemadiff.connections import dsn_of
from schemadiff.core.errors import SchemadiffError
from schemadiff.databases import connect
from schemadiff.evidence.query_files import named_queries
from schemadiff.evidence.query_sources.application_code import queries_in_archive
from schemadiff.evidence.query_sources.found import Found
from schemadiff.evidence.query_sources.server_logs import queries_in_log
from schemadiff.evidence.query_sources.statement_statistics import counted_queries
from schemadiff.models import Connection, Project

LARGEST = 20_000_000  # bytes of a file
_GONE = "That connection is not there any more. Choose another."


class QueriesForm(forms.Form):
    """Exactly one of three; `found` is what it gives."""

    sql = forms.CharField(
        label="SQL",
        required=False,
        max_length=1_000_000,
        widget=forms.Textarea(attrs={"rows": 8, "class": "mono", "spellcheck": "false"}),
        help_text="Statements with a semicolon after each, or blocks that start with a line “-- name: x”. "
        "Parameters are written $1, $2.",
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        help_text="A .sql file, a log of the server (.log, .csv, .json) with log_statement or "
        "log_min_duration_statement, or the application's code as a .zip file (Python, JavaScript, TypeScript). "
        "Up to 20 MB. Texts in statements become parameters.",
    )
    connection = forms.ModelChoiceField(
        Connection.objects.none(),
        label="Or what a database has counted",
        required=False,
        empty_label="Choose…",
        help_text="By its extension pg_stat_statements, with the number of calls.",
    )
    replace = forms.BooleanField(label="In the place of the queries that are here", required=False)

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["connection"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Connection.objects.filter(project=project)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        named = [name for name in ("sql", "file", "connection") if given.get(name)]
        if self.errors:
            return given
        if len(named) != 1:
            raise forms.ValidationError("Give one of the three: SQL, a file, or a database.")
        try:
            self.found = self._found(named[0], given[named[0]])
        except SchemadiffError as exc:
            raise forms.ValidationError({named[0]: str(exc)}) from exc
        if not self.found.queries:
            raise forms.ValidationError(
                {named[0]: "No query is in it. Expected SELECT, INSERT, UPDATE, DELETE or MERGE."}
            )
        return given

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file is not None and file.size > LARGEST:
            raise forms.ValidationError(
                f"{file.name} has {file.size:,} bytes, more than 20 MB. Give a part of it, or use the command "
                "options with --queries."
            )
        return file

    def _found(self, name: str, value: Any) -> Found:
        if name == "connection":
            with connect(dsn_of(value)) as connection:
                return counted_queries(connection)
        if name == "sql":
            return Found(queries=named_queries(value))
        if PurePath(value.name).suffix == ".zip":
            return queries_in_archive(value, value.name)
        content: bytes = value.read()
        if PurePath(value.name).suffix in (".log", ".csv", ".json"):
            return queries_in_log(content.decode("utf-8", "replace"), value.name)
        try:
            return Found(queries=named_queries(content.decode("utf-8-sig")))
        except UnicodeDecodeError as exc:
            raise forms.ValidationError({name: f"{value.name} is not UTF-8 text."}) from exc


class JudgingForm(forms.Form):
    """On which database the queries are judged, compared with which one. Begins with those that were compared last."""

    reference = forms.ModelChoiceField(
        Connection.objects.none(),
        label="They work on",
        empty_label="Choose…",
        help_text="The database that the application uses today: what a query gives there is what is expected.",
        error_messages={"invalid_choice": _GONE},
    )
    connection = forms.ModelChoiceField(
        Connection.objects.none(),
        label="Judge them on",
        empty_label="Choose…",
        help_text="Only read: each query is prepared and planned in a transaction that is rolled back.",
        error_messages={"invalid_choice": _GONE},
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        last = (
            project.comparisons.select_related("source", "target")
            .defer("source__catalog", "target__catalog")
            .first()
        )
        begin = (
            {"reference": last.source.connection_id, "connection": last.target.connection_id} if last else {}
        )
        for name in ("reference", "connection"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = Connection.objects.filter(project=project)
            field.initial = begin.get(name)

    @property
    def chosen(self) -> tuple[Connection, Connection]:
        """Of a valid form: where they work, and where they are judged."""
        return self.cleaned_data["reference"], self.cleaned_data["connection"]
