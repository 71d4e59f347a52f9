"""When the phase that a run is in will have ended, as its page says it: moments, or why they are not known."""

from datetime import datetime, timedelta

from migration.models import Run, RunState
from migration.pages.run_parts import Expected

_GRACE = timedelta(seconds=5)  # what is late by less is about to end
_STALE = timedelta(seconds=30)  # what is at work is looked at every few seconds
_OVERDUE = "it takes longer than anything of its kind that was measured in this run"


def expected_of(run: Run, now: datetime) -> Expected | None:
    """None while nobody is at work, and where the phase is a matter of moments."""
    said = run.outlook
    if run.state != RunState.RUNNING or not said or said["phase"] != run.phase:
        return None
    at, least, most = datetime.fromisoformat(said["at"]), said["least"], said["most"]
    if least is None:
        return Expected(why=said["why"]) if said["why"] else None
    earliest = at + timedelta(seconds=least)
    if most is None:
        return Expected(earliest=max(earliest, now), why=said["why"])
    latest = at + timedelta(seconds=most)
    if latest < now:
        return Expected(why=_OVERDUE) if latest < now - _GRACE else None
    return Expected(earliest=max(earliest, now), latest=latest)


def at_work_in(run: Run, now: datetime) -> str:
    """What is being built, and how far it is, as it was seen last; empty where nothing is."""
    said = run.outlook
    if run.state != RunState.RUNNING or not said or said["phase"] != run.phase:
        return ""
    return str(said.get("at_work", "")) if now - datetime.fromisoformat(said["at"]) < _STALE else ""
