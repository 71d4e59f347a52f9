"""What a run's people should know before it begins: nothing of it stops the run."""

from collections.abc import Iterator

from migration.core.events import Log
from migration.core.spec import RunSpec
from migration.engine.sessions import Session
from migration.engine.sorting import sorting_warnings
from migration.engine.triggers import warning_of
from migration.engine.wide_values import wide_values


def foreseen(source: Session, target: Session, spec: RunSpec) -> Iterator[Log]:
    """Triggers that fire, differences in how text is sorted, values that need a lot of memory.

    The source's session is in a transaction.
    """
    warning = warning_of(target, spec)
    if warning is not None:
        yield warning
    yield from sorting_warnings(source, target, spec.mapping)
    yield from wide_values(source, spec.mapping)
