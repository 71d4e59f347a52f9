"""Enum, composite and range types, and domains."""

from schemadiff.core.catalog import (
    CompositeType,
    Domain,
    DomainConstraint,
    EnumType,
    RangeType,
    TypeAttribute,
)
from schemadiff.core.identifiers import made_name
from schemadiff.introspection.addresses import (
    PG_CLASS,
    PG_CONSTRAINT,
    PG_PROC,
    PG_TYPE,
    Addresses,
    reference,
)
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
        oid, array, schema, name, base, collation, default, not_null, called, *others = row
        checks, names, definitions, comment = others
        usual = made_name(name, "", "not_null")
        domain = Domain(
            schema=schema,
            name=name,
            type=base,
            collation=collation,
            default=default,
            not_null=not_null,
            not_null_name=called if called != usual else None,
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


def read_composites(fetch: Fetch, known: Addresses) -> tuple[CompositeType, ...]:
    found = []
    for oid, array, relation, schema, name, numbers, names, types, collations, comment in fetch("composites"):
        composite = CompositeType(
            schema=schema,
            name=name,
            attributes=tuple(
                TypeAttribute(name=attribute, type=kind, collation=collation)
                for attribute, kind, collation in zip(names, types, collations, strict=True)
            ),
            comment=comment,
        )
        ref = reference(composite.ref)
        known.add(ref, (PG_TYPE, oid, 0), (PG_TYPE, array, 0), (PG_CLASS, relation, 0))
        known.add(ref, *((PG_CLASS, relation, number) for number in numbers))
        found.append(composite)
    return tuple(sorted(found, key=lambda composite: (composite.schema, composite.name)))


def read_ranges(fetch: Fetch, known: Addresses) -> tuple[RangeType, ...]:
    found = []
    for (
        *oids,
        functions,
        schema,
        name,
        subtype,
        multirange,
        opclass,
        collation,
        diff,
        canonical,
        comment,
    ) in fetch("ranges"):
        range_ = RangeType(
            schema=schema,
            name=name,
            type=subtype,
            multirange=multirange,
            operator_class=opclass,
            collation=collation,
            difference=diff,
            canonical=canonical,
            comment=comment,
        )
        known.add(reference(range_.ref), *((PG_TYPE, oid, 0) for oid in oids))
        known.add(reference(range_.ref), *((PG_PROC, oid, 0) for oid in functions))
        found.append(range_)
    return tuple(sorted(found, key=lambda range_: (range_.schema, range_.name)))
