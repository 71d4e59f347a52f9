"""One source column parted into several target columns: which, and by which expressions, to begin with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemadiff.core import column_types
from schemadiff.core.columns import Column
from schemadiff.core.identifiers import literal, quote
from schemadiff.core.matching.families import is_same_family
from schemadiff.core.matching.words import words_of

_TEXTS = frozenset({"text", "character varying", "character", "citext"})
_MOMENTS = ("timestamp without time zone", "timestamp with time zone")
_LISTED = ("address", "tags", "phones", "emails")  # parts with commas between them, rather than blanks


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one target column gets. `expression` is over the source table."""

    target: str
    expression: str


def propose_parts(source: Column, free: Sequence[Column]) -> tuple[Part, ...]:
    """For the target columns `free` that are called like parts of the source's; nothing where fewer than two are.

    A text by its blanks (or commas), a moment into date and time, a document by its keys, an array by its places. It is
    a beginning that a person completes.
    """
    given = column_types.parse(source.type)
    fitting = [column for column in free if column.generated is None]
    if given.base in _MOMENTS and not given.dimensions:
        parts = [part for column in fitting for part in _of_moment(source, column)]
    elif given.base in ("json", "jsonb") and not given.dimensions:
        parts = [_of_document(source, column) for column in _kindred(source, fitting)]
    elif given.dimensions:
        parts = [
            _at(source, column, place) for place, column in enumerate(_kindred(source, fitting), start=1)
        ]
    elif given.base in _TEXTS:
        texts = [column for column in _kindred(source, fitting) if is_same_family(source.type, column.type)]
        parts = list(_of_text(source, texts))
    else:
        parts = []
    return tuple(parts) if len(parts) > 1 else ()


def _kindred(source: Column, free: Sequence[Column]) -> list[Column]:
    """Those that share a word with the source: `name` became `first_name`, `address` became `address_city`."""
    words = set(words_of(source.name))
    return [column for column in free if words & set(words_of(column.name))]


def _of_moment(source: Column, column: Column) -> Iterator[Part]:
    base = column_types.parse(column.type).base
    shared = set(words_of(source.name)) & set(words_of(column.name))
    if base == "date" and shared:
        yield Part(target=column.name, expression=f"{quote(source.name)}::date")
    elif base.startswith("time ") and shared:
        yield Part(target=column.name, expression=f"{quote(source.name)}::time")


def _of_document(source: Column, column: Column) -> Part:
    own = [word for word in words_of(column.name) if word not in words_of(source.name)]
    key = literal("_".join(own) or column.name)
    return Part(target=column.name, expression=f"({quote(source.name)} ->> {key})::{column.type}")


def _at(source: Column, column: Column, place: int) -> Part:
    return Part(target=column.name, expression=f"{quote(source.name)}[{place}]")


def _of_text(source: Column, columns: Sequence[Column]) -> Iterator[Part]:
    """Each takes a part, the last all that is left."""
    name = quote(source.name)
    sign = "," if set(words_of(source.name)) & set(_LISTED) else " "
    for place, column in enumerate(columns, start=1):
        part = f"split_part({name}, {literal(sign)}, {place})"
        if place == len(columns) and place > 1:
            before = " || ".join(
                f"split_part({name}, {literal(sign)}, {each}) || {literal(sign)}" for each in range(1, place)
            )
            part = f"substr({name}, length({before}) + 1)"
        yield Part(target=column.name, expression=f"nullif(btrim({part}), '')")
