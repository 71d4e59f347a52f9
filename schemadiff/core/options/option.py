"""What an option is: its plan, the mapping its rows are copied by, and figures that are counted, never guessed."""

from dataclasses import dataclass
from enum import StrEnum

from schemadiff.core.mapping import Mapping, QualifiedName
from schemadiff.core.plan import Plan


class OptionName(StrEnum):
    RECREATE = "recreate"  # make the target's schema match the source's
    TRANSFORM = "transform"  # keep the target's schema, map every row on the way
    HYBRID = "hybrid"  # keep the target's schema, add what is missing by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which source tables are carried over, and which target tables no statement may touch. Both sorted."""

    tables: tuple[QualifiedName, ...]
    protected: tuple[QualifiedName, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure of an option. `how` says in a sentence how it was obtained."""

    key: str  # stable: tables_touched, columns_left_behind, values_left_behind, statements, queries_same…
    label: str
    value: int
    how: str
    items: tuple[str, ...] = ()  # what was counted, where it can be named


SCRATCH_VERSION = "scratch_version"
"""The figure that says on which PostgreSQL the scratch databases were; its `how` names the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """`blockers` are sentences that say why the option cannot be run yet (unconfirmed pairs…)."""

    name: OptionName
    plan: Plan
    mapping: Mapping
    scope: Scope
    measures: tuple[Measure, ...] = ()
    blockers: tuple[str, ...] = ()
