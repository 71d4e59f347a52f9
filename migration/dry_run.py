"""A run's beginning without the run: everything that it checks before it writes, how long it will take, and nothing
written."""

from migration.core.events import Log
from migration.core.spec import RunSpec
from migration.engine import preconditions
from migration.engine.backup import check_can_back_up
from migration.engine.doubling import refuse_doubled
from migration.engine.expressions import check_expressions
from migration.engine.failures import explained
from migration.engine.foreseen import foreseen
from migration.engine.large_objects import check_large_objects
from migration.engine.live_checks import check_comparable, check_followable
from migration.engine.merge_checks import check_merges
from migration.engine.sessions import open_source, open_target_to_read
from migration.engine.target_leads import Rewriting, refuse, tables_of
from migration.engine.throttle import refuse_unseen
from migration.engine.time_ahead import time_ahead


def look_ahead(source_dsn: str, target_dsn: str, spec: RunSpec) -> tuple[Log, ...]:
    """What a run of this would warn of. Raises what the run would raise before its first write."""
    with (
        open_source(source_dsn) as source,
        open_target_to_read(target_dsn) as target,
        explained("The run could not begin"),
        source.transaction(),
    ):
        preconditions.check_sides(source, target)
        refuse(target, tables_of(spec.mapping), Rewriting.RUN)
        preconditions.check_rights(source, target, spec)
        refuse_unseen(source, spec.limits)
        check_expressions(source, target, spec)
        check_large_objects(source, target, spec)
        check_can_back_up(target, spec)
        check_merges(source, target, spec)
        if not spec.overwrites:
            refuse_doubled(source, target, spec)
        if spec.compares:
            check_comparable(source, target, spec)
        elif spec.live:
            check_followable(source, target, spec)
        return tuple(foreseen(source, target, spec))


def how_long(source_dsn: str, target_dsn: str, spec: RunSpec) -> tuple[str, ...]:
    """How long a run of this would take, and by what that is reckoned: sentences for people. Raises RunFailed."""
    with (
        open_source(source_dsn) as source,
        open_target_to_read(target_dsn) as target,
        explained("How long the run will take could not be estimated", "Try again"),
    ):
        return time_ahead(source, target, spec)
