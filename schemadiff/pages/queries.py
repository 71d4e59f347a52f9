"""The page of an application's queries."""

from dataclasses import dataclass

from schemadiff.forms.queries import QueriesForm
from schemadiff.models import Project, Query, QueryGap

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class QueriesPage:
    """`calls` is the sum over those that were counted; `hidden` are beyond what one page shows."""

    section: str = "comparisons"
    queries: tuple[Query, ...]
    count: int
    calls: int
    hidden: int
    gaps: tuple[QueryGap, ...]
    form: QueriesForm


def queries_page(project: Project, form: QueriesForm) -> QueriesPage:
    rows = tuple(project.queries.select_related("added_by"))
    return QueriesPage(
        queries=rows[:MOST_SHOWN],
        count=len(rows),
        calls=sum(row.calls or 0 for row in rows),
        hidden=max(len(rows) - MOST_SHOWN, 0),
        gaps=tuple(project.query_gaps.all()),
        form=form,
    )
