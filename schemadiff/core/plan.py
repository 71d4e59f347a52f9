"""Ordered statements bound to the target's fingerprint, each with what it needs, makes and can harm."""

import hashlib
import json
from dataclasses import dataclass
from enum import Enum

from schemadiff.core.catalog import ObjectRef

FORMAT = 1


class Section(Enum):
    """When a statement runs, after pg_dump's sections, and before them all what puts existing tables aside."""

    PARK = "park"  # existing target objects are put aside, nothing is lost
    PRE_DATA = "pre-data"  # before rows arrive: types, tables, columns
    POST_DATA = "post-data"  # after rows arrived: keys, indexes, triggers, views


class Lock(Enum):
    """The strongest table lock a statement takes (PostgreSQL manual, 13.3.1)."""

    NONE = "none"
    SHARE = "share"  # readers go on, writers wait
    SHARE_ROW_EXCLUSIVE = "share row exclusive"
    SHARE_UPDATE_EXCLUSIVE = "share update exclusive"  # readers and writers go on
    ACCESS_EXCLUSIVE = "access exclusive"  # readers and writers wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """What a statement can harm. `code` is stable and has a docs entry (docs/reference/hazards.md)."""

    code: str  # data-loss, table-rewrite, blocks-writes, blocks-reads, may-fail-on-rows
    message: str  # one sentence that names the object


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One SQL statement without its closing semicolon.

    The sets order the plan: what one statement `provides` another may `require`; `destroys` comes after everything that
    `releases` the same object.
    """

    sql: str
    ref: ObjectRef
    section: Section
    provides: frozenset[ObjectRef] = frozenset()
    requires: frozenset[ObjectRef] = frozenset()
    destroys: frozenset[ObjectRef] = frozenset()
    releases: frozenset[ObjectRef] = frozenset()
    lock: Lock = Lock.NONE
    rewrites: bool = False
    hazards: tuple[Hazard, ...] = ()
    in_transaction: bool = True

    @property
    def is_destructive(self) -> bool:
        return any(hazard.code == "data-loss" for hazard in self.hazards)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that the plan leaves as it is, and why: said to people, never dropped in silence."""

    ref: ObjectRef
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`target_fingerprint` is the target's schema when the plan was made: a run refuses another one."""

    target_fingerprint: str
    statements: tuple[Statement, ...] = ()
    notices: tuple[Notice, ...] = ()

    def section(self, section: Section) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.section is section)

    @property
    def digest(self) -> str:
        """Names this very plan: changes when a statement or the target does."""
        content = [self.target_fingerprint, *(f"{s.section.value} {s.sql}" for s in self.statements)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
