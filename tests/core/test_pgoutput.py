"""pgoutput's messages, written here as the manual describes them, and read back."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migration.core import pgoutput
from migration.core.pgoutput import Absent
from migration.core.streaming import Data, Keepalive, piece_of, status

NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=63)
OIDS = st.integers(min_value=1, max_value=2**32 - 1)
LSNS = st.integers(min_value=0, max_value=2**63 - 1)
VALUES = st.one_of(st.binary(max_size=50), st.sampled_from(Absent))
ROWS = st.lists(VALUES, max_size=12).map(tuple)


def row(values: pgoutput.Tuple) -> bytes:
    def one(value: pgoutput.Value) -> bytes:
        if isinstance(value, Absent):
            return value.value.encode()
        return b"t" + struct.pack("!i", len(value)) + value

    return struct.pack("!h", len(values)) + b"".join(map(one, values))


def text(value: str) -> bytes:
    return value.encode() + b"\0"


@given(OIDS, ROWS)
def test_insert(oid: int, values: pgoutput.Tuple) -> None:
    data = b"I" + struct.pack("!I", oid) + b"N" + row(values)
    assert pgoutput.read(data) == pgoutput.Insert(relation=oid, row=values)


@given(OIDS, ROWS, ROWS, st.sampled_from(["", "K", "O"]))
def test_update(oid: int, old: pgoutput.Tuple, new: pgoutput.Tuple, kind: str) -> None:
    before = kind.encode() + row(old) if kind else b""
    data = b"U" + struct.pack("!I", oid) + before + b"N" + row(new)
    assert pgoutput.read(data) == pgoutput.Update(
        relation=oid, row=new, old=old if kind else None, is_whole=kind == "O"
    )


@given(OIDS, ROWS, st.booleans())
def test_delete(oid: int, old: pgoutput.Tuple, is_whole: bool) -> None:
    data = b"D" + struct.pack("!I", oid) + (b"O" if is_whole else b"K") + row(old)
    assert pgoutput.read(data) == pgoutput.Delete(relation=oid, old=old, is_whole=is_whole)


@given(
    OIDS, NAMES, NAMES, st.sampled_from("dnfi"), st.lists(st.tuples(st.booleans(), NAMES, OIDS), max_size=8)
)
def test_relation(
    oid: int, schema: str, name: str, identity: str, columns: list[tuple[bool, str, int]]
) -> None:
    data = b"R" + struct.pack("!I", oid) + text(schema) + text(name) + identity.encode()
    data += struct.pack("!h", len(columns))
    for is_key, column, type_oid in columns:
        data += struct.pack("!b", is_key) + text(column) + struct.pack("!Ii", type_oid, -1)
    assert pgoutput.read(data) == pgoutput.Relation(
        oid=oid,
        schema=schema,
        name=name,
        identity=identity,
        columns=tuple(
            pgoutput.RelationColumn(name=column, is_key=is_key, type_oid=type_oid, modifier=-1)
            for is_key, column, type_oid in columns
        ),
    )


@given(LSNS, LSNS, OIDS)
def test_begin_and_commit(at: int, end: int, xid: int) -> None:
    when = datetime(2026, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    wire = (when - pgoutput.EPOCH) // timedelta(microseconds=1)
    assert pgoutput.read(b"B" + struct.pack("!QqI", at, wire, xid)) == pgoutput.Begin(
        final=at, committed_at=when, xid=xid
    )
    assert pgoutput.read(b"C\0" + struct.pack("!QQq", at, end, wire)) == pgoutput.Commit(
        at=at, end=end, committed_at=when
    )


@given(st.lists(OIDS, max_size=5), st.integers(min_value=0, max_value=3))
def test_truncate(oids: list[int], options: int) -> None:
    data = b"T" + struct.pack("!ib", len(oids), options) + b"".join(struct.pack("!I", oid) for oid in oids)
    assert pgoutput.read(data) == pgoutput.Truncate(
        relations=tuple(oids), cascade=bool(options & 1), restart_identity=bool(options & 2)
    )


def test_type_origin_and_message() -> None:
    assert pgoutput.read(b"Y" + struct.pack("!I", 16_400) + b"public\0mood\0") == pgoutput.Type(
        oid=16_400, schema="public", name="mood"
    )
    assert pgoutput.read(b"O" + struct.pack("!Q", 7) + b"elsewhere\0") == pgoutput.Origin(
        at=7, name="elsewhere"
    )
    assert pgoutput.read(b"M\1" + struct.pack("!Q", 9) + b"schemadiff\0" + struct.pack("!i", 2) + b"hi") == (
        pgoutput.Message(transactional=True, at=9, prefix="schemadiff", content=b"hi")
    )


@given(ROWS.filter(len), st.integers(min_value=1, max_value=10))
def test_what_is_cut_off_is_no_message(values: pgoutput.Tuple, missing: int) -> None:
    data = b"I" + struct.pack("!I", 1) + b"N" + row(values)
    with pytest.raises(pgoutput.Unreadable, match="cut off"):
        pgoutput.read(data[:-missing] if missing < len(data) else b"I")


@pytest.mark.parametrize(
    "data", [b"", b"S\0\0", b"I\0\0\0\1X\0\0", b"U\0\0\0\1Q", b"D\0\0\0\1N\0\0", b"I\0\0\0\1N\0\1x"]
)
def test_what_is_not_understood_is_said(data: bytes) -> None:
    with pytest.raises(pgoutput.Unreadable):
        pgoutput.read(data)


def test_more_than_a_message_is_not_understood() -> None:
    with pytest.raises(pgoutput.Unreadable, match="longer"):
        pgoutput.read(b"I\0\0\0\1N\0\0" + b"rest")


def test_pieces_of_the_stream() -> None:
    when = pgoutput.EPOCH + timedelta(seconds=3)
    assert piece_of(b"w" + struct.pack("!QQq", 5, 6, 3_000_000) + b"payload") == Data(
        at=5, sent_at=when, payload=b"payload"
    )
    assert piece_of(b"k" + struct.pack("!QqB", 5, 3_000_000, 1)) == Keepalive(
        end=5, sent_at=when, wants_answer=True
    )
    for bad in (b"w\0", b"k\0", b"x", b""):
        with pytest.raises(pgoutput.Unreadable):
            piece_of(bad)


def test_the_answer_says_what_is_safe() -> None:
    answer = status(received=9, flushed=7, now=pgoutput.EPOCH + timedelta(seconds=2))
    assert struct.unpack("!cQQQqB", answer) == (b"r", 9, 7, 7, 2_000_000, 0)
