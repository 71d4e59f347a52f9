"""Where tables, indexes and materialized views lie, and which of it another server cannot have."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from schemadiff.core.catalog import Catalog, Constraint, Index, IndexShare, ObjectRef, Table, View
from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Notice

Stored: TypeAlias = Table | View | Index | Constraint | IndexShare
_Relation = TypeVar("_Relation", Table, View)
_Part = TypeVar("_Part", Index, Constraint, IndexShare)
_SHOWN = 3


def tablespace_of(value: object) -> str | None:
    """None: the database's own, or what has none."""
    match value:
        case IndexShare():
            return value.part.tablespace
        case Table() | View() | Index() | Constraint():
            return value.tablespace
        case _:
            return None


def share_in(share: IndexShare, tablespace: str | None) -> dict[str, Any]:
    """What changes of the share if it lies there."""
    if share.index is not None:
        return {"index": replace(share.index, tablespace=tablespace)}
    assert share.constraint is not None
    return {"constraint": replace(share.constraint, tablespace=tablespace)}


def within_reach(source: Catalog, target: Catalog) -> tuple[Catalog, tuple[Notice, ...]]:
    """The source without the tablespaces that the target's server does not have, and what is to be said of them."""
    if not target.tablespaces:  # not known
        return source, ()
    placing = _Placing(target, frozenset(target.tablespaces))
    return placing.placed(source), tuple(placing.notices())


def as_they_lie(source: Catalog, target: Catalog) -> Catalog:
    """The source with all of it where the target has it: disks are a server's own affair."""
    return _Placing(target, frozenset()).placed(source)


class _Placing:
    """`there` are the tablespaces that may stay; what lies in another one is where the target has it."""

    def __init__(self, target: Catalog, there: frozenset[str]) -> None:
        self._there = there
        relations: tuple[Table | View, ...] = (*target.tables, *target.views)
        self._target = {relation.ref: relation for relation in relations}
        self._lacking: defaultdict[str, dict[ObjectRef, None]] = defaultdict(dict)

    def placed(self, source: Catalog) -> Catalog:
        tables, views = map(self._relation, source.tables), map(self._relation, source.views)
        return replace(source, tables=tuple(tables), views=tuple(views))

    def notices(self) -> Iterator[Notice]:
        for name, refs in sorted(self._lacking.items()):
            shown = ", ".join(f"{ref.kind.value} {ref.label}" for ref in sorted(refs)[:_SHOWN])
            more = f" and {len(refs) - _SHOWN} more" if len(refs) > _SHOWN else ""
            yield Notice(
                ref=min(refs),
                message=f"The target's server has no tablespace {name}, where the source keeps {shown}{more}, or an"
                " index of it; that is left out. To have it, make an empty folder that belongs to the server's user,"
                f" CREATE TABLESPACE {quote(name)} LOCATION '…'; and compare again.",
            )

    def _relation(self, relation: _Relation) -> _Relation:
        other = self._target.get(relation.ref)
        if self._stays(relation, other):
            return relation
        if isinstance(relation, View):
            return self._whole(relation, other, indexes=self._parts(relation, relation.indexes, other))
        return self._whole(
            relation,
            other,
            constraints=self._parts(relation, relation.constraints, other),
            indexes=self._parts(relation, relation.indexes, other),
            shares=self._parts(relation, relation.shares, other),
        )

    def _stays(self, relation: Table | View, other: Table | View | None) -> bool:
        """As nearly all do: most databases have no tablespaces but their own."""
        is_bare = other is None or self._there or not any(map(tablespace_of, _stored(other)))
        return bool(is_bare) and all(map(self._may_stay, _stored(relation)))

    def _whole(self, relation: _Relation, other: Table | View | None, **parts: Any) -> _Relation:
        return replace(relation, tablespace=self._place(relation.ref, relation, other), **parts)

    def _parts(
        self, owner: Table | View, parts: tuple[_Part, ...], other: Table | View | None
    ) -> tuple[_Part, ...]:
        present = {part.name: part for part in _stored(other) if part is not other} if other else {}
        return tuple(self._part(owner, part, present.get(part.name)) for part in parts)

    def _part(self, owner: Table | View, part: _Part, other: Stored | None) -> _Part:
        place = self._place(owner.ref, part, other)
        if place == tablespace_of(part):
            return part
        if isinstance(part, IndexShare):
            return replace(part, **share_in(part, place))
        return replace(part, tablespace=place)

    def _place(self, owner: ObjectRef, value: Stored, other: Stored | None) -> str | None:
        if self._there and self._may_stay(value):
            return tablespace_of(value)
        if wanted := tablespace_of(value):
            self._lacking[wanted][owner] = None
        return tablespace_of(other)

    def _may_stay(self, value: Stored) -> bool:
        wanted = tablespace_of(value)
        return wanted is None or wanted in self._there


def _stored(relation: Table | View) -> Iterator[Stored]:
    """It and its indexes."""
    yield relation
    yield from relation.indexes
    if isinstance(relation, Table):
        yield from relation.constraints
        yield from relation.shares
