"""A person says of two names whether they are one object: kept with who and when, and from then on compared so."""

from django.contrib.auth.models import User

from schemadiff.compared import summary_of
from schemadiff.core.errors import NotFound, Refused
from schemadiff.core.mapping import ObjectRename, PairStatus
from schemadiff.models import Comparison
from schemadiff.store.compared import PossibleRename
from schemadiff.store.renames import decide_rename, take_back_rename


def confirm_rename(comparison: Comparison, target: str, source: str, user: User) -> ObjectRename:
    """The two are one object. Raises Refused for what is not proposed (any more)."""
    found = _proposed(comparison, target)
    candidate = next((one.ref for one in found.candidates if one.ref.key == source), None)
    if candidate is None:
        raise Refused(f"{source} is no candidate for {target}; choose one that is listed.")
    rename = ObjectRename(source=candidate, target=found.target.ref)
    decide_rename(comparison, rename, user)
    return rename


def reject_rename(comparison: Comparison, target: str, user: User) -> None:
    """The target's object is none of the candidates. Raises Refused for what is not proposed (any more)."""
    found = _proposed(comparison, target)
    for candidate in found.candidates:
        rename = ObjectRename(source=candidate.ref, target=found.target.ref, status=PairStatus.REJECTED)
        decide_rename(comparison, rename, user)


def take_back(comparison: Comparison, pk: int) -> None:
    """Leave it open again. Raises NotFound for what was taken back already."""
    if not take_back_rename(comparison, pk):
        raise NotFound("This was taken back already.")


def _proposed(comparison: Comparison, target: str) -> PossibleRename:
    for one in summary_of(comparison).possible_renames:
        if one.target.ref.key == target:
            return one
    raise Refused(f"{target} is not proposed as a rename any more: somebody has decided, or it has changed.")
