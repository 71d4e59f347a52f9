"""The lines that text and Markdown are made of: one change in words, attribute by attribute."""

from collections.abc import Iterator
from difflib import unified_diff

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.changes import Added, Altered, AttributeChange, Change, Removed, Renamed
from schemadiff.core.column_types import short

_CONTEXT = 1


def name_of(change: Change) -> str:
    """`phone`, `mail → email`; a part's kind is said by its heading."""
    if not isinstance(change, Renamed):
        return change.ref.name
    is_part_of_same = change.ref.parent and change.ref.schema == change.target.schema
    return f"{change.ref.name} → {change.target.name if is_part_of_same else change.target.label}"


def texts_of(change: Change) -> tuple[str, ...]:
    """What is to be said of it, a line each; empty for a bare rename."""
    match change:
        case Added(description=description) | Removed(description=description):
            return tuple(description.splitlines()[:1])
        case Altered(attributes=attributes) | Renamed(attributes=attributes):
            return tuple(line for attribute in attributes for line in attribute_lines(attribute))


def attribute_lines(attribute: AttributeChange) -> Iterator[str]:
    """`type: text → varchar(20)`; a text of several lines as a unified diff."""
    source, target = attribute.source, attribute.target
    if source is not None and target is not None and ("\n" in source or "\n" in target):
        yield f"{attribute.name}:"
        yield from definition_lines(source, target)
    else:
        yield f"{attribute.name}: {_shown(attribute.name, source)} → {_shown(attribute.name, target)}"


def definition_lines(source: str, target: str) -> Iterator[str]:
    """The lines that differ, − and + in front, with a little around them."""
    found = unified_diff(source.splitlines(), target.splitlines(), n=_CONTEXT, lineterm="")
    for line in found:
        if line.startswith(("---", "+++")):
            continue
        yield "  …" if line.startswith("@@") else f"  {line[:1].replace('-', '−')} {line[1:]}"


def _shown(name: str, value: str | None) -> str:
    if value is None:
        return "none"
    first, *rest = (short(value) if name == "type" else value).splitlines() or [""]
    return f"{first} …" if rest else first


def title(ref: ObjectRef) -> str:
    """`table public.clients`."""
    return f"{ref.kind.value} {ref.label}"
