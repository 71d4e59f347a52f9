"""CREATE SCHEMA and DROP SCHEMA."""

from schemadiff.core.catalog import Schema
from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Section, Statement


def create_schema(schema: Schema) -> Statement:
    """Every new database has `public` already, though an empty catalog does not say so."""
    condition = "IF NOT EXISTS " if schema.name == "public" else ""
    return Statement(
        sql=f"CREATE SCHEMA {condition}{quote(schema.name)}",
        ref=schema.ref,
        section=Section.PRE_DATA,
        provides=frozenset({schema.ref}),
    )


def drop_schema(schema: Schema) -> Statement:
    """Fails, and loses nothing, where the schema holds what the catalog does not model."""
    return Statement(
        sql=f"DROP SCHEMA {quote(schema.name)}",
        ref=schema.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({schema.ref}),
    )
