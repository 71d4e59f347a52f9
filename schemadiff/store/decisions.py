"""Decisions as rows: recorded once, superseded by another, never edited."""

from collections.abc import Mapping as Dictionary
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision, Project, Snapshot
from schemadiff.store.evidence import measures_of


def record_decision(
    comparison: Comparison,
    option: OptionName,
    *,
    reason: str,
    why_not: Dictionary[OptionName, str],
    user: User,
    conditions: str = "",
    basis: Dictionary[str, Any] | None = None,
) -> Decision:
    """Record the choice with the figures and fingerprints that it rests on; it supersedes the current one."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=comparison.project_id)
        former = current_decision(comparison.project)
        decision = Decision.objects.create(
            project=comparison.project,
            comparison=comparison,
            option=option.value,
            reason=reason,
            alternatives=[
                {"option": other.value, "why_not": why_not.get(other, "")}
                for other in OptionName
                if other is not option
            ],
            figures=_figures(comparison),
            conditions=conditions,
            basis=dict(basis or {}),
            source_fingerprint=comparison.source.fingerprint,
            target_fingerprint=comparison.target.fingerprint,
            author=user,
        )
        if former is not None:
            Decision.objects.filter(pk=former.pk, superseded_by=None).update(superseded_by=decision)
    return decision


def current_decision(project: Project) -> Decision | None:
    """The decision that nothing has superseded."""
    return (
        Decision.objects.filter(project=project, superseded_by=None)
        .select_related("author", "comparison__source", "comparison__target")
        .defer("comparison__source__catalog", "comparison__target__catalog")
        .first()
    )


def has_moved(decision: Decision) -> bool:
    """Whether a later snapshot of either database shows another schema than the one decided on."""
    sides = (
        (decision.comparison.source.connection_id, decision.source_fingerprint),
        (decision.comparison.target.connection_id, decision.target_fingerprint),
    )
    return any(_latest(connection_id) not in (None, fingerprint) for connection_id, fingerprint in sides)


def _latest(connection_id: int | None) -> str | None:
    if connection_id is None:
        return None
    return Snapshot.objects.filter(connection_id=connection_id).values_list("fingerprint", flat=True).first()


def _figures(comparison: Comparison) -> list[dict[str, str | int]]:
    return [
        {
            "option": option.value,
            "key": measure.key,
            "label": measure.label,
            "value": measure.value,
            "how": measure.how,
        }
        for option, measures in measures_of(comparison).items()
        for measure in measures
    ]
