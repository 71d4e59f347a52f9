"""Enum types and domains."""

from schemadiff.core.catalog import Domain, DomainConstraint, EnumType
from schemadiff.introspection.addresses import PG_CONSTRAINT, PG_TYPE, Addresses, reference
from schemadiff.introspection.fetch import Fetch


def read_enums(fetch: Fetch, known: Addresses) -> tuple[EnumType, ...]:
    found = []
    for oid, array, schema, name, labels, comment in fetch("enums"):
        enum = EnumType(schema=schema, name=name, labels=tuple(labels), comment=comment)
        known.add(reference(enum.ref), (PG_TYPE, oid, 0), (PG_TYPE, array, 0))
        found.append(enum)
    return tuple(sorted(found, key=lambda enum: (enum.schema, enum.name)))


def read_domains(fetch: Fetch, known: Addresses) -> tuple[Domain, ...]:
    found = []
    for row in fetch("domains"):
        oid, array, schema, name, base, collation, default, not_null, *others = row
        checks, names, definitions, comment = others
        domain = Domain(
            schema=schema,
            name=name,
            type=base,
            collation=collation,
            default=default,
            not_null=not_null,
            constraints=tuple(
                DomainConstraint(name=check, definition=definition)
                for check, definition in sorted(zip(names, definitions, strict=True))
            ),
            comment=comment,
        )
        known.add(reference(domain.ref), (PG_TYPE, oid, 0), (PG_TYPE, array, 0))
        known.add(reference(domain.ref), *((PG_CONSTRAINT, check, 0) for check in checks))
        found.append(domain)
    return tuple(sorted(found, key=lambda domain: (domain.schema, domain.name)))
