"""Pages of a run's cut-over: which side leads, what may be done now, and each time that the checklist was gone
through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.forms import Form

from migration.core.phases import Phase, phases_of
from migration.core.progress import phase_word
from migration.models import CutOverAttempt, Run, RunState
from migration.pages.words import duration
from schemadiff.core.counted import counted

HISTORY = 100
"""Attempts in the list."""

Kind = CutOverAttempt.Kind
State = CutOverAttempt.State

_LOOKS = {
    State.QUEUED: ("neutral", "○"),
    State.RUNNING: ("info", "●"),
    State.DONE: ("ok", "✓"),
    State.FAILED: ("bad", "✕"),
}
_ABOUT = {
    "verified": "all tables are compared and equal",
    "rounds": "when the last round of comparing was, and how long it took",
    "clients": "every client holds the newest revision of its flags",
    "way back": "what is written to the target can be brought back",
    "lag": "the other side is up within a second",
    "changed rows": "rows that changed since they were compared are compared again",
    "refused": "rows that the other side refuses",
    "reverse slot": "from which what is written to the target is brought back",
    "slot": "by which the target is kept up afterwards",
    "prepare": "clients hold their writes",
    "fence": "roles that may write no more",
    "drain": "the last of what was written arrives",
    "last round": "all tables compared, what differs made equal",
    "final check": "rows compared once more while nobody writes",
    "sequences": "set to at least what was used",
    "follow": "the target is kept up again",
    "lift the fence": "roles that may write again",
    "flip": "the flags say where writes live",
    "take back": "the flags as they were",
    "watch": "how long nothing could be written",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step as it was done; a failed one says what was in the way."""

    name: str
    about: str
    tone: str
    glyph: str
    did: str
    undo: str
    took: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLine:
    """One time that the checklist was gone through, in the list."""

    number: int
    what: str
    word: str
    tone: str
    glyph: str
    pause: str
    reason: str
    by: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Which side leads, in a sentence, and what may be asked for in this state."""

    tone: str
    word: str
    text: str
    look: str = ""  # the kind of checklist that is looked at
    may_cut_over: bool = False
    may_go_back: bool = False
    may_end: bool = False
    may_undo: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOversPage:
    section: str = "runs"
    run: Run
    standing: Standing
    under_way: int | None  # the number of the one that is
    looked: AttemptLine | None  # the checklist as it was looked at last
    steps: tuple[StepLine, ...]
    attempts: tuple[AttemptLine, ...]
    left_out: int
    forms: dict[str, Form]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    section: str = "runs"
    run: Run
    line: AttemptLine
    sentence: str
    steps: tuple[StepLine, ...]
    terms: tuple[tuple[str, str], ...]
    live: bool


def cut_overs_page(
    run: Run, attempts: Sequence[CutOverAttempt], total: int, forms: dict[str, Form]
) -> CutOversPage:
    """`attempts` are the run's latest, the newest first."""
    standing = standing_of(run, attempts)
    under_way = next((each.number for each in attempts if each.is_under_way), None)
    looked = next((each for each in attempts if each.kind == standing.look and not each.is_under_way), None)
    return CutOversPage(
        run=run,
        standing=standing,
        under_way=under_way,
        looked=_line(looked) if looked else None,
        steps=_steps(looked) if looked else (),
        attempts=tuple(map(_line, attempts)),
        left_out=total - len(attempts),
        forms=forms,
    )


def attempt_page(attempt: CutOverAttempt) -> AttemptPage:
    return AttemptPage(
        run=attempt.run,
        line=_line(attempt),
        sentence=_sentence(attempt),
        steps=_steps(attempt),
        terms=_terms(attempt),
        live=attempt.is_under_way,
    )


def standing_of(run: Run, attempts: Sequence[CutOverAttempt]) -> Standing:
    """By the latest attempt that changed it, and where none did (the command line may have), by the run's phase."""
    if not run.live:
        return Standing(
            tone="neutral",
            word="Nothing to cut over",
            text="This run does not follow its source: what is written there after its copy does not come along.",
        )
    if run.phase == Phase.FINISH:
        return Standing(tone="ok", word="Finished", text=_finished(attempts))
    if not _has_reached(run, Phase.CUT_OVER):
        return Standing(
            tone="info",
            word="Not yet",
            text=f"The run is in the phase “{phase_word(Phase(run.phase))}”. The target may take over once the tables"
            " are compared while it follows.",
        )
    return _broken_off(attempts) or (_target_leads() if _leads_target(run, attempts) else _source_leads(run))


def _finished(attempts: Sequence[CutOverAttempt]) -> str:
    last = next((each for each in attempts if each.state == State.DONE and not each.is_look), None)
    paused = next((each.pause for each in attempts if each.pause is not None), None)
    told = f" Writes were held for {paused:.2f} s." if paused is not None else ""
    return f"The target leads, and nothing is brought back any more.{told}" if last else "The run has ended."


def _has_reached(run: Run, phase: Phase) -> bool:
    order = phases_of(live=True)
    at = Phase(run.reached if run.phase not in order else run.phase)
    return at in order and order.index(at) >= order.index(phase)


def _leads_target(run: Run, attempts: Sequence[CutOverAttempt]) -> bool:
    turned = next(
        (
            each
            for each in attempts
            if each.state == State.DONE and each.kind in (Kind.OVER, Kind.BACK, Kind.LEAVE)
        ),
        None,
    )
    if turned is not None:
        return turned.kind == Kind.OVER
    return _has_reached(run, Phase.WATCH)


def _broken_off(attempts: Sequence[CutOverAttempt]) -> Standing | None:
    """The last one that was to change something failed, and may have left the application held back."""
    last = next((each for each in attempts if not each.is_look), None)
    if last is None or not last.held:
        return None
    turned = next((each for each in attempts if each.kind in (Kind.OVER, Kind.BACK, Kind.LEAVE)), last)
    back = turned.kind != Kind.OVER
    return Standing(
        tone="bad",
        word="Broken off",
        text="The application may be held back. Do it once more, which goes on where it was, or undo it.",
        look=Kind.LOOK_BACK if back else Kind.LOOK,
        may_cut_over=not back,
        may_go_back=back,
        may_undo=True,
    )


def _source_leads(run: Run) -> Standing:
    led = run.state == RunState.RUNNING
    return Standing(
        tone="ok" if led else "warn",
        word="The source leads",
        text="The target keeps up with it, and may take over."
        if led
        else "Nobody keeps the target up just now: resume the run, so that it can take over.",
        look=Kind.LOOK,
        may_cut_over=True,
    )


def _target_leads() -> Standing:
    return Standing(
        tone="ok",
        word="The target leads",
        text="As long as there is a way back, what is written to it comes into the source, and the source can lead"
        " again without a loss.",
        look=Kind.LOOK_BACK,
        may_go_back=True,
        may_end=True,
    )


def _line(attempt: CutOverAttempt) -> AttemptLine:
    tone, glyph = _LOOKS[State(attempt.state)]
    word = attempt.get_state_display()
    if attempt.is_look and not attempt.is_under_way:
        word = "All holds" if attempt.state == State.DONE else "Something is in the way"
    if attempt.rejects and attempt.state == State.DONE:
        tone, glyph, word = "warn", "▲", f"Done, {counted(attempt.rejects, 'reject')}"
    return AttemptLine(
        number=attempt.number,
        what=attempt.get_kind_display(),
        word=word,
        tone=tone,
        glyph=glyph,
        pause="—" if attempt.pause is None else f"{attempt.pause:.2f} s",
        reason=attempt.reason,
        by=str(attempt.requested_by or "somebody since removed"),
        requested_at=attempt.requested_at,
    )


def _sentence(attempt: CutOverAttempt) -> str:
    match attempt.state:
        case State.QUEUED:
            return "A worker will take it up."
        case State.RUNNING:
            return "It is being gone through, step by step."
        case State.FAILED:
            return attempt.error
    if attempt.pause is not None:
        side = "target" if attempt.kind == Kind.OVER else "source"
        refused = f" {counted(attempt.rejects, 'row')} stayed rejected." if attempt.rejects else ""
        return f"The {side} leads. Nothing could be written for {attempt.pause:.2f} s.{refused}"
    return {
        Kind.LOOK.value: "All that has to hold does. Nothing was changed.",
        Kind.LOOK_BACK.value: "All that has to hold does. Nothing was changed.",
        Kind.END.value: "There is no way back any more, and the run finishes.",
    }.get(attempt.kind, "It is undone: the application may write where it wrote before.")


def _steps(attempt: CutOverAttempt) -> tuple[StepLine, ...]:
    done = [
        StepLine(
            name=step["name"],
            about=_ABOUT.get(step["name"], ""),
            tone="ok",
            glyph="✓",
            did=step["did"],
            undo=step["undo"],
            took=duration(timedelta(seconds=step["seconds"])) if step["seconds"] >= 0.05 else "",
            at=datetime.fromisoformat(step["at"]),
        )
        for step in attempt.steps
    ]
    if attempt.state == State.FAILED and attempt.is_look:
        done.append(
            StepLine(
                name="in the way",
                about="",
                tone="bad",
                glyph="✕",
                did=attempt.error,
                undo="",
                took="",
                at=attempt.ended_at,
            )
        )
    return tuple(done)


def _terms(attempt: CutOverAttempt) -> tuple[tuple[str, str], ...]:
    if attempt.is_look:
        return ()
    known = (
        ("Reason", attempt.reason),
        ("Application", str(attempt.application) if attempt.application else ""),
        ("Roles", ", ".join(attempt.roles) or ("all that are connected" if attempt.kind != Kind.END else "")),
        ("No way back, because", attempt.no_way_back),
    )
    return tuple((term, said) for term, said in known if said)
