"""Whether two backends answered the same, field by field, without quoting what they answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from migration.access.layout import Layout

ROWS = "rows"
ORDER = "order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """`fields`: which differ; `rows` where one side has other rows, `order` where only their order differs.

    `listed`: fields that differ, of which it was known that they may.
    """

    fields: tuple[str, ...] = ()
    listed: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_same(self) -> bool:
        return not self.fields


def compare(
    first: Sequence[Mapping[str, Any]],
    second: Sequence[Mapping[str, Any]],
    fields: Collection[str],
    may_differ: Collection[str] = (),
    key: str = "id",
) -> Comparison:
    """By the fields that both can give. Rows belong together by `key`, else by their places."""
    if len(first) != len(second):
        reason = f"Source and target give {len(first):,} and {len(second):,} rows."
        return Comparison(fields=(ROWS,), reason=reason)
    keys = [row.get(key) for row in first], [row.get(key) for row in second]
    if key in fields and keys[0] != keys[1]:
        if sorted(map(str, keys[0])) == sorted(map(str, keys[1])):
            return Comparison(fields=(ORDER,), reason="Both give the same rows, in different order.")
        return Comparison(fields=(ROWS,), reason="Both give as many rows, but not the same ones.")
    differing = {
        field
        for one, other in zip(first, second, strict=True)
        for field in fields
        if one.get(field) != other.get(field)
    }
    real = tuple(sorted(differing - set(may_differ)))
    reason = f"{', '.join(real)}: other values." if real else ""
    return Comparison(fields=real, listed=tuple(sorted(differing & set(may_differ))), reason=reason)


def comparable(
    first: Layout, second: Layout, wanted: Collection[str] = ()
) -> tuple[frozenset[str], frozenset[str]]:
    """The fields that both give, and those of them whose values may have changed on the way."""
    both = frozenset(first.places) & frozenset(second.places)
    if wanted:
        both &= frozenset(wanted)
    changed = {name for name in both if first.places[name].changed or second.places[name].changed}
    return both, frozenset(changed)
