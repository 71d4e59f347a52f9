"""Who may create in the schema `public`: up to 14 initdb lets everybody, since 15 nobody.

As initdb left it, it is the same on both. What somebody said of it is said of what may be done, not of how it came.
"""

from dataclasses import replace

from schemadiff.core.access import ALL, PUBLIC, Access, Grant
from schemadiff.core.catalog import Catalog, Schema

SINCE = 150000
_REF = Schema(name="public").ref
_EVERYTHING = {"CREATE", "USAGE"}


def in_newer_terms(older: Catalog, newer: Catalog) -> Catalog:
    """`older` is up to 14's: what everybody may do in its `public` in the words that 15 has for it."""
    mine = _of_everybody(older)
    if any(grant.grantor is not None for grant in (*mine, *_of_everybody(newer))):
        return older  # granted on by others: said as it is
    lost = {name for grant in mine if grant.revoked for name in _names(grant)}
    grants = [grant for grant in mine if not grant.revoked]
    if "CREATE" not in lost and not any("CREATE" in _names(grant) for grant in grants):
        grants += _grants_create(newer)
    if "USAGE" in lost:
        grants.append(Grant(grantee=PUBLIC, privileges=("USAGE",), revoked=True))
    return _with(older, tuple(grants))


def _of_everybody(catalog: Catalog) -> tuple[Grant, ...]:
    entry = next((entry for entry in catalog.access if entry.ref == _REF), None)
    return () if entry is None else tuple(grant for grant in entry.grants if grant.grantee == PUBLIC)


def _grants_create(newer: Catalog) -> tuple[Grant, ...]:
    """The grant that gives what initdb gave before: neither side is the poorer for it."""
    given = (grant for grant in _of_everybody(newer) if not grant.revoked)
    return tuple(grant for grant in given if "CREATE" in _names(grant))


def _names(grant: Grant) -> set[str]:
    return _EVERYTHING if grant.privileges == (ALL,) else set(grant.privileges)


def _with(catalog: Catalog, grants: tuple[Grant, ...]) -> Catalog:
    if grants == _of_everybody(catalog):
        return catalog
    present = next((entry for entry in catalog.access if entry.ref == _REF), Access(ref=_REF))
    others = (grant for grant in present.grants if grant.grantee != PUBLIC)
    entry = replace(present, grants=tuple(sorted((*others, *grants), key=_place)))
    rest = [each for each in catalog.access if each.ref != _REF]
    rest += [] if entry == Access(ref=_REF) else [entry]
    return replace(catalog, access=tuple(sorted(rest, key=lambda each: each.ref)))


def _place(grant: Grant) -> tuple[str, str, bool, bool, tuple[str, ...]]:
    return grant.grantee, grant.grantor or "", grant.revoked, grant.grantable, grant.privileges
