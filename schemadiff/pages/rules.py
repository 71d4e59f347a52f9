"""The pages of ignore rules, and what a comparison's page says of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from schemadiff import store
from schemadiff.core.noise.hidden import Hidden, HiddenChange
from schemadiff.forms.rules import EndForm, RuleForm
from schemadiff.models import Comparison, Project, ProjectRule
from schemadiff.pages.comparison_filters import Filters
from schemadiff.store.compared import HiddenBy, Summary
from schemadiff.store.rules import ended_rules, present_rules, rule_of

_MOST_SHOWN = 500
_LONGEST = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedRule:
    """`ended_at` and what follows are None and empty for a rule in force."""

    pk: int
    label: str
    reason: str
    author: str
    written_at: datetime
    ended_at: datetime | None
    ended_by: str
    ended_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesPage:
    present: tuple[ListedRule, ...]
    ended: tuple[ListedRule, ...]
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFormPage:
    """`end` is the form of removing the rule; None where it is a new one."""

    form: RuleForm
    end: EndForm | None = None
    pk: int | None = None
    section: str = "comparisons"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """A change that a rule hides: `column public.clients.mail`, `comment`."""

    name: str
    attribute: str
    source: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRule:
    label: str
    reason: str
    changes: tuple[ShownChange, ...]
    left: int  # that are not listed, for there are too many


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenPart:
    """What a comparison's page says of the rules; `shown` is empty until it is asked for."""

    changes: int
    rules: tuple[HiddenBy, ...]
    not_as_the_rules_say: tuple[str, ...]
    is_shown: bool
    switch: str  # the page with this turned over
    shown: tuple[ShownRule, ...] = ()


def rules_page(project: Project) -> RulesPage:
    return RulesPage(
        present=tuple(map(_listed, present_rules(project))), ended=tuple(map(_listed, ended_rules(project)))
    )


def hidden_part(comparison: Comparison, summary: Summary, filters: Filters) -> HiddenPart:
    """From the kept figures alone, unless what is hidden is to be seen."""
    hidden = store.agreement_of(comparison).hidden if filters.show_hidden else ()
    return HiddenPart(
        changes=sum(one.changes for one in summary.hidden),
        rules=summary.hidden,
        not_as_the_rules_say=summary.not_as_the_rules_say,
        is_shown=filters.show_hidden,
        switch=replace(filters, show_hidden=not filters.show_hidden).query(),
        shown=tuple(map(_shown, hidden)),
    )


def _listed(row: ProjectRule) -> ListedRule:
    return ListedRule(
        pk=row.pk,
        label=rule_of(row).label,
        reason=row.reason,
        author=row.created_by.get_username() if row.created_by else "an account that is gone",
        written_at=row.created_at,
        ended_at=row.ended_at,
        ended_by=row.ended_by.get_username() if row.ended_by else "an account that is gone",
        ended_because=row.ended_because,
    )


def _shown(hidden: Hidden) -> ShownRule:
    return ShownRule(
        label=hidden.rule.label,
        reason=hidden.rule.reason,
        changes=tuple(_changes(hidden.listed[:_MOST_SHOWN])),
        left=max(0, hidden.changes - _MOST_SHOWN),
    )


def _changes(listed: tuple[HiddenChange, ...]) -> Iterator[ShownChange]:
    for one in listed:
        yield ShownChange(
            name=f"{one.ref.kind.value} {one.ref.label}",
            attribute=one.attribute,
            source=_short(one.source),
            target=_short(one.target),
        )


def _short(text: str | None) -> str:
    if text is None:
        return ""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
