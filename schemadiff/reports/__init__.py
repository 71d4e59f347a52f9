"""A comparison written down: as text for a terminal, as JSON for programs, as Markdown, as one HTML file."""

from schemadiff.reports.as_html import as_html
from schemadiff.reports.as_json import as_json
from schemadiff.reports.as_markdown import as_markdown
from schemadiff.reports.as_text import as_text
from schemadiff.reports.report import Report, report_of
from schemadiff.reports.rows import Rows

__all__ = ["Report", "Rows", "as_html", "as_json", "as_markdown", "as_text", "report_of"]
