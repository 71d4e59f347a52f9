"""Which of a partition's shares of indexes come with the statement about their parent's, and which one by one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemadiff.core.catalog import Constraint, ConstraintKind, Index, IndexShare, Kind, ObjectRef, Table
from schemadiff.core.ddl import shares, tables
from schemadiff.core.ddl.references import alone_ref, attachment_ref, constraint_ref, part_ref, table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory, Item, parent_of_share
from schemadiff.core.plan import Lock, Statement

_KEYS = (ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE)


class ShareSteps:
    """For tables of a source and a target about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._below = (_by_parent(source), _by_parent(target))

    def with_shares(self, item: Item, statement: Statement) -> Statement:
        """What makes a parent's index makes its shares, and what drops it drops them.

        A partition's key that is an index's share PostgreSQL drops only where it is told to.
        """
        gone = list(self._all_below(item.ref, 1))
        if item.ref in statement.destroys and gone:
            keys = isinstance(item.value, Index) and any(isinstance(_part(one), Constraint) for one in gone)
            sql = f"{statement.sql} CASCADE" if keys else statement.sql
            destroys = statement.destroys | frozenset(share.ref for share in gone)
            requires = statement.requires | frozenset(self._back(gone))
            statement = replace(statement, sql=sql, destroys=destroys, requires=requires)
        below = [share.ref for share in self._all_below(item.ref, 0)]
        if item.ref in statement.provides and below:
            statement = replace(statement, provides=statement.provides | frozenset(below))
        return statement

    def _back(self, gone: Iterable[Item]) -> Iterator[ObjectRef]:
        """Partitions that are detached for a moment, and would keep their shares then."""
        for share in gone:
            wanted, present = self._source.get(table_ref(share.ref.schema, share.ref.parent)), share.owner
            if wanted is None or not isinstance(wanted.value, Table) or not isinstance(present, Table):
                continue
            if tables.moves_in_place(wanted.value, present) and not self._decisions.goes(present.ref):
                yield attachment_ref(present.ref)

    def of_new_table(self, table: Table) -> frozenset[ObjectRef]:
        """The shares that come as the partition is made."""
        parts = self._source.parts(table.ref)
        return frozenset(
            p.ref for p in parts if isinstance(p.value, IndexShare) and not self.is_made_alone(p)
        )

    def takes_place_of(self, gone: Item) -> bool:
        """Whether a partition's own key goes for one that says the same, and is its share of its table's."""
        if not isinstance(gone.value, Constraint) or not isinstance(gone.owner, Table):
            return False
        shares_ = (part.value for part in self._source.parts(gone.owner.ref))
        keys = (share.constraint for share in shares_ if isinstance(share, IndexShare))
        return any(key is not None and _is_alike(key, gone.value) for key in keys)

    def is_made_alone(self, item: Item) -> bool:
        """Whether a coming index, constraint or share is made without what the partitions get of it."""
        parent = self._parent(item)
        if parent is None:
            if not isinstance(item.value, Index | Constraint) or not _has_index(item.value):
                return False
            if isinstance(item.value, Constraint) and item.value.kind is ConstraintKind.EXCLUSION:
                return self._is_incomplete(item)  # PostgreSQL attaches no share of an exclusion constraint
            if self._has_foreign_partitions(item):
                return False  # never whole, where shares are attached one by one
            unusual = any(map(self._is_unusual, self._all_below(item.ref, 0)))
            return unusual or self._is_incomplete(item) or self._has_rival(item)
        if self._decisions.comes(parent.ref):
            return self.is_made_alone(self._root(parent))
        return item.owner is not None and not self._decisions.comes(item.owner.ref)

    def create_alone(self, item: Item) -> Iterator[Statement]:
        """A parent's index, after all partitions are there, or they would get theirs as they are made."""
        assert isinstance(item.owner, Table) and isinstance(item.value, Index | Constraint)
        statement = shares.create_alone(item.owner, item.value)
        below = {table.ref for table in self._source.below(item.owner.ref)}
        yield replace(statement, requires=statement.requires | below | _keys_alike(item.owner, item.value))

    def create(self, item: Item) -> Iterator[Statement]:
        """A share, or what it has otherwise than PostgreSQL makes it."""
        parent = self._parent(item)
        assert isinstance(item.owner, Table) and isinstance(item.value, IndexShare) and parent is not None
        if self.is_made_alone(item):
            keys = _keys_alike(item.owner, item.value.part)
            for statement in shares.create_share(item.owner, item.value, parent.ref):
                if item.ref in statement.provides:
                    yield self._after_joining(item, statement)
                else:
                    yield replace(statement, requires=statement.requires | keys)
            yield from shares.mark_share(item.owner, item.value, _plain(item.value))
            return
        if item.value.usual_name and not self._is_numbered(item.owner, item.value):
            needs = frozenset({item.owner.ref, parent.ref})
            yield replace(shares.rename_share(item.owner, item.value, needs), lock=Lock.NONE)
        made = shares.as_made(item.value.part, _part(parent))
        yield from shares.mark_share(item.owner, item.value, made)

    def alter(self, source: Item, target: Item) -> Iterator[Statement]:
        """An index of its own becomes a share, or another thing is said of the share."""
        assert isinstance(source.owner, Table) and isinstance(source.value, IndexShare)
        parent = self._parent(source)
        if isinstance(target.value, Index) and parent is not None:
            if not self._decisions.comes(parent.ref) or self.is_made_alone(self._root(parent)):
                attach = shares.attach_share(source.owner, source.value, parent.ref)
                yield self._after_joining(
                    source, replace(attach, requires=frozenset({alone_ref(parent.ref)}))
                )
            yield from shares.mark_share(source.owner, source.value, target.value)
        elif isinstance(target.value, IndexShare):
            yield from shares.mark_share(source.owner, source.value, target.value.part)

    def _after_joining(self, share: Item, statement: Statement) -> Statement:
        """The last share that is attached makes the parent's index whole, not a partition that joins with its own."""
        above = self._root(share).owner
        below = self._source.below(above.ref) if above else ()
        joined = frozenset(attachment_ref(table.ref) for table in below if self._joins(table))
        return replace(statement, requires=statement.requires | joined)

    def _parent(self, item: Item) -> Item | None:
        ref = parent_of_share(item)
        return self._source.get(ref) if ref else None

    def _root(self, item: Item) -> Item:
        parent = self._parent(item)
        return item if parent is None else self._root(parent)

    def _all_below(self, ref: ObjectRef, side: int) -> Iterator[Item]:
        for share in self._below[side].get(ref, ()):
            yield share
            yield from self._all_below(share.ref, side)

    def _is_unusual(self, share: Item) -> bool:
        assert isinstance(share.value, IndexShare) and isinstance(share.owner, Table)
        parent = self._parent(share)
        if share.value.usual_name is not None or parent is None:
            return share.value.usual_name is not None
        part, above = share.value.part, _part(parent)
        is_key = isinstance(part, Constraint) and isinstance(above, Index)  # the partition's own affair
        return is_key or shares.options_of(part) != shares.options_of(above)

    def _is_incomplete(self, root: Item) -> bool:
        """Whether there is a partition that has no share."""
        if not isinstance(root.owner, Table) or not root.owner.partition_key:
            return False
        having = {table_ref(share.ref.schema, share.ref.parent) for share in self._all_below(root.ref, 0)}
        below = self._source.below(root.owner.ref)
        return any(table.ref not in having and not self._joins(table) for table in below)

    def _has_foreign_partitions(self, root: Item) -> bool:
        """Below an index that is whole though they have no share of it."""
        if not isinstance(root.owner, Table) or not isinstance(root.value, Index) or not root.value.valid:
            return False
        return any(table.foreign for table in self._source.below(root.owner.ref))

    def _has_rival(self, root: Item) -> bool:
        """Whether a partition has an index or key of its own that PostgreSQL may take for its share: it looks neither
        at the direction nor at the place of NULLs, and for an index's share at keys, too."""
        if not isinstance(root.value, Index | Constraint) or not isinstance(root.owner, Table):
            return False
        below = list(self._source.partitions_below(root.owner.ref))
        if any(self._rivals(root.value, table) > 0 for table in below):
            return True
        has_twin = any(_is_alike(index, root.value) for index in root.owner.indexes)
        return isinstance(root.value, Constraint) and has_twin and any(map(self._joins, below))

    def _rivals(self, part: Index | Constraint, table: Table) -> int:
        own: tuple[Index | Constraint, ...] = (*table.indexes, *table.constraints)
        return sum(_is_alike(part, one) for one in own) - self._joins(table)

    def _joins(self, table: Table) -> bool:
        """Whether the partition is attached with an index of its own, which becomes its share then."""
        if table.ref not in self._target or self._decisions.goes(table.ref) or table.partition_of is None:
            return False
        return table_ref(*table.partition_of) not in self._decisions.inheritance.kept_parents(table.ref)

    def _is_numbered(self, table: Table, share: IndexShare) -> bool:
        """Whether the usual name is another share's: PostgreSQL gives the second one a number."""
        return any(other.name == share.usual_name for other in table.shares)


def _by_parent(inventory: Inventory) -> dict[ObjectRef, list[Item]]:
    found: defaultdict[ObjectRef, list[Item]] = defaultdict(list)
    for ref in inventory:
        if ref.kind is Kind.INDEX and (parent := parent_of_share(inventory[ref])):
            found[parent].append(inventory[ref])
    return found


def _has_index(part: Index | Constraint) -> bool:
    without = (ConstraintKind.CHECK, ConstraintKind.FOREIGN_KEY)
    return isinstance(part, Index) or part.kind not in without


def _keys_alike(owner: Table, part: Index | Constraint) -> frozenset[ObjectRef]:
    """What an index comes after, for a partition that joins with its own: its key is the share of the first index
    that is alike, but of another key's only."""
    if isinstance(part, Constraint):
        return frozenset()
    keys = (constraint_ref(owner, key) for key in owner.constraints if _is_alike(part, key))
    below = (
        part_ref(owner, one) for one in owner.shares if one.constraint and _is_alike(part, one.constraint)
    )
    return frozenset(map(alone_ref, (*keys, *below)))


def _is_alike(part: Index | Constraint, own: Index | Constraint) -> bool:
    match part, own:
        case Index(), Index():
            return (part.method, part.unique, part.columns) == (own.method, own.unique, own.columns)
        case Index(method="btree", unique=True), Constraint():
            return own.kind in _KEYS and own.columns == part.columns
        case Constraint(), Constraint():
            return (part.kind, part.columns) == (own.kind, own.columns)
        case _:
            return False


def _part(item: Item) -> Index | Constraint:
    part = item.value.part if isinstance(item.value, IndexShare) else item.value
    assert isinstance(part, Index | Constraint)
    return part


def _plain(share: IndexShare) -> Index | Constraint:
    """As its own definition makes it."""
    if isinstance(share.part, Constraint):
        return replace(share.part, options=(), clustered=False, replica_identity=False)
    return replace(share.part, statistics=(), clustered=False, replica_identity=False)
