"""Types that somebody made: each created, dropped or altered by the file of its kind."""

from collections.abc import Iterator

from schemadiff.core.catalog import CompositeType, Domain, EnumType, RangeType, UserType
from schemadiff.core.ddl import composites, domains, enums, ranges
from schemadiff.core.plan import Statement


def create_type(type_: UserType) -> Iterator[Statement]:
    """With all that a plain CREATE leaves out."""
    match type_:
        case EnumType():
            yield enums.create_enum(type_)
        case Domain():
            yield domains.create_domain(type_)
            yield from domains.add_unvalidated(type_)
        case CompositeType():
            yield composites.create_composite(type_)
        case RangeType():
            yield ranges.create_range(type_)


def drop_type(type_: UserType) -> Statement:
    match type_:
        case EnumType():
            return enums.drop_enum(type_)
        case Domain():
            return domains.drop_domain(type_)
        case CompositeType():
            return composites.drop_composite(type_)
        case RangeType():
            return ranges.drop_range(type_)


def can_alter_type(source: UserType, target: UserType) -> bool:
    """Whether the target's becomes the source's without being replaced; both are of one kind."""
    match source, target:
        case EnumType(), EnumType():
            return enums.is_extension_of(source, target)
        case Domain(), Domain():
            return domains.can_alter_domain(source, target)
        case CompositeType(), CompositeType():
            return composites.can_alter_composite(source, target)
        case _:
            return False


def alter_type(source: UserType, target: UserType) -> Iterator[Statement]:
    """From the target's to the source's, where that can be done in place."""
    match source, target:
        case EnumType(), EnumType():
            yield from enums.add_labels(source, target)
        case Domain(), Domain():
            yield from domains.alter_domain(source, target)
        case CompositeType(), CompositeType():
            yield composites.alter_composite(source, target)
