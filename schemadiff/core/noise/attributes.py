"""Which attributes can be ignored, and how an object of the source takes them over from the target's.

An attribute that something else hangs on (a type, a default, a definition) is not among them: a source that had the
target's would be no schema that can be.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from schemadiff.core.catalog import (
    Column,
    Constraint,
    Domain,
    Extension,
    Index,
    IndexShare,
    NotNull,
    Part,
    Table,
    View,
)
from schemadiff.core.index_text import outside_quotes
from schemadiff.core.inventory import Value
from schemadiff.core.objects import Kind, ObjectRef
from schemadiff.core.tablespaces import share_in, tablespace_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """`fields` are those of the catalog's classes; `shown` is what a comparison calls their changes."""

    fields: tuple[str, ...]
    shown: tuple[str, ...]
    means: str


Changes: TypeAlias = dict[str, Any]

COLUMN_ORDER = "column order"
CONSTRAINT_NAME = "constraint name"
INDEX_NAME = "index name"
EXTENSION_VERSION = "extension version"
STORAGE = "storage options"
TABLESPACE = "tablespace"

WORDS: dict[str, Word] = {
    "owner": Word(fields=(), shown=("owner",), means="who owns the object"),
    "grants": Word(
        fields=("grants",), shown=("grants", "grants on its sequence"), means="who was granted what"
    ),
    "comment": Word(fields=("comment",), shown=("comment",), means="COMMENT ON"),
    "security labels": Word(fields=(), shown=("security label",), means="SECURITY LABEL ON"),
    TABLESPACE: Word(fields=("tablespace",), shown=("tablespace",), means="where the files lie"),
    STORAGE: Word(
        fields=("storage", "compression"),
        shown=("storage", "compression", "options", "definition"),
        means="storage parameters (WITH (…)) of tables, indexes and keys, a column's storage and compression",
    ),
    "statistics": Word(
        fields=("statistics",),
        shown=("statistics", "target"),
        means="statistics targets of columns and objects",
    ),
    "replica identity": Word(
        fields=("replica_identity",),
        shown=("replica identity",),
        means="what tells rows apart for subscribers",
    ),
    "clustered": Word(fields=("clustered",), shown=("clustered",), means="by which index CLUSTER goes"),
    COLUMN_ORDER: Word(fields=(), shown=(COLUMN_ORDER,), means="the order of a table's columns"),
    CONSTRAINT_NAME: Word(
        fields=(), shown=("name",), means="names of constraints that are the same otherwise"
    ),
    INDEX_NAME: Word(fields=(), shown=("name",), means="names of indexes that are the same otherwise"),
    EXTENSION_VERSION: Word(fields=(), shown=("version",), means="an extension's version"),
}

_WITH = " WITH ("


def is_about(word: str, ref: ObjectRef, attribute: str) -> bool:
    """Whether a change of what a comparison calls so is one of what the word means."""
    match word:
        case "constraint name" if ref.kind is Kind.DOMAIN:
            return attribute.startswith("constraint ") or attribute == "not null constraint"
        case "comment":
            return attribute == "comment" or attribute.startswith("comment of ")
        case "security labels":
            return attribute.startswith("security label of ")
        case "constraint name" if ref.kind is Kind.COLUMN:
            return attribute == "not null constraint"
        case "constraint name":
            return ref.kind is Kind.CONSTRAINT and attribute == "name"
        case "index name":
            return ref.kind is Kind.INDEX and attribute == "name"
        case _:
            return attribute in WORDS[word].shown


def taken_over(source: Value, target: Value, words: Iterable[str]) -> Changes:
    """The fields of the source's object that become the target's. Names and the order of columns are not among them."""
    changes: Changes = {}
    for word in words:
        changes |= {
            name: getattr(target, name) for name in WORDS[word].fields if _has_both(source, target, name)
        }
        if word == STORAGE:
            changes |= _storage(source, target)
        elif word == TABLESPACE and isinstance(source, IndexShare) and isinstance(target, IndexShare):
            changes |= share_in(source, tablespace_of(target))
        elif word == "statistics":
            changes |= _same_field(source, target, "target")
        elif word == CONSTRAINT_NAME and isinstance(source, Column) and isinstance(target, Column):
            changes |= _not_null_called_as(source, target)
        elif word == EXTENSION_VERSION and isinstance(source, Extension) and isinstance(target, Extension):
            changes["version"] = target.version
    return {name: value for name, value in changes.items() if value != getattr(source, name)}


def with_target_constraint_names(source: Domain, target: Domain) -> Domain:
    """Checks that are the same otherwise are called as the target calls them, and so is NOT NULL."""
    names = {check.definition: check.name for check in target.constraints}
    renamed = (replace(c, name=names.get(c.definition, c.name)) for c in source.constraints)
    found = replace(source, constraints=tuple(sorted(renamed, key=lambda check: check.name)))
    both = source.not_null and target.not_null
    return replace(found, not_null_name=target.not_null_name) if both else found


def without_storage(definition: str) -> tuple[str, str]:
    """An index's definition without its storage parameters, and these: ` WITH (fillfactor='70')`."""
    start = outside_quotes(definition, _WITH)
    if start < 0:
        return definition, ""
    end = definition.index(")", start) + 1
    return definition[:start] + definition[end:], definition[start:end]


def _has_both(source: Value, target: Value, name: str) -> bool:
    # A relation has statistics objects where a column has a number.
    there = hasattr(source, name) and hasattr(target, name)
    return there and not (name == "statistics" and isinstance(source, Table | View))


def _same_field(source: Value, target: Value, name: str) -> Changes:
    has = isinstance(source, Part) and hasattr(source, name) and hasattr(target, name)
    return {name: getattr(target, name)} if has else {}


def _not_null_called_as(source: Column, target: Column) -> Changes:
    """Since 18 a NOT NULL is a constraint and may have a name of its own."""
    if not (source.not_null and target.not_null):
        return {}
    name = target.not_null_as.name if target.not_null_as else None
    said = replace(source.not_null_as or NotNull(), name=name)
    return {"not_null_as": None if said == NotNull() else said}


def _storage(source: Value, target: Value) -> Changes:
    match source, target:
        case Table(), Table():
            return {"options": target.options}
        case Constraint(), Constraint():
            return {"options": target.options}
        case View(materialized=True), View(materialized=True):
            return {"options": target.options}
        case Index(), Index():
            return {"definition": _with_storage_of(source.definition, target.definition)}
        case _:
            return {}


def _with_storage_of(source: str, target: str) -> str:
    """The source's index with the target's storage parameters; they stand before tablespace and predicate."""
    bare, _ = without_storage(source)
    _, wanted = without_storage(target)
    if not wanted:
        return bare
    places = [place for word in (" TABLESPACE ", " WHERE ") if (place := outside_quotes(bare, word)) >= 0]
    place = min(places, default=len(bare))
    return bare[:place] + wanted + bare[place:]
