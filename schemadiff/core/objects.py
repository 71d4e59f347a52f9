"""Names of objects: the kinds that are compared, and the reference that means one object of a catalog."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The kinds of object that are compared."""

    SCHEMA = "schema"
    EXTENSION = "extension"
    ENUM = "enum"
    DOMAIN = "domain"
    COMPOSITE = "composite type"
    RANGE = "range type"
    SEQUENCE = "sequence"
    TABLE = "table"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"
    STATISTICS = "statistics object"
    VIEW = "view"
    FUNCTION = "function"
    BASE_TYPE = "base type"
    COLLATION = "collation"
    CONVERSION = "conversion"
    CAST = "cast"
    OPERATOR = "operator"
    OPERATOR_FAMILY = "operator family"
    OPERATOR_CLASS = "operator class"
    PARSER = "text search parser"
    TEMPLATE = "text search template"
    DICTIONARY = "text search dictionary"
    CONFIGURATION = "text search configuration"
    LANGUAGE = "language"
    TRANSFORM = "transform"
    ACCESS_METHOD = "access method"
    WRAPPER = "foreign-data wrapper"
    SERVER = "server"
    USER_MAPPING = "user mapping"
    PUBLICATION = "publication"
    SUBSCRIPTION = "subscription"
    EVENT_TRIGGER = "event trigger"
    MEMBER = "member"
    DEFAULT_PRIVILEGES = "default privileges"
    LABEL = "enum label"  # parts of types: only renames name them, a comparison shows them with their type
    ATTRIBUTE = "attribute"

    __hash__ = str.__hash__  # Enum's own is written in Python, and every set of references calls it


class ObjectRef(NamedTuple):
    """Names one object of a catalog. A tuple, for a plan makes, hashes and compares them by the hundred thousand.

    `parent` is the table, view or type of a part of it, else empty. An index is named by
    its own schema and name, and has its table as parent. A function's name carries its argument types:
    `lower_all(text, integer)`.
    """

    kind: Kind
    schema: str
    name: str
    parent: str = ""

    @property
    def key(self) -> str:
        """A stable text for URLs and JSON: `column:public.clients.phone`."""
        parts = [part for part in (self.schema, self.parent, self.name) if part]
        return f"{self.kind.value}:{'.'.join(parts)}"

    @property
    def label(self) -> str:
        """How people read it: `public.clients.phone`."""
        return self.key.partition(":")[2]
