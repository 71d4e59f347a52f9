"""Some objects chosen out of a comparison: what the target is to be made like for them alone, and what that needs.

The target with the chosen objects as the source has them. What they need and the target lacks comes along; what needs
something that goes with them follows. Both are named, and marked in the script.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemadiff.core.catalog import Catalog, Kind, ObjectRef
from schemadiff.core.errors import Refused
from schemadiff.core.mapping import Mapping
from schemadiff.core.noise.mixing import Mixing, Side, Taken
from schemadiff.core.noise.rules import pattern
from schemadiff.core.plan import Statement
from schemadiff.core.renames import Renames

HOW_TO_NAME = (
    "Objects are named `public.clients` or, with their kind, `table:public.clients`, `function:public.f(integer)`,"
    " `index:public.clients.by_mail`; `*` stands for anything."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """`chosen` is sorted; `about` is it with its parts; `causes` says of everything that comes along what needs it."""

    wanted: Catalog
    chosen: tuple[ObjectRef, ...]
    needed: tuple[Taken, ...]
    about: frozenset[ObjectRef] = field(repr=False)
    causes: dict[ObjectRef, ObjectRef] = field(repr=False)

    def remark(self, statement: Statement) -> str:
        """`needed by: view public.v` where the statement is not about what was chosen, else nothing."""
        ref = _plain(statement.ref)
        owners = (ref, *_owners(ref))
        if (ref.kind is Kind.FUNCTION and not ref.schema) or any(one in self.about for one in owners):
            return ""
        for one in owners:
            if one in self.causes:
                cause = self.causes[one]
                return f"needed by: {cause.kind.value} {cause.label}"
        return "needed by: the selection, for this is taken down and put back"


def find(source: Catalog, target: Catalog, names: Iterable[str]) -> tuple[ObjectRef, ...]:
    """The objects of either side that these names mean, sorted. Raises Refused for a name that means none."""
    refs = Mixing(source, target, base=Side.TARGET).refs()
    found: set[ObjectRef] = set()
    for name in names:
        meant = {ref for ref in refs if ref.key == name} or {ref for ref in refs if _is_meant(ref, name)}
        if not meant:
            raise Refused(f"Neither side has an object {name}. {HOW_TO_NAME}")
        found |= meant
    return tuple(sorted(found))


def select(
    source: Catalog, target: Catalog, chosen: Iterable[ObjectRef], mapping: Mapping | None = None
) -> Selection:
    """What is chosen, and what that needs. The chosen need not differ, nor be on both sides."""
    mixing = Mixing(source, target, base=Side.TARGET)
    renames = Renames(mapping or Mapping(), source, target)
    refs = tuple(sorted(set(chosen)))
    about = set[ObjectRef]()
    for ref in refs:
        about |= mixing.take(ref, Side.SOURCE)
        counterpart = renames.target_of(ref)
        if counterpart is not None and counterpart != ref:
            about |= mixing.take(counterpart, Side.SOURCE)
    mixing.complete(yields=True)
    mixed = mixing.result()
    return Selection(
        wanted=mixed.catalog,
        chosen=refs,
        needed=tuple(one for one in mixed.taken if one.ref not in about),
        about=frozenset(about),
        causes={ref: cause for ref, cause in mixed.causes.items() if ref not in about},
    )


def _is_meant(ref: ObjectRef, name: str) -> bool:
    """With the kind in front anything, parts too; without it a top-level object."""
    wanted = pattern(name)
    if wanted.match(ref.key):
        return True
    if ref.parent:
        return False
    names = (ref.label, ref.label.partition("(")[0]) if ref.kind is Kind.FUNCTION else (ref.label,)
    return any(map(wanted.match, names))


def _owners(ref: ObjectRef) -> Iterator[ObjectRef]:
    if ref.parent:
        for kind in (Kind.TABLE, Kind.VIEW):
            yield ObjectRef(kind=kind, schema=ref.schema, name=ref.parent)


def _plain(ref: ObjectRef) -> ObjectRef:
    """Without what a statement adds to a name to speak of a default, say."""
    return ObjectRef(kind=ref.kind, schema=ref.schema, parent=ref.parent, name=ref.name.partition("\0")[0])
