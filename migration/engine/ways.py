"""Which way is followed: from the source into the target, or, after the target has taken over, back."""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from schemadiff.core.mapping import Mapping, QualifiedName


class Refusing(Enum):
    """What becomes of a row that is there while its newer form is refused."""

    TAKEN_OUT = "taken out"  # nothing is there that is not as it is where it comes from
    STAYS = "stays"  # whoever lives there goes on with what there was


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """`mapping` leads along it. Of columns that are `kept` the value stays where the expression makes the same of it
    and of the new one: by the table that it comes from, and the column that it goes to.

    How sentences name both ends, and what they advise where changes are lost for good.
    """

    run: UUID
    mapping: Mapping
    kept: MappingOf[QualifiedName, MappingOf[str, str]] = field(default_factory=dict)
    refusing: Refusing = Refusing.TAKEN_OUT
    origin: str = "source"
    goal: str = "target"
    remedy: str = "Put the target back (restore, clean) and begin anew."
