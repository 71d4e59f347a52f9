"""An index of a partitioned table, built partition by partition: CONCURRENTLY is not for the parent."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Index, IndexShare, ObjectRef, Table
from schemadiff.core.ddl import online
from schemadiff.core.ddl.printed import restored
from schemadiff.core.ddl.references import alone_ref, index_ref, table_ref
from schemadiff.core.decisions import Action, Decisions
from schemadiff.core.identifiers import made_name
from schemadiff.core.inventory import Inventory
from schemadiff.core.plan import Duration, Statement


class PartitionedIndexes:
    """Where the partitions stay what they are; else the index is made in one statement."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions

    def instead(self, statement: Statement, parent: Table, index: Index) -> Iterator[Statement]:
        if alone_ref(statement.ref) in statement.provides:  # its shares have statements of their own
            yield replace(statement, duration=Duration.INSTANT, hazards=())
            return
        below = tuple(self._source.partitions_below(parent.ref))
        if self._decisions.goes(statement.ref) or not all(self._stays(table) for table in below):
            yield statement
            return
        yield self._shell(statement, index)
        for table in below:
            yield from self._share(statement, parent, table, index)

    def share_made(self, statement: Statement, table: Table, share: IndexShare) -> Iterator[Statement]:
        """One that has a statement of its own."""
        if share.index is None or table.partition_key or alone_ref(statement.ref) not in statement.provides:
            yield statement
            return
        built = online.build_index(table, share.index, share.name)
        yield replace(
            built,
            ref=statement.ref,
            provides=statement.provides,
            requires=built.requires | statement.requires,
        )

    def _stays(self, table: Table) -> bool:
        present = self._target.get(table.ref)
        if present is None or not isinstance(present.value, Table) or not self._decisions_keep(table.ref):
            return False
        return (present.value.partition_of, present.value.partition_bound) == (
            table.partition_of,
            table.partition_bound,
        )

    def _decisions_keep(self, ref: ObjectRef) -> bool:
        return self._decisions.of(ref).action in (Action.KEEP, Action.ALTER)

    def _shell(self, statement: Statement, index: Index) -> Statement:
        """ONLY on the parent: it has no rows, and is not valid until every partition has its share."""
        return replace(statement, sql=restored(index.definition), duration=Duration.INSTANT, hazards=())

    def _share(self, statement: Statement, root: Table, table: Table, index: Index) -> Iterator[Statement]:
        assert table.partition_of is not None
        above = self._source[table_ref(*table.partition_of)].value
        assert isinstance(above, Table)
        whole = index if above.ref == root.ref else replace(index, name=self._name_of(above, root, index))
        name = _name_below(table, above, whole)
        share = online.index_on(table, index, name)
        needs = statement.requires | {table.ref}
        ref = index_ref(table, share)
        if ref in self._target and not self._decisions.goes(ref):
            pass  # an index of its own until now
        elif table.partition_key:
            shell = self._shell(statement, share)
            yield replace(shell, ref=ref, provides=frozenset({ref}), requires=needs)
        else:
            yield replace(online.build_index(table, share, name), requires=needs)
        yield online.attach_index(above, whole, table, share)

    def _name_of(self, table: Table, root: Table, index: Index) -> str:
        """Of the index on a table somewhere below the root."""
        if table.ref == root.ref:
            return index.name
        assert table.partition_of is not None
        above = self._source[table_ref(*table.partition_of)].value
        assert isinstance(above, Table)
        return _name_below(table, above, replace(index, name=self._name_of(above, root, index)))


def _name_below(table: Table, parent: Table, index: Index) -> str:
    """The name that the share has in the source."""
    wanted = (parent.schema, index.name)
    names = (share.name for share in table.shares if share.share_of == wanted)
    return next(names, made_name(table.name, index.name, "part"))
