"""A run's beginning in the target's ledger, or the run that it goes on with: what has to hold before either."""

from migration.core.phases import Phase
from migration.core.spec import RunSpec, is_same_work
from migration.engine import ledger, preconditions
from migration.engine.backup import check_can_back_up
from migration.engine.doubling import refuse_doubled
from migration.engine.expressions import check_expressions
from migration.engine.large_objects import check_large_objects
from migration.engine.live_checks import check_comparable, check_followable
from migration.engine.merge_checks import check_merges
from migration.engine.overwriting import refuse_without_key
from migration.engine.places import Origin, is_origin
from migration.engine.sessions import Session
from migration.engine.target_leads import Rewriting, refuse, tables_of
from migration.engine.throttle import refuse_unseen
from schemadiff.core.errors import Refused


def open_ledger(source: Session, target: Session, spec: RunSpec, origin: Origin, *, resume: bool) -> bool:
    """Is it begun now? Raises Refused before anything is written, or TargetMoved."""
    known = ledger.exists(target) and any(each.id == spec.ledger_id for each in ledger.runs(target))
    if resume and known:
        _check_same_run(target, spec, origin)
        return False
    refuse(target, tables_of(spec.mapping), Rewriting.RUN)
    preconditions.check_rights(source, target, spec)
    refuse_unseen(source, spec.limits)
    check_expressions(source, target, spec)
    check_large_objects(source, target, spec)
    if spec.compares:
        check_comparable(source, target, spec)
    elif spec.live:
        check_followable(source, target, spec)
    check_can_back_up(target, spec)
    check_merges(source, target, spec)
    if spec.overwrites:
        refuse_without_key(source, target, spec)
    else:
        refuse_doubled(source, target, spec)
    preconditions.check_unmoved(target, spec)
    ledger.prepare(target)
    ledger.begin(target, spec, origin)
    return True


def _check_same_run(target: Session, spec: RunSpec, here: Origin) -> None:
    ledger.refuse_other_format(target)
    begun = ledger.recorded_spec(target, spec.ledger_id)
    if ledger.find(target, spec.ledger_id).phase is Phase.ROLLED_BACK:
        raise Refused(f"Run {spec.ledger_id} was put back by `restore`; start a new run.")
    if not is_same_work(begun, spec):
        raise Refused(
            f"Run {spec.ledger_id} was begun with another plan. Resume it with that one, or start a new run."
        )
    source = ledger.origin(target, spec.ledger_id)
    if not is_origin(source, here):
        raise Refused(
            f"Run {spec.ledger_id} was begun with the source {source.name}, and "
            f"{here.name} is another database. Resume it with the source that it began with, or put "
            "everything back with `restore` and start a new run."
        )
