"""Keys that go, and that a foreign key would take for its own if they were still there when it comes.

PostgreSQL looks for a key of the columns that are referred to and takes the first: a foreign key that is made
before the former key is dropped hangs on that one.
"""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Constraint, ConstraintKind, Index, ObjectRef
from schemadiff.core.ddl.references import former_ref, table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Statement

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


class FormerKeys:
    """Of a target about which all is decided."""

    def __init__(self, target: Inventory, decisions: Decisions) -> None:
        self._target, self._decisions = target, decisions

    def gone_with(self, item: Item, statement: Statement) -> Statement:
        """The statement that drops the item; a key's says so."""
        if not _key_of(item) or item.ref not in statement.destroys:
            return statement
        return replace(statement, destroys=statement.destroys | {former_ref(item.ref)})

    def gone_before(self, item: Item, statement: Statement) -> Statement:
        """The statement that makes the item; a foreign key's comes after those that drop the keys of its columns."""
        if item.ref not in statement.provides:
            return statement
        return replace(statement, provides=statement.provides | frozenset(self._of_columns(item)))

    def _of_columns(self, item: Item) -> Iterator[ObjectRef]:
        key = item.value
        if not isinstance(key, Constraint) or key.references is None:
            return
        for part in self._target.parts(table_ref(*key.references)):
            if _key_of(part) == frozenset(key.referenced_columns) and self._decisions.goes(part.ref):
                yield former_ref(part.ref)


def _key_of(item: Item) -> frozenset[str]:
    """The columns that a foreign key may refer to by it."""
    match item.value:
        case Constraint(kind=kind, columns=columns) if kind in _KEYS:
            return frozenset(columns)
        case Index(unique=True, predicate=None, columns=columns):
            return frozenset(columns)
    return frozenset()
