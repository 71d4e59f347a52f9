"""The end of a run that compares: what is known before writes are stopped, and the rounds while they are."""

from collections.abc import Callable
from uuid import UUID

from migration.core.errors import RunFailed
from migration.core.events import Event
from migration.core.spec import RunSpec
from migration.engine import round_record
from migration.engine.rounds import Rounds
from migration.engine.sessions import Session
from migration.engine.table_check import differences
from schemadiff.core.errors import Refused

PROVEN = "All tables were compared while nobody wrote, and are equal; those that had differed, once more."


def prospect(target: Session, run: UUID) -> str:
    """How old the target is, and for how long writes will have to stop. Raises Refused where no round was made."""
    last = round_record.last(target, run)
    if last is None:
        raise Refused(f"Run {run} has made no round of comparing yet. Let it go on until it has.")
    row = target.execute("SELECT extract(epoch FROM clock_timestamp() - %s)", [last.began_at]).fetchone()
    age = max(float(row[0]), 0.0) if row else 0.0
    return (
        f"The last round, number {last.number}, took {last.seconds:.1f} s and made {last.repaired:,} rows equal; the "
        f"target is as of {age:,.0f} s ago. Writes will have to stop for about {last.pause:.1f} s at least."
    )


def bring_level(source_dsn: str, target_dsn: str, spec: RunSpec, report: Callable[[Event], None]) -> str:
    """Nobody writes to the source: what is still different is made equal, and looked at again. Raises RunFailed."""
    rounds = Rounds(source_dsn, target_dsn, spec, report, lambda: False)
    made = rounds.make()
    changed = {found.table for found in rounds.checked if found.differing}
    if changed:
        rounds.make(spec.mapping.restricted_to(tuple(sorted(changed))))
        different = [found for found in rounds.checked if found.differing]
        if different:
            refused = "".join(f" {count:,} refused: {reason}." for reason, count in made.refused)
            raise RunFailed(differences(different) + refused)
    return made.sentence
