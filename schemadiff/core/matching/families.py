"""Which PostgreSQL types hold the same sort of value, so that a column of one can take the other's rows."""

import re
from enum import Enum
from functools import lru_cache


class Family(Enum):
    INTEGER = "integer"
    NUMBER = "number"  # with a fraction
    TEXT = "text"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "json"
    UUID = "uuid"
    BINARY = "binary"
    NETWORK = "network"
    SEARCH = "text search"
    OTHER = "other"  # compared by the type's own name


_FAMILIES = {
    Family.INTEGER: "smallint integer bigint int int2 int4 int8 serial bigserial smallserial oid",
    Family.NUMBER: "numeric decimal real double|precision float float4 float8 money",
    Family.TEXT: "text varchar character|varying character char bpchar citext name",
    Family.BOOLEAN: "boolean bool",
    Family.DATE: "date",
    Family.TIMESTAMP: "timestamp timestamptz timestamp|with|time|zone timestamp|without|time|zone",
    Family.TIME: "time timetz time|with|time|zone time|without|time|zone",
    Family.INTERVAL: "interval",
    Family.JSON: "json jsonb",
    Family.UUID: "uuid",
    Family.BINARY: "bytea",
    Family.NETWORK: "inet cidr",
    Family.SEARCH: "tsvector",
}
_FAMILY_OF = {name.replace("|", " "): family for family, names in _FAMILIES.items() for name in names.split()}

_NEAR = frozenset(
    frozenset(pair)
    for pair in (
        (Family.INTEGER, Family.NUMBER),
        (Family.DATE, Family.TIMESTAMP),
        (Family.TEXT, Family.JSON),
        (Family.TEXT, Family.OTHER),
        (Family.TEXT, Family.UUID),
        (Family.TEXT, Family.NETWORK),
    )
)
_MODIFIER = re.compile(r"\([^)]*\)")


@lru_cache(maxsize=8192)
def base_of(type_name: str) -> str:
    """`character varying(20)` without its modifier, in lower case."""
    return " ".join(_MODIFIER.sub("", type_name).lower().split())


@lru_cache(maxsize=8192)
def family_of(type_name: str) -> tuple[Family, str]:
    """The family, and what tells its members apart: `[]` of an array, the name of an unknown type."""
    base = base_of(type_name)
    element = base.rstrip("[]")
    array = base[len(element) :]
    family = _FAMILY_OF.get(element, Family.OTHER)
    return family, (element if family is Family.OTHER else "") + array


def is_same_family(one: str, other: str) -> bool:
    """Whether values of one type are the same sort of value as the other's: `text` and `varchar(20)` are."""
    return family_of(one) == family_of(other)


def is_near(one: str, other: str) -> bool:
    """Whether values can usually be converted as they are: a date to a timestamp, integer to numeric."""
    (left, left_mark), (right, right_mark) = family_of(one), family_of(other)
    if "[]" in left_mark or "[]" in right_mark:
        return Family.JSON in (left, right)
    return frozenset((left, right)) in _NEAR
