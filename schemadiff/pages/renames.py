"""The part of a comparison's page about names that differ: what looks like a rename, and what people said of it."""

from dataclasses import dataclass
from datetime import datetime

from schemadiff.core.mapping import PairStatus
from schemadiff.core.objects import ObjectRef
from schemadiff.models import Comparison
from schemadiff.store.compared import PossibleRename, Summary
from schemadiff.store.renames import Decided, decided_renames

_GONE = "an account that is gone"
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateChoice:
    """What the target's object may be called in the source."""

    key: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRename:
    """Waiting for a person. `reasons` speak for the only candidate; of several none is likelier."""

    key: str
    kind: str
    label: str
    candidates: tuple[CandidateChoice, ...]
    reasons: str
    loses_values: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedRename:
    pk: int
    kind: str
    source: str
    target: str
    is_confirmed: bool
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenamePart:
    open: tuple[OpenRename, ...]
    decided: tuple[DecidedRename, ...]

    @property
    def is_short(self) -> bool:
        """Whether there is something to decide, and so little that the differences stay in sight below it."""
        return 0 < len(self.open) <= _FEW

    @property
    def is_empty(self) -> bool:
        return not self.open and not self.decided


def rename_part(comparison: Comparison, summary: Summary) -> RenamePart:
    return RenamePart(
        open=tuple(_open(one) for one in summary.possible_renames),
        decided=tuple(_decided(one) for one in decided_renames(comparison)),
    )


def _open(one: PossibleRename) -> OpenRename:
    target = one.target.ref
    candidates = tuple(
        CandidateChoice(key=candidate.ref.key, label=_short(candidate.ref, target))
        for candidate in one.candidates
    )
    return OpenRename(
        key=target.key,
        kind=target.kind.value,
        label=target.label,
        candidates=candidates,
        reasons=", ".join(one.reasons) if len(candidates) == 1 else "",
        loses_values=one.target.kind in ("table", "column", "attribute", "sequence"),
    )


def _decided(one: Decided) -> DecidedRename:
    source, target = one.rename.source, one.rename.target
    return DecidedRename(
        pk=one.pk,
        kind=target.kind.value,
        source=source.label,
        target=target.label,
        is_confirmed=one.rename.status is PairStatus.CONFIRMED,
        by=one.by or _GONE,
        at=one.at,
    )


def _short(ref: ObjectRef, beside: ObjectRef) -> str:
    """Without its table, where that is the same."""
    return (
        ref.name if ref.parent and (ref.schema, ref.parent) == (beside.schema, beside.parent) else ref.label
    )
