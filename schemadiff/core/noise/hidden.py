"""How much each ignore rule hides."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.noise.attributes import is_about
from schemadiff.core.noise.rules import IgnoreRule, Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenChange:
    """The least that can be hidden: one attribute, or that an object is on one side only (`attribute` is empty).

    `owner` is the top-level object that `ref` belongs to. What one side lacks is None there.
    """

    owner: ObjectRef
    ref: ObjectRef
    attribute: str
    source: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """What a rule hides."""

    rule: IgnoreRule
    listed: tuple[HiddenChange, ...]

    @property
    def changes(self) -> int:
        return len(self.listed)

    @property
    def objects(self) -> int:
        """The top-level ones that the changes are in."""
        return len({change.owner for change in self.listed})


def list_hidden(
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
    found: defaultdict[int, list[HiddenChange]] = defaultdict(list)
    for unit in _units(full):
        if unit not in left:
            found[_rule(unit, rules, ignored, causes)].append(unit)
    return tuple(Hidden(rule=rule, listed=tuple(found[place])) for place, rule in enumerate(rules.entries))


def _units(diff: Diff) -> Iterator[HiddenChange]:
    for entry in diff.different:
        for change in _counted(entry):
            yield from _of(entry.ref, change)


def _of(owner: ObjectRef, change: Change) -> Iterator[HiddenChange]:
    ref = change.ref
    match change:
        case Added(description=description):
            yield HiddenChange(owner=owner, ref=ref, attribute="", target=description)
        case Removed(description=description):
            yield HiddenChange(owner=owner, ref=ref, attribute="", source=description)
        case Renamed(target=target):
            yield HiddenChange(owner=owner, ref=ref, attribute="", source=ref.label, target=target.label)
    for one in change.attributes if isinstance(change, Altered | Renamed) else ():
        yield HiddenChange(owner=owner, ref=ref, attribute=one.name, source=one.source, target=one.target)


def _counted(entry: ObjectDiff) -> tuple[Change, ...]:
    return (entry.own,) if isinstance(entry.own, Added | Removed) else entry.changes


def _rule(
    unit: HiddenChange,
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
