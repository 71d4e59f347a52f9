"""What the target's tables held before a run's first row: noted once, and said."""

from collections.abc import Callable, Sequence

from migration.core.events import Event, Level, Log
from migration.core.spec import RunSpec
from migration.engine.carrying import Carriage
from migration.engine.chunking import is_cut, source_key
from migration.engine.held import note_held_rows
from migration.engine.overwriting import begin_record
from migration.engine.sessions import Session


def note_what_is_there(
    source: Session,
    target: Session,
    spec: RunSpec,
    carriages: Sequence[Carriage],
    origin: str,
    report: Callable[[Event], None],
) -> int | None:
    """Once for each table, before its first row is copied. Returns the record that is to keep what is overwritten.

    `origin` names the source.
    """
    held: dict[str, int] = {}
    for carriage in carriages:
        if is_cut(target, spec.ledger_id, carriage.name):
            continue
        count = note_held_rows(target, spec.ledger_id, carriage, source_key(source, carriage.source))
        if count:
            held[".".join(carriage.target)] = count
    record = begin_record(target, spec, origin) if spec.overwrites else None
    for where, count in held.items():
        report(Log(message=f"{where} held {count:,} rows before; {_kept(record)}", level=Level.WARNING))
    return record


def _kept(record: int | None) -> str:
    if record is None:
        return "they stay as they are."
    return (
        f"those that the source has, too, are overwritten where they differ. Repair {record} of the target "
        f"keeps them as they were: `restore TARGET --repair {record}` brings them back."
    )
