"""What the rows say of two columns: figures of their values, and how much these speak for a pair.

The cases that the other weights are computed from have no rows, so these are set by hand, and bounded: rows of the two
sides often do not overlap at all, and a renamed column may have another unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from schemadiff.core.mapping import QualifiedName
from schemadiff.core.matching.families import Family, family_of
from schemadiff.core.matching.fields import Field

FEWEST = 20
"""Values that a column must have before anything is concluded from them."""

SKETCH = 64
"""How many of the smallest hashes of its values a column is known by."""

_MOST, _LEAST = 4.0, -3.0  # log-odds that the rows may add or take
_TELLING = 5  # columns with fewer different values have them in common by chance
_SPREAD = 0.1
_ORDERED = frozenset({Family.INTEGER, Family.NUMBER, Family.DATE, Family.TIMESTAMP})


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueProfile:
    """Of the rows that were looked at. Holds no value: hashes of some, and the forms that they are written in.

    `distinct` counts different values among those that are not null; `low` and `high` are the 5th and the 95th
    percentile of numbers, and of moments in seconds; `forms` are shares of values by how they are written, digits as
    9 and letters as a; `sketch` the smallest hashes, ascending.
    """

    rows: int
    nulls: int
    distinct: int
    low: float | None = None
    high: float | None = None
    forms: tuple[tuple[str, float], ...] = ()
    sketch: tuple[int, ...] = ()

    @property
    def values(self) -> int:
        return self.rows - self.nulls


ColumnProfiles: TypeAlias = Mapping[str, ValueProfile]
TableProfiles: TypeAlias = Mapping[QualifiedName, ColumnProfiles]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiles:
    """By table and column; what could not be read is not there."""

    source: TableProfiles = field(default_factory=dict)
    target: TableProfiles = field(default_factory=dict)

    def of(self, source: QualifiedName, target: QualifiedName) -> "BothSides":
        return BothSides(source=self.source.get(source, {}), target=self.target.get(target, {}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How much, as log-odds, and in words."""

    odds: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BothSides:
    """The profiles of one pair of tables."""

    source: ColumnProfiles
    target: ColumnProfiles

    def odds_of(self, left: Field, right: Field) -> float:
        return max(_LEAST, min(_MOST, sum(each.odds for each in self._said(left, right))))

    def reasons_of(self, left: Field, right: Field) -> tuple[str, ...]:
        """What speaks for the pair first, the weightiest first."""
        ranked = sorted(self._said(left, right), key=lambda each: (each.odds < 0, -abs(each.odds)))
        return tuple(each.reason for each in ranked)

    def _said(self, left: Field, right: Field) -> tuple[Said, ...]:
        one, other = self.source.get(left.name), self.target.get(right.name)
        if one is None or other is None or min(one.values, other.values) < FEWEST:
            return ()
        found = [_same_values(one, other), _nulls(one, other), _repeated(one, other)]
        if family_of(left.type)[0] in _ORDERED and family_of(right.type)[0] in _ORDERED:
            found.append(_ranges(one, other))
        else:
            found.append(_forms(one, other))
        return tuple(each for each in found if each)


NOTHING = BothSides(source={}, target={})


def _same_values(one: ValueProfile, other: ValueProfile) -> Said | None:
    """Jaccard's index by the smallest hashes of both together. That nothing is shared says nothing."""
    if min(one.distinct, other.distinct) < _TELLING:
        return None
    smallest = sorted({*one.sketch, *other.sketch})[:SKETCH]
    both = set(one.sketch) & set(other.sketch)
    share = sum(each in both for each in smallest) / len(smallest) if smallest else 0.0
    if share < _SPREAD:
        return None
    many = min(one.distinct, other.distinct) >= FEWEST
    return Said(
        odds=(4.0 if many else 2.0) * min(1.0, share + 0.4), reason=f"{share:.0%} of the values are the same"
    )


def _nulls(one: ValueProfile, other: ValueProfile) -> Said | None:
    mine, theirs = one.nulls / one.rows, other.nulls / other.rows
    if abs(mine - theirs) > 0.6:
        return Said(odds=-0.7, reason=f"but {mine:.0%} of the rows have no value here, {theirs:.0%} there")
    if abs(mine - theirs) <= _SPREAD and _SPREAD < mine < 1 - _SPREAD:
        return Said(odds=0.5, reason=f"as many rows have no value ({mine:.0%} and {theirs:.0%})")
    return None


def _repeated(one: ValueProfile, other: ValueProfile) -> Said | None:
    mine, theirs = one.distinct / one.values, other.distinct / other.values
    if max(mine, theirs) > 0.95 and min(mine, theirs) < 0.2:
        return Said(odds=-1.0, reason="but only one of them has a value of its own in every row")
    return None


def _ranges(one: ValueProfile, other: ValueProfile) -> Said | None:
    """Little for what overlaps, for small numbers all do; and little against, for units differ."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    common = min(one.high, other.high) - max(one.low, other.low)
    whole = max(one.high, other.high) - min(one.low, other.low)
    if common < 0:
        return Said(odds=-0.8, reason="but their values lie in different ranges")
    if whole > 0 and common / whole >= 0.7:
        return Said(odds=0.6, reason="their values lie in the same range")
    return None


def _forms(one: ValueProfile, other: ValueProfile) -> Said | None:
    mine, theirs = dict(one.forms), dict(other.forms)
    if not mine or not theirs:
        return None
    alike = sum(min(share, theirs.get(form, 0.0)) for form, share in mine.items())
    if alike >= 0.6:
        telling = any(form.strip("a ") for form in mine if form in theirs)
        return Said(odds=1.2 if telling else 0.4, reason="their values are written alike")
    if alike < 0.05 and _covered(mine) and _covered(theirs):
        return Said(odds=-1.5, reason="but their values are written differently")
    return None


def _covered(forms: Mapping[str, float]) -> bool:
    """A free text has a form of its own in every row, which says nothing."""
    return sum(forms.values()) >= 0.6
