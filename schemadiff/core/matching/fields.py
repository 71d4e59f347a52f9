"""What the matcher looks at: a table as a list of fields, free of where it came from."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemadiff.core.catalog import Column, Constraint, ConstraintKind, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column with what keys and indexes say about it. `refers_to` is the table of its foreign key."""

    name: str
    type: str
    not_null: bool = False
    has_default: bool = False
    is_primary: bool = False
    is_unique: bool = False
    is_indexed: bool = False
    refers_to: str | None = None
    comment: str | None = None

    @property
    def flags(self) -> tuple[bool, ...]:
        return (self.not_null, self.has_default, self.is_unique, self.is_primary, self.is_indexed)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldList:
    """A table's name and its fields in table order."""

    table: str
    fields: tuple[Field, ...]


def source_fields(table: Table) -> FieldList:
    """All columns: a generated value can be copied into an ordinary column."""
    return FieldList(table=table.name, fields=tuple(_fields(table, table.columns)))


def target_fields(table: Table) -> FieldList:
    """Without generated columns, which nothing can be written to."""
    writable = (column for column in table.columns if column.generated is None)
    return FieldList(table=table.name, fields=tuple(_fields(table, writable)))


def _fields(table: Table, columns: Iterable[Column]) -> Iterable[Field]:
    primary = _columns_of(table.constraints, ConstraintKind.PRIMARY_KEY)
    unique = _columns_of(table.constraints, ConstraintKind.UNIQUE) | {
        index.columns[0] for index in table.indexes if index.unique and len(index.columns) == 1
    }
    indexed = {name for index in table.indexes for name in index.columns} | {
        name for c in table.constraints if c.kind is ConstraintKind.UNIQUE for name in c.columns
    }
    references = {
        key.columns[0]: key.references[1]
        for key in table.foreign_keys
        if len(key.columns) == 1 and key.references
    }
    for column in columns:
        yield Field(
            name=column.name,
            type=column.type,
            not_null=column.not_null,
            has_default=column.default is not None or column.identity is not None,
            is_primary=column.name in primary,
            is_unique=column.name in unique,
            is_indexed=column.name in indexed,
            refers_to=references.get(column.name),
            comment=column.comment,
        )


def _columns_of(constraints: tuple[Constraint, ...], kind: ConstraintKind) -> set[str]:
    """Columns that are such a key by themselves."""
    return {c.columns[0] for c in constraints if c.kind is kind and len(c.columns) == 1}
