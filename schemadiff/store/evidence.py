"""Measures as rows."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from schemadiff.core.options.option import Measure, OptionName
from schemadiff.models import Comparison, Evidence


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


def measured_at(comparison: Comparison) -> datetime | None:
    """When the options of this comparison were measured last; None if nothing is known."""
    latest: datetime | None = Evidence.objects.filter(comparison=comparison).aggregate(at=Max("measured_at"))[
        "at"
    ]
    return latest


def measures_of(comparison: Comparison) -> dict[OptionName, tuple[Measure, ...]]:
    """What was measured, by option; one query. An option that nothing is known about is absent."""
    found: dict[OptionName, list[Measure]] = defaultdict(list)
    for row in Evidence.objects.filter(comparison=comparison):
        found[OptionName(row.option)].append(
            Measure(key=row.key, label=row.label, value=row.value, how=row.how, items=tuple(row.details))
        )
    return {option: tuple(measures) for option, measures in found.items()}
