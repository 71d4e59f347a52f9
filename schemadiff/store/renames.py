"""What people have said of names that differ, as rows: one object under two names, or two objects."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from schemadiff.core.mapping import ObjectRename, PairStatus
from schemadiff.core.objects import Kind, ObjectRef
from schemadiff.models import Comparison, RenameDecision


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision, who took it and when; `by` is None for an account that is gone."""

    pk: int
    rename: ObjectRename
    by: str | None
    at: datetime


def renames_of(comparison: Comparison) -> tuple[ObjectRename, ...]:
    """Sorted; one query."""
    rows = RenameDecision.objects.filter(comparison=comparison)
    return tuple(sorted(map(_rename, rows), key=lambda rename: (rename.source, rename.target)))


def decided_renames(comparison: Comparison) -> tuple[Decided, ...]:
    """With who and when; one query."""
    rows = RenameDecision.objects.filter(comparison=comparison).select_related("decided_by")
    return tuple(
        Decided(
            pk=row.pk,
            rename=_rename(row),
            by=row.decided_by.get_username() if row.decided_by else None,
            at=row.decided_at,
        )
        for row in rows
    )


def decide_rename(comparison: Comparison, rename: ObjectRename, user: User) -> None:
    """Say that the two are one object, or that they are not. Confirmed, it ends what was confirmed of either before."""
    with transaction.atomic():
        Comparison.objects.select_for_update(of=("self",)).only("pk").get(pk=comparison.pk)
        rows = RenameDecision.objects.filter(comparison=comparison, kind=rename.source.kind.value)
        if rename.status is PairStatus.CONFIRMED:
            confirmed = rows.filter(status=PairStatus.CONFIRMED.value)
            confirmed.filter(**_names("source", rename.source)).delete()
            confirmed.filter(**_names("target", rename.target)).delete()
        rows.update_or_create(
            **_names("source", rename.source),
            **_names("target", rename.target),
            defaults={"status": rename.status.value, "decided_by": user, "decided_at": timezone.now()},
            create_defaults={
                "project_id": comparison.project_id,
                "comparison": comparison,
                "kind": rename.source.kind.value,
                "status": rename.status.value,
                "decided_by": user,
            },
        )


def decide_renames(comparison: Comparison, renames: Iterable[ObjectRename], user: User) -> None:
    for rename in renames:
        decide_rename(comparison, rename, user)


def take_back_rename(comparison: Comparison, pk: int) -> bool:
    """Leave it open again; false if it was already."""
    count, _ = RenameDecision.objects.filter(comparison=comparison, pk=pk).delete()
    return count > 0


def _rename(row: RenameDecision) -> ObjectRename:
    kind = Kind(row.kind)
    return ObjectRename(
        source=ObjectRef(kind=kind, schema=row.source_schema, parent=row.source_parent, name=row.source_name),
        target=ObjectRef(kind=kind, schema=row.target_schema, parent=row.target_parent, name=row.target_name),
        status=PairStatus(row.status),
    )


def _names(side: str, ref: ObjectRef) -> dict[str, Any]:
    return {f"{side}_schema": ref.schema, f"{side}_parent": ref.parent, f"{side}_name": ref.name}
