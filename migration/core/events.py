"""What the engine reports while it works: values that somebody above stores, shows or prints."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from migration.core.phases import Phase
from migration.core.positions import Lsn
from migration.core.rounds import RoundMade
from schemadiff.core.mapping import QualifiedName


class TableState(StrEnum):
    NOT_STARTED = "not started"
    COPYING = "copying"
    COPIED = "copied"
    VERIFIED = "verified"
    DIFFERENT = "different"  # verification found differences


class Task(StrEnum):
    """What takes longer the larger a table is."""

    DUMP = "dump"  # tables are backed up by pg_dump
    HASH = "hash"  # a protected table, or one that is backed up, is counted and hashed
    BUILD = "build"  # an index or a key is built
    CHECK = "check"  # a foreign key or another rule is checked on the rows
    REWRITE = "rewrite"  # a table is written anew
    QUERY = "query"  # a materialized view is filled
    ANALYZE = "analyze"  # the planner's statistics of a table are gathered
    SEQUENCE = "sequence"  # the greatest value of a column is looked for
    COMPARE = "compare"  # a table is compared


class Level(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseStarted:
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseFinished:
    phase: Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class TableProgress:
    """Totals of one source table so far (not increments). `seconds` is the time spent copying it."""

    table: QualifiedName
    target: QualifiedName
    state: TableState
    rows_total: int
    rows_written: int = 0
    rejects: int = 0
    bytes_copied: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectsGrouped:
    """How many rows of one table were refused for one reason so far (totals). No row values."""

    table: QualifiedName
    sqlstate: str
    constraint: str
    column: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """A table's rows as counted and hashed at a moment: `when` is before or after."""

    table: QualifiedName
    when: str
    rows: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChecked:
    """A verification of one table: rows on both sides, differing rows, how it was compared.

    Differing rows are missing in the target, surplus in it or different; where there is no key only how many. Of
    `unsure` ones nothing could be said, for they were written to meanwhile.
    """

    table: QualifiedName
    target: QualifiedName
    source_rows: int
    target_rows: int
    rejected_rows: int
    differing: int
    method: str
    missing: int = 0
    surplus: int = 0
    different: int = 0
    unsure: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksPlanned:
    """The source tables that are to be compared, and how large each is, in bytes."""

    sizes: tuple[tuple[QualifiedName, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableChecking:
    """A source table is being compared from now on."""

    table: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class TasksPlanned:
    """All tasks of a kind that are still to be done, each by a name of its own, with the bytes that it has to read."""

    task: Task
    sizes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskBegun:
    task: Task
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDone:
    task: Task
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSeen:
    """An index or key that is being built: which step the server is at, and how much of that step is done, from 0 to 1
    (None: the server does not count it)."""

    name: str
    step: str
    share: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildsSeen:
    """All that are being built just now; none any more, where it is empty."""

    builds: tuple[BuildSeen, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """So many tables of the target are in this file of that machine; `size` is in bytes."""

    path: str
    host: str
    tables: int
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """In how many seconds the phase will have ended, by the rates measured in this run.

    None: not known; `why` then says why. Where only `most` is None, it takes longer than `least`. `at_work` says what
    is being built meanwhile, and how far it is.
    """

    phase: Phase
    least: float | None = None
    most: float | None = None
    why: str = ""
    at_work: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The copy is held back for `reason`; goes on, where that is empty."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    message: str
    level: Level = Level.INFO
    details: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunksOffered:
    """Others may carry chunks, too, who join this snapshot of the source; none any more, where it is empty."""

    snapshot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """How much a process (with its host) has carried so far, in all."""

    carrier: str
    chunks: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowProgress:
    """How far the target is behind its source: bytes of log, seconds; changes applied in all, and each second.

    `held` is what the source keeps of its log for us, in bytes, `limit` how much it keeps at most (None: all of it).
    On the way back `side` is the target, which is followed then, and the source is behind. Before it `is_settled` rows
    may still be of different moments. `position` is how far in the log all is applied, `last` when the last transaction
    that changed something was committed there.
    """

    lag_bytes: int
    lag_seconds: float
    changes: int
    rate: float
    held: int
    is_settled: bool = True
    side: str = "source"
    limit: int | None = None
    position: Lsn = 0
    last: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOverStep:
    """A step of the checklist that is done: what was found or done, and how it is undone (empty: nothing to undo)."""

    name: str
    did: str
    undo: str = ""
    seconds: float = 0.0


Event: TypeAlias = (
    PhaseStarted
    | PhaseFinished
    | TableProgress
    | RejectsGrouped
    | Fingerprint
    | TableChecked
    | ChecksPlanned
    | TableChecking
    | TasksPlanned
    | TaskBegun
    | TaskDone
    | BuildsSeen
    | Outlook
    | BackedUp
    | Waiting
    | ChunksOffered
    | Carried
    | FollowProgress
    | CutOverStep
    | RoundMade
    | Log
)
