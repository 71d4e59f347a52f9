"""What a run's people should know before it begins. Only a condition that the source refuses stops it."""

from collections.abc import Iterator

from migration.core.events import Log
from migration.core.spec import RunSpec
from migration.engine.conditions import rows_left_out
from migration.engine.sessions import Session
from migration.engine.sorting import sorting_warnings
from migration.engine.triggers import warning_of
from migration.engine.wide_values import wide_values


def foreseen(source: Session, target: Session, spec: RunSpec) -> Iterator[Log]:
    """Rows that no condition takes, triggers that fire, differences in how text is sorted, values that need a lot of
    memory.

    The source's session is in a transaction. Raises RunFailed for a condition that the source refuses.
    """
    yield from rows_left_out(source, spec.mapping)
    warning = warning_of(target, spec)
    if warning is not None:
        yield warning
    yield from sorting_warnings(source, target, spec.mapping)
    yield from wide_values(source, spec.mapping)
