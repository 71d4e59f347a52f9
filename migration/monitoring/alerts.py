"""USE CASE: alerts begin, fire, are told once, and are over; rules are changed and silenced by people."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from migration.core.monitoring.alerting import Open, Said, Step, enough_calls, message, step_of
from migration.core.monitoring.measuring import Measured, Seen, by_application, by_module, measured
from migration.core.monitoring.metrics import (
    BY_NAME,
    CERTIFICATE,
    DRIFT,
    METRICS,
    SCHEDULED,
    Comparison,
    Kind,
    is_beyond,
)
from migration.models import Alert, AlertRule
from migration.monitoring.notifying import tell
from migration.monitoring.reading import seen_since
from schemadiff.core.errors import Refused
from schemadiff.models import Project

FIRST = "the defaults"
"""Who sets the rules that every project begins with."""

_AT_ONCE = (SCHEDULED, CERTIFICATE)
_NOT_BY_DEFAULT = (DRIFT,)  # a run's schedule says how many rows it tolerates: SCHEDULED alerts by that

State = Alert.State


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a rule was held against."""

    rule: AlertRule
    measured: Measured

    @property
    def subject(self) -> str:
        return self.measured.subject.words

    @property
    def beyond(self) -> bool:
        comparison = Comparison(self.rule.comparison)
        return is_beyond(self.measured.value, self.rule.threshold, comparison) and enough_calls(
            self.rule.metric, self.measured.calls
        )


def make_default_rules(project: Project) -> bool:
    """One for each metric that has a threshold; false where they were made before."""
    if AlertRule.objects.filter(project=project, is_default=True).exists():
        return False
    AlertRule.objects.bulk_create(
        AlertRule(
            project=project,
            name=metric.title[:1].upper() + metric.title[1:],
            metric=metric.name,
            comparison=metric.comparison,
            threshold=metric.threshold,
            for_seconds=0 if metric.name in _AT_ONCE else 120,
            is_default=True,
            set_by=FIRST,
        )
        for metric in METRICS
        if metric.threshold is not None and metric.name not in _NOT_BY_DEFAULT
    )
    return True


def evaluate(project: Project, now: datetime) -> None:
    """Hold every rule of the project against what was measured. Nobody else does so at the same time."""
    with transaction.atomic():
        Project.objects.select_for_update(no_key=True).only("pk").get(pk=project.pk)
        rules = list(AlertRule.objects.filter(project=project, enabled=True).select_related("application"))
        found = _measured(project, rules, now)
        unfinished = Alert.objects.filter(project=project, state__in=Alert.OPEN).select_related("rule")
        known = {(alert.rule_id, alert.subject): alert for alert in unfinished}
        for entry in found:
            _advance(entry, known.pop((entry.rule.pk, entry.subject), None), now)
        for alert in known.values():
            _without_value(alert, now)
        _tell(project, now)
        count_firing(project, now)


def count_firing(project: Project, now: datetime) -> None:
    """Bring the number that every page's header shows up to date."""
    firing = Alert.objects.filter(project=project, state=State.FIRING)
    loud = firing.filter(Q(rule__silenced_until=None) | Q(rule__silenced_until__lte=now)).count()
    Project.objects.filter(pk=project.pk).exclude(firing_alerts=loud).update(firing_alerts=loud)


def silence(rule: AlertRule, *, until: datetime, reason: str, by: str) -> None:
    """Tell nobody of this rule's alerts until then. They go on, and are told afterwards if they still fire."""
    if not reason.strip():
        raise Refused("Say why nobody is to be told, for whoever looks for the alert meanwhile.")
    rule.silenced_until, rule.silence_reason, rule.silenced_by = until, reason.strip(), by
    rule.save(update_fields=["silenced_until", "silence_reason", "silenced_by"])
    count_firing(rule.project, timezone.now())


def end_silence(rule: AlertRule) -> None:
    rule.silenced_until, rule.silence_reason, rule.silenced_by = None, "", ""
    rule.save(update_fields=["silenced_until", "silence_reason", "silenced_by"])
    count_firing(rule.project, timezone.now())


def delete(rule: AlertRule) -> None:
    """Refused for one of the defaults: it would leave no trace that nobody is told."""
    if rule.is_default:
        raise Refused(f"“{rule.name}” is one of the rules that every project has. Switch it off instead.")
    project = rule.project
    rule.delete()
    count_firing(project, timezone.now())


def is_silenced(rule: AlertRule, now: datetime) -> bool:
    return rule.silenced_until is not None and rule.silenced_until > now


def _measured(project: Project, rules: Iterable[AlertRule], now: datetime) -> list[_Found]:
    """One query for each length of window."""
    seen: dict[int, tuple[Seen, ...]] = {}
    found = []
    for rule in rules:
        window = rule.window_seconds
        if window not in seen:
            seen[window] = seen_since(project, now - timedelta(seconds=window))
        group = by_module if rule.module else by_application
        chosen = [entry for entry in seen[window] if _is_about(rule, entry)]
        found += [
            _Found(rule=rule, measured=entry)
            for entry in measured(BY_NAME[rule.metric], chosen, group, window_seconds=window)
        ]
    return found


def _is_about(rule: AlertRule, entry: Seen) -> bool:
    subject = entry.subject
    return (
        (rule.application is None or subject.application == str(rule.application))
        and (not rule.module or subject.module == rule.module)
        and (not rule.backend or subject.backend == rule.backend)
    )


def _advance(found: _Found, alert: Alert | None, now: datetime) -> None:
    lasting = timedelta(seconds=found.rule.for_seconds)
    step = step_of(_as_open(alert), beyond=found.beyond, now=now, lasting=lasting)
    value = found.measured.value
    if alert is not None and step is Step.FIRE and not _goes_on(found, alert, now):
        step = Step.GO_ON
    if alert is None:
        if step in (Step.BEGIN, Step.BEGIN_FIRING):
            _begin(found, step, now)
        return
    alert.value = value
    if found.beyond:
        alert.worst = _worse(found.rule, alert.worst, value)
        alert.calm_since = None
    _take(alert, step, now)


def _goes_on(found: _Found, alert: Alert, now: datetime) -> bool:
    """Whether what has come since the alert began is too much by itself: in a window that is longer than the time
    that the rule waits for, one burst would be seen again and again. Gauges are as they are now anyway."""
    rule, metric = found.rule, BY_NAME[found.rule.metric]
    if metric.kind is Kind.GAUGE or rule.comparison != Comparison.ABOVE:
        return True
    chosen = [entry for entry in seen_since(rule.project, alert.since) if _is_about(rule, entry)]
    passed = max(1.0, (now - alert.since).total_seconds())
    since = measured(metric, chosen, by_module if rule.module else by_application, window_seconds=passed)
    return any(
        is_beyond(entry.value, rule.threshold, Comparison.ABOVE)
        for entry in since
        if entry.subject == found.measured.subject
    )


def _begin(found: _Found, step: Step, now: datetime) -> None:
    firing = step is Step.BEGIN_FIRING
    Alert.objects.create(
        project_id=found.rule.project_id,
        rule=found.rule,
        subject=found.subject,
        state=State.FIRING if firing else State.PENDING,
        value=found.measured.value,
        worst=found.measured.value,
        threshold=found.rule.threshold,
        since=now,
        fired_at=now if firing else None,
    )


def _take(alert: Alert, step: Step, now: datetime) -> None:
    match step:
        case Step.DROP:
            alert.delete()
            return
        case Step.FIRE:
            alert.state, alert.fired_at = State.FIRING, now
        case Step.CALM:
            alert.calm_since = now
        case Step.RESOLVE:
            alert.state, alert.resolved_at = State.RESOLVED, now
        case _:
            pass
    alert.save()


def _without_value(alert: Alert, now: datetime) -> None:
    """Its rule was switched off, or nothing is measured of it any more: as if it were fine."""
    if not alert.rule.enabled:
        _take(alert, Step.RESOLVE if alert.state == State.FIRING else Step.DROP, now)
        return
    lasting = timedelta(seconds=alert.rule.for_seconds)
    _take(alert, step_of(_as_open(alert), beyond=False, now=now, lasting=lasting), now)


def _as_open(alert: Alert | None) -> Open | None:
    if alert is None:
        return None
    return Open(firing=alert.state == State.FIRING, since=alert.since, calm_since=alert.calm_since)


def _worse(rule: AlertRule, one: float, other: float) -> float:
    return max(one, other) if rule.comparison == Comparison.ABOVE else min(one, other)


def _tell(project: Project, now: datetime) -> None:
    """Of each alert once that it fires, and once that it is over; not of silenced ones."""
    loud = Alert.objects.filter(project=project).select_related("rule")
    loud = loud.filter(Q(rule__silenced_until=None) | Q(rule__silenced_until__lte=now))
    begun = list(loud.filter(state=State.FIRING, told=False).order_by("pk"))
    over = list(loud.filter(state=State.RESOLVED, told=True, resolved_at=now).order_by("pk"))
    if begun or over:
        tell(project, [_message(project, alert) for alert in (*begun, *over)])
        Alert.objects.filter(pk__in=[alert.pk for alert in begun]).update(told=True)


def _message(project: Project, alert: Alert) -> str:
    resolved = alert.state == State.RESOLVED
    return message(
        Said(
            project=project.name,
            rule=alert.rule.name,
            metric=alert.rule.metric,
            subject=alert.subject,
            value=alert.worst if resolved else alert.value,
            threshold=alert.rule.threshold,
            comparison=Comparison(alert.rule.comparison),
            since=alert.since,
            resolved=resolved,
        )
    )


def history(project: Project, shown: int = 50) -> list[Alert]:
    """Those that are over, the latest first."""
    over = Alert.objects.filter(project=project, state=State.RESOLVED).select_related("rule")
    return list(over.order_by(F("resolved_at").desc(), "-pk")[:shown])


def unfinished(project: Project) -> list[Alert]:
    """Those that fire, then those that are pending."""
    rows = Alert.objects.filter(project=project, state__in=Alert.OPEN).select_related("rule")
    return list(rows.order_by("state", "-since"))
