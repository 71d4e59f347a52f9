"""Which statements of a plan are carried out together: all or none of a group."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from schemadiff.core.plan import Mode, Plan, Statement

Group: TypeAlias = tuple[Statement, ...]

LARGEST = 500
"""Statements in one transaction. Each holds a few locks to its end, and a server keeps room for 6,400 by default
(`max_locks_per_transaction` times `max_connections`)."""


def grouped(plan: Plan) -> Iterator[Group]:
    """The plan's statements in their order. Online each is committed at once: no lock is held for another's sake."""
    if plan.mode is Mode.ONLINE:
        return ((statement,) for statement in plan.statements)
    return _together(plan.statements)


def _together(statements: Iterable[Statement]) -> Iterator[Group]:
    """As few groups as PostgreSQL allows.

    A statement that cannot be in a transaction block, or whose result can only be used once it is committed (a new
    label of an enum), is a group of its own.
    """
    group: list[Statement] = []
    for statement in statements:
        if group and (len(group) == LARGEST or not statement.in_transaction):
            yield tuple(group)
            group = []
        if statement.in_transaction:
            group.append(statement)
        else:
            yield (statement,)
    if group:
        yield tuple(group)
