"""The parts of relations other than columns: each made, dropped or altered by the file of its kind."""

from collections.abc import Iterator

from schemadiff.core.catalog import (
    Constraint,
    Index,
    Part,
    Policy,
    Rule,
    StatisticsObject,
    Table,
    Trigger,
    View,
)
from schemadiff.core.ddl import constraints, indexes, policies, rules, statistics, storage, triggers
from schemadiff.core.plan import Statement


def create_part(owner: Table | View, part: Part) -> Iterator[Statement]:
    """With all that a plain CREATE leaves out."""
    match part:
        case Constraint() if isinstance(owner, Table):
            yield constraints.add_constraint(owner, part)
            yield from storage.mark_index(owner, part, None)
        case Index():
            yield indexes.create_index(owner, part)
            yield from storage.mark_index(owner, part, None)
        case Trigger():
            yield triggers.create_trigger(owner, part)
            if part.enabled != "origin":
                yield triggers.set_firing(owner, part)
        case Rule():
            yield rules.create_rule(owner, part)
            if part.enabled != "origin":
                yield rules.set_rule_firing(owner, part)
        case Policy() if isinstance(owner, Table):
            yield policies.create_policy(owner, part)
        case StatisticsObject():
            yield statistics.create_statistics(owner, part)
            if part.target is not None:
                yield statistics.set_target(owner, part)


def drop_part(owner: Table | View, part: Part) -> Iterator[Statement]:
    match part:
        case Constraint() if isinstance(owner, Table):
            yield constraints.drop_constraint(owner, part)
        case Index():
            yield indexes.drop_index(owner, part)
        case Trigger():
            yield triggers.drop_trigger(owner, part)
        case Rule():
            yield rules.drop_rule(owner, part)
        case Policy() if isinstance(owner, Table):
            yield policies.drop_policy(owner, part)
        case StatisticsObject():
            yield statistics.drop_statistics(owner, part)


def alter_part(owner: Table | View, source: Part, target: Part) -> Iterator[Statement]:
    """From the target's to the source's, where that can be done in place."""
    match source, target:
        case Constraint(), Constraint() if isinstance(owner, Table):
            yield from constraints.alter_constraint(owner, source, target)
            yield from storage.mark_index(owner, source, target)
        case Index(), Index():
            yield from storage.mark_index(owner, source, target)
        case Trigger(), Trigger():
            yield triggers.set_firing(owner, source)
        case Rule(), Rule():
            if source.definition != target.definition:
                yield rules.replace_rule(owner, source)
            if source.enabled != target.enabled:
                yield rules.set_rule_firing(owner, source)
        case Policy(), Policy() if isinstance(owner, Table):
            yield policies.alter_policy(owner, source)
        case StatisticsObject(), StatisticsObject():
            yield statistics.set_target(owner, source)
