"""CREATE, ALTER and DROP EXTENSION."""

from collections.abc import Iterator
from dataclasses import replace

from schemadiff.core import hazards
from schemadiff.core.catalog import Extension
from schemadiff.core.identifiers import quote
from schemadiff.core.plan import Section, Statement


def create_extension(extension: Extension) -> Statement:
    """Without a version: a server offers the one that fits it."""
    return Statement(
        sql=f"CREATE EXTENSION {quote(extension.name)} WITH SCHEMA {quote(extension.schema)}",
        ref=extension.ref,
        section=Section.PRE_DATA,
        provides=frozenset({extension.ref}),
        hazards=(hazards.extension_version(extension.name, extension.version),),
    )


def drop_extension(extension: Extension) -> Statement:
    """RESTRICT, which is the default, keeps it while anything uses it."""
    return Statement(
        sql=f"DROP EXTENSION {quote(extension.name)}",
        ref=extension.ref,
        section=Section.PRE_DATA,
        destroys=frozenset({extension.ref}),
    )


def alter_extension(source: Extension, target: Extension) -> Iterator[Statement]:
    name = quote(target.name)
    if source.version != target.version:
        update = _alter(source, f"ALTER EXTENSION {name} UPDATE TO {quote(source.version)}")
        yield replace(update, hazards=(hazards.extension_version(source.name, source.version),))
    if source.schema != target.schema:
        yield _alter(source, f"ALTER EXTENSION {name} SET SCHEMA {quote(source.schema)}")


def _alter(extension: Extension, sql: str) -> Statement:
    return Statement(
        sql=sql, ref=extension.ref, section=Section.PRE_DATA, provides=frozenset({extension.ref})
    )
