"""The page of a project's snapshots: every moment that can be compared with any other."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from schemadiff.forms.snapshots import SnapshotForm
from schemadiff.models import Comparison, Project, Snapshot

_MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSnapshot:
    """`choice` is what the form of a new comparison calls it; `is_new` where the one before had another schema."""

    choice: str
    label: str
    taken_at: datetime
    taken_by: str
    version: str
    fingerprint: str
    is_new: bool
    comparisons: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotsPage:
    snapshots: tuple[ListedSnapshot, ...]
    form: SnapshotForm
    section: str = "comparisons"


def snapshots_page(project: Project, form: SnapshotForm) -> SnapshotsPage:
    rows = list(Snapshot.objects.filter(project=project).select_related("taken_by").defer("catalog")[:_MOST])
    used = _comparisons_by_snapshot(project)
    return SnapshotsPage(
        snapshots=tuple(
            ListedSnapshot(
                choice=f"snapshot-{row.pk}",
                label=row.label,
                taken_at=row.taken_at,
                taken_by=row.taken_by.get_username() if row.taken_by else "",
                version=f"{row.server_version // 10000}.{row.server_version % 10000}",
                fingerprint=row.fingerprint,
                is_new=_is_new(rows, place),
                comparisons=used.get(row.pk, 0),
            )
            for place, row in enumerate(rows)
        ),
        form=form,
    )


def _is_new(rows: list[Snapshot], place: int) -> bool:
    """Whether the schema is another than at the moment before; rows are the latest first."""
    before = next((row for row in rows[place + 1 :] if row.label == rows[place].label), None)
    return before is None or before.fingerprint != rows[place].fingerprint


def _comparisons_by_snapshot(project: Project) -> dict[int, int]:
    found: dict[int, int] = {}
    for side in ("source_id", "target_id"):
        rows = Comparison.objects.filter(project=project).order_by().values_list(side)
        for pk, count in rows.annotate(count=Count("pk")):
            found[pk] = found.get(pk, 0) + count
    return found
