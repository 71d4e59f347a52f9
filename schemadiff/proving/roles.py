"""Which roles two schemas name: owners, grantees and grantors, those of default privileges and of policies."""

from collections.abc import Iterable, Iterator

from schemadiff.core.access import Grant
from schemadiff.core.catalog import Catalog


def roles_of(*catalogs: Catalog) -> frozenset[str]:
    """By name; those that every server has may be among them."""
    return frozenset(role for catalog in catalogs for role in _named(catalog) if role)


def _named(catalog: Catalog) -> Iterator[str]:
    yield from (catalog.owner, catalog.user)
    for access in catalog.access:
        yield access.owner
        yield from _in_grants((*access.grants, *access.sequence))
    for entry in catalog.default_privileges:
        yield entry.role
        yield from _in_grants(entry.grants)
    for table in catalog.tables:
        for policy in table.policies:
            yield from policy.roles


def _in_grants(grants: Iterable[Grant]) -> Iterator[str]:
    for grant in grants:
        yield grant.grantee
        yield grant.grantor or ""
