"""How kinds of object are called in headings."""

from schemadiff.core.counted import plural_of


def title_of_kind(kind: str) -> str:
    """`Tables`, `Policies`, `Access methods`: the kind's plural as a heading."""
    plural = plural_of(kind)
    return plural[:1].upper() + plural[1:]
