"""Tables and views that the plan itself makes: nobody waits for a statement about them."""

from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Constraint, Index, ObjectRef, Table, View
from schemadiff.core.ddl.references import alone_ref, attachment_ref, table_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.plan import Duration, Lock, Section, Statement


class NewRelations:
    """About which all is decided."""

    def __init__(self, source: Inventory, decisions: Decisions) -> None:
        self._source, self._decisions = source, decisions

    def without_rows(self, item: Item, statement: Statement) -> Statement:
        """On a table that the plan itself makes, nobody waits and no row is in the way; secrets are still left out."""
        relation = item.owner or item.value
        if not isinstance(relation, Table | View) or not self._decisions.comes(relation.ref):
            return statement
        before_rows = statement.section is Section.PRE_DATA
        duration = Duration.INSTANT if before_rows else statement.duration
        lock = statement.lock if self._locks_another(item, statement) else Lock.NONE
        kept = tuple(hazard for hazard in statement.hazards if hazard.code == hazards.SECRET_LEFT_OUT)
        return replace(statement, lock=lock, duration=duration, hazards=kept)

    def _locks_another(self, item: Item, statement: Statement) -> bool:
        """Whether it locks a table that is there already, too: a foreign key's, a new table's parent, one that has
        become a new table's partition."""
        value = item.value
        if isinstance(value, Constraint) and statement.provides and value.references:
            return not self._is_new_with_partitions(table_ref(*value.references))
        if isinstance(value, Table) and attachment_ref(item.ref) in statement.provides:
            return not all(self._decisions.comes(table_ref(*parent)) for parent in value.parents)
        is_made_below = item.ref in statement.provides and alone_ref(item.ref) not in statement.provides
        if isinstance(value, Index | Constraint) and item.owner is not None and is_made_below:
            return not self._is_new_with_partitions(item.owner.ref)
        return False

    def _is_new_with_partitions(self, table: ObjectRef) -> bool:
        below = self._source.partitions_below(table)
        return self._decisions.comes(table) and all(self._decisions.comes(one.ref) for one in below)
