"""One object's changes as JSON and back, to be kept; and their digest, by which a person's mark knows them again."""

import hashlib
import json
from typing import Any

from schemadiff.core.changes import Added, Altered, AttributeChange, Change, ObjectDiff, Removed, Renamed
from schemadiff.core.objects import Kind, ObjectRef


def entry_to_json(entry: ObjectDiff) -> dict[str, Any]:
    """The whole entry in JSON's types."""
    return {
        "ref": _ref(entry.ref),
        "own": _change(entry.own) if entry.own else None,
        "parts": [_change(part) for part in entry.parts],
        "same": entry.same_parts,
    }


def entry_from_json(data: dict[str, Any]) -> ObjectDiff:
    """The entry again. Only what `entry_to_json` made is understood."""
    return ObjectDiff(
        ref=_read_ref(data["ref"]),
        own=_read_change(data["own"]) if data["own"] else None,
        parts=tuple(_read_change(part) for part in data["parts"]),
        same_parts=data["same"],
    )


def digest_of(entry: ObjectDiff) -> str:
    """SHA-256, 64 hexadecimal digits, of what differs; parts that do not differ have no say in it."""
    counted = {**entry_to_json(entry), "same": 0}
    text = json.dumps(counted, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _ref(ref: ObjectRef) -> list[str]:
    return [ref.kind.value, ref.schema, ref.name, ref.parent]


def _change(change: Change) -> dict[str, Any]:
    match change:
        case Added(ref=ref, description=description):
            return {"is": "added", "ref": _ref(ref), "description": description}
        case Removed(ref=ref, description=description):
            return {"is": "removed", "ref": _ref(ref), "description": description}
        case Altered(ref=ref, attributes=attributes):
            return {"is": "altered", "ref": _ref(ref), "attributes": _attributes(attributes)}
        case Renamed(ref=ref, target=target, attributes=attributes):
            return {
                "is": "renamed",
                "ref": _ref(ref),
                "target": _ref(target),
                "attributes": _attributes(attributes),
            }


def _attributes(attributes: tuple[AttributeChange, ...]) -> list[list[str | None]]:
    return [[attribute.name, attribute.source, attribute.target] for attribute in attributes]


def _read_ref(data: list[str]) -> ObjectRef:
    kind, schema, name, parent = data
    return ObjectRef(kind=Kind(kind), schema=schema, name=name, parent=parent)


def _read_change(data: dict[str, Any]) -> Change:
    ref = _read_ref(data["ref"])
    match data["is"]:
        case "added":
            return Added(ref=ref, description=data["description"])
        case "removed":
            return Removed(ref=ref, description=data["description"])
        case "altered":
            return Altered(ref=ref, attributes=_read_attributes(data["attributes"]))
        case _:
            return Renamed(
                ref=ref, target=_read_ref(data["target"]), attributes=_read_attributes(data["attributes"])
            )


def _read_attributes(data: list[list[Any]]) -> tuple[AttributeChange, ...]:
    return tuple(AttributeChange(name=name, source=source, target=target) for name, source, target in data)
