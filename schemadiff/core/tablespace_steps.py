"""The statements that move tables, indexes and materialized views to other tablespaces."""

from collections.abc import Iterator

from schemadiff.core.catalog import Constraint, IndexShare, ObjectRef, Table, View
from schemadiff.core.ddl import tablespaces
from schemadiff.core.ddl.constraints import is_made_in_its_tablespace
from schemadiff.core.ddl.references import table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory, Item, parent_of_share
from schemadiff.core.plan import Statement
from schemadiff.core.share_steps import ShareSteps
from schemadiff.core.tablespaces import Stored, tablespace_of


class TablespaceSteps:
    """For a source and a target about which all is decided; `usual` is the target database's own tablespace."""

    def __init__(
        self, source: Inventory, target: Inventory, decisions: Decisions, shares: ShareSteps, usual: str
    ) -> None:
        self._source, self._target, self._decisions = source, target, decisions
        self._shares, self._usual = shares, usual

    def statements(self, item: Item) -> Iterator[Statement]:
        """About an object of the source."""
        value = item.value
        if not isinstance(value, Stored):
            return
        wanted = tablespace_of(value)
        if wanted in self._possible(item, value):
            return
        if isinstance(value, Table | View):
            yield tablespaces.move_relation(value, wanted or self._usual)
        elif item.owner is not None:
            yield tablespaces.move_index(item.owner, value, wanted or self._usual)

    def _possible(self, item: Item, value: Stored) -> tuple[str | None, ...]:
        """Where it is by then, if that is certain."""
        if not self._decisions.comes(item.ref):
            return (tablespace_of(self._target[item.ref].value),)
        match value:
            case Table(partition_of=parent) if parent and value.tablespace is None:
                return self._same_on_both(table_ref(*parent))
            case Constraint() if not is_made_in_its_tablespace(value):
                return (None,)
            case IndexShare() if not self._shares.is_made_alone(item):
                above = parent_of_share(item)
                return self._same_on_both(above) if above else ()
            case _:
                return (tablespace_of(value),)

    def _same_on_both(self, above: ObjectRef) -> tuple[str | None, ...]:
        """That of what a partition or a share takes over, if it has it before and after."""
        found = {tablespace_of(item.value) for side in self._sides() if (item := side.get(above))}
        return tuple(found) if len(found) == 1 else ()

    def _sides(self) -> tuple[Inventory, Inventory]:
        return self._source, self._target
