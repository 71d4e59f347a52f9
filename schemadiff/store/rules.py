"""A project's ignore rules as rows: one that is changed or removed is ended, with who, when and why, and kept."""

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from schemadiff.core.errors import Refused
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.objects import Kind
from schemadiff.models import Project, ProjectRule


def rules_of(project_id: int) -> Rules:
    """Those in force, in their order; one query."""
    return Rules(entries=tuple(map(rule_of, _rows(project_id).filter(ended_at=None))))


def present_rules(project: Project) -> list[ProjectRule]:
    """Those in force, in their order."""
    return list(_rows(project.pk).filter(ended_at=None))


def ended_rules(project: Project) -> list[ProjectRule]:
    """Those that were changed or removed, the latest first."""
    return list(_rows(project.pk).exclude(ended_at=None).order_by("-ended_at", "-pk"))


def rule_of(row: ProjectRule) -> IgnoreRule:
    return IgnoreRule(
        reason=row.reason,
        attributes=tuple(row.attributes),
        kinds=tuple(Kind(kind) for kind in row.kinds),
        schemas=tuple(row.schemas),
        names=tuple(row.names),
    )


def add_rules(project: Project, rules: Iterable[IgnoreRule], user: User) -> None:
    """At the end of those that there are."""
    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        last = _rows(project.pk).aggregate(last=Max("position"))["last"] or 0
        for position, rule in enumerate(rules, last + 1):
            _create(project.pk, rule, position, user)


def change_rule(row: ProjectRule, rule: IgnoreRule, user: User) -> None:
    """Another rule in its place, whose reason says why. Raises Refused if somebody ended it meanwhile."""
    with transaction.atomic():
        end_rule(row, "changed", user)
        _create(row.project_id, rule, row.position, user)


def end_rule(row: ProjectRule, because: str, user: User) -> None:
    """Nothing is ignored by it any more. Raises Refused if somebody ended it meanwhile."""
    present = ProjectRule.objects.filter(pk=row.pk, ended_at=None)
    if not present.update(ended_at=timezone.now(), ended_by=user, ended_because=because):
        raise Refused("Somebody else changed or removed this rule a moment ago. Look at the rules again.")


def _rows(project_id: int) -> QuerySet[ProjectRule]:
    return ProjectRule.objects.filter(project_id=project_id).select_related("created_by", "ended_by")


def _create(project_id: int, rule: IgnoreRule, position: int, user: User) -> None:
    ProjectRule.objects.create(
        project_id=project_id,
        position=position,
        reason=rule.reason,
        attributes=list(rule.attributes),
        kinds=[kind.value for kind in rule.kinds],
        schemas=list(rule.schemas),
        names=list(rule.names),
        created_by=user,
    )
