"""An extension that moves to another schema takes its types and functions along: what uses them stays as it is.

PostgreSQL writes their new names itself wherever they are used. A catalog does not list what belongs to an extension,
so these names are those that stand behind the former schema in the target, and where another extension is in that
schema, behind the new one in the source.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any

from schemadiff.core.catalog import Catalog, Extension, Function, ObjectRef
from schemadiff.core.identifiers import quote

_OWN_WORDS = frozenset({"schema", "name", "comment", "server_version"})
_BODY = "\nAS "  # a text, in which PostgreSQL changes nothing
_NAME = r'("(?:[^"]|"")+"|[^\W\d][\w$]*)'


def follow_extensions(source: Catalog, target: Catalog) -> Catalog:
    """The target as it is once its extensions are in the source's schemas; they themselves are still to be moved."""
    wanted = {extension.name: extension for extension in source.extensions}
    for extension in target.extensions:
        moved = wanted.get(extension.name)
        if moved is not None and moved.schema != extension.schema:
            target = _followed(source, target, extension, moved)
    return target


def _followed(source: Catalog, target: Catalog, present: Extension, moved: Extension) -> Catalog:
    before, after = _behind(present.schema), _behind(moved.schema)
    users = {_whole(entry.dependent) for entry in target.dependencies if entry.on == present.ref}
    own = {quote(_bare(entry.ref)) for entry in target.objects() if entry.ref.schema == present.schema}
    there = {
        name for entry in target.objects() if _whole(entry.ref) in users for name in _found(before, entry)
    }
    known = there - own
    if any(other.schema == present.schema and other != present for other in target.extensions):
        known &= {name for entry in source.objects() for name in _found(after, entry)}
    if not known:
        return target

    def rewritten(text: str) -> str:
        return before.sub(lambda found: _called(found, moved.schema) if found[1] in known else found[0], text)

    def entries(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(_rewrite(one, rewritten) if _whole(one.ref) in users else one for one in values)

    groups = {entry.name: getattr(target, entry.name) for entry in fields(target)}
    found: dict[str, Any] = {name: entries(values) for name, values in groups.items() if _has_refs(values)}
    return replace(target, **found, dependencies=_rewrite(target.dependencies, rewritten))


def _behind(schema: str) -> re.Pattern[str]:
    """A name in the schema, as SQL spells it."""
    return re.compile(rf'(?<![\w$".]){re.escape(quote(schema))}\.{_NAME}')


def _called(found: re.Match[str], schema: str) -> str:
    return f"{quote(schema)}.{found[1]}"


def _whole(ref: ObjectRef) -> tuple[str, str]:
    """The object, or the relation of a part, by its name."""
    return ref.schema, ref.parent or ref.name


def _bare(ref: ObjectRef) -> str:
    return ref.name.partition("(")[0]


def _has_refs(values: object) -> bool:
    return isinstance(values, tuple) and bool(values) and hasattr(values[0], "ref")


def _found(pattern: re.Pattern[str], value: Any) -> Iterator[str]:
    for text in _texts(value):
        yield from pattern.findall(text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and not isinstance(value, Enum):
        yield value
    elif isinstance(value, ObjectRef):
        yield value.parent
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif is_dataclass(value):
        for entry in fields(value):
            if entry.name not in _OWN_WORDS:
                yield from _texts(getattr(value, entry.name))


def _rewrite(value: Any, rewritten: Callable[[str], str]) -> Any:
    if isinstance(value, ObjectRef):  # a signature names types
        parent, name = (rewritten(text) if "(" in text else text for text in (value.parent, value.name))
        return value._replace(parent=parent, name=name)
    if isinstance(value, Function):
        head, body, rest = value.definition.partition(_BODY)
        return replace(
            value,
            arguments=rewritten(value.arguments),
            returns=None if value.returns is None else rewritten(value.returns),
            definition=rewritten(head) + body + rest,
        )
    if isinstance(value, Enum):
        return value
    if isinstance(value, str):
        return rewritten(value)
    if isinstance(value, tuple):
        return tuple(_rewrite(item, rewritten) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        words = (entry.name for entry in fields(value) if entry.name not in _OWN_WORDS)
        return replace(value, **{name: _rewrite(getattr(value, name), rewritten) for name in words})
    return value
