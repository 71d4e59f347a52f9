"""Ignore rules applied: what the target is to be made like, what is hidden by that, and what could not be ignored."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import Catalog, ObjectRef
from schemadiff.core.changes import Diff
from schemadiff.core.diff import diff
from schemadiff.core.mapping import Mapping
from schemadiff.core.noise.aligning import with_ignored_attributes
from schemadiff.core.noise.hidden import Hidden, list_hidden
from schemadiff.core.noise.mixing import Mixed, Mixing, Side, Taken
from schemadiff.core.noise.rules import IgnoreRule, Rules
from schemadiff.core.renames import Renames


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An object that is not as the rules want it, since another needs it.

    `is_ignored`: a rule means it, and it is shown and planned all the same. Else no rule means it, and it stays as the
    target has it because an ignored object needs it.
    """

    ref: ObjectRef
    needed_by: ObjectRef
    is_ignored: bool

    @property
    def sentence(self) -> str:
        name, other = (f"{ref.kind.value} {ref.label}" for ref in (self.ref, self.needed_by))
        if self.is_ignored:
            return f"{name} is shown although a rule ignores it: {other} is not to be had without."
        return (
            f"{name} stays as the target has it, although no rule says so: {other} is ignored and needs it."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """`wanted` is the source, the same as the target in everything ignored; `diff` is from it to the target."""

    wanted: Catalog
    diff: Diff
    hidden: tuple[Hidden, ...] = ()  # one a rule, in the order of the rules
    kept: tuple[Kept, ...] = ()

    @property
    def hidden_changes(self) -> int:
        return sum(one.changes for one in self.hidden)


def agree(source: Catalog, target: Catalog, rules: Rules, mapping: Mapping | None = None) -> Agreement:
    """Apply the rules. Without any this is the source and the difference as it is."""
    mapping = mapping or Mapping()
    if not rules.entries:
        return Agreement(wanted=source, diff=diff(source, target, mapping))
    aligned = with_ignored_attributes(source, target, rules, mapping)
    mixed, ignored = _with_ignored_objects(aligned, target, rules, mapping) or (_unmixed(aligned), {})
    found = diff(mixed.catalog, target, mapping)
    return Agreement(
        wanted=mixed.catalog,
        diff=found,
        hidden=list_hidden(diff(source, target, mapping), found, rules, ignored, mixed.causes),
        kept=tuple(map(_kept, mixed.taken)),
    )


def _unmixed(catalog: Catalog) -> Mixed:
    return Mixed(catalog=catalog, taken=(), causes={})


def _with_ignored_objects(
    source: Catalog, target: Catalog, rules: Rules, mapping: Mapping
) -> tuple[Mixed, dict[ObjectRef, IgnoreRule]] | None:
    """And which rule each of them is ignored by; None if there is no such object."""
    if not rules.for_objects:
        return None
    mixing = Mixing(source, target, base=Side.SOURCE)
    renames = Renames(mapping, source, target)
    ignored: dict[ObjectRef, IgnoreRule] = {}
    for rule in rules.for_objects:
        for ref in mixing.refs():
            if rule.covers(ref):
                for one in (ref, *_counterpart(renames, ref)):
                    for about in mixing.take(one, Side.TARGET):
                        ignored.setdefault(about, rule)
    if not ignored:
        return None
    mixing.complete(yields=False)
    return mixing.result(), ignored


def _counterpart(renames: Renames, ref: ObjectRef) -> Iterator[ObjectRef]:
    target = renames.target_of(ref)
    if target is not None and target != ref:
        yield target


def _kept(taken: Taken) -> Kept:
    return Kept(ref=taken.ref, needed_by=taken.needed_by, is_ignored=taken.side is Side.SOURCE)
