"""How much each ignore rule hides."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.noise.attributes import is_about
from schemadiff.core.noise.rules import IgnoreRule, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """`changes` counts attributes, and objects that one side has only; `objects` are the top-level ones they are in."""

    rule: IgnoreRule
    changes: int
    objects: int


@dataclass(frozen=True, slots=True)
class _Unit:
    """The least that can be hidden: one attribute, or that an object is on one side only (`attribute` is empty)."""

    owner: ObjectRef
    ref: ObjectRef
    attribute: str


def count_hidden(
    full: Diff,
    shown: Diff,
    rules: Rules,
    ignored: Mapping[ObjectRef, IgnoreRule],
    causes: Mapping[ObjectRef, ObjectRef],
) -> tuple[Hidden, ...]:
    """What is in `full` and not in `shown`, by the rule that hid it.

    `ignored` says for whole objects which rule that was; `causes` for objects that stay for the sake of others, which.
    """
    left = set(_units(shown))
    found: defaultdict[int, list[_Unit]] = defaultdict(list)
    for unit in _units(full):
        if unit not in left:
            found[_rule(unit, rules, ignored, causes)].append(unit)
    return tuple(
        Hidden(rule=rule, changes=len(found[place]), objects=len({unit.owner for unit in found[place]}))
        for place, rule in enumerate(rules.entries)
    )


def _units(diff: Diff) -> Iterator[_Unit]:
    for entry in diff.different:
        for change in _counted(entry):
            match change:
                case Added(ref=ref) | Removed(ref=ref):
                    yield _Unit(entry.ref, ref, "")
                case Altered(ref=ref, attributes=attributes):
                    yield from (_Unit(entry.ref, ref, attribute.name) for attribute in attributes)
                case Renamed(ref=ref, attributes=attributes):
                    yield _Unit(entry.ref, ref, "")
                    yield from (_Unit(entry.ref, ref, attribute.name) for attribute in attributes)


def _counted(entry: ObjectDiff) -> tuple[Change, ...]:
    return (entry.own,) if isinstance(entry.own, Added | Removed) else entry.changes


def _rule(
    unit: _Unit,
    rules: Rules,
    ignored: Mapping[ObjectRef, IgnoreRule],
    causes: Mapping[ObjectRef, ObjectRef],
) -> int:
    """Its place. A rule about the attribute comes before one about the object, for it was applied before."""
    for place, rule in enumerate(rules.entries):
        if any(is_about(word, unit.ref, unit.attribute) for word in rule.attributes) and rule.covers(
            unit.ref
        ):
            return place
    seen = set[ObjectRef]()
    for start in (unit.ref, unit.owner):
        ref: ObjectRef | None = start
        while ref is not None and ref not in seen:
            if ref in ignored:
                return rules.entries.index(ignored[ref])
            seen.add(ref)
            ref = causes.get(ref)
    return 0
