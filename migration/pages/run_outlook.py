"""When the phase that a run is in will have ended, as its page says it: moments, or why they are not known."""

from datetime import datetime, timedelta

from migration.core.phases import Phase
from migration.core.progress import phase_word
from migration.models import Run, RunState
from migration.pages.run_parts import Expected

_OVERDUE = "it takes longer than anything of its kind that was measured in this run"


def expected_of(run: Run, now: datetime) -> Expected | None:
    """None while nobody is at work, and where the phase is a matter of moments."""
    said = run.outlook
    if run.state != RunState.RUNNING or not said or said["phase"] != run.phase:
        return None
    at, least, most = datetime.fromisoformat(said["at"]), said["least"], said["most"]
    word = f"{phase_word(Phase(run.phase))} ends"
    if least is None:
        return Expected(word=word, why=said["why"]) if said["why"] else None
    earliest = at + timedelta(seconds=least)
    if most is None:
        return Expected(word=word, earliest=max(earliest, now), why=said["why"])
    latest = at + timedelta(seconds=most)
    if latest < now:
        return Expected(word=word, why=_OVERDUE)
    return Expected(word=word, earliest=max(earliest, now), latest=latest)
