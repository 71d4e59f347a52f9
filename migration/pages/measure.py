"""How far the measuring of a comparison's options is."""

from dataclasses import dataclass
from datetime import datetime

from migration.models import Measuring
from schemadiff.models import Comparison


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurePage:
    """`state` is empty where nobody has asked for it yet."""

    number: int
    state: str
    is_rehearsal: bool
    reached: str  # what is being done just now, in words
    error: str
    requested_by: str
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def under_way(self) -> bool:
        return self.state in (Measuring.State.QUEUED, Measuring.State.RUNNING)


def measure_page(comparison: Comparison) -> MeasurePage:
    found = Measuring.objects.select_related("requested_by").filter(comparison=comparison).first()
    if found is None:
        return MeasurePage(
            number=comparison.number,
            state="",
            is_rehearsal=False,
            reached="",
            error="",
            requested_by="",
            started_at=None,
            ended_at=None,
        )
    return MeasurePage(
        number=comparison.number,
        state=found.state,
        is_rehearsal=found.kind == Measuring.Kind.REHEARSE,
        reached=found.reached,
        error=found.error,
        requested_by=str(found.requested_by or "somebody since removed"),
        started_at=found.started_at,
        ended_at=found.ended_at,
    )
