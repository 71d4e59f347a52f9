"""A catalog as JSON and back, and its fingerprint."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeAlias, Union, get_args, get_origin, get_type_hints

from schemadiff.core.catalog import FORMAT, Catalog, Kind, ObjectRef
from schemadiff.core.errors import SchemadiffError

KIND = "schemadiff catalog"

# What a fingerprint does not count, by class.
_NOT_COUNTED = {
    "Catalog": {"server_version", "database", "dependencies", "uncompared"},
    "Table": {"estimated_rows", "size"},
    "View": {"populated"},  # a materialized view's rows, not its schema
    "Column": {"identity_sequence"},  # named after table and column at the time the identity was made
}

_Reader: TypeAlias = Callable[[Any, str], Any]


class NotASnapshot(SchemadiffError):
    """This is not a snapshot of a catalog."""


def to_json(catalog: Catalog) -> dict[str, Any]:
    """The whole catalog in JSON's types. Fields that have their default value are left out."""
    return {"kind": KIND, "format": FORMAT, **_plain(catalog, {})}


def from_json(data: object) -> Catalog:
    """The catalog again. Raises NotASnapshot with the place of what is wrong, for another format too."""
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise NotASnapshot(
            f'A snapshot is a JSON object with "kind": "{KIND}", as the command snapshot writes it.'
        )
    if data.get("format") != FORMAT:
        raise NotASnapshot(
            f"The snapshot has format {data.get('format')!r}; this version reads format {FORMAT}."
            " Take the snapshot again."
        )
    content = {key: value for key, value in data.items() if key not in ("kind", "format")}
    catalog: Catalog = _reader(Catalog)(content, "")
    return catalog


def fingerprint(catalog: Catalog) -> str:
    """SHA-256, 64 hexadecimal digits, of everything that is compared.

    The same schema has the same fingerprint on every server version. Server, database name, sizes,
    dependencies and whatever is not compared do not count.
    """
    counted = {"format": FORMAT, **_plain(catalog, _NOT_COUNTED)}
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any, left_out: dict[str, set[str]]) -> Any:
    if value is None or isinstance(value, (bool, int)) or type(value) is str:
        return value
    if isinstance(value, tuple):
        return [_plain(item, left_out) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, ObjectRef):
        return [value.kind.value, value.schema, value.name, value.parent]
    skipped = left_out.get(type(value).__name__, ())
    return {
        name: _plain(entry, left_out)
        for name, default in _defaults(value.__class__)
        if name not in skipped and (entry := getattr(value, name)) != default
    }


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((entry.name, entry.default) for entry in fields(kind))


@cache
def _reader(kind: Any) -> _Reader:
    """What turns JSON into a value of this type; it is told the place, for messages."""
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
    known: dict[str, tuple[_Reader, Field[Any]]] = {
        entry.name: (_reader(hints[entry.name]), entry) for entry in fields(kind)
    }
    required = {name for name, (_, entry) in known.items() if _is_required(entry)}

    def read(data: Any, place: str) -> Any:
        if not isinstance(data, dict):
            raise _wrong(place, "an object", data)
        if missing := sorted(required - data.keys()):
            raise NotASnapshot(
                f"The snapshot is damaged: {place.lstrip('.') or 'it'} lacks {', '.join(missing)}."
            )
        if unknown := sorted(data.keys() - known.keys()):
            name = f"{place}.{unknown[0]}".lstrip(".")
            raise NotASnapshot(f"The snapshot has what this version does not know: {name}.")
        return kind(**{name: known[name][0](value, f"{place}.{name}") for name, value in data.items()})

    return read


def _is_required(entry: Field[Any]) -> bool:
    return entry.default is MISSING and entry.default_factory is MISSING


def _enum_reader(kind: type[Enum]) -> _Reader:
    members = {member.value: member for member in kind}

    def read(data: Any, place: str) -> Enum:
        if not isinstance(data, str) or data not in members:
            raise _wrong(place, f"one of {', '.join(members)}", data)
        return members[data]

    return read


def _tuple_reader(arguments: tuple[Any, ...]) -> _Reader:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = _reader(arguments[0])

        def read_list(data: Any, place: str) -> tuple[Any, ...]:
            if not isinstance(data, list):
                raise _wrong(place, "a list", data)
            return tuple([item(value, f"{place}[{number}]") for number, value in enumerate(data)])

        return read_list
    items = tuple(_reader(argument) for argument in arguments)

    def read_fixed(data: Any, place: str) -> tuple[Any, ...]:
        if not isinstance(data, list) or len(data) != len(items):
            raise _wrong(place, f"a list of {len(items)}", data)
        return tuple(item(value, place) for item, value in zip(items, data, strict=True))

    return read_fixed


def _optional_reader(kind: Any) -> _Reader:
    present = _reader(next(argument for argument in get_args(kind) if argument is not type(None)))
    return lambda data, place: None if data is None else present(data, place)


def _scalar_reader(kind: type) -> _Reader:
    def read(data: Any, place: str) -> Any:
        if type(data) is not kind:
            raise _wrong(place, {str: "a text", int: "a whole number", bool: "true or false"}[kind], data)
        return data

    return read


def _read_ref(data: Any, place: str) -> ObjectRef:
    if not isinstance(data, list) or len(data) != 4 or not all(isinstance(part, str) for part in data):
        raise _wrong(place, "a list of kind, schema, name and parent", data)
    kind, schema, name, parent = data
    return ObjectRef(kind=_reader(Kind)(kind, place), schema=schema, name=name, parent=parent)


def _wrong(place: str, expected: str, found: object) -> NotASnapshot:
    shown = json.dumps(found, ensure_ascii=False, default=str)
    shown = shown if len(shown) <= 40 else f"{shown[:40]}…"
    where = place.lstrip(".") or "it"
    return NotASnapshot(f"The snapshot is damaged: {where} should be {expected}, and is {shown}.")
