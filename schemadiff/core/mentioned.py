"""What functions name in bodies that PostgreSQL has not read: it reads them when it checks rows, builds an index
or fills a materialized view, and what they name is better there by then. A name that means something else does no
harm: no statement waits for it that cannot."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, ConstraintKind, Function, Index, Kind, ObjectRef, View
from schemadiff.core.inventory import Inventory, Value
from schemadiff.core.plan import Statement

_NAME = re.compile(r'"(?:[^"]|"")+"|[^\W\d][\w$]*')
_UNREAD = ("internal", "c")


def with_preferences(statements: Iterable[Statement], source: Inventory) -> Iterator[Statement]:
    """The statements that run functions of the source, each with what it would rather come after."""
    bodies = _Bodies(source)
    for statement in statements:
        item = source.get(statement.ref) if statement.ref in statement.provides else None
        prefers = bodies.behind(statement.ref) if item and _runs_functions(item.value) else frozenset()
        yield replace(statement, prefers=prefers) if prefers else statement


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

    def behind(self, ref: ObjectRef) -> frozenset[ObjectRef]:
        """The views and functions that an object uses, if only by what bodies name; empty where none names any."""
        found, waiting = set[ObjectRef](), list(self._used(ref))
        named = set[ObjectRef]()
        while waiting:
            current = waiting.pop()
            if current in found:
                continue
            found.add(current)
            mentions = self._mentioned(current)
            named |= mentions
            waiting += [*self._used(current), *mentions]
        return frozenset(found - {ref}) if named else frozenset()

    def _used(self, ref: ObjectRef) -> Iterator[ObjectRef]:
        item = self._inventory.get(ref)
        for need in item.needs if item else ():
            if need.kind is Kind.FUNCTION or need.kind is Kind.VIEW:
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
