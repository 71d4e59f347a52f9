"""Measures as rows."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from schemadiff.core.options.option import Measure, OptionName
from schemadiff.evidence.judgements import Judgement
from schemadiff.models import Comparison, Evidence, QueryJudgement

_NAME, _PLACE = 200, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`measures` by option; one that nothing is known about is absent. `at` is when the last was measured."""

    at: datetime | None
    measures: dict[OptionName, tuple[Measure, ...]]


def record_measures(comparison: Comparison, option: OptionName, measures: Iterable[Measure]) -> None:
    """Replace what is known about this option with what was measured just now."""
    now = timezone.now()
    with transaction.atomic():
        Evidence.objects.filter(comparison=comparison, option=option.value).delete()
        Evidence.objects.bulk_create(
            Evidence(
                project_id=comparison.project_id,
                comparison=comparison,
                option=option.value,
                key=measure.key,
                label=measure.label,
                value=measure.value,
                how=measure.how,
                details=list(measure.items),
                measured_at=now,
            )
            for measure in measures
        )


def record_judgements(comparison: Comparison, option: OptionName, found: Iterable[Judgement]) -> None:
    """Replace what is known of the application's queries under this option."""
    with transaction.atomic():
        QueryJudgement.objects.filter(comparison=comparison, option=option.value).delete()
        rows = judgement_rows(comparison.project_id, found)
        for row in rows:
            row.comparison, row.option = comparison, option.value
        QueryJudgement.objects.bulk_create(rows)


def judgement_rows(project_id: int, found: Iterable[Judgement]) -> list[QueryJudgement]:
    """In their order, not saved, and without what they were judged under."""
    return [
        QueryJudgement(
            project_id=project_id,
            position=position,
            name=each.query.name[:_NAME],
            sql=each.query.sql,
            place=each.query.place[:_PLACE],
            calls=each.query.calls,
            roles=list(each.query.roles),
            tables=list(each.tables),
            outcome=each.verdict.outcome.value,
            detail=each.verdict.detail,
            sqlstate=each.verdict.sqlstate,
            rewritten=each.rewrite.sql if each.rewrite else "",
            rewritten_outcome=each.rewritten.outcome.value if each.rewritten else "",
            rewritten_detail=each.rewritten.detail if each.rewritten else "",
            remarks=list(each.rewrite.remarks) if each.rewrite else [],
        )
        for position, each in enumerate(found)
    ]


def forget_measures(comparison: Comparison) -> None:
    """What was measured no longer holds: something that it rests on was changed."""
    comparison.evidence.all().delete()
    comparison.judgements.all().delete()


def measured(comparison: Comparison) -> Measured:
    """What was measured of the comparison's options; one query."""
    found: dict[OptionName, list[Measure]] = defaultdict(list)
    latest: datetime | None = None
    for row in Evidence.objects.filter(comparison=comparison):
        latest = max(latest or row.measured_at, row.measured_at)
        found[OptionName(row.option)].append(
            Measure(key=row.key, label=row.label, value=row.value, how=row.how, items=tuple(row.details))
        )
    return Measured(at=latest, measures={option: tuple(measures) for option, measures in found.items()})


def measures_of(comparison: Comparison) -> dict[OptionName, tuple[Measure, ...]]:
    """What was measured, by option; one query. An option that nothing is known about is absent."""
    return measured(comparison).measures
