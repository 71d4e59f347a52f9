"""What the pages say of trials: where each stands, on the comparison's page and on its own."""

from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.approval import Standing
from schemadiff.core.proof import Outcome
from schemadiff.evidence.row_findings import Outcome as RowsOutcome
from schemadiff.models import Trial
from schemadiff.store.reviews import NOBODY
from schemadiff.store.trials import why_outdated

_CHIPS = {
    Outcome.PROVEN.value: ("ok", "✓", "Plan proven"),
    Outcome.IN_PART.value: ("warn", "▲", "Plan proven in part"),
    Outcome.REFUSED.value: ("bad", "✕", "Plan not proven"),
    Outcome.NOT_THERE.value: ("bad", "✕", "Plan not proven"),
}
_ROWS_CHIPS = {
    RowsOutcome.IN_THE_WAY.value: ("bad", "✕", "Rows in the way"),
    RowsOutcome.CHANGED.value: ("warn", "▲", "Values change"),
    RowsOutcome.NOT_COUNTED.value: ("warn", "▲", "Rows not all counted"),
    RowsOutcome.CLEAR.value: ("ok", "✓", "No row in the way"),
}
_UNDER_WAY = {Trial.Kind.PROOF: "Being proven", Trial.Kind.ROWS: "Rows are being checked"}
_FAILED = {Trial.Kind.PROOF: "The proof failed", Trial.Kind.ROWS: "The row check failed"}
_OUTDATED = {Trial.Kind.PROOF: "Proof outdated", Trial.Kind.ROWS: "Row check outdated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialChip:
    """Where a trial stands, in a word, and a line of details after it."""

    pk: int
    kind: str
    tone: str
    glyph: str
    word: str
    line: str
    at: datetime | None
    by: str
    is_waiting: bool  # for a worker
    is_under_way: bool
    is_outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStrip:
    """The part of a comparison's page about its trials. `is_needed` is false where nothing differs, `has_rows` where
    the target is no connection.
    """

    proof: TrialChip | None
    rows: TrialChip | None
    is_needed: bool
    has_rows: bool

    @property
    def is_under_way(self) -> bool:
        return any(chip.is_under_way for chip in (self.proof, self.rows) if chip)


@dataclass(frozen=True, slots=True, kw_only=True)
class InTheWay:
    """What the last row check found about an object, and when it counted."""

    pk: int
    at: datetime | None
    sentences: tuple[str, ...]
    is_outdated: bool


def in_the_way(trials: dict[str, Trial], digest: str) -> InTheWay | None:
    """Of trials that say what they are `about`; None where nothing is."""
    trial = trials.get(Trial.Kind.ROWS)
    about = getattr(trial, "about", None)
    if trial is None or not about:
        return None
    is_outdated = trial.digest != digest
    return InTheWay(pk=trial.pk, at=trial.ended_at, sentences=tuple(about), is_outdated=is_outdated)


def trial_strip(
    trials: dict[str, Trial], *, digest: str, differ: int, standing: Standing, has_rows: bool
) -> TrialStrip:
    """`digest` and `differ` are of what differs now, `standing` is where the review stands."""

    def chip(kind: Trial.Kind) -> TrialChip | None:
        trial = trials.get(kind)
        return trial_chip(trial, why_outdated(trial, digest, standing)) if trial else None

    return TrialStrip(
        proof=chip(Trial.Kind.PROOF), rows=chip(Trial.Kind.ROWS), is_needed=differ > 0, has_rows=has_rows
    )


def trial_chip(trial: Trial, outdated: str) -> TrialChip:
    """`outdated` says why it is, empty for one that is not."""
    tone, glyph, word, line = _said(trial, outdated)
    return TrialChip(
        pk=trial.pk,
        kind=trial.kind,
        tone=tone,
        glyph=glyph,
        word=word,
        line=line,
        at=trial.ended_at or trial.started_at or trial.requested_at,
        by=trial.requested_by.get_username() if trial.requested_by else NOBODY,
        is_waiting=trial.state == Trial.State.QUEUED,
        is_under_way=trial.is_under_way,
        is_outdated=bool(outdated),
    )


def _said(trial: Trial, outdated: str) -> tuple[str, str, str, str]:
    kind = Trial.Kind(trial.kind)
    match trial.state:
        case Trial.State.QUEUED:
            return "info", "●", _UNDER_WAY[kind], "waiting for a worker"
        case Trial.State.RUNNING:
            return "info", "●", _UNDER_WAY[kind], trial.reached
        case Trial.State.FAILED:
            return "bad", "✕", _FAILED[kind], trial.error
        case _ if outdated:
            return "warn", "▲", _OUTDATED[kind], outdated
        case _:
            chips = _CHIPS if kind is Trial.Kind.PROOF else _ROWS_CHIPS
            return *chips[trial.outcome], ""
