"""Comparing text of two databases in different encodings: by its bytes in UTF8."""

from dataclasses import replace

from psycopg import sql

from migration.engine.carrying import Carriage, Equality, TargetType
from migration.engine.compared import Face
from migration.engine.row_hash import Hashed
from migration.engine.sessions import Session

_COMMON = "UTF8"
_VALUE = sql.SQL("v")


def is_one_encoding(source: Session, target: Session) -> bool:
    """Do both servers keep text as the same bytes?"""
    here, there = (side.info.parameter_status("server_encoding") for side in (source, target))
    return here == there


def in_utf8(faces: tuple[Face, Face], carriage: Carriage, equality: Equality) -> tuple[Face, Face]:
    """Both sides hashed by the bytes of UTF8. Numbers inside of jsonb are then compared as they are written."""
    here, there = (_recoded(face, carriage, equality) for face in faces)
    return here, there


def _recoded(face: Face, carriage: Carriage, equality: Equality) -> Face:
    values = (
        value if _has_no_text(column.type, equality) else Hashed(value=_bytes_of(value.value))
        for column, value in zip(carriage.columns, face.values, strict=True)
    )
    key_hash = sql.SQL("pg_catalog.hash_record_extended(ROW({}), 1)").format(_bytes_of(face.key_text))
    return replace(face, values=tuple(values), own_key_hash=key_hash)


def _has_no_text(type_: TargetType, equality: Equality) -> bool:
    by_type = type_.hashable(_VALUE, equality) is _VALUE
    return by_type and type_.name.lstrip("_") != "jsonb"


def _bytes_of(value: sql.Composable) -> sql.Composable:
    return sql.SQL("pg_catalog.convert_to(({})::text, {})").format(value, sql.Literal(_COMMON))
