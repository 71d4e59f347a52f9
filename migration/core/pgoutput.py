"""What PostgreSQL's output plugin pgoutput says, protocol version 1: bytes to values.

After the PostgreSQL manual, "Logical Replication Message Formats". Values come as text.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import TypeAlias

from migration.core.positions import Lsn
from schemadiff.core.errors import SchemadiffError

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


class Unreadable(SchemadiffError):
    """The source's change stream says something that this version does not understand."""


class Absent(Enum):
    """What a column may be instead of a text."""

    NULL = "n"
    UNCHANGED = "u"  # stored beside the row and not touched, so it is not sent


Value: TypeAlias = bytes | Absent
Tuple: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin:
    """`final` is where the transaction's commit record lies."""

    final: Lsn
    committed_at: datetime
    xid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """`end` is where the next transaction may begin: the place to go on from."""

    at: Lsn
    end: Lsn
    committed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationColumn:
    name: str
    is_key: bool  # of the replica identity
    type_oid: int
    modifier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table as it was when the changes that follow were made. `identity` is pg_class.relreplident."""

    oid: int
    schema: str
    name: str
    identity: str
    columns: tuple[RelationColumn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    relation: int
    row: Tuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """`old` is the former key (`is_whole` false: its other columns are NULL) or row; None: the key stays."""

    relation: int
    row: Tuple
    old: Tuple | None = None
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """`old` as in Update."""

    relation: int
    old: Tuple
    is_whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncate:
    relations: tuple[int, ...]
    cascade: bool
    restart_identity: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A type that is not built in, said before the first relation that uses it."""

    oid: int
    schema: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The transaction was itself replicated from elsewhere."""

    at: Lsn
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What pg_logical_emit_message wrote."""

    transactional: bool
    at: Lsn
    prefix: str
    content: bytes


Change: TypeAlias = Insert | Update | Delete | Truncate
Said: TypeAlias = Begin | Commit | Relation | Change | Type | Origin | Message


def read(data: bytes) -> Said:
    """One message. Raises Unreadable."""
    reader = _READERS.get(data[:1])
    if reader is None:
        raise Unreadable(f"The source's change stream has a message of the unknown kind {data[:1]!r}.")
    cursor = _Cursor(data, 1)
    try:
        said = reader(cursor)
    except (struct.error, ValueError, IndexError) as exc:
        raise Unreadable(
            f"A message of kind {data[:1].decode()} in the source's change stream is cut off."
        ) from exc
    if cursor.at != len(data):
        raise Unreadable(
            f"A message of kind {data[:1].decode()} in the source's change stream is longer than it says."
        )
    return said


def moment(microseconds: int) -> datetime:
    """PostgreSQL's time on the wire."""
    return EPOCH + timedelta(microseconds=microseconds)


class _Cursor:
    """Reads from bytes, one field after the other."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def number(self, form: struct.Struct) -> int:
        (value,) = form.unpack_from(self.data, self.at)
        self.at += form.size
        return int(value)

    def byte(self) -> bytes:
        return self.take(1)

    def take(self, size: int) -> bytes:
        end = self.at + size
        if size < 0 or end > len(self.data):
            raise IndexError(end)
        taken = self.data[self.at : end]
        self.at = end
        return taken

    def text(self) -> str:
        end = self.data.index(b"\0", self.at)
        taken = self.data[self.at : end]
        self.at = end + 1
        return taken.decode()

    def row(self) -> Tuple:
        return tuple([self._value() for _ in range(self.number(_INT16))])

    def _value(self) -> Value:
        kind = self.byte()
        if kind == b"t":
            return self.take(self.number(_INT32))
        if kind == b"n":
            return Absent.NULL
        if kind == b"u":
            return Absent.UNCHANGED
        raise ValueError(kind)


_INT8 = struct.Struct("!b")
_INT16 = struct.Struct("!h")
_INT32 = struct.Struct("!i")
_UINT32 = struct.Struct("!I")
_INT64 = struct.Struct("!q")
_UINT64 = struct.Struct("!Q")


def _begin(data: _Cursor) -> Begin:
    return Begin(
        final=data.number(_UINT64), committed_at=moment(data.number(_INT64)), xid=data.number(_UINT32)
    )


def _commit(data: _Cursor) -> Commit:
    data.number(_INT8)  # flags, none of which is in use
    return Commit(at=data.number(_UINT64), end=data.number(_UINT64), committed_at=moment(data.number(_INT64)))


def _relation(data: _Cursor) -> Relation:
    oid = data.number(_UINT32)
    schema, name, identity = data.text(), data.text(), data.byte().decode()
    columns = [_column(data) for _ in range(data.number(_INT16))]
    # The empty name stands for pg_catalog.
    return Relation(
        oid=oid, schema=schema or "pg_catalog", name=name, identity=identity, columns=tuple(columns)
    )


def _column(data: _Cursor) -> RelationColumn:
    is_key = bool(data.number(_INT8) & 1)
    return RelationColumn(
        is_key=is_key, name=data.text(), type_oid=data.number(_UINT32), modifier=data.number(_INT32)
    )


def _insert(data: _Cursor) -> Insert:
    relation = data.number(_UINT32)
    _expect(data, b"N")
    return Insert(relation=relation, row=data.row())


def _update(data: _Cursor) -> Update:
    relation = data.number(_UINT32)
    kind = data.byte()
    if kind == b"N":
        return Update(relation=relation, row=data.row())
    if kind not in (b"K", b"O"):
        raise ValueError(kind)
    old = data.row()
    _expect(data, b"N")
    return Update(relation=relation, row=data.row(), old=old, is_whole=kind == b"O")


def _delete(data: _Cursor) -> Delete:
    relation = data.number(_UINT32)
    kind = data.byte()
    if kind not in (b"K", b"O"):
        raise ValueError(kind)
    return Delete(relation=relation, old=data.row(), is_whole=kind == b"O")


def _truncate(data: _Cursor) -> Truncate:
    count, options = data.number(_INT32), data.number(_INT8)
    relations = tuple([data.number(_UINT32) for _ in range(count)])
    return Truncate(relations=relations, cascade=bool(options & 1), restart_identity=bool(options & 2))


def _type(data: _Cursor) -> Type:
    return Type(oid=data.number(_UINT32), schema=data.text() or "pg_catalog", name=data.text())


def _origin(data: _Cursor) -> Origin:
    return Origin(at=data.number(_UINT64), name=data.text())


def _message(data: _Cursor) -> Message:
    transactional = bool(data.number(_INT8) & 1)
    at, prefix = data.number(_UINT64), data.text()
    return Message(transactional=transactional, at=at, prefix=prefix, content=data.take(data.number(_INT32)))


def _expect(data: _Cursor, kind: bytes) -> None:
    if (found := data.byte()) != kind:
        raise ValueError(found)


_READERS: dict[bytes, Callable[[_Cursor], Said]] = {
    b"B": _begin,
    b"C": _commit,
    b"R": _relation,
    b"I": _insert,
    b"U": _update,
    b"D": _delete,
    b"T": _truncate,
    b"Y": _type,
    b"O": _origin,
    b"M": _message,
}
