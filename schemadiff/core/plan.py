"""Ordered statements bound to the target's fingerprint, each with what it needs, makes and can harm."""

import hashlib
import json
from dataclasses import dataclass
from enum import Enum

from schemadiff.core.catalog import ObjectRef
from schemadiff.core.waiting import Duration as Duration
from schemadiff.core.waiting import Lock as Lock
from schemadiff.core.waiting import Timeouts, timeouts_for

FORMAT = 1


class Section(Enum):
    """When a statement runs, after pg_dump's sections, and before them all what puts existing tables aside."""

    PARK = "park"  # existing target objects are put aside, nothing is lost
    PRE_DATA = "pre-data"  # before rows arrive: types, tables, columns
    POST_DATA = "post-data"  # after rows arrived: keys, indexes, triggers, views


class Mode(Enum):
    """What a plan spares: work, or those who use the database meanwhile."""

    PLAIN = "plain"  # one statement a change, as few transactions as possible
    ONLINE = "online"  # readers and writers go on: more statements, each by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """What a statement can harm. `code` is stable and has a docs entry (docs/reference/hazards.md)."""

    code: str  # core/hazards.py has them all
    message: str  # one sentence that names the object


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One SQL statement without its closing semicolon.

    The sets order the plan: what one statement `provides` another may `require`; `destroys` comes after everything that
    `releases` the same object. What it `prefers` comes before it where that is possible. `place` decides between
    statements about one relation that do not order themselves.
    """

    sql: str
    ref: ObjectRef
    section: Section
    provides: frozenset[ObjectRef] = frozenset()
    requires: frozenset[ObjectRef] = frozenset()
    destroys: frozenset[ObjectRef] = frozenset()
    releases: frozenset[ObjectRef] = frozenset()
    prefers: frozenset[ObjectRef] = frozenset()
    lock: Lock = Lock.NONE
    duration: Duration = Duration.INSTANT
    hazards: tuple[Hazard, ...] = ()
    in_transaction: bool = True
    place: int = 0

    @property
    def rewrites(self) -> bool:
        return self.duration is Duration.REWRITES_ROWS

    @property
    def timeouts(self) -> Timeouts:
        """How long it may wait for its locks, and how long it may take."""
        return timeouts_for(self.lock, self.duration, concurrent=self.is_concurrent)

    @property
    def is_concurrent(self) -> bool:
        """CREATE INDEX CONCURRENTLY and the like: it waits for other transactions, and nobody waits for it."""
        return not self.in_transaction and self.lock is Lock.SHARE_UPDATE_EXCLUSIVE

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
    mode: Mode = Mode.PLAIN

    def section(self, section: Section) -> tuple[Statement, ...]:
        return tuple(s for s in self.statements if s.section is section)

    @property
    def digest(self) -> str:
        """Names this very plan: changes when a statement or the target does."""
        content = [self.target_fingerprint, *(f"{s.section.value} {s.sql}" for s in self.statements)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
