"""The order of a plan: one graph from what statements say about themselves, and one stable sort.

A statement comes after everything that provides what it requires; what destroys an object comes after
everything that releases it, and before what provides it anew.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from schemadiff.core.catalog import Kind, ObjectRef
from schemadiff.core.errors import DependencyCycle
from schemadiff.core.plan import Section, Statement

Graph: TypeAlias = Mapping[int, set[int]]  # index of a statement -> those that come after it
_Node = TypeVar("_Node")
_Key: TypeAlias = tuple[int, int, int, str, str, int, str, int, str]

_SECTIONS = tuple(Section)
_KINDS = (
    Kind.SCHEMA,
    Kind.EXTENSION,
    Kind.LANGUAGE,
    Kind.ACCESS_METHOD,
    Kind.WRAPPER,
    Kind.SERVER,
    Kind.USER_MAPPING,
    Kind.COLLATION,
    Kind.BASE_TYPE,
    Kind.ENUM,
    Kind.DOMAIN,
    Kind.COMPOSITE,
    Kind.RANGE,
    Kind.SEQUENCE,
    Kind.FUNCTION,
    Kind.CONVERSION,
    Kind.CAST,
    Kind.OPERATOR,
    Kind.OPERATOR_FAMILY,
    Kind.PARSER,
    Kind.TEMPLATE,
    Kind.DICTIONARY,
    Kind.CONFIGURATION,
    Kind.MEMBER,
    Kind.OPERATOR_CLASS,
    Kind.TRANSFORM,
    Kind.TABLE,
    Kind.COLUMN,
    Kind.CONSTRAINT,
    Kind.INDEX,
    Kind.VIEW,
    Kind.TRIGGER,
    Kind.RULE,
    Kind.POLICY,
    Kind.STATISTICS,
    Kind.PUBLICATION,
    Kind.SUBSCRIPTION,
    Kind.EVENT_TRIGGER,
    Kind.DEFAULT_PRIVILEGES,
)


def order(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Sort topologically; where the graph leaves a choice, what takes down comes first, then kind and name.

    The result does not depend on the order of the input. What a statement of an earlier section needs is
    moved to that section. Raises DependencyCycle, naming the members, if there is no such order.
    """
    unique = _put_off(sorted(set(statements), key=lambda s: (s.ref, s.sql)))
    after = _graph(unique)
    _follow_preferences(unique, after)
    sections = _sections(unique, after)
    keys = [_key(statement, sections[index]) for index, statement in enumerate(unique)]
    return tuple(
        replace(unique[index], section=_SECTIONS[sections[index]], prefers=frozenset())
        for index in _sort(unique, after, keys)
    )


def circles(after: Mapping[ObjectRef, set[ObjectRef]]) -> tuple[frozenset[ObjectRef], ...]:
    """Groups of objects that reach one another, sorted; an object that reaches only itself is no group."""
    reach = {start: _reachable(after, start) for start in after}
    groups = {
        frozenset(other for other in reach[start] if start in reach.get(other, set())) | {start}
        for start in after
        if start in reach[start]
    }
    return tuple(sorted((g for g in groups if len(g) > 1), key=lambda group: min(group)))


def _reachable(after: Mapping[_Node, set[_Node]], start: _Node) -> set[_Node]:
    found: set[_Node] = set()
    waiting = list(after.get(start, ()))
    while waiting:
        current = waiting.pop()
        if current not in found:
            found.add(current)
            waiting.extend(after.get(current, ()))
    return found


def _graph(statements: Sequence[Statement]) -> dict[int, set[int]]:
    providers, destroyers = _index(statements)
    after: dict[int, set[int]] = {index: set() for index in range(len(statements))}
    for index, statement in enumerate(statements):
        for ref in statement.requires:
            _link(after, providers[ref], [index])
        for ref in statement.releases:
            _link(after, [index], destroyers[ref])
        for ref in statement.destroys:
            _link(after, [index], providers[ref])
    return after


def _put_off(statements: Sequence[Statement]) -> list[Statement]:
    """What prefers something of a later section goes to that one."""
    providers, _ = _index(statements) if any(s.prefers for s in statements) else ({}, {})

    def later(statement: Statement) -> Statement:
        every = (statements[index].section for ref in statement.prefers for index in providers.get(ref, ()))
        return replace(statement, section=max((statement.section, *every), key=_SECTIONS.index))

    return [later(statement) if statement.prefers else statement for statement in statements]


def _follow_preferences(statements: Sequence[Statement], after: dict[int, set[int]]) -> None:
    """One statement after the other, each wish where it closes no circle."""
    if not any(statement.prefers for statement in statements):
        return
    providers, _ = _index(statements)
    for index, statement in enumerate(statements):
        if statement.prefers:
            wanted = {first for ref in statement.prefers for first in providers.get(ref, ())}
            later: set[int] = _reachable(after, index)
            for first in wanted - later - {index}:
                after[first].add(index)


def _index(
    statements: Sequence[Statement],
) -> tuple[defaultdict[ObjectRef, list[int]], defaultdict[ObjectRef, list[int]]]:
    providers: defaultdict[ObjectRef, list[int]] = defaultdict(list)
    destroyers: defaultdict[ObjectRef, list[int]] = defaultdict(list)
    for index, statement in enumerate(statements):
        for ref in statement.provides:
            providers[ref].append(index)
        for ref in statement.destroys:
            destroyers[ref].append(index)
    return providers, destroyers


def _link(after: dict[int, set[int]], earlier: Iterable[int], later: Iterable[int]) -> None:
    for first in earlier:
        after[first].update(second for second in later if second != first)


def _sections(statements: Sequence[Statement], after: Graph) -> list[int]:
    """Each statement's section as a number, lowered to that of whatever comes after it."""
    before: defaultdict[int, set[int]] = defaultdict(set)
    for first, later in after.items():
        for second in later:
            before[second].add(first)
    sections = [_SECTIONS.index(statement.section) for statement in statements]
    waiting = sorted(range(len(statements)), key=lambda index: sections[index])
    for index in waiting:
        _lower(index, sections, before)
    return sections


def _lower(start: int, sections: list[int], before: Mapping[int, set[int]]) -> None:
    waiting = [start]
    while waiting:
        current = waiting.pop()
        for earlier in before[current]:
            if sections[earlier] > sections[current]:
                sections[earlier] = sections[current]
                waiting.append(earlier)


def _key(statement: Statement, section: int) -> _Key:
    takes_down = bool(statement.destroys) and not statement.provides
    kind = _KINDS.index(statement.ref.kind)
    remarks = not (statement.provides or statement.destroys)
    ref = statement.ref
    name = (ref.schema, ref.parent, statement.place, ref.name)
    return (section, not takes_down, -kind if takes_down else kind, *name, remarks, statement.sql)


def _sort(statements: Sequence[Statement], after: Graph, keys: Sequence[_Key]) -> list[int]:
    missing = dict.fromkeys(after, 0)
    for later in after.values():
        for index in later:
            missing[index] += 1
    ready = [(keys[index], index) for index, count in missing.items() if not count]
    heapq.heapify(ready)
    found: list[int] = []
    while ready:
        _, index = heapq.heappop(ready)
        found.append(index)
        for later_index in after[index]:
            missing[later_index] -= 1
            if not missing[later_index]:
                heapq.heappush(ready, (keys[later_index], later_index))
    if len(found) < len(statements):
        raise DependencyCycle(_cycle_sentence(statements, after, set(found)))
    return found


def _cycle_sentence(statements: Sequence[Statement], after: Graph, done: set[int]) -> str:
    circle = _one_circle(after, done)
    names = [f"{statements[i].ref.kind.value} {statements[i].ref.label}" for i in circle]
    path = " → ".join([*names, names[0]])
    return (
        f"These statements need one another in a circle, so no order carries them out: {path}. "
        "Take one of these objects out of the comparison, or make it by hand first."
    )


def _one_circle(after: Graph, done: set[int]) -> list[int]:
    """A shortest way is not needed: walk back through what is still waiting until a statement comes twice."""
    before: defaultdict[int, list[int]] = defaultdict(list)
    for first in sorted(set(after) - done):
        for second in after[first]:
            before[second].append(first)
    path: list[int] = []
    current = min(index for index in after if index not in done)
    while current not in path:
        path.append(current)
        current = before[current][0]
    return list(reversed(path[path.index(current) :]))
