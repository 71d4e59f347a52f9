"""What differs in the parts of one table or view: columns, constraints, indexes, triggers and the rest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias, TypeVar

from schemadiff.core.access_pairs import AccessPairs
from schemadiff.core.attributes import attributes_of, changed, describe
from schemadiff.core.catalog import (
    Column,
    Constraint,
    Index,
    IndexShare,
    ObjectRef,
    Part,
    Policy,
    Rule,
    StatisticsObject,
    Table,
    Trigger,
    View,
)
from schemadiff.core.changes import Added, Altered, Change, Removed, Renamed
from schemadiff.core.ddl.references import part_ref as _ref
from schemadiff.core.identifiers import qualified, quote

Owner: TypeAlias = Table | View

_Named = TypeVar("_Named", Constraint, Index, IndexShare, Trigger, Rule, Policy, StatisticsObject)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedParts:
    """`changes`: columns in the source's order, the target's own, then kind after kind."""

    changes: tuple[Change, ...]
    same: int


def parts_only_in_source(owner: Owner) -> tuple[Change, ...]:
    return tuple(
        Removed(ref=_ref(owner, part), description=describe(part))
        for part in owner.parts
        if not isinstance(part, IndexShare)
    )


def parts_only_in_target(owner: Owner) -> tuple[Change, ...]:
    return tuple(
        Added(ref=_ref(owner, part), description=describe(part))
        for part in owner.parts
        if not isinstance(part, IndexShare)
    )


class PastNames(Protocol):
    """What parts of a target that has got the source's names are called in the target itself."""

    @property
    def origins(self) -> Mapping[ObjectRef, ObjectRef]:
        """Of those that were renamed."""

    def was(self, ref: ObjectRef) -> ObjectRef:
        """Of any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What else is known of parts, beside the two relations that hold them."""

    past: PastNames
    access: AccessPairs


def compare_parts(source: Owner, target: Owner, beside: Beside) -> ComparedParts:
    """`target` with the names that the source's parts have where it was confirmed that they are the same."""
    found: list[Change | None] = [
        *_compare_columns(source, target, beside),
        *_compare_named(source, target, _constraints(source), _constraints(target), beside),
        *_compare_named(source, target, source.indexes, target.indexes, beside),
        *_without_implied(
            _compare_named(source, target, _shares(source), _shares(target), beside), source, target
        ),
        *_compare_named(source, target, source.triggers, target.triggers, beside),
        *_compare_named(source, target, source.rules, target.rules, beside),
        *_compare_named(source, target, _policies(source), _policies(target), beside),
        *_compare_named(source, target, source.statistics, target.statistics, beside),
    ]
    changes = tuple(change for change in found if change is not None)
    return ComparedParts(changes=changes, same=len(found) - len(changes))


def _constraints(owner: Owner) -> tuple[Constraint, ...]:
    return owner.constraints if isinstance(owner, Table) else ()


def _shares(owner: Owner) -> tuple[IndexShare, ...]:
    return owner.shares if isinstance(owner, Table) else ()


def _without_implied(
    changes: Iterable[Change | None], source: Owner, target: Owner
) -> Iterator[Change | None]:
    """A share that comes or goes with its parent's index, under the name that PostgreSQL gives, says nothing new."""
    usual = {share.name for side in (source, target) for share in _shares(side) if share.usual_name is None}
    for change in changes:
        if not (isinstance(change, Added | Removed) and change.ref.name in usual):
            yield change


def _policies(owner: Owner) -> tuple[Policy, ...]:
    return owner.policies if isinstance(owner, Table) else ()


def _compare_columns(source: Owner, target: Owner, beside: Beside) -> Iterator[Change | None]:
    """One entry a column, None for one that does not differ."""
    unpaired = {column.name: column for column in target.columns}
    for column in source.columns:
        counterpart = unpaired.pop(column.name, None)
        if counterpart is None:
            yield Removed(ref=_ref(source, column), description=describe(column))
        else:
            yield _column_change(_ref(source, column), column, counterpart, beside)
    for column in unpaired.values():
        yield Added(ref=beside.past.was(_ref(target, column)), description=describe(column))


def _column_change(
    ref: ObjectRef, column: Column, counterpart: Column, beside: Beside
) -> Altered | Renamed | None:
    origin = beside.past.origins.get(ref)
    left, right = beside.access.attributes(ref, ref)
    if origin is None and column == counterpart and left == right:
        return None
    attributes = changed({**attributes_of(column), **left}, {**attributes_of(counterpart), **right})
    if origin is not None:
        return Renamed(ref=ref, target=origin, attributes=attributes)
    return Altered(ref=ref, attributes=attributes) if attributes else None


def _compare_named(
    source: Owner, target: Owner, left: Iterable[_Named], right: Iterable[_Named], beside: Beside
) -> Iterator[Change | None]:
    """By name; what is left over by definition, so that another name alone is one change and not two."""
    unpaired = {part.name: part for part in right}
    lonely = []
    for part in left:
        counterpart = unpaired.pop(part.name, None)
        if counterpart is None:
            lonely.append(part)
        elif (origin := beside.past.origins.get(_ref(source, part))) is not None:
            change = _named_change(source, target, part, counterpart, beside)
            attributes = change.attributes if change else ()
            yield Renamed(ref=_ref(source, part), target=origin, attributes=attributes)
        elif part == counterpart and beside.access.agree(_ref(source, part), _ref(target, counterpart)):
            yield None
        else:
            yield _named_change(source, target, part, counterpart, beside)
    yield from _compare_lonely(source, target, lonely, unpaired, beside)


def _compare_lonely(
    source: Owner, target: Owner, lonely: list[_Named], unpaired: dict[str, _Named], beside: Beside
) -> Iterator[Change]:
    """What found no namesake: paired by definition, in the order of the names."""
    alike: defaultdict[str | None, list[_Named]] = defaultdict(list)
    for part in reversed(unpaired.values()):
        alike[definition_of(target, part)].append(part)
    for part in lonely:
        if candidates := alike[definition_of(source, part)]:
            counterpart = unpaired.pop(candidates.pop().name)
            change = _named_change(source, target, part, counterpart, beside)
            assert change is not None  # at least the names differ
            yield change
        else:
            yield Removed(ref=_ref(source, part), description=describe(part))
    for part in unpaired.values():
        yield Added(ref=beside.past.was(_ref(target, part)), description=describe(part))


def _named_change(
    source: Owner, target: Owner, part: _Named, counterpart: _Named, beside: Beside
) -> Altered | None:
    left, right = attributes_of(part), attributes_of(counterpart)
    if "definition" in left and definition_of(source, part) == definition_of(target, counterpart):
        right["definition"] = left["definition"]
    own, others = beside.access.attributes(_ref(source, part), _ref(target, counterpart))
    attributes = changed({"name": part.name, **left, **own}, {"name": counterpart.name, **right, **others})
    return Altered(ref=_ref(source, part), attributes=attributes) if attributes else None


def definition_of(owner: Owner, part: Part) -> str | None:
    """Without the part's own name and its table's."""
    match part:
        case Policy() | IndexShare():
            return describe(part)
        case Rule():
            # pg_get_ruledef() prints both in its first two lines.
            unnamed = part.definition.replace(f" RULE {quote(part.name)} AS", " RULE AS", 1)
            return unnamed.replace(f" TO {qualified(owner.schema, owner.name)} ", " TO ", 1)
        case Trigger():
            # pg_get_triggerdef() prints both once, before anything else that could look like them.
            unnamed = part.definition.replace(f" TRIGGER {quote(part.name)} ", " TRIGGER ", 1)
            return unnamed.replace(f" ON {qualified(owner.schema, owner.name)} ", " ON ", 1)
        case StatisticsObject():
            named = f"CREATE STATISTICS {qualified(part.schema, part.name)} "
            unnamed = part.definition.replace(named, "", 1)
            return unnamed.removesuffix(f" FROM {qualified(owner.schema, owner.name)}")
        case _:
            return attributes_of(part)["definition"]
