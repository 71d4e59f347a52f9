"""The page of a proof: the plan replayed on a scratch copy, and what came of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemadiff.core.plan import Mode
from schemadiff.core.proof import Outcome, Proof, proof_from_json
from schemadiff.models import Comparison, Trial
from schemadiff.pages.trials import TrialChip, trial_chip

_TONES = {
    Outcome.PROVEN: "ok",
    Outcome.IN_PART: "warn",
    Outcome.REFUSED: "bad",
    Outcome.NOT_THERE: "bad",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """A relation that was written anew, or should have been by what the plan says."""

    relation: str
    tone: str
    glyph: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A statement of the plan; `state` is empty where it was carried out."""

    number: int
    object: str
    sql: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofPage:
    """`proof` is None until there is one; `trial` is None where nobody has asked for one. `others` are the earlier and
    later ones of the same comparison."""

    comparison: Comparison
    trial: TrialChip | None
    state: str
    mode: str
    tone: str
    proof: Proof | None
    rewritten: tuple[Rewriting, ...]
    plan: tuple[Replayed, ...]
    others: tuple[TrialChip, ...]
    is_needed: bool  # something differs, so there is a plan
    section: str = "comparisons"

    @property
    def not_shown(self) -> int:
        """How many statements of the plan are not listed."""
        return max(0, self.proof.statements - len(self.plan)) if self.proof else 0

    @property
    def seen_rewritten(self) -> int:
        return sum(each.seen for each in self.proof.rewritten) if self.proof else 0

    @property
    def is_online(self) -> bool:
        return self.mode == Mode.ONLINE.value


def empty_proof_page(comparison: Comparison, *, is_needed: bool) -> ProofPage:
    return ProofPage(
        comparison=comparison,
        trial=None,
        state="",
        mode=Mode.PLAIN.value,
        tone="info",
        proof=None,
        rewritten=(),
        plan=(),
        others=(),
        is_needed=is_needed,
    )


def proof_page(
    comparison: Comparison, trial: Trial, outdated: str, others: Sequence[Trial], *, is_needed: bool
) -> ProofPage:
    """`outdated` says why the proof speaks of something else by now, empty if it does not."""
    result = trial.result or {}
    proof = proof_from_json(result["proof"]) if result else None
    return ProofPage(
        comparison=comparison,
        trial=trial_chip(trial, outdated),
        state=trial.state,
        mode=trial.mode,
        tone=_TONES[proof.outcome] if proof else "info",
        proof=proof,
        rewritten=tuple(_rewritings(proof)) if proof else (),
        plan=tuple(_replayed(proof, result["plan"])) if proof else (),
        others=tuple(trial_chip(other, "") for other in others if other.pk != trial.pk),
        is_needed=is_needed,
    )


def _rewritings(proof: Proof) -> Iterator[Rewriting]:
    for each in proof.rewritten:
        if each.predicted and each.seen:
            tone, glyph, words = "neutral", "=", "as the plan says"
        elif each.seen:
            tone, glyph, words = "bad", "✕", "the plan does not say so"
        else:
            tone, glyph, words = "warn", "▲", "said by the plan, and it was not"
        yield Rewriting(relation=each.relation, tone=tone, glyph=glyph, words=words)


def _replayed(proof: Proof, plan: Sequence[Sequence[str]]) -> Iterator[Replayed]:
    """With something left out another plan was replayed, whose numbers say nothing of this one's statements."""
    for number, (about, sql) in enumerate(plan, start=1):
        state = ""
        if proof.refused is not None and not proof.left_out and number >= proof.refused.number:
            state = "failed" if number == proof.refused.number else "not reached"
        yield Replayed(number=number, object=about, sql=sql, state=state)
