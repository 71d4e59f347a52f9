"""What functions name in bodies that PostgreSQL has not read: it reads them when it checks rows, builds an index
or fills a materialized view, and what they name is better there by then. A name that means something else does no
harm: no statement waits for it that cannot."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, ConstraintKind, Function, Index, Kind, ObjectRef, View
from schemadiff.core.inventory import Inventory, Value
from schemadiff.core.plan import Statement

_NAME = re.compile(r'"(?:[^"]|"")+"|[^\W\d][\w$]*')
_NAMED = (Kind.FUNCTION, Kind.VIEW)
_UNREAD = ("internal", "c")


def with_preferences(statements: Sequence[Statement], source: Inventory) -> Iterator[Statement]:
    """The statements that run functions of the source, each with what of the plan it would rather come after."""
    made = frozenset(ref for statement in statements for ref in statement.provides if ref.kind in _NAMED)
    bodies = _Bodies(source)
    for statement in statements:
        item = source.get(statement.ref) if made else None
        is_run = item is not None and _is_made(statement) and _runs_functions(item.value)
        prefers = bodies.behind(statement.ref) & made if is_run else frozenset()
        yield replace(statement, prefers=prefers) if prefers else statement


def _is_made(statement: Statement) -> bool:
    """Whether the statement makes the object, or a step towards it; one about a column that is there does not."""
    ref = statement.ref
    return ref in statement.provides or (ref.kind is not Kind.COLUMN and ref not in statement.destroys)


def _runs_functions(value: Value) -> bool:
    match value:
        case Constraint(kind=ConstraintKind.CHECK) | Index() | View(materialized=True):
            return True
        case Column():
            return value.default is not None
        case _:
            return False


class _Bodies:
    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._called = defaultdict[str, set[ObjectRef]](set)
        self._mentions: dict[ObjectRef, frozenset[ObjectRef]] = {}
        self._behind: dict[frozenset[ObjectRef], frozenset[ObjectRef]] = {}

    def behind(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        """The views and functions that an object uses, if only by what bodies name; empty where none names any."""
        used = frozenset(self._used(ref))
        if used not in self._behind:
            self._behind[used] = self._found_from(used)
        return self._behind[used] - {ref}

    def _found_from(self, used: frozenset[ObjectRef]) -> frozenset[ObjectRef]:
        found, waiting = set[ObjectRef](), list(used)
        is_named = False
        while waiting:
            current = waiting.pop()
            if current in found:
                continue
            found.add(current)
            mentions = self._mentioned(current)
            is_named = is_named or bool(mentions)
            waiting += [*self._used(current), *mentions]
        return frozenset(found) if is_named else frozenset()

    def _used(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        item = self._inventory.get(ref)
        for need in item.needs if item else ():
            if need.kind in _NAMED:
                yield need

    def _mentioned(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        if ref.kind is not Kind.FUNCTION:
            return frozenset()
        if ref not in self._mentions:
            self._mentions[ref] = frozenset(self._in_body(ref))
        return self._mentions[ref]

    def _in_body(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        item = self._inventory.get(ref)
        if item is None or not isinstance(item.value, Function) or item.value.language in _UNREAD:
            return
        if not self._called:
            self._read_names()
        for name in set(_NAME.findall(item.value.definition)):
            yield from self._called.get(_plain(name), ())

    def _read_names(self) -> None:
        for ref in self._inventory:
            if ref.kind is Kind.VIEW:
                self._called[ref.name].add(ref)
            elif ref.kind is Kind.FUNCTION:
                self._called[ref.name.partition("(")[0]].add(ref)


def _plain(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()
