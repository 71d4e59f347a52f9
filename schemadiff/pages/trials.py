"""What the pages say of trials: where each stands, on the comparison's page and on its own."""

from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.approval import Standing
from schemadiff.core.proof import Outcome
from schemadiff.models import Trial
from schemadiff.store.reviews import NOBODY
from schemadiff.store.trials import why_outdated

_CHIPS = {
    Outcome.PROVEN.value: ("ok", "✓", "Plan proven"),
    Outcome.IN_PART.value: ("warn", "▲", "Plan proven in part"),
    Outcome.REFUSED.value: ("bad", "✕", "Plan not proven"),
    Outcome.NOT_THERE.value: ("bad", "✕", "Plan not proven"),
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
    """The part of a comparison's page about its trials. `is_needed` is false where nothing differs."""

    proof: TrialChip | None
    is_needed: bool

    @property
    def is_under_way(self) -> bool:
        return any(chip.is_under_way for chip in (self.proof,) if chip)


def trial_strip(trials: dict[str, Trial], *, digest: str, differ: int, standing: Standing) -> TrialStrip:
    """`digest` and `differ` are of what differs now, `standing` is where the review stands."""
    proof = trials.get(Trial.Kind.PROOF)
    return TrialStrip(
        proof=trial_chip(proof, why_outdated(proof, digest, standing)) if proof else None,
        is_needed=differ > 0,
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
            return *_CHIPS[trial.outcome], ""
