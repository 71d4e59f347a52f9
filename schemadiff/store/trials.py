"""Trials as rows: asked for, under way, ended; and what makes one outdated."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from schemadiff.core.approval import Standing
from schemadiff.core.plan import Mode
from schemadiff.models import Comparison, Trial

Kind = Trial.Kind
State = Trial.State

SAMPLES = "samples"  # in the result of a row check: people's data
KEPT = timedelta(days=30)  # as long as that is there


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What came of a trial: a word, a sentence, and everything else as JSON. `findings` as the row says."""

    outcome: str
    sentence: str
    result: dict[str, Any]
    findings: dict[str, list[str]]


def begin_trial(comparison: Comparison, kind: Trial.Kind, mode: Mode, user: User) -> Trial:
    """A new one, or that of this kind that is under way already."""
    with transaction.atomic():
        Comparison.objects.select_for_update(of=("self",)).only("pk").get(pk=comparison.pk)
        current = Trial.objects.filter(comparison=comparison, kind=kind, state__in=Trial.UNDER_WAY).first()
        return current or Trial.objects.create(
            project_id=comparison.project_id,
            comparison=comparison,
            kind=kind,
            mode=mode.value,
            source_fingerprint=comparison.source.fingerprint,
            target_fingerprint=comparison.target.fingerprint,
            requested_by=user,
        )


def start_trial(pk: int) -> bool:
    """A worker has taken it up, for the first time or after another one died; false if it has ended or is gone."""
    rows = Trial.objects.filter(pk=pk, state__in=Trial.UNDER_WAY)
    return rows.update(state=State.RUNNING, started_at=timezone.now(), reached="") == 1


def note_trial(pk: int, reached: str) -> None:
    Trial.objects.filter(pk=pk, state=State.RUNNING).update(reached=reached)


def end_trial(pk: int, digest: str, ended: Ended) -> None:
    """`digest` names what differed when it was planned."""
    Trial.objects.filter(pk=pk, state=State.RUNNING).update(
        state=State.DONE,
        ended_at=timezone.now(),
        digest=digest,
        outcome=ended.outcome,
        sentence=ended.sentence,
        result=ended.result,
        findings=ended.findings,
    )


def fail_trial(pk: int, error: str) -> None:
    """`error` is a sentence without a password."""
    rows = Trial.objects.filter(pk=pk, state=State.RUNNING)
    rows.update(state=State.FAILED, ended_at=timezone.now(), error=error)


def forget_samples() -> int:
    """Take the rows' values out of row checks that ended long ago; how many had some."""
    old = timezone.now() - KEPT
    rows = Trial.objects.filter(kind=Kind.ROWS, ended_at__lt=old, result__has_key=SAMPLES)
    for row in rows:
        left = {key: value for key, value in (row.result or {}).items() if key != SAMPLES}
        Trial.objects.filter(pk=row.pk).update(result=left)
    return len(rows)


def latest_trials(comparison: Comparison) -> dict[str, Trial]:
    """The last one of each kind, without what it found; one query."""
    rows = _light(Trial.objects.filter(comparison=comparison))
    return {row.kind: row for row in rows.order_by("kind", "-pk").distinct("kind")}


def latest_trials_about(comparison: Comparison, key: str) -> dict[str, Trial]:
    """As `latest_trials`, each with `about`: the sentences that it found about one object, or None."""
    rows = _light(Trial.objects.filter(comparison=comparison)).annotate(about=KeyTransform(key, "findings"))
    return {row.kind: row for row in rows.order_by("kind", "-pk").distinct("kind")}


def trials_of(comparison: Comparison, kind: Trial.Kind) -> list[Trial]:
    """All of one kind, the latest first, without what they found."""
    return list(_light(Trial.objects.filter(comparison=comparison, kind=kind)))


def why_outdated(trial: Trial, digest: str, standing: Standing) -> str:
    """Empty for one that still speaks of what is there; `digest` names what differs now."""
    if trial.state != State.DONE:
        return ""
    if standing.newer is not None:
        return standing.why
    return "" if trial.digest == digest else "a confirmed rename or a rule has changed what differs"


def _light(rows: QuerySet[Trial]) -> QuerySet[Trial]:
    return rows.select_related("requested_by").defer("result", "findings")
