"""The one sentence at the top of a run's page, and what to do next."""

from dataclasses import dataclass
from datetime import datetime

from migration.core.phases import Phase
from migration.core.progress import phase_word
from migration.models import Run, RunState
from schemadiff.core.options.option import OptionName


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`tone` is ok, warn, bad or info; `word` is the state in one or two words."""

    tone: str
    word: str
    text: str
    next: str = ""


_DOING = {
    Phase.PREPARE: "Checking both databases before anything is written.",
    Phase.BACK_UP: "Counting and hashing the protected tables, then putting aside what is in the way.",
    Phase.SCHEMA: "Making types, tables and columns in the target.",
    Phase.INDEXES: "Building keys, indexes and triggers.",
    Phase.SEQUENCES: "Setting the sequences beyond the greatest values copied.",
    Phase.FOLLOW: "Applying what was written to the source since the copy began.",
    Phase.CUT_OVER: "The target keeps up with the source, until somebody lets it take over.",
    Phase.WATCH: "The target has taken over; what is written to it is brought into the source, as the way back.",
    Phase.FINISH: "Counting the protected tables again.",
}


def verdict_of(
    run: Run,
    *,
    now: datetime,
    tables: int,
    rows: int,
    written: int,
    rejects: int,
    verified: int,
    protected_moved: tuple[str, ...],
) -> Verdict:
    """What a person should know first."""
    figures = _Figures(
        tables=tables,
        rows=rows,
        written=written,
        rejects=rejects,
        verified=verified,
        protected_moved=protected_moved,
    )
    if run.state == RunState.ENDED:
        return _ended(run, figures)
    if run.state == RunState.QUEUED:
        return _queued(run)
    if run.state == RunState.PAUSED:
        return _paused(run, figures)
    if run.lease_until is not None and run.lease_until < now:
        return Verdict(
            tone="warn",
            word="Worker silent",
            text=f"The worker was last heard of shortly before {run.lease_until:%H:%M:%S}.",
            next="Another worker goes on from here within a minute; if none is running, start one with "
            "manage.py worker.",
        )
    if run.state == RunState.CANCELLING:
        return Verdict(tone="warn", word="Cancelling", text="Stopping after the rows at hand.")
    if run.state == RunState.PAUSING:
        return Verdict(tone="warn", word="Pausing", text="Stopping after the rows at hand.")
    return _running(run, figures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Figures:
    tables: int
    rows: int
    written: int
    rejects: int
    verified: int
    protected_moved: tuple[str, ...]

    @property
    def carried(self) -> str:
        return f"{self.written:,} of {self.rows:,} rows are in the target"


def _queued(run: Run) -> Verdict:
    first = "Waiting for a worker." if run.started_at is None else "Waiting for a worker to go on with it."
    return Verdict(
        tone="info",
        word="Queued",
        text=first,
        next="It begins by itself. If it does not within a minute, no worker is running: start one with "
        "manage.py worker.",
    )


def _paused(run: Run, figures: _Figures) -> Verdict:
    if run.started_at is None:
        text = "No worker has begun: nothing was changed."
    else:
        carried = f"{figures.carried}{_rejected(figures)}" if figures.rows else "No row has been read yet"
        text = f"Stopped in {phase_word(Phase(run.phase))}. {carried}."
    return Verdict(
        tone="warn",
        word="Paused",
        text=text,
        next="Resuming goes on where it stopped. Rows that the source changes meanwhile, among those that were "
        "copied, show as differences when both sides are compared.",
    )


def _running(run: Run, figures: _Figures) -> Verdict:
    phase = Phase(run.phase)
    match phase:
        case Phase.COPY:
            text = f"{figures.carried}{_rejected(figures)}."
        case Phase.VERIFY:
            text = f"Comparing both sides: {figures.verified} of {figures.tables} tables verified as equal."
        case _:
            text = _DOING.get(phase, f"{phase_word(phase)} is under way.")
    return Verdict(tone="info", word=_RUNNING.get(phase, phase_word(phase)), text=text)


_RUNNING = {
    Phase.PREPARE: "Preparing",
    Phase.BACK_UP: "Backing up",
    Phase.SCHEMA: "Changing the schema",
    Phase.COPY: "Copying",
    Phase.INDEXES: "Building indexes",
    Phase.SEQUENCES: "Setting sequences",
    Phase.VERIFY: "Verifying",
    Phase.FOLLOW: "Catching up",
    Phase.CUT_OVER: "Following",
    Phase.WATCH: "Watching",
    Phase.FINISH: "Finishing",
}


def _ended(run: Run, figures: _Figures) -> Verdict:
    match Phase(run.phase):
        case Phase.FINISH:
            return _finished(run, figures)
        case Phase.FAILED:
            return Verdict(
                tone="bad",
                word="Failed",
                text=f"Stopped in {phase_word(Phase(run.reached))}: {run.error or 'no reason was given.'}",
                next="Resuming goes on where it stopped: nothing that was copied is copied again.",
            )
        case Phase.ROLLED_BACK:
            return Verdict(
                tone="info",
                word="Restored",
                text="What the target had before this run is back in its place; what it had made was moved aside.",
                next="Start a new run from the plan when you are ready.",
            )
        case _:
            return _cancelled(run, figures)


def _finished(run: Run, figures: _Figures) -> Verdict:
    if figures.protected_moved:
        return Verdict(
            tone="warn",
            word="Finished",
            text=f"{figures.carried}{_rejected(figures)}, but {_listed(figures.protected_moved)} changed "
            "meanwhile.",
            next="No statement of this run touches a protected table: somebody else wrote to it. See below.",
        )
    if figures.rejects:
        return Verdict(
            tone="warn",
            word="Finished with rejects",
            text=f"{figures.carried} and verified as equal; {figures.rejects:,} were refused by it and are "
            "kept with their reasons.",
            next="Look at the reasons below: for each, should the mapping change, or the data?",
        )
    return Verdict(
        tone="ok",
        word="Finished",
        text=f"All {figures.rows:,} rows of {figures.tables} tables are in the target, every one verified as "
        "equal.",
        next="The target has taken over."
        if run.live
        else "The application still uses the source: switch it over with its flags.",
    )


def _cancelled(run: Run, figures: _Figures) -> Verdict:
    if run.started_at is None:
        return Verdict(
            tone="info", word="Cancelled", text="Cancelled before a worker began: nothing was changed."
        )
    return Verdict(
        tone="warn",
        word="Cancelled",
        text=f"Cancelled in {phase_word(Phase(run.reached))}. {figures.carried}.",
        next=("Restore what was parked to have the target as it was before. " if _parks(run) else "")
        + "Clean up lists what is left, and removes it one by one or all at once.",
    )


def _parks(run: Run) -> bool:
    return bool(run.option == OptionName.RECREATE)


def _rejected(figures: _Figures) -> str:
    return f", {figures.rejects:,} rejected" if figures.rejects else ""


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
