"""What has to hold before a source can be followed: what was looked at, what lacks, and the statement that mends it."""

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """What is looked at, as people read it."""

    LOG = "The server writes its log in enough detail (wal_level)"
    SLOTS = "A replication slot is free (max_replication_slots)"
    SENDERS = "A sender of the log is free (max_wal_senders)"
    RIGHTS = "The role may make a slot and a publication of these tables"
    TABLES = "Every table's changes are in the log, and its rows have a name there"
    KEYS = "Every table has a key, by which its rows are told apart"
    TARGET = "The target's tables are empty, or made by the run"
    MERGED = "Each of the target's tables takes the rows of one table"
    SPLIT = "Each of the source's tables goes whole into one table"
    EXPRESSIONS = "The target understands what fills its columns"
    SURPRISES = "Nothing that surprises later"


BY_COMPARING = (Check.KEYS, Check.TARGET, Check.MERGED, Check.SPLIT)
BY_LOG = tuple(check for check in Check if check is not Check.KEYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """`statement` is to be carried out on `side`; `further` says what else, or what instead."""

    check: Check
    found: str
    side: str = ""
    statement: str = ""
    further: str = ""

    def __str__(self) -> str:
        """All of it as one text, for whoever reads no table."""
        mend = f"On the {self.side}: {self.statement}" if self.statement else ""
        return " ".join(part for part in (self.found, mend, self.further) if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followable:
    """`lacks` are in the way; `surprises` are not. Those of the `checks` that were not looked at, because of
    what lacks, are `unseen`."""

    lacks: tuple[Lack, ...]
    surprises: tuple[Lack, ...] = ()
    unseen: tuple[Check, ...] = ()
    checks: tuple[Check, ...] = BY_LOG
