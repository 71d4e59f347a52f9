"""The page of an application's queries."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count

from schemadiff.forms.queries import JudgingForm, QueriesForm
from schemadiff.models import Project, Query, QueryGap, QueryJudgement, QueryJudging
from schemadiff.pages.judgements import LOOKS

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictCount:
    label: str
    count: int
    look: str
    glyph: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingLine:
    """A judging on a database, and how many queries got each verdict."""

    judging: QueryJudging
    verdicts: tuple[VerdictCount, ...]


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
    judging_form: JudgingForm
    judgings: tuple[JudgingLine, ...]


def queries_page(project: Project, form: QueriesForm, judging_form: JudgingForm) -> QueriesPage:
    rows = tuple(project.queries.select_related("added_by"))
    return QueriesPage(
        queries=rows[:MOST_SHOWN],
        count=len(rows),
        calls=sum(row.calls or 0 for row in rows),
        hidden=max(len(rows) - MOST_SHOWN, 0),
        gaps=tuple(project.query_gaps.all()),
        form=form,
        judging_form=judging_form,
        judgings=_judgings(project),
    )


def _judgings(project: Project) -> tuple[JudgingLine, ...]:
    """Two queries."""
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    rows = QueryJudgement.objects.filter(judging__project=project).order_by()
    for pk, outcome, count in rows.values_list("judging", "outcome").annotate(Count("pk")):
        counts[pk][outcome] = count
    return tuple(
        JudgingLine(
            judging=each,
            verdicts=tuple(
                VerdictCount(label=outcome, count=found, look=look, glyph=glyph)
                for outcome, (look, glyph) in LOOKS.items()
                if (found := counts[each.pk].get(outcome, 0))
            ),
        )
        for each in project.query_judgings.select_related("asked_by")
    )
