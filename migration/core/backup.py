"""What a backup holds, as a value and as JSON: it lies beside the file that pg_dump wrote, and proves a restoration."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schemadiff.core.errors import Refused
from schemadiff.core.mapping import QualifiedName

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUpTable:
    """A table as it was at the backup's moment: its rows counted and hashed, as `Fingerprint` has them."""

    table: QualifiedName
    rows: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup of some tables. `parts` are partitions of these, which are in the file as tables of their own."""

    run: UUID
    database: str
    taken_at: str
    server: int  # major versions
    pg_dump: int
    tables: tuple[BackedUpTable, ...]
    parts: tuple[QualifiedName, ...] = ()

    @property
    def names(self) -> tuple[QualifiedName, ...]:
        return tuple(each.table for each in self.tables)


def backup_to_json(backup: Backup) -> str:
    """With line breaks, for people look into it, too."""
    return json.dumps(
        {
            "format": FORMAT,
            "run": str(backup.run),
            "database": backup.database,
            "taken_at": backup.taken_at,
            "server": backup.server,
            "pg_dump": backup.pg_dump,
            "tables": [
                {"table": each.table, "rows": each.rows, "digest": each.digest} for each in backup.tables
            ],
            "parts": backup.parts,
        },
        indent=2,
    )


def backup_from_json(text: str, name: str) -> Backup:
    """The inverse. `name` is the file's, for the sentence. Raises Refused where it is nothing of ours."""
    try:
        data: dict[str, Any] = json.loads(text)
        if data["format"] != FORMAT:
            raise Refused(
                f"{name} is of format {data['format']}, this version reads format {FORMAT}: restore it with the "
                "version that made it."
            )
        return Backup(
            run=UUID(data["run"]),
            database=str(data["database"]),
            taken_at=str(data["taken_at"]),
            server=int(data["server"]),
            pg_dump=int(data["pg_dump"]),
            tables=tuple(
                BackedUpTable(table=_name(each["table"]), rows=int(each["rows"]), digest=str(each["digest"]))
                for each in data["tables"]
            ),
            parts=tuple(_name(each) for each in data["parts"]),
        )
    except (ValueError, KeyError, TypeError) as exc:
        raise Refused(
            f"{name} does not say what the backup holds: it was not written by a run, or not to its end. Give the "
            ".dump file of a backup that has its .json beside it."
        ) from exc


def _name(entry: list[str]) -> QualifiedName:
    schema, name = entry
    return (schema, name)
