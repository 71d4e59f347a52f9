"""What a mapping cannot give: by method and field, with the reason, before anybody calls."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from migration.access.layout import Layout
from migration.access.methods import METHODS, Method
from migration.access.statements import left_out, why_no_key
from migration.core.flags import Access


class Effect(StrEnum):
    """What it means for who calls the method."""

    REFUSED = "refused"  # the method cannot be answered: it finds or sorts its rows by this field
    NOT_GIVEN = "not given"  # its rows come without the field
    CHANGED = "changed"  # the field may have another value than in the source
    NOT_KEPT = "not kept"  # what is written to the field is left out, and the answer says so
    NEW_ROWS_REFUSED = "new rows refused"  # the target wants a value that the method does not write


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One thing that a method does otherwise than on the source. `field` is the application's name, or the
    target's column where new rows are refused."""

    method: str
    field: str
    effect: Effect
    reason: str


def limits_of(layouts: Mapping[str, Layout], methods: Iterable[Method] = METHODS) -> tuple[Limit, ...]:
    """All limits of all methods in their order; none where the target gives everything as the source does."""
    return tuple(limit for method in methods for limit in _of_method(method, layouts[method.table]))


def _of_method(method: Method, layout: Layout) -> Iterator[Limit]:
    for field in layout.table.fields:
        name = field.name
        if name in (*method.needs, *method.order) and name not in layout.places:
            yield Limit(method=method.name, field=name, effect=Effect.REFUSED, reason=layout.missing[name])
        elif _is_key(method, name) and (reason := why_no_key(layout, name, method.needs)):
            yield Limit(method=method.name, field=name, effect=Effect.REFUSED, reason=reason)
    for field in layout.table.fields:
        if not method.fields or field.name in method.fields:
            yield from _of_field(method, layout, field.name)
    if method.access is Access.WRITE:
        yield from _of_write(method, layout)


def _is_key(method: Method, field: str) -> bool:
    return method.access is Access.WRITE and field in method.needs


def _of_field(method: Method, layout: Layout, field: str) -> Iterator[Limit]:
    place = layout.places.get(field)
    if place is None:
        reason = layout.missing[field]
        yield Limit(method=method.name, field=field, effect=Effect.NOT_GIVEN, reason=reason)
    elif place.changed:
        reason = f"{place.changed}."
        yield Limit(method=method.name, field=field, effect=Effect.CHANGED, reason=reason)


def _of_write(method: Method, layout: Layout) -> Iterator[Limit]:
    for field in left_out(layout, method.writes):
        reason = layout.missing.get(field) or "it cannot be worked out from what is written."
        yield Limit(method=method.name, field=field, effect=Effect.NOT_KEPT, reason=reason)
    for column in layout.unfilled(method.writes):
        yield Limit(
            method=method.name,
            field=column,
            effect=Effect.NEW_ROWS_REFUSED,
            reason=f"{layout.relation[1]}.{column} takes no NULL, and nothing that the method writes fills it.",
        )
