"""What breaks readers or writers of the target as it is, if it is made like the source."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import (
    Catalog,
    Column,
    CompositeType,
    Domain,
    EnumType,
    Function,
    Kind,
    ObjectRef,
    RangeType,
    Table,
    View,
)
from schemadiff.core.changes import Added, Altered, Change, Diff, ObjectDiff, Removed, Renamed
from schemadiff.core.column_types import fits, short

_MISSED_BY_NOBODY = frozenset({Kind.EVENT_TRIGGER, Kind.SUBSCRIPTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaking:
    """One reason. `ref` is the object as the target has it, or as it would get it."""

    ref: ObjectRef
    reason: str


def breaking(diff: Diff, source: Catalog, target: Catalog) -> tuple[Breaking, ...]:
    """Dropped or renamed objects and columns, narrower types, new NOT NULLs without a default, columns that
    become generated, enum values removed, functions with another result, tables no longer published;
    in the diff's order.

    Constraints, indexes, triggers, event triggers and subscriptions break nobody by their absence; what new
    ones refuse is not judged.
    """
    values = (
        {entry.ref: entry for entry in source.objects()},
        {entry.ref: entry for entry in target.objects()},
    )
    found: list[Breaking] = []
    for entry in diff.different:
        one, other = values[0].get(entry.ref), values[1].get(entry.target or entry.ref)
        found += _own_reasons(entry, one, other)
        if isinstance(one, Table | View) and isinstance(other, Table | View):
            for change in entry.parts:
                found += _part_reasons(change, one, other)
        elif entry.ref.kind is Kind.PUBLICATION and entry.own is None:
            gone = (change.ref for change in entry.parts if isinstance(change, Added))
            found += (Breaking(ref=ref, reason="is no longer published") for ref in gone)
    return tuple(found)


def _own_reasons(entry: ObjectDiff, one: object, other: object) -> Iterator[Breaking]:
    match entry.own:
        case Added(ref=ref) if ref.kind not in _MISSED_BY_NOBODY:
            yield Breaking(ref=ref, reason="is dropped")
        case Renamed(ref=ref, target=target):
            yield Breaking(ref=target, reason=f"is renamed to {ref.label}")
        case Altered(ref=ref):
            yield from (Breaking(ref=ref, reason=reason) for reason in _changed_type_reasons(one, other))


def _changed_type_reasons(one: object, other: object) -> Iterator[str]:
    match one, other:
        case EnumType(), EnumType():
            gone = [label for label in other.labels if label not in one.labels]
            if gone:
                yield f"loses the values {', '.join(gone)}"
        case CompositeType(), CompositeType():
            yield from _composite_reasons(one, other)
        case RangeType(), RangeType():
            yield from _narrower(other.type, one.type)
        case Domain(), Domain():
            yield from _narrower(other.type, one.type)
            if one.not_null and not other.not_null:
                yield "becomes not null"
        case Function(), Function():
            if one.returns != other.returns:
                yield f"returns {one.returns or 'nothing'} instead of {other.returns or 'nothing'}"


def _composite_reasons(one: CompositeType, other: CompositeType) -> Iterator[str]:
    wanted = {attribute.name: attribute.type for attribute in one.attributes}
    for attribute in other.attributes:
        if attribute.name not in wanted:
            yield f"loses the attribute {attribute.name}"
        else:
            yield from _narrower(attribute.type, wanted[attribute.name])


def _part_reasons(change: Change, one: Table | View, other: Table | View) -> Iterator[Breaking]:
    if change.ref.kind is not Kind.COLUMN:
        return
    match change:
        case Added(ref=ref):
            yield Breaking(ref=ref, reason="is dropped")
        case Removed(ref=ref):
            column = _column(one, ref)
            if column.not_null and not _fills_itself(column):
                yield Breaking(ref=ref, reason="is added as not null without a default")
        case Altered(ref=ref):
            yield from _column_reasons(ref, _column(one, ref), _column(other, ref))
        case Renamed(ref=ref, target=target):
            yield Breaking(ref=target, reason=f"is renamed to {ref.name}")
            yield from _column_reasons(target, _column(one, ref), _column(other, target))


def _column_reasons(ref: ObjectRef, one: Column, other: Column) -> Iterator[Breaking]:
    for reason in _narrower(other.type, one.type):
        yield Breaking(ref=ref, reason=reason)
    if one.not_null and not other.not_null and not _fills_itself(one):
        yield Breaking(ref=ref, reason="becomes not null without a default")
    if one.generated and not other.generated:
        yield Breaking(ref=ref, reason="becomes generated: it can no longer be written")


def _narrower(start: str, end: str) -> Iterator[str]:
    if not fits(start, end):
        yield f"changes its type from {short(start)} to {short(end)}, which does not hold every value"


def _fills_itself(column: Column) -> bool:
    return column.default is not None or column.identity is not None


def _column(owner: Table | View, ref: ObjectRef) -> Column:
    return next(column for column in owner.columns if column.name == ref.name)
