"""A revision of the flags in words."""

from django.utils import timezone

from migration.core.flag_effects import deeds
from migration.core.flags import Flags, to_values
from migration.models import Revision


def what_changed(to: Revision) -> str:
    """One revision in words: who changed what, when, and why."""
    before = to.application.revisions.filter(number=to.number - 1).first()
    local = timezone.localtime(to.created_at)
    return f"{to.author_name} changed {_deeds(before, to)} at {local:%H:%M on %d %b} (“{to.reason}”)"


def _deeds(before: Revision | None, to: Revision) -> str:
    was_after = before is not None and before.cut_over == Revision.CutOver.AFTER
    moved = was_after != (to.cut_over == Revision.CutOver.AFTER)
    words = deeds(
        before.flags if before else to_values(Flags()),
        to.flags,
        held=before is not None and before.phase == Revision.Phase.PREPARE,
        holds=to.phase == Revision.Phase.PREPARE,
        cut_over=to.cut_over if moved else "",
    )
    return "; ".join(word for word in (words, *to.notes) if word != "nothing") or "nothing"
