"""Where a migration stands, as one sentence, and what blocks it: decided from facts, without a database."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from migration.core.phases import STOPPED, Phase
from migration.core.progress import phase_word
from schemadiff.core.counted import counted


class Tone(StrEnum):
    """How a sentence is meant."""

    OK = "ok"
    INFO = "info"
    WARN = "warn"
    BAD = "bad"


class StageStanding(StrEnum):
    """The states of a stage, as the rows have them."""

    PENDING = "pending"
    ACTIVE = "active"
    BLOCKED = "blocked"
    DEFERRED = "deferred"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageFact:
    number: str
    title: str
    state: StageStanding
    result: str = ""
    since: date | None = None  # the day on which it was done, or blocked

    @property
    def name(self) -> str:
        return f"stage {self.number}, {self.title}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFact:
    """A run's figures. `over`: nobody works on it any more; `paused`: nor does anybody now. No row values."""

    number: int
    option: str
    phase: Phase
    reached: Phase
    over: bool
    paused: bool = False
    tables: int = 0
    tables_checked: int = 0
    tables_differing: int = 0
    rows_total: int = 0
    rows_written: int = 0
    rows_verified: int = 0
    rejects: int = 0
    differing: int = 0

    @property
    def name(self) -> str:
        return f"run #{self.number} ({self.option})"

    @property
    def failed(self) -> bool:
        return self.over and self.phase is Phase.FAILED

    @property
    def finished(self) -> bool:
        return self.over and self.phase is Phase.FINISH

    @property
    def agrees(self) -> bool:
        """It is finished, and every table was compared and found equal."""
        return self.finished and not self.differing and self.tables_checked == self.tables

    @property
    def counts(self) -> bool:
        """It has something to say: it was neither cancelled nor put back."""
        return self.phase not in (STOPPED - {Phase.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the verdict rests on. `run` is the newest one that counts."""

    stages: tuple[StageFact, ...] = ()
    run: RunFact | None = None
    decided: str = ""  # the option in force
    decision_moved: tuple[str, ...] = ()  # what has changed of that on which it rests, as sentences
    connections: int = 0
    comparison: int | None = None  # the newest one's number
    without_backend: tuple[str, ...] = ()  # modules that no database serves

    @property
    def blocked(self) -> tuple[StageFact, ...]:
        return tuple(stage for stage in self.stages if stage.state is StageStanding.BLOCKED)

    @property
    def done(self) -> int:
        return sum(stage.state is StageStanding.DONE for stage in self.stages)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    text: str
    tone: Tone


def verdict(facts: Facts) -> Sentence:
    """The one sentence above everything else: trouble first, then what is under way, then how far."""
    found = _of_run(facts.run) or _of_blocked_stage(facts)
    if found is not None:
        return found
    return _of_stages(facts) if facts.stages else _of_journey(facts)


def blockers(facts: Facts) -> tuple[Sentence, ...]:
    """What stands in the way, the worst first. Empty: nothing."""
    run = facts.run
    found = [_blocked(stage, run) for stage in facts.blocked]
    if run is not None and run.failed:
        text = f"{_capital(run.name)} stopped at {_reached(run)}. An admin can take it up again."
        found.append(Sentence(text=text, tone=Tone.BAD))
    if run is not None and run.finished and run.differing:
        text = f"{_rows(run.differing)} of {run.name} differ, in {_tables(run.tables_differing)}."
        found.append(Sentence(text=text, tone=Tone.BAD))
    found.extend(
        Sentence(text=f"{module} has no backend: its reads and writes are refused.", tone=Tone.BAD)
        for module in facts.without_backend
    )
    return (*found, *_open_questions(facts))


def _blocked(stage: StageFact, run: RunFact | None) -> Sentence:
    if run is not None and run.agrees:
        text = f"{_capital(stage.name)}, is still marked as blocked: an engineer or admin updates it."
        return Sentence(text=text, tone=Tone.WARN)
    return Sentence(text=f"{_capital(stage.name)}: {_because(stage)}", tone=Tone.BAD)


def _open_questions(facts: Facts) -> tuple[Sentence, ...]:
    if facts.comparison is not None and not facts.decided:
        text = f"No way out has been chosen for comparison #{facts.comparison} yet."
        return (Sentence(text=text, tone=Tone.WARN),)
    if facts.decision_moved:
        moved = " ".join(facts.decision_moved)
        text = f"What {facts.decided} was decided on has changed. {moved} Look at the options again, and decide anew."
        return (Sentence(text=text, tone=Tone.WARN),)
    return ()


def _of_run(run: RunFact | None) -> Sentence | None:
    if run is None:
        return None
    if run.paused:
        at = phase_word(run.phase).lower()
        text = f"Paused: {run.name} waits at {at}, {_so_far(run)}, until an admin resumes it."
        return Sentence(text=text, tone=Tone.WARN)
    if not run.over:
        text = f"Under way: {run.name} is at {phase_word(run.phase).lower()}, {_so_far(run)}."
        return Sentence(text=text, tone=Tone.INFO)
    if run.failed:
        text = f"Blocked: {run.name} stopped at {_reached(run)}, {_so_far(run)}. It can be taken up again."
        return Sentence(text=text, tone=Tone.BAD)
    if run.finished and run.differing:
        text = f"Blocked: {run.name} is finished, but {_rows(run.differing)} differ in the target."
        return Sentence(text=text, tone=Tone.BAD)
    return None


def _of_blocked_stage(facts: Facts) -> Sentence | None:
    if not facts.blocked:
        return None
    stage, run = facts.blocked[0], facts.run
    if run is not None and run.agrees:
        text = f"Ready to go on: {carried(run)} {_capital(stage.name)}, is still marked as blocked."
        return Sentence(text=text, tone=Tone.OK)
    more = f" {facts.decided.capitalize()} has been decided on; a run is next." if facts.decided else ""
    since = f" since {_day(stage.since)}" if stage.since else ""
    return Sentence(text=f"Blocked{since}: {stage.name}. {_because(stage)}{more}", tone=Tone.BAD)


def carried(run: RunFact) -> str:
    """What a finished run carried over, in a sentence."""
    if run.rejects:
        return (
            f"{run.name} wrote {run.rows_written:,} of {_rows(run.rows_total)}, all verified as equal, "
            f"and kept {run.rejects:,} rejects."
        )
    return f"{run.name} wrote {_rows(run.rows_written)}, all verified as equal."


def _of_stages(facts: Facts) -> Sentence:
    total = len(facts.stages)
    if facts.done == total:
        return Sentence(text=f"Done: all {total} stages are done.", tone=Tone.OK)
    rest = [stage for stage in facts.stages if stage.state in (StageStanding.ACTIVE, StageStanding.PENDING)]
    so_far = f"{facts.done} of {total} stages are done"
    if not rest:
        return Sentence(text=f"Waiting: {so_far}, the rest is deferred.", tone=Tone.WARN)
    active = [stage for stage in rest if stage.state is StageStanding.ACTIVE]
    now = f"{active[0].name}, is in progress" if active else f"{rest[0].name}, is next"
    return Sentence(text=f"On track: {so_far}; {now}.", tone=Tone.OK)


def _of_journey(facts: Facts) -> Sentence:
    """Without stages, the steps of the journey say how far it is."""
    run = facts.run
    if run is not None and run.finished:
        return Sentence(
            text=f"On track: {carried(run)} Switching the application over is next.", tone=Tone.OK
        )
    if facts.decided:
        return Sentence(text=f"On track: {facts.decided} has been decided on; a run is next.", tone=Tone.OK)
    if facts.comparison is not None:
        text = (
            f"On track: comparison #{facts.comparison} is there; choosing one of the three ways out is next."
        )
        return Sentence(text=text, tone=Tone.OK)
    if facts.connections >= 2:
        return Sentence(text="Just begun: comparing the two databases is next.", tone=Tone.INFO)
    text = "Not begun: an admin adds the source and the target under Connections first."
    return Sentence(text=text, tone=Tone.INFO)


def _because(stage: StageFact) -> str:
    """The first sentence of what came of the stage."""
    first = stage.result.strip().partition(". ")[0] or "no reason was written down"
    return first if first.endswith((".", "!", "?")) else f"{first}."


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _reached(run: RunFact) -> str:
    return phase_word(run.reached).lower()


def _so_far(run: RunFact) -> str:
    return (
        f"{run.rows_written:,} of {_rows(run.rows_total)} written"
        if run.rows_total
        else "no rows written yet"
    )


def _rows(count: int) -> str:
    return counted(count, "row")


def _tables(count: int) -> str:
    return counted(count, "table")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def alert_text(*, number: int, at: datetime, differing: int | None, tolerated: int) -> str:
    """What the latest scheduled verification of a run says; `differing` is None where it could not be done."""
    moment = f"{at:%Y-%m-%d %H:%M} UTC"
    if differing is None:
        return (
            f"The scheduled verification of run #{number} could not be done at {moment}. Its page says why."
        )
    return (
        f"The scheduled verification of run #{number} found {differing:,} differing rows at {moment}; "
        f"up to {tolerated:,} is tolerated. Look at them, and repair them or change the schedule."
    )
