"""What the target's tables held before a run's first row: noted once, and said."""

from collections.abc import Callable, Sequence

from migration.core.errors import RunFailed
from migration.core.events import Event, Level, Log
from migration.core.spec import RunSpec
from migration.engine.carrying import Carriage
from migration.engine.chunking import is_cut, source_key
from migration.engine.held import has_rows, note_held_rows
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
        if carriage.place or any(is_cut(target, spec.ledger_id, each.name) for each in carriage.members):
            continue  # what came with one of those that go into the table was not there before
        _refuse_several_keys(source, target, carriage)
        count = note_held_rows(target, spec.ledger_id, carriage, source_key(source, carriage.source))
        if count:
            held[".".join(carriage.target)] = count
    record = begin_record(target, spec, origin) if spec.overwrites else None
    for where, count in held.items():
        report(Log(message=f"{where} held {count:,} rows before; {_kept(record)}", level=Level.WARNING))
    return record


def _refuse_several_keys(source: Session, target: Session, carriage: Carriage) -> None:
    """Rows that were there are known by one key. Raises RunFailed."""
    made = {
        tuple(
            None if (column := each.target_column_of(name)) is None else column.name
            for name in source_key(source, each.source).columns
        )
        for each in carriage.together
    }
    if len(made) > 1 and has_rows(target, carriage.target):
        named = ", ".join(".".join(each.source) for each in carriage.together)
        raise RunFailed(
            f"“{'.'.join(carriage.target)}” holds rows already and takes those of {named}, whose keys do not go "
            "into the same columns as they are, so the new rows could not be told from those that are there. "
            "Empty the table first, or carry these tables one after the other, with --tables."
        )


def _kept(record: int | None) -> str:
    if record is None:
        return "they stay as they are."
    return (
        f"those that the source has, too, are overwritten where they differ. Repair {record} of the target "
        f"keeps them as they were: `restore TARGET --repair {record}` brings them back."
    )
