"""Which table refers to which by a foreign key, in either of two catalogs, and in which state each key is."""

from collections.abc import Iterator
from dataclasses import dataclass

from schemadiff.core.catalog import Kind, ObjectRef, Table
from schemadiff.core.changes import ObjectDiff
from schemadiff.core.marks import Mark, mark_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A foreign key of a table, by its name, to the table with the key `to` (`table:public.clients`)."""

    name: str
    to: str
    mark: Mark


def references_of(entry: ObjectDiff, source: Table | None, target: Table | None) -> tuple[Reference, ...]:
    """The foreign keys of one table on both sides, by name."""
    marks = {change.ref.name: mark_of(change) for change in entry.parts if change.ref.kind is Kind.CONSTRAINT}
    found: dict[tuple[str, str], Reference] = {}
    for name, to in (*_keys(source), *_keys(target)):
        found.setdefault((name, to), Reference(name=name, to=to, mark=marks.get(name, Mark.SAME)))
    return tuple(found[key] for key in sorted(found))


def _keys(table: Table | None) -> Iterator[tuple[str, str]]:
    for key in table.foreign_keys if table else ():
        if key.references is not None:
            schema, name = key.references
            yield key.name, ObjectRef(kind=Kind.TABLE, schema=schema, name=name).key
