"""The part of a mapping file that says of objects other than tables and columns what they are called on either side."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from schemadiff.core.errors import Refused
from schemadiff.core.mapping import RENAMABLE, ObjectRename, PairStatus
from schemadiff.core.objects import Kind, ObjectRef

_KEYS = frozenset({"kind", "source", "target", "status"})
_PARTS = frozenset(
    {
        Kind.COLUMN,
        Kind.CONSTRAINT,
        Kind.INDEX,
        Kind.TRIGGER,
        Kind.RULE,
        Kind.POLICY,
        Kind.STATISTICS,
        Kind.LABEL,
        Kind.ATTRIBUTE,
    }
)
_DEFAULT_SCHEMA = "public"


def load_renames(found: Any) -> tuple[ObjectRename, ...]:
    """The entries of `renames`, sorted. Raises Refused with a sentence that names the entry."""
    if not isinstance(found, list):
        raise Refused('"renames" in the mapping file must be a list of objects with kind, source and target.')
    entries = [_rename(entry) for entry in found]
    _refuse_twice((entry.source for entry in entries), "source")
    _refuse_twice((entry.target for entry in entries), "target")
    return tuple(sorted(entries, key=lambda entry: entry.source))


def dump_renames(renames: Iterable[ObjectRename]) -> list[dict[str, Any]]:
    """What `load_renames` reads."""
    return [_out(entry) for entry in renames]


def _rename(entry: Any) -> ObjectRename:
    if not isinstance(entry, dict) or not {"kind", "source", "target"} <= set(entry):
        raise Refused(
            'Each entry of "renames" in the mapping file must be an object with kind, source and target;'
            f" found {_short(entry)}."
        )
    if unknown := sorted(set(entry) - _KEYS):
        raise Refused(
            f"Unknown key {_short(unknown[0])} at the renamed {_short(entry['source'])};"
            f" known are {', '.join(sorted(_KEYS))}."
        )
    kind = _kind(entry["kind"])
    return ObjectRename(
        source=_ref(kind, entry["source"]),
        target=_ref(kind, entry["target"]),
        status=_status(entry.get("status", PairStatus.CONFIRMED.value), entry["source"]),
    )


def _kind(word: Any) -> Kind:
    for kind in RENAMABLE:
        if kind.value == word:
            return kind
    raise Refused(
        f'"kind" in the mapping file must be one of {", ".join(kind.value for kind in RENAMABLE)};'
        f" found {_short(word)}."
    )


def _status(word: Any, name: Any) -> PairStatus:
    for status in PairStatus:
        if status.value == word:
            return status
    words = ", ".join(status.value for status in PairStatus)
    raise Refused(f'"status" of the renamed {_short(name)} must be one of {words}; found {_short(word)}.')


def _ref(kind: Kind, name: Any) -> ObjectRef:
    """`schema.name`, of a part `schema.relation.name`; a list of these where a name has a dot in it."""
    parts = list(_split(kind, name))
    wanted = 1 if kind is Kind.SCHEMA else 3 if kind in _PARTS else 2
    if len(parts) == wanted - 1:
        parts.insert(0, _DEFAULT_SCHEMA)
    if len(parts) != wanted or not all(parts):
        owner = "type" if kind in (Kind.LABEL, Kind.ATTRIBUTE) else "table"
        shape = {1: "name", 2: "schema.name", 3: f"schema.{owner}.name"}[wanted]
        raise Refused(f"A {kind.value} is named like {shape} in the mapping file; found {_short(name)}.")
    schema = "" if kind is Kind.SCHEMA else parts[0]
    return ObjectRef(kind=kind, schema=schema, name=parts[-1], parent=parts[1] if wanted == 3 else "")


def _split(kind: Kind, name: Any) -> Iterator[str]:
    if isinstance(name, list) and all(isinstance(part, str) for part in name):
        yield from name
    elif isinstance(name, str) and kind is Kind.SCHEMA:
        yield name
    elif isinstance(name, str):
        before, bracket, arguments = name.partition("(") if kind is Kind.FUNCTION else (name, "", "")
        *schema, last = before.split(".")
        yield from schema
        yield last + bracket + arguments


def _out(entry: ObjectRename) -> dict[str, Any]:
    found = {
        "kind": entry.source.kind.value,
        "source": _name_out(entry.source),
        "target": _name_out(entry.target),
    }
    if entry.status is not PairStatus.CONFIRMED:
        found["status"] = entry.status.value
    return found


def _name_out(ref: ObjectRef) -> str | list[str]:
    parts = [part for part in (ref.schema, ref.parent, ref.name) if part]
    joined = ".".join(parts)
    return joined if list(_split(ref.kind, joined)) == parts else parts


def _refuse_twice(refs: Iterable[ObjectRef], side: str) -> None:
    seen: set[ObjectRef] = set()
    for ref in refs:
        if ref in seen:
            raise Refused(
                f"The {ref.kind.value} {ref.label} of the {side} is in the mapping file's renames twice."
            )
        seen.add(ref)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}…"
