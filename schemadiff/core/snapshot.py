"""A catalog as JSON and back, and its fingerprint."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii
from operator import attrgetter
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from schemadiff.core.catalog import FORMAT, Catalog, Column, Kind, ObjectRef
from schemadiff.core.defined_objects import DEFINED_KINDS
from schemadiff.core.errors import SchemadiffError

KIND = "schemadiff catalog"

# A fingerprint's own number: what is compared in addition does not change it where there is none of it.
_COUNTED = 1

_SINCE_3 = frozenset(
    {
        "clustered index",
        "column compression",
        "column options",
        "replica identity",
        "column storage",
        "statistics object",
        "statistics target",
    }
    | {
        "foreign table",
        "inheritance",
        "named not null",
        "storage parameters",
        "table access method",
        "tablespace",
        "typed table",
        "unlogged sequence",
    }
    | {"range type", "shell type"}
    | {"default privileges", "owner", "privileges", "security label"}
    | {kind.value for kind in DEFINED_KINDS}
)

# By format: what its snapshots only named, under these words, and this version compares.
_STORAGE = {"clustered index", "column compression", "column options", "column storage", "replica identity"}
_UNREAD = {
    1: frozenset(
        {"aggregate", "composite type", "policy", "range type", "row security", "rule", "statistics object"}
        | {"statistics target", "storage parameters", *_STORAGE}
        | _SINCE_3
    ),
    2: _SINCE_3,
    3: frozenset({"named not null", "tablespace", "unlogged sequence"}),
}

# What a fingerprint does not count, by class.
_NOT_COUNTED = {
    "Catalog": {
        *("server_version", "database", "owner", "user", "roles", "tablespaces", "tablespace"),
        *("dependencies", "uncompared"),
    },
    "Table": {"estimated_rows", "size", "option_order"},
    "View": {"populated", "option_order"},  # a materialized view's rows are not its schema
    "Column": {
        "identity_sequence",
        "inherited_not_null",
    },  # named after table and column at the time the identity was made
}

_Reader: TypeAlias = Callable[[Any], Any]


class NotASnapshot(SchemadiffError):
    """This is not a snapshot of a catalog."""


def to_json(catalog: Catalog) -> dict[str, Any]:
    """The whole catalog in JSON's types. Fields that have their default value are left out."""
    return {"kind": KIND, "format": FORMAT, **_plain(catalog, _EVERYTHING)}


def from_json(data: object) -> Catalog:
    """The catalog again. Raises NotASnapshot with the place of what is wrong, for another format too.

    A snapshot of an earlier format is read if it says that the database held nothing of what it left out.
    """
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise NotASnapshot(
            f'A snapshot is a JSON object with "kind": "{KIND}", as the command snapshot writes it.'
        )
    if data.get("format") != FORMAT and data.get("format") not in _UNREAD:
        raise NotASnapshot(
            f"The snapshot has format {data.get('format')!r}; this version reads format {FORMAT}."
            " Take the snapshot again."
        )
    content = {key: value for key, value in data.items() if key not in ("kind", "format")}
    try:
        catalog: Catalog = _reader(Catalog)(content)
    except _Damage as damage:
        raise NotASnapshot(f"The snapshot is damaged: {damage.place} {damage.problem}.") from damage
    _refuse_unread(data["format"], catalog)
    return catalog


def _refuse_unread(number: int, catalog: Catalog) -> None:
    unread = _UNREAD.get(number, frozenset())
    found = [f"{entry.count} × {entry.kind}" for entry in catalog.uncompared if entry.kind in unread]
    if found:
        raise NotASnapshot(
            f"The snapshot has format {number} and lacks what this version compares: {', '.join(found)}."
            " Take the snapshot again."
        )


def fingerprint(catalog: Catalog) -> str:
    """SHA-256, 64 hexadecimal digits, of everything that is compared.

    The same schema has the same fingerprint on every server version. Server, database name, sizes,
    dependencies and whatever is not compared do not count.
    """
    entries = sorted([f'"format":{_COUNTED}', *_Canonical(_COMPARED).entries(catalog)])
    return hashlib.sha256(f"{{{','.join(entries)}}}".encode()).hexdigest()


class _Fields:
    """Which fields of which class are written, each with its default."""

    def __init__(self, left_out: Mapping[str, Collection[str]]) -> None:
        self._left_out = left_out
        self._known: dict[type, _Written] = {}

    def of(self, kind: type[Any]) -> "_Written":
        found = self._known.get(kind)
        if found is None:
            skipped = self._left_out.get(kind.__name__, ())
            entries = [entry for entry in fields(kind) if entry.name not in skipped]
            names = [entry.name for entry in entries]
            found = (tuple((entry.name, entry.default) for entry in entries), _getter(names))
            self._known[kind] = found
        return found


_Written: TypeAlias = tuple[tuple[tuple[str, Any], ...], Callable[[Any], tuple[Any, ...]]]


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """All the values at once: a catalog has ten thousands of objects."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda value: tuple(getattr(value, name) for name in names)


_EVERYTHING = _Fields({})
_COMPARED = _Fields(_NOT_COUNTED)


def _plain(value: Any, written: _Fields) -> Any:
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is tuple:
        return [_plain(item, written) for item in value]
    if kind is ObjectRef:
        return [value.kind.value, value.schema, value.name, value.parent]
    if isinstance(value, Enum):
        return value.value
    known, values = written.of(kind)
    return {
        name: _plain(entry, written)
        for (name, default), entry in zip(known, values(value), strict=True)
        if entry is not default and entry != default
    }


_Way: TypeAlias = tuple[tuple[str, ...], tuple[Any, ...], Callable[[Any], tuple[Any, ...]]]


class _Canonical:
    """A value as JSON's text, by sorted names and without white space: what fingerprints are made of.

    Written in one go, and a value that a catalog holds many times (columns) once: it is asked for often.
    """

    def __init__(self, written: _Fields) -> None:
        self._written = written
        self._ways: dict[type, _Way] = {}
        self._columns: dict[int, str] = {}

    def entries(self, value: Any) -> list[str]:
        """`"name":value` of each field that has not its default value, sorted."""
        kind = value.__class__
        ways = self._ways.get(kind)
        if ways is None:
            ways = self._ways[kind] = self._way(kind)
        keys, defaults, values = ways
        return [
            key + (encode_basestring_ascii(entry) if entry.__class__ is str else self._of(entry))
            for key, default, entry in zip(keys, defaults, values(value), strict=True)
            if entry is not default and entry != default
        ]

    def _way(self, kind: type) -> "_Way":
        """The names as they are written, sorted by that (a quote comes before every letter), and what gives each."""
        named = {f'"{name}":': (name, default) for name, default in self._written.of(kind)[0]}
        keys = tuple(sorted(named))
        return keys, tuple(named[key][1] for key in keys), _getter([named[key][0] for key in keys])

    def _text(self, value: Any) -> str:
        return f"{{{','.join(self.entries(value))}}}"

    def _of(self, value: Any) -> str:
        kind = value.__class__
        if kind is str:
            return encode_basestring_ascii(value)
        if kind is Column:
            known = self._columns.get(id(value))
            if known is None:
                known = self._columns[id(value)] = self._text(value)
            return known
        if kind is tuple:
            return f"[{','.join([self._of(item) for item in value])}]"
        if kind is bool:
            return "true" if value else "false"
        if kind is ObjectRef or value is None or kind is int:
            return json.dumps(_plain(value, self._written), separators=(",", ":"))
        if isinstance(value, Enum):
            return encode_basestring_ascii(value.value)
        return self._text(value)


class _Damage(Exception):
    """Something is not as expected; on its way up every level adds where it was."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.steps: list[str] = []

    @property
    def place(self) -> str:
        return "".join(reversed(self.steps)).lstrip(".") or "it"


@cache
def _reader(kind: Any) -> _Reader:
    """What turns JSON into a value of this type, or raises _Damage."""
    if kind is ObjectRef:
        return _read_ref
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_reader(kind)
    if get_origin(kind) is tuple:
        return _tuple_reader(get_args(kind))
    if get_origin(kind) in (Union, UnionType):
        return _optional_reader(kind)
    return _scalar_reader(kind)


def _dataclass_reader(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    readers = {entry.name: _reader(hints[entry.name]) for entry in fields(kind)}
    required = {entry.name for entry in fields(kind) if entry.default is MISSING}

    def read(data: Any) -> Any:
        if not isinstance(data, dict):
            raise _wrong("an object", data)
        if missing := sorted(required - data.keys()):
            raise _Damage(f"lacks {', '.join(missing)}")
        if unknown := sorted(data.keys() - readers.keys()):
            raise _Damage(f"has what this version does not know: {unknown[0]}")
        values = {}
        name = ""
        try:
            for name, value in data.items():
                values[name] = readers[name](value)
        except _Damage as damage:
            damage.steps.append(f".{name}")
            raise
        return kind(**values)

    return read


def _enum_reader(kind: type[Enum]) -> _Reader:
    members = {member.value: member for member in kind}

    def read(data: Any) -> Enum:
        if not isinstance(data, str) or data not in members:
            raise _wrong(f"one of {', '.join(members)}", data)
        return members[data]

    return read


def _tuple_reader(arguments: tuple[Any, ...]) -> _Reader:
    if arguments[-1] is Ellipsis:
        return _list_reader(_reader(arguments[0]))
    items = tuple(_reader(argument) for argument in arguments)

    def read(data: Any) -> tuple[Any, ...]:
        if not isinstance(data, list) or len(data) != len(items):
            raise _wrong(f"a list of {len(items)}", data)
        return tuple(item(value) for item, value in zip(items, data, strict=True))

    return read


def _list_reader(item: _Reader) -> _Reader:
    def read(data: Any) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise _wrong("a list", data)
        values: list[Any] = []
        try:
            for value in data:
                values.append(item(value))
        except _Damage as damage:
            damage.steps.append(f"[{len(values)}]")
            raise
        return tuple(values)

    return read


def _optional_reader(kind: Any) -> _Reader:
    present = _reader(next(argument for argument in get_args(kind) if argument is not type(None)))
    return lambda data: None if data is None else present(data)


def _scalar_reader(kind: type) -> _Reader:
    word = {str: "a text", int: "a whole number", bool: "true or false"}[kind]

    def read(data: Any) -> Any:
        if type(data) is not kind:
            raise _wrong(word, data)
        return data

    return read


def _read_ref(data: Any) -> ObjectRef:
    if not isinstance(data, list) or len(data) != 4 or not all(isinstance(part, str) for part in data):
        raise _wrong("a list of kind, schema, name and parent", data)
    kind, schema, name, parent = data
    return ObjectRef(kind=_reader(Kind)(kind), schema=schema, name=name, parent=parent)


def _wrong(expected: str, found: object) -> _Damage:
    shown = json.dumps(found, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    return _Damage(f"should be {expected}, and is {shown}")
