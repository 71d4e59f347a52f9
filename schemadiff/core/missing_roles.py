"""Roles that a plan would need and the target's server does not have, and privileges that it does not know: what is
left out for want of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

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
        self._unknown: defaultdict[str, set[ObjectRef]] = defaultdict(set)

    def among(self, *roles: str | None) -> tuple[str, ...]:
        """Those of them that are not there."""
        if not self._there:
            return ()
        named = {role for role in roles if role not in (None, PUBLIC, DATABASE_OWNER)}
        return tuple(sorted(role for role in named if role and role not in self._there))

    def lack(self, role: str, purpose: str, ref: ObjectRef) -> None:
        """Note that it is missing: `purpose` goes before the object, as in `to own table public.t`."""
        self._wanted[role].setdefault((purpose, ref))

    def know_not(self, privileges: Iterable[str], ref: ObjectRef) -> None:
        """Note that these are granted there, and that the server has no word for them."""
        for privilege in privileges:
            self._unknown[privilege].add(ref)

    def notices(self) -> Iterator[Notice]:
        for role, needs in sorted(self._wanted.items()):
            entries = sorted(needs, key=lambda need: (need[1], need[0]))
            listed = _listed([f"{purpose} {ref.kind.value} {ref.label}" for purpose, ref in entries])
            yield Notice(
                ref=entries[0][1],
                message=f"The target's server has no role {role}. It is needed {listed}; "
                f"this is left out. To have it, CREATE ROLE {quote(role)}; and compare again.",
            )
        for privilege, refs in sorted(self._unknown.items()):
            on = sorted(refs)
            listed = _listed([f"{ref.kind.value} {ref.label}" for ref in on])
            yield Notice(
                ref=on[0],
                message=f"The target's server does not know the privilege {privilege}, which is granted on {listed}; "
                "this is left out. A newer server has it.",
            )


def _listed(needs: Sequence[str]) -> str:
    more = f" and {len(needs) - _SHOWN} more" if len(needs) > _SHOWN else ""
    return ", ".join(needs[:_SHOWN]) + more
