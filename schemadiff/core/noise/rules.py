"""Ignore rules as values: which objects, or which attributes of them, and why."""

import re
from dataclasses import dataclass
from functools import lru_cache

from schemadiff.core.objects import Kind, ObjectRef

# What a rule may name: a member goes with the object that it is in.
KINDS = tuple(kind for kind in Kind if kind not in (Kind.MEMBER, Kind.LABEL, Kind.ATTRIBUTE))


@dataclass(frozen=True, slots=True, kw_only=True)
class IgnoreRule:
    """Whole objects, or with `attributes` only these of them; where conditions are given all of them hold.

    Without `kinds` whole objects are top-level ones with all their parts, and attributes are everybody's. Patterns
    know `*` and `?`. `schemas` also means the schema of that name itself. `names` is compared with the name (a
    function's with and without its arguments) and with `schema.name`; a table's name also means its parts.
    """

    reason: str
    attributes: tuple[str, ...] = ()  # words of `attributes.WORDS`
    kinds: tuple[Kind, ...] = ()
    schemas: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """`comment (column, in audit)`, `everything (named tmp_*)`."""
        what = ", ".join(self.attributes) or "everything"
        where = [", ".join(kind.value for kind in self.kinds)] if self.kinds else []
        where += [f"in {', '.join(self.schemas)}"] if self.schemas else []
        where += [f"named {', '.join(self.names)}"] if self.names else []
        return f"{what} ({'; '.join(where)})" if where else what

    def covers(self, ref: ObjectRef) -> bool:
        """Whether the conditions mean this object by itself."""
        if self.kinds and ref.kind not in self.kinds:
            return False
        if not self.kinds and not self.attributes and ref.parent:
            return False
        return self._lies_there(ref) and self._is_called_so(ref)

    def _lies_there(self, ref: ObjectRef) -> bool:
        schema = ref.name if ref.kind is Kind.SCHEMA else ref.schema
        return not self.schemas or any(pattern(one).match(schema) for one in self.schemas)

    def _is_called_so(self, ref: ObjectRef) -> bool:
        return not self.names or any(pattern(one).match(name) for one in self.names for name in _names(ref))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """In the order in which people wrote them: what several would hide counts for the first."""

    entries: tuple[IgnoreRule, ...] = ()

    @property
    def for_objects(self) -> tuple[IgnoreRule, ...]:
        return tuple(rule for rule in self.entries if not rule.attributes)

    @property
    def for_attributes(self) -> tuple[IgnoreRule, ...]:
        return tuple(rule for rule in self.entries if rule.attributes)


def _names(ref: ObjectRef) -> tuple[str, ...]:
    found = [ref.name, ref.label]
    if ref.kind is Kind.FUNCTION:
        found += [name.partition("(")[0] for name in found]
    if ref.parent:
        found += [ref.parent, f"{ref.schema}.{ref.parent}"]
    return tuple(found)


@lru_cache(maxsize=1000)
def pattern(text: str) -> re.Pattern[str]:
    """`*` is anything, `?` one character, all else itself."""
    regular = re.escape(re.sub(r"\*+", "*", text)).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(rf"{regular}\Z", re.DOTALL)
