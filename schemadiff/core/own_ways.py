"""What a child's or partition's new column has otherwise than the parent's that it is made with."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core.catalog import Column, Constraint, Kind, ObjectRef, Table
from schemadiff.core.ddl import columns, not_null, storage
from schemadiff.core.ddl.references import default_ref
from schemadiff.core.decisions import Decisions
from schemadiff.core.inheritance import not_nulls_above, primary_keys_above, validated_below
from schemadiff.core.inventory import Inventory, Item
from schemadiff.core.not_nulls_below import drop_below
from schemadiff.core.plan import Lock, Statement


class OwnWays:
    """For tables about which all is decided."""

    def __init__(self, source: Inventory, target: Inventory, decisions: Decisions) -> None:
        self._source, self._target, self._decisions = source, target, decisions

    def of_new_table(self, table: Table, item: Item) -> Iterator[Statement]:
        """What the column did not get as the table was made, storage aside."""
        inherited = self._inherited(table, item)
        if inherited is None:
            return
        if (
            _value(item).local and table.partition_of is None
        ):  # said in full, but for a default or NOT NULL that there is none of
            if inherited.default is not None and _value(item).default is None and not _value(item).generated:
                yield replace(self._default(table, item), lock=Lock.NONE)
            yield from self._not_null_unlike(table, item)
            return
        for statement in self._unlike(table, item, inherited):
            yield replace(statement, lock=Lock.NONE, hazards=())

    def of_new_column(self, item: Item) -> Iterator[Statement]:
        """The same of a column that a table which is there gets with its parent's; with its storage."""
        table, made = item.owner, self._decisions.present_column(item.ref)
        if not isinstance(table, Table) or made is None or self._decisions.comes(table.ref):
            return
        if inherited := self._inherited(table, item):
            yield from self._unlike(table, item, inherited)
        yield from storage.set_column_storage(table, _value(item), made)

    def copied(self, table: Table, item: Item) -> Column:
        """A new child's column may have been made before its parent's settings or after them: both are undone."""
        plain = plainly_stored(_value(item))
        above = list(self._above(table, item))
        return replace(
            plain,
            storage="of the parent" if any(column.storage for column in above) else None,
            compression="of the parent" if any(column.compression for column in above) else None,
        )

    def _inherited(self, table: Table, item: Item) -> Column | None:
        """The first parent's column of that name."""
        parents = (item.ref._replace(schema=schema, parent=name) for schema, name in table.parents)
        return next((_value(self._source[ref]) for ref in parents if ref in self._source), None)

    def _above(self, table: Table, item: Item) -> Iterator[Column]:
        """The parents' columns of that name, as they are and as they will be."""
        for schema, name in table.parents:
            ref = item.ref._replace(schema=schema, parent=name)
            yield from (_value(side[ref]) for side in (self._source, self._target) if ref in side)

    def _unlike(self, table: Table, item: Item, inherited: Column) -> Iterator[Statement]:
        wanted = _value(item)
        if wanted.default != inherited.default and not wanted.generated:
            yield self._default(table, item)
        if wanted.default != inherited.default and wanted.generated and inherited.generated:
            statement = columns.set_expression(table, wanted)
            yield replace(statement, requires=statement.requires | item.needs | {item.ref})
        if wanted.not_null and not inherited.not_null and not self._is_key(table, item.ref):
            yield not_null.set_not_null(table, wanted)
        yield from self._not_null_unlike(table, item)
        if wanted.identity and table.partition_of is None:
            yield from columns.alter_identity(table, wanted, replace(wanted, identity=None))

    def _not_null_unlike(self, table: Table, item: Item) -> Iterator[Statement]:
        wanted, above = _value(item), not_nulls_above(self._source, item.ref)
        if name := validated_below(self._source, item.ref):
            statement = not_null.validate(table, wanted, name)
            yield replace(statement, requires=statement.requires | {item.ref} | above)
        if above and not wanted.not_null and not table.partition_of:
            yield drop_below(table, wanted, above, frozenset())
            keys = set(filter(self._decisions.comes, primary_keys_above(self._source, item.ref)))
            if keys:
                yield drop_below(table, wanted, above, keys)

    def _default(self, table: Table, item: Item) -> Statement:
        make = columns.drop_default if _value(item).default is None else columns.set_default
        after = {default_ref(need) for need in item.needs if need.kind is Kind.COLUMN}
        return replace(
            make(table, _value(item)),
            requires=item.needs | {item.ref} | after,
            destroys=frozenset(),
            releases=frozenset(),
        )

    def _is_key(self, table: Table, ref: ObjectRef) -> bool:
        """A primary key sets NOT NULL by itself."""
        keys = (part.value for part in self._source.parts(table.ref) if isinstance(part.value, Constraint))
        return any(ref.name in key.columns for key in keys if key == table.primary_key)


def plainly_stored(column: Column) -> Column:
    """The column as a plain CREATE TABLE or ADD COLUMN makes it."""
    return replace(column, storage=None, compression=None, statistics=None, options=(), fdw_options=())


def _value(item: Item) -> Column:
    assert isinstance(item.value, Column)
    return item.value
