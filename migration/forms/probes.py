"""What is asked for with probes."""

from django import forms

from migration.access.probed_queries import as_query
from schemadiff.evidence.query_files import named_queries

MOST_QUERIES = 50


class ProbeForm(forms.Form):
    """The methods are always asked; queries of one's own where there are any."""

    queries = forms.CharField(
        label="Queries of your own",
        required=False,
        max_length=50_000,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text=(
            "SELECTs over the source's tables, as a .sql file has them: a line “-- name: …” begins each, a line"
            " “-- values: [962302]” gives its parameters. On the target they see its tables through the mapping."
        ),
    )

    def clean_queries(self) -> str:
        text: str = self.cleaned_data["queries"].strip()
        queries = named_queries(text) if text else ()
        if len(queries) > MOST_QUERIES:
            raise forms.ValidationError(f"At most {MOST_QUERIES} queries are probed at a time.")
        refused = [found for query in queries if isinstance(found := as_query(query.name, query.sql), str)]
        if refused:
            raise forms.ValidationError(refused)
        return text
