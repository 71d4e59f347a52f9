"""Decisions as rows: recorded once, superseded by another, never edited."""

from collections.abc import Mapping as Dictionary
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from schemadiff.core import mapping_file
from schemadiff.core.options.option import OptionName
from schemadiff.models import Comparison, Decision, Project
from schemadiff.store.evidence import measures_of
from schemadiff.store.mappings import mapping_of


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
    """Record the choice with the figures, mapping and fingerprints that it rests on; it supersedes the current one."""
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
            mapping=mapping_file.dump(mapping_of(comparison)),
            author=user,
            signed_by=signature(user),
        )
        if former is not None:
            Decision.objects.filter(pk=former.pk, superseded_by=None).update(superseded_by=decision)
    return decision


def signature(user: User) -> str:
    """Name and account, as a record keeps them."""
    name, account = user.get_full_name(), user.get_username()
    return f"{name} ({account})" if name else account


def current_decision(project: Project) -> Decision | None:
    """The decision that nothing has superseded."""
    return (
        Decision.objects.filter(project=project, superseded_by=None)
        .select_related("comparison__source", "comparison__target")
        .defer("comparison__source__catalog", "comparison__target__catalog")
        .first()
    )


def _figures(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "option": option.value,
            "key": measure.key,
            "label": measure.label,
            "value": measure.value,
            "how": measure.how,
            "items": list(measure.items),
        }
        for option, measures in measures_of(comparison).items()
        for measure in measures
    ]
