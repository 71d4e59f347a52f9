"""What differs in the parts of one table or view: columns, constraints, indexes, triggers and the rest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from schemadiff.core.access_pairs import AccessPairs
from schemadiff.core.attributes import attributes_of, changed, describe
from schemadiff.core.catalog import (
    Column,
    Constraint,
    Index,
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

_Named = TypeVar("_Named", Constraint, Index, Trigger, Rule, Policy, StatisticsObject)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedParts:
    """`changes`: columns in the source's order, the target's own, then kind after kind."""

    changes: tuple[Change, ...]
    same: int


def parts_only_in_source(owner: Owner) -> tuple[Change, ...]:
    return tuple(Removed(ref=_ref(owner, part), description=describe(part)) for part in owner.parts)


def parts_only_in_target(owner: Owner) -> tuple[Change, ...]:
    return tuple(Added(ref=_ref(owner, part), description=describe(part)) for part in owner.parts)


def compare_parts(
    source: Owner, target: Owner, columns: dict[str, str], access: AccessPairs
) -> ComparedParts:
    """`columns` says which source column is which target column where that was confirmed."""
    found: list[Change | None] = [
        *_compare_columns(source, target, columns, access),
        *_compare_named(source, target, _constraints(source), _constraints(target), access),
        *_compare_named(source, target, source.indexes, target.indexes, access),
        *_compare_named(source, target, source.triggers, target.triggers, access),
        *_compare_named(source, target, source.rules, target.rules, access),
        *_compare_named(source, target, _policies(source), _policies(target), access),
        *_compare_named(source, target, source.statistics, target.statistics, access),
    ]
    changes = tuple(change for change in found if change is not None)
    return ComparedParts(changes=changes, same=len(found) - len(changes))


def _constraints(owner: Owner) -> tuple[Constraint, ...]:
    return owner.constraints if isinstance(owner, Table) else ()


def _policies(owner: Owner) -> tuple[Policy, ...]:
    return owner.policies if isinstance(owner, Table) else ()


def _compare_columns(
    source: Owner, target: Owner, pairs: dict[str, str], access: AccessPairs
) -> Iterator[Change | None]:
    """One entry a column, None for one that does not differ."""
    unpaired = {column.name: column for column in target.columns}
    taken = set(pairs.values())
    for column in source.columns:
        name = pairs.get(column.name, column.name)
        is_free = column.name in pairs or name not in taken
        counterpart = unpaired.pop(name, None) if is_free else None
        if counterpart is None:
            yield Removed(ref=_ref(source, column), description=describe(column))
        else:
            yield _column_change(source, target, column, counterpart, access)
    yield from (Added(ref=_ref(target, column), description=describe(column)) for column in unpaired.values())


def _column_change(
    source: Owner, target: Owner, column: Column, counterpart: Column, access: AccessPairs
) -> Change | None:
    ref, target_ref = _ref(source, column), _ref(target, counterpart)
    left, right = access.attributes(ref, target_ref)
    if column == counterpart and left == right:
        return None
    attributes = changed({**attributes_of(column), **left}, {**attributes_of(counterpart), **right})
    if column.name != counterpart.name:
        return Renamed(ref=ref, target=target_ref, attributes=attributes)
    return Altered(ref=ref, attributes=attributes) if attributes else None


def _compare_named(
    source: Owner, target: Owner, left: Iterable[_Named], right: Iterable[_Named], access: AccessPairs
) -> Iterator[Change | None]:
    """By name; what is left over by definition, so that another name alone is one change and not two."""
    unpaired = {part.name: part for part in right}
    lonely = []
    for part in left:
        counterpart = unpaired.pop(part.name, None)
        if counterpart is None:
            lonely.append(part)
        elif part == counterpart and access.agree(_ref(source, part), _ref(target, counterpart)):
            yield None
        else:
            yield _named_change(source, target, part, counterpart, access)
    yield from _compare_lonely(source, target, lonely, unpaired, access)


def _compare_lonely(
    source: Owner, target: Owner, lonely: list[_Named], unpaired: dict[str, _Named], access: AccessPairs
) -> Iterator[Change]:
    """What found no namesake: paired by definition, in the order of the names."""
    alike: defaultdict[str | None, list[_Named]] = defaultdict(list)
    for part in reversed(unpaired.values()):
        alike[_definition(target, part)].append(part)
    for part in lonely:
        if candidates := alike[_definition(source, part)]:
            counterpart = unpaired.pop(candidates.pop().name)
            change = _named_change(source, target, part, counterpart, access)
            assert change is not None  # at least the names differ
            yield change
        else:
            yield Removed(ref=_ref(source, part), description=describe(part))
    yield from (Added(ref=_ref(target, part), description=describe(part)) for part in unpaired.values())


def _named_change(
    source: Owner, target: Owner, part: _Named, counterpart: _Named, access: AccessPairs
) -> Change | None:
    left, right = attributes_of(part), attributes_of(counterpart)
    if "definition" in left and _definition(source, part) == _definition(target, counterpart):
        right["definition"] = left["definition"]
    own, others = access.attributes(_ref(source, part), _ref(target, counterpart))
    attributes = changed({"name": part.name, **left, **own}, {"name": counterpart.name, **right, **others})
    return Altered(ref=_ref(source, part), attributes=attributes) if attributes else None


def _definition(owner: Owner, part: _Named) -> str | None:
    """Without the part's own name and its table's."""
    match part:
        case Policy():
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
