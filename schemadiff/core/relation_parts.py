"""What else may belong to a table or view: rules, row-level security policies, statistics objects."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rewrite rule other than the one that a view's query is."""

    name: str
    definition: str  # pg_get_ruledef, without its semicolon
    enabled: str = "origin"  # origin, disabled, replica, always
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`roles` are sorted; none of them means everybody (PUBLIC). Expressions are printed in parentheses."""

    name: str
    command: str = "all"  # all, select, insert, update, delete
    permissive: bool = True
    roles: tuple[str, ...] = ()
    using: str | None = None
    check: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsObject:
    """Extended statistics. It has a schema of its own, which need not be its table's."""

    name: str
    schema: str
    definition: str  # pg_get_statisticsobjdef
    target: int | None = None  # where it is not the default
    comment: str | None = None
