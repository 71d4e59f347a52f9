"""The parts of a run's page, as it shows them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A phase in the row of phases; `state` is done, active, todo or failed."""

    word: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLine:
    """`target` is empty where it has the source's name; `total` is too until the rows were counted."""

    source: str
    target: str
    state: str
    tone: str
    glyph: str
    total: str
    written: str
    percent: int | None  # None: nothing is known of it yet
    rate: str
    rejects: str
    verified: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    tables: int
    verified: int
    rows: int
    written: int
    rejects: int
    percent: int
    facts: tuple[tuple[str, str], ...]  # what each is, and how much


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectLine:
    schema: str
    table: str
    column: str
    constraint: str
    sqlstate: str
    reason: str
    count: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrierLine:
    """A worker's process that carried rows."""

    name: str
    chunks: str
    rows: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedLine:
    """A table no statement may touch, counted and hashed before and after; a dash: not yet."""

    table: str
    rows_before: str
    rows_after: str
    digest_before: str
    digest_after: str
    same: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelChip:
    key: str  # empty: every level
    word: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    at: datetime
    phase: str
    level: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    lines: tuple[LogLine, ...]
    levels: tuple[LevelChip, ...]
    level: str
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Actions:
    """Only what is allowed now, to this person."""

    pause: bool
    cancel: bool
    resume: bool
    limits: bool
    retry: bool  # try its rejects again
    bring_back: bool  # what it overwrote
    restore: bool
    restore_backup: bool
    clean: bool
    see_rows: bool
    verify: bool  # open the page of its verifications; what may be done there, that page says
    cut_over: bool  # open the page of its cut-over, likewise

    @property
    def any(self) -> bool:
        stop = self.pause or self.cancel or self.resume or self.limits
        return stop or self.restore or self.restore_backup or self.clean or self.verify or self.cut_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """When the phase will have ended, at best and at worst; `why`: what is not known of that, and why."""

    earliest: datetime | None = None
    latest: datetime | None = None
    why: str = ""
