"""The application's tables as its code knows them: fields with their types, by the source's names."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from schemadiff.core.mapping import QualifiedName

_FILE = Path(__file__).parent / "tables.json"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of the application's, `type` as format_type() prints it."""

    name: str
    type: str

    @property
    def is_json(self) -> bool:
        return self.type in ("jsonb", "json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A field that holds another table's row by what the application knows it by.

    The application passes a company's *number*; a target may keep the *key* of a row that has the number.
    """

    field: str
    table: str
    by: str  # the field of that table with the same values
    key: str = "id"  # the field that the target may hold in its place


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the application. `fields` in the order of the source."""

    name: str
    fields: tuple[Field, ...]
    schema: str = "public"
    references: tuple[Reference, ...] = ()

    @property
    def qualified(self) -> QualifiedName:
        return (self.schema, self.name)

    def field(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)

    def reference(self, name: str) -> Reference | None:
        return next((each for each in self.references if each.field == name), None)


@lru_cache(maxsize=1)
def application_tables() -> Mapping[str, Table]:
    """The seven tables of the booking bot, by name."""
    declared: dict[str, dict[str, str]] = json.loads(_FILE.read_text(encoding="utf-8"))
    company = Reference(field="company_id", table="companies", by="company_id")
    return {
        name: Table(
            name=name,
            fields=tuple(Field(field, kind) for field, kind in fields.items()),
            references=() if name == "companies" else (company,),
        )
        for name, fields in declared.items()
    }
