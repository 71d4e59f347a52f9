"""As much of JSON Schema as our own schemas use; an unknown word in a schema is an error."""

import re
from collections.abc import Iterator
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_SAID = {"$schema", "$defs", "title"}


def problems(value: Any, schema: dict[str, Any], root: dict[str, Any], place: str = "$") -> Iterator[str]:
    """What is wrong with the value, each with its place."""
    for word, wanted in schema.items():
        if word not in _SAID:
            yield from _problems(word, wanted, value, schema, root, place)


def _problems(
    word: str, wanted: Any, value: Any, schema: dict[str, Any], root: dict[str, Any], place: str
) -> Iterator[str]:
    match word:
        case "$ref":
            yield from problems(value, _at(root, wanted), root, place)
        case "type":
            if not _is_one_of(value, [wanted] if isinstance(wanted, str) else wanted):
                yield f"{place} is no {wanted}: {value!r}"
        case "const":
            if value != wanted:
                yield f"{place} is not {wanted!r}: {value!r}"
        case "enum":
            if value not in wanted:
                yield f"{place} is none of {wanted}: {value!r}"
        case "pattern":
            if not isinstance(value, str) or not re.search(wanted, value):
                yield f"{place} is not like {wanted}: {value!r}"
        case "required":
            if isinstance(value, dict):
                yield from (f"{place} lacks {name}" for name in wanted if name not in value)
        case "properties":
            for name in wanted.keys() & value.keys() if isinstance(value, dict) else ():
                yield from problems(value[name], wanted[name], root, f"{place}.{name}")
        case "additionalProperties":
            for name in value.keys() - schema.get("properties", {}).keys() if isinstance(value, dict) else ():
                yield from problems(value[name], wanted, root, f"{place}.{name}")
        case "items":
            for number, item in enumerate(value if isinstance(value, list) else ()):
                yield from problems(item, wanted, root, f"{place}[{number}]")
        case "anyOf":
            if all(any(problems(value, one, root, place)) for one in wanted):
                yield f"{place} is none of the {len(wanted)} forms: {value!r}"
        case _:
            raise AssertionError(f"{word} of a schema is not understood")


def _at(root: dict[str, Any], reference: str) -> dict[str, Any]:
    found: Any = root
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    assert isinstance(found, dict)
    return found


def _is_one_of(value: Any, types: list[str]) -> bool:
    is_flag = isinstance(value, bool)
    return any(isinstance(value, _TYPES[one]) and (one == "boolean" or not is_flag) for one in types)
