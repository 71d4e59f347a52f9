"""The pages of alerts: what fires, the rules, where they are sent, what was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.forms import BaseForm

from migration.core.monitoring.metrics import BY_NAME, Metric, amount, bad_when
from migration.core.spans import span
from migration.models import Alert, AlertRule, Channel, Notice
from migration.monitoring.alerts import is_silenced
from migration.pages.flags import Badge
from migration.pages.monitoring_charts import number

_STATES = {
    Alert.State.PENDING: Badge(glyph="○", word="pending", chip="warn"),
    Alert.State.FIRING: Badge(glyph="▲", word="firing", chip="bad"),
    Alert.State.RESOLVED: Badge(glyph="✓", word="resolved", chip="ok"),
}
_SENT = {
    Notice.State.QUEUED: Badge(glyph="○", word="on its way", chip="info"),
    Notice.State.SENT: Badge(glyph="✓", word="sent", chip="ok"),
    Notice.State.FAILED: Badge(glyph="✕", word="not sent", chip="bad"),
}
_ON = Badge(glyph="●", word="on", chip="info")
_OFF = Badge(glyph="−", word="off", chip="neutral")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    rule: str
    subject: str
    badge: Badge
    value: str
    worst: str
    threshold: str
    since: datetime
    lasted: str
    silenced: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    pk: int
    name: str
    condition: str
    about: str
    badge: Badge
    silenced_until: datetime | None
    silence_reason: str
    silenced_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    pk: int
    kind: str
    shown: str
    last: Badge | None
    last_at: datetime | None
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsPage:
    verdict: str
    tone: str
    alerts: tuple[AlertRow, ...]
    rules: tuple[RuleRow, ...]
    channels: tuple[ChannelRow, ...]
    past: tuple[AlertRow, ...]
    section: str = "monitoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFormPage:
    """A form of its own page, and what it is about."""

    title: str
    form: BaseForm
    submit: str
    about: str = ""
    deletes: int | None = None
    section: str = "monitoring"


def alerts_page(
    unfinished: Sequence[Alert],
    rules: Sequence[AlertRule],
    channels: Sequence[tuple[Channel, Notice | None]],
    past: Sequence[Alert],
    now: datetime,
) -> AlertsPage:
    tone, verdict = _verdict(unfinished, rules, channels)
    return AlertsPage(
        verdict=verdict,
        tone=tone,
        alerts=tuple(_alert(entry, now) for entry in unfinished),
        rules=tuple(_rule(entry, now) for entry in rules),
        channels=tuple(_channel(channel, last) for channel, last in channels),
        past=tuple(_alert(entry, now) for entry in past),
    )


def _verdict(
    unfinished: Sequence[Alert], rules: Sequence[AlertRule], channels: Sequence[object]
) -> tuple[str, str]:
    firing = sum(entry.state == Alert.State.FIRING for entry in unfinished)
    if not rules:
        return "info", "There are no rules yet: a worker makes the default ones within a minute."
    if firing:
        return "bad", f"{firing} alert{'s fire' if firing > 1 else ' fires'}."
    if unfinished:
        return "warn", f"Nothing fires; {len(unfinished)} pending."
    if not channels:
        return "warn", "Nothing fires. Nobody would be told if something did: add a channel."
    return "ok", "Nothing fires."


def _alert(entry: Alert, now: datetime) -> AlertRow:
    metric = BY_NAME[entry.rule.metric]
    end = entry.resolved_at or now
    return AlertRow(
        rule=entry.rule.name,
        subject=entry.subject,
        badge=_STATES[Alert.State(entry.state)],
        value=amount(number(entry.value), metric),
        worst=amount(number(entry.worst), metric),
        threshold=bad_when(metric, entry.rule.comparison, number(entry.threshold)),
        since=entry.since,
        lasted=span(end - entry.since),
        silenced=entry.rule.silence_reason if is_silenced(entry.rule, now) else "",
    )


def _rule(entry: AlertRule, now: datetime) -> RuleRow:
    silenced = is_silenced(entry, now)
    return RuleRow(
        pk=entry.pk,
        name=entry.name,
        condition=condition(entry),
        about=_about(entry),
        badge=_ON if entry.enabled else _OFF,
        silenced_until=entry.silenced_until if silenced else None,
        silence_reason=entry.silence_reason if silenced else "",
        silenced_by=entry.silenced_by if silenced else "",
    )


def condition(entry: AlertRule) -> str:
    """What the rule asks, in words."""
    metric: Metric = BY_NAME[entry.metric]
    lasting = f" for {entry.for_seconds} s" if entry.for_seconds else ""
    bad = bad_when(metric, entry.comparison, number(entry.threshold))
    return f"{metric.title}{':' if metric.is_yes_no else ''} {bad}{lasting}, over {entry.window_seconds} s"


def _about(entry: AlertRule) -> str:
    words = (str(entry.application) if entry.application else "", entry.module, entry.backend)
    return " · ".join(word for word in words if word) or "everything"


def _channel(channel: Channel, last: Notice | None) -> ChannelRow:
    return ChannelRow(
        pk=channel.pk,
        kind=channel.get_kind_display(),
        shown=channel.shown,
        last=_SENT[Notice.State(last.state)] if last else None,
        last_at=(last.ended_at or last.made_at) if last else None,
        error=last.error if last else "",
    )
