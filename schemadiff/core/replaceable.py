"""What columns may hold values of: where it cannot be altered it is renamed out of the way, and dropped in the end."""

from typing import TypeAlias, TypeGuard

from schemadiff.core.catalog import Column, DefinedObject, Kind, RangeType, UserType
from schemadiff.core.ddl.references import sql_name
from schemadiff.core.identifiers import qualified

Replaceable: TypeAlias = UserType | DefinedObject

_KINDS = (Kind.BASE_TYPE, Kind.COLLATION)


def is_replaceable(value: object) -> TypeGuard[Replaceable]:
    return isinstance(value, UserType) or (isinstance(value, DefinedObject) and value.kind in _KINDS)


def is_of(column: Column, value: Replaceable) -> bool:
    """Whether the column has that collation, or is of that type, its multirange type, or an array of either."""
    if isinstance(value, DefinedObject) and value.kind is Kind.COLLATION:
        return column.collation == sql_name(value)
    names = {sql_name(value)}
    if isinstance(value, RangeType):
        names.add(qualified(value.schema, value.multirange))
    return column.type.partition("(")[0].removesuffix("[]") in names
