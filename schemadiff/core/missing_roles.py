"""Roles that a plan would need and the target's server does not have: what is left out for want of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from schemadiff.core.access import DATABASE_OWNER, PUBLIC
from schemadiff.core.identifiers import quote
from schemadiff.core.objects import ObjectRef
from schemadiff.core.plan import Notice

_SHOWN = 3


class MissingRoles:
    """`roles` are the server's; where none are known, none is missing."""

    def __init__(self, roles: Iterable[str]) -> None:
        self._there = frozenset(roles)
        self._wanted: defaultdict[str, dict[tuple[str, ObjectRef], None]] = defaultdict(dict)

    def among(self, *roles: str | None) -> tuple[str, ...]:
        """Those of them that are not there."""
        if not self._there:
            return ()
        named = {role for role in roles if role not in (None, PUBLIC, DATABASE_OWNER)}
        return tuple(sorted(role for role in named if role and role not in self._there))

    def lack(self, role: str, purpose: str, ref: ObjectRef) -> None:
        """Note that it is missing: `purpose` goes before the object, as in `to own table public.t`."""
        self._wanted[role].setdefault((purpose, ref))

    def notices(self) -> Iterator[Notice]:
        for role, needs in sorted(self._wanted.items()):
            entries = sorted(needs, key=lambda need: (need[1], need[0]))
            shown = ", ".join(f"{purpose} {ref.kind.value} {ref.label}" for purpose, ref in entries[:_SHOWN])
            more = f" and {len(entries) - _SHOWN} more" if len(entries) > _SHOWN else ""
            yield Notice(
                ref=entries[0][1],
                message=f"The target's server has no role {role}. It is needed {shown}{more}; "
                f"this is left out. To have it, CREATE ROLE {quote(role)}; and compare again.",
            )
