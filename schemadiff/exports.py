"""A comparison as a file to be taken along, in the formats of the command line."""

from collections.abc import Callable
from dataclasses import dataclass

from schemadiff import schema_sql, store
from schemadiff.core.planner import render
from schemadiff.models import Comparison
from schemadiff.reports.as_html import as_html
from schemadiff.reports.as_json import as_json
from schemadiff.reports.as_markdown import as_markdown
from schemadiff.reports.report import Report, report_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """`name` is how people choose it, `suffix` and `content_type` are the file's."""

    name: str
    suffix: str
    content_type: str
    write: Callable[[Comparison], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    name: str
    content_type: str
    content: str


def export(comparison: Comparison, key: str) -> Export | None:
    """The comparison in one of `FORMATS`; None where there is no such format."""
    chosen = FORMATS.get(key)
    if chosen is None:
        return None
    return Export(
        name=f"comparison-{comparison.number}.{chosen.suffix}",
        content_type=f"{chosen.content_type}; charset=utf-8",
        content=chosen.write(comparison),
    )


def _report(comparison: Comparison) -> Report:
    return report_of(
        store.catalog_of(comparison.source),
        store.catalog_of(comparison.target),
        store.renames_mapping_of(comparison),
        rules=store.rules_of(comparison.project_id),
        source_label=comparison.source.label,
        target_label=comparison.target.label,
    )


def _sql(comparison: Comparison) -> str:
    return render(schema_sql.schema_plan_of(comparison))


FORMATS: dict[str, Format] = {
    "html": Format(
        name="HTML",
        suffix="html",
        content_type="text/html",
        write=lambda comparison: as_html(_report(comparison)),
    ),
    "markdown": Format(
        name="Markdown",
        suffix="md",
        content_type="text/markdown",
        write=lambda comparison: as_markdown(_report(comparison)),
    ),
    "json": Format(
        name="JSON",
        suffix="json",
        content_type="application/json",
        write=lambda comparison: as_json(_report(comparison)),
    ),
    "sql": Format(name="SQL for the target", suffix="sql", content_type="application/sql", write=_sql),
}
