"""One option carried out with its rows on a scratch database, by the engine that runs use. No Django."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from migration.core.events import (
    Event,
    PhaseFinished,
    PhaseStarted,
    RejectsGrouped,
    TableChecked,
    TableProgress,
)
from migration.core.machine_time import Chunk
from migration.core.phases import Phase
from migration.rehearsed_figures import Rehearsed
from migration.runner import RunSpec, run
from schemadiff.core.ddl.access import without_access
from schemadiff.core.errors import SchemadiffError
from schemadiff.core.mapping import QualifiedName
from schemadiff.core.options.option import Option
from schemadiff.core.snapshot import fingerprint
from schemadiff.databases import connect
from schemadiff.introspection import read_catalog

Reached = Callable[[Phase], None]


def rehearse(source_dsn: str, scratch_dsn: str, option: Option, reached: Reached) -> Rehearsed:
    """Every phase of a run. A run that fails is told, not raised: that it would is what is to be found out.

    Only confirmed pairs carry values. The plan is bound to the scratch schema as it is: what could not be made
    there is for the caller to tell.
    """
    with connect(scratch_dsn) as connection:
        found = fingerprint(read_catalog(connection))
    spec = RunSpec(
        ledger_id=uuid.uuid4(),
        option=option.name.value,
        plan=replace(
            option.plan,
            target_fingerprint=found,
            statements=without_access(option.plan.statements),  # the roles are not there
        ),
        mapping=option.mapping,
        scope=replace(option.scope, protected=()),
        jobs=1,
    )
    listener = _Listener(reached)
    failure = ""
    try:
        run(source_dsn, scratch_dsn, spec, report=listener.report)
    except SchemadiffError as exc:
        failure = str(exc)
    return listener.rehearsed(failure)


@dataclass
class _Listener:
    """Keeps the last that was said of each table and reason, and how long each phase and each chunk took."""

    reached: Reached
    tables: dict[QualifiedName, TableProgress] = field(default_factory=dict)
    rejects: dict[tuple[QualifiedName, str, str, str, str], RejectsGrouped] = field(default_factory=dict)
    checked: dict[QualifiedName, TableChecked] = field(default_factory=dict)
    seconds: dict[Phase, float] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)
    began: float = 0.0

    def report(self, event: Event) -> None:
        match event:
            case PhaseStarted(phase=phase):
                self.began = time.monotonic()
                self.reached(phase)
            case PhaseFinished(phase=phase):
                self.seconds[phase] = time.monotonic() - self.began
            case TableProgress(table=table):
                self.chunks += _carried_since(self.tables.get(table), event)
                self.tables[table] = event
            case TableChecked(table=table):
                self.checked[table] = event
            case RejectsGrouped():
                place = (event.table, event.sqlstate, event.constraint, event.column, event.reason)
                self.rejects[place] = event
            case _:
                pass

    def rehearsed(self, failure: str) -> Rehearsed:
        return Rehearsed(
            tables=tuple(self.tables[name] for name in sorted(self.tables)),
            rejects=tuple(self.rejects[place] for place in sorted(self.rejects)),
            checked=tuple(self.checked[name] for name in sorted(self.checked)),
            seconds=dict(self.seconds),
            chunks=tuple(self.chunks),
            failure=failure,
        )


def _carried_since(before: TableProgress | None, now: TableProgress) -> list[Chunk]:
    """The chunk of which `now` was told; none where it tells of no other one."""
    if before is None:
        return []
    rows = now.rows_written + now.rejects - before.rows_written - before.rejects
    seconds = now.seconds - before.seconds
    if rows <= 0 or seconds <= 0:
        return []
    size = now.bytes_copied - before.bytes_copied
    refused = max(now.rejects - before.rejects, 0)
    return [Chunk(table=".".join(now.table), rows=rows, bytes=size, seconds=seconds, refused=refused)]
